"""The builder's speed and memory as rows grow: `python benchmarks/builder.py 10000 1000000`."""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECIPE = {
    "preset": "r1-rejection-sampling",
    "select": {"keep": ["correct", "shortest"], "per_prompt": 2},
}
SAMPLES_A_PROMPT = 8


def write_rows(path: Path, count: int) -> None:
    """Rollouts of eight samples a prompt, in random order, so that prompts have to be gathered."""
    chance = random.Random(0)
    order = list(range(count))
    chance.shuffle(order)
    with path.open("w", encoding="utf-8") as file:
        for number in order:
            right = number // SAMPLES_A_PROMPT
            said = right if chance.random() < 0.5 else right + 1
            text = "So I count them one by one, and then again. " * chance.randint(2, 20)
            row = {
                "prompt": f"What is {right} + 0?",
                "completion": f"<think>{text}</think><answer>{said}</answer>",
                "answer": str(right),
            }
            file.write(json.dumps(row) + "\n")


def build(source: str, out: str) -> None:
    import rewardkit as rk

    started = time.perf_counter()
    manifest = rk.build(source, RECIPE, out)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows = manifest["rows"]
    print(
        f"{rows['read']:>10,} {rows['kept']:>10,} {rows['read'] / seconds:>12,.0f} {peak:>10,.0f}"
    )


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:]] or [10_000, 100_000]
    print(f"{'rows':>10} {'kept':>10} {'rows/s':>12} {'peak MB':>10}", flush=True)
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "rows.jsonl"
            write_rows(source, count)
            subprocess.run(
                [sys.executable, __file__, "--one", str(source), f"{folder}/out"], check=True
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        build(sys.argv[2], sys.argv[3])
    else:
        main()
