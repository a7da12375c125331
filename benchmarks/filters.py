"""Filters beside the peers' on real thinking, in one run: speed, and how many rows are rejected.

    python benchmarks/filters.py [ROLLOUTS]

ROLLOUTS is a JSONL file with completions (../shared/data/r1_code_rollouts.jsonl.gz). Peers that
are not installed are left out: pip install markdown-it-py datatrove spacy py-data-juicer, in an
environment of their own (they pin a lot), with this folder's rewardkit and plugins in PYTHONPATH.
Each judges every text, one after another; times are of the processor, the best of three. What the
peers reject is by their own defaults, and their own definitions: only the speeds compare.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import rewardkit_hygiene as hygiene

import rewardkit as rk

DATA = Path("../shared/data/r1_code_rollouts.jsonl.gz")
Judge = Callable[[rk.Completion], bool]  # whether it is rejected

# The preset r1-rejection-sampling's, but for mixed_language.
DEFAULT_CHAIN = (hygiene.truncated, hygiene.long_paragraph, hygiene.code_block)
ROUNDS = 7
# They want a file, words or a prompt.
ALONE = ("token_length", "contaminated", "flagged_words", "prompt_leak", "answer_leak")


def markdown_it() -> dict[str, Judge]:
    from markdown_it import MarkdownIt

    parser = MarkdownIt()

    def has_fence(completion: rk.Completion) -> bool:
        return any(token.type == "fence" for token in parser.parse(completion.reasoning))

    return {"markdown-it-py: a fence": has_fence}


def datatrove() -> dict[str, Judge]:
    from datatrove.data import Document
    from datatrove.pipeline import filters

    def judge(filter) -> Judge:
        def rejects(completion: rk.Completion) -> bool:
            kept = filter.filter(Document(text=completion.reasoning, id=""))
            return kept is not True

        return rejects

    named = ("GopherRepetitionFilter", "GopherQualityFilter", "C4QualityFilter")
    return {f"datatrove: {name}": judge(getattr(filters, name)()) for name in named}


def data_juicer() -> dict[str, Judge]:
    from data_juicer.ops import filter as operators
    from data_juicer.utils.constant import Fields

    def judge(operator) -> Judge:
        def rejects(completion: rk.Completion) -> bool:
            sample = {"text": [completion.reasoning], Fields.stats: [{}]}
            return not all(operator.process_batched(operator.compute_stats_batched(sample)))

        return rejects

    named = (
        *("WordRepetitionFilter", "CharacterRepetitionFilter", "SpecialCharactersFilter"),
        *("AlphanumericFilter", "AverageLineLengthFilter", "MaximumLineLengthFilter"),
        *("TextLengthFilter", "WordsNumFilter"),
    )
    return {f"Data-Juicer: {name}": judge(getattr(operators, name)()) for name in named}


def ours() -> dict[str, Judge]:
    def judge(filter: rk.Filter) -> Judge:
        return lambda completion: filter(completion) is not None

    filters = hygiene.rewardkit_filters()
    return {f"rewardkit: {f.name}": judge(f) for f in filters if f.name not in ALONE}


def judged_by_all(completion: rk.Completion) -> bool:
    """Whether the default chain rejects it. As in a chain, each filter judges each row."""
    return sum(f(completion) is not None for f in DEFAULT_CHAIN) > 0


def read(path: Path) -> list[rk.Completion]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        completions = [rk.Completion(json.loads(line)["completion"]) for line in file]
    for completion in completions:
        assert completion.reasoning is not None  # read before it is timed
    return completions


def measure(judge: Judge, completions: list[rk.Completion]) -> tuple[float, int]:
    """The seconds of the processor for all of them, and how many are rejected."""
    took = []
    for _ in range(3):
        begin = time.process_time()
        rejected = sum(map(judge, completions))
        took.append(time.process_time() - begin)
    return min(took), rejected


def main() -> None:
    completions = read(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
    megabytes = sum(len(c.encode("utf-8", "surrogatepass")) for c in completions) / 1e6
    print(f"{len(completions)} completions, {megabytes:.1f} MB\n")
    print("| filter | MB/s | rejected |\n|---|---|---|")
    for suppliers in (ours, markdown_it, datatrove, data_juicer):
        try:
            judges = suppliers()
        except ImportError as error:
            print(f"({suppliers.__name__} is left out: {error})", file=sys.stderr)
            continue
        for name, judge in judges.items():
            seconds, rejected = measure(judge, completions)
            print(f"| {name} | {megabytes / seconds:,.1f} | {rejected} |", flush=True)
    seconds, _ = measure(judged_by_all, completions)
    print(f"\nThe default chain but for the language: {megabytes / seconds:,.0f} MB/s")
    compare_with_language([str(completion) for completion in completions])


def compare_with_language(texts: list[str]) -> None:
    """What the whole default chain takes beside mixed_language alone, each reading the texts."""
    try:
        from rewardkit_language import mixed_language
    except ImportError as error:
        print(f"(mixed_language is left out: {error})", file=sys.stderr)
        return
    language = mixed_language.using(target="en")
    alone = rk.FilterChain((language,))
    chain = rk.FilterChain((*DEFAULT_CHAIN, language))
    took = [(filtering(alone, texts), filtering(chain, texts)) for _ in range(ROUNDS + 1)][1:]
    ratio = statistics.median(both / one for one, both in took)
    print(
        f"mixed_language alone takes {min(one for one, _ in took):.2f} s, reading included; "
        f"the whole default chain {ratio:.2f} times that (median of {ROUNDS} in turn)"
    )


def filtering(chain: rk.FilterChain, texts: list[str]) -> float:
    rows = [{"completion": text} for text in texts]
    begin = time.process_time()
    chain.filter(rows)
    return time.process_time() - begin


if __name__ == "__main__":
    main()
