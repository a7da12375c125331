"""Keep the good rows of a data set: right, and with a chain of thought that can be read.

`python examples/filter_dataset.py rollouts.jsonl kept.jsonl`
"""

import sys

import datasets

import rewardkit as rk

suite = rk.suite(accuracy=1.0, format=0.5)
chain = rk.filter_chain("truncated", "code_block", long_paragraph={"max_chars": 1500})


def good(rows: datasets.Dataset) -> datasets.Dataset:
    """The rows that are right and that no filter rejects, with their scores as columns."""
    kept = chain.filter(suite.annotate(rows)).kept
    return kept.filter(lambda row: row["reward_accuracy"] == 1.0)


if __name__ == "__main__":
    source, target = sys.argv[1:]
    good(datasets.load_dataset("json", data_files=source, split="train")).to_json(target)
