"""near_duplicate beside datasketch and rensa: what is found, what is dropped wrongly, how fast.

    python benchmarks/duplicates.py [FOLDER] [ROWS ...]

FOLDER holds gsm8k_rollouts.jsonl, r1_code_rollouts.jsonl.gz and language/lid.jsonl.gz
(../shared/data). To the real samples of each prompt a copy of one of them is added, with a share
of its words replaced, dropped or followed by another: it should be found, and no real sample.
Peers that are not installed are left out (pip install datasketch rensa); both get runs of 3 words
between blanks, 128 permutations and an index a prompt at 0.7. Times are of the processor, from
texts to verdicts. First the builder, with near_duplicate and unique and without, over ROWS rows
(10,000 and 100,000), each in a process of its own.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rewardkit as rk

Group = list[str]
Judge = Callable[[Group], set[int]]  # which of a prompt's texts are dropped

THRESHOLD, WORDS = 0.7, 3
EDITED = (0.01, 0.02, 0.05)
SCRIPTS = {"en": 0, "ru": 0, "ar": 0, "hi": 0, "zh": 2, "ja": 2, "th": 5}  # characters a word


def rewardkit() -> Judge:
    selector = rk.get_selector("near_duplicate").using(threshold=THRESHOLD, words=WORDS)

    def judge(group: Group) -> set[int]:
        samples = [rk.Candidate(i, "", rk.Completion(t), None, {}) for i, t in enumerate(group)]
        return set(selector.select(samples).reasons)

    return judge


def runs(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[i : i + WORDS]) for i in range(max(len(words) - WORDS + 1, 1))]


def datasketch() -> Judge:
    from datasketch import MinHash, MinHashLSH

    def sketch(text: str) -> MinHash:
        found = MinHash(num_perm=128)
        found.update_batch([run.encode("utf-8", "surrogatepass") for run in runs(text)])
        return found

    return by_index(lambda: MinHashLSH(threshold=THRESHOLD, num_perm=128), sketch)


def rensa() -> Judge:
    from rensa import RMinHash, RMinHashLSH

    def sketch(text: str) -> RMinHash:
        found = RMinHash(num_perm=128, seed=0)
        found.update(runs(text))
        return found

    return by_index(lambda: RMinHashLSH(threshold=THRESHOLD, num_perm=128, num_bands=16), sketch)


def by_index(index_of: Callable[[], Any], sketch_of: Callable[[str], Any]) -> Judge:
    """Drops what an index of the texts before it finds."""

    def judge(group: Group) -> set[int]:
        index, dropped = index_of(), set()
        for place, text in enumerate(group):
            sketch = sketch_of(text)
            if index.query(sketch):
                dropped.add(place)
            else:
                index.insert(place, sketch)
        return dropped

    return judge


def installed() -> Iterator[tuple[str, Judge]]:
    for make in (rewardkit, datasketch, rensa):
        try:
            yield make.__name__, make()
        except ImportError as error:
            print(f"({make.__name__} is left out: {error})", file=sys.stderr)


def edited(text: str, share: float, chance: random.Random, length: int = 0) -> str:
    """A copy of which about this share of the words is another.

    Where blanks don't part words, so many characters are taken for one: `length`.
    """
    parts = (
        [text[i : i + length] for i in range(0, len(text), length)] if length else text.split(" ")
    )
    copy: list[str] = []
    for part in parts:
        if chance.random() >= share:
            copy.append(part)
            continue
        other = chance.choice(parts)
        copy += chance.choice([[other], [], [part, other]])
    return ("" if length else " ").join(copy)


def read(path: Path) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def by_prompt(rows: list[dict[str, str]]) -> list[Group]:
    groups: dict[str, dict[str, None]] = {}
    for row in rows:
        groups.setdefault(row["prompt"], {})[row["completion"]] = None  # equal ones once
    return [list(group) for group in groups.values()]


def compare(name: str, groups: list[Group]) -> None:
    chance = random.Random(0)
    texts = sum(map(len, groups))
    megabytes = sum(len(t.encode("utf-8", "surrogatepass")) for g in groups for t in g) / 1e6
    print(f"\n{name}: {texts} samples of {len(groups)} prompts, {megabytes:.1f} MB\n")
    shares = " | ".join(f"{share:.0%} edited" for share in EDITED)
    print(f"| | copies found: {shares} | real ones dropped | texts/s | MB/s |")
    print("|---|" + "---|" * (len(EDITED) + 3))
    copies = {share: [edited(chance.choice(g), share, chance) for g in groups] for share in EDITED}
    for peer, judge in installed():
        judge(groups[0])
        begin = time.process_time()
        dropped = [judge(group) for group in groups]
        seconds = time.process_time() - begin
        found = []
        for share in EDITED:
            pairs = zip(groups, copies[share], strict=True)
            found.append(sum(len(group) in judge([*group, copy]) for group, copy in pairs))
        shown = " | ".join(f"{count / len(groups):.1%}" for count in found)
        wrong = sum(map(len, dropped))
        speeds = f"{texts / seconds:,.0f} | {megabytes / seconds:,.1f}"
        print(f"| {peer} | {shown} | {wrong} | {speeds} |", flush=True)


def compare_scripts(rows: list[dict[str, str]]) -> None:
    chance = random.Random(0)
    print("\nParagraphs, 2% of their words edited: copies found, others dropped\n")
    print(f"| | {' | '.join(SCRIPTS)} |")
    print("|---|" + "---|" * len(SCRIPTS))
    for peer, judge in installed():
        cells = []
        for language in SCRIPTS:
            texts = [r["text"] for r in rows if (r["lang"], r["bucket"]) == (language, "para")]
            copies = [edited(text, 0.02, chance, SCRIPTS[language]) for text in texts]
            found = sum(judge(list(pair)) == {1} for pair in zip(texts, copies, strict=True))
            wrong = len(judge(list(dict.fromkeys(texts))))
            cells.append(f"{found} of {len(texts)}, {wrong}")
        print(f"| {peer} | {' | '.join(cells)} |", flush=True)


def compare_sizes() -> None:
    chance = random.Random(0)
    words = [f"w{n}" for n in range(20_000)]
    print("\nOne prompt with many samples of 300 words: us of the processor a text\n")
    print("| samples | 10 | 100 | 1,000 | 10,000 |\n|---|---|---|---|---|")
    texts = [" ".join(chance.choices(words, k=300)) for _ in range(10_000)]
    for peer, judge in installed():
        cells = []
        for count in (10, 100, 1_000, 10_000):
            times = max(1_000 // count, 1)
            begin = time.process_time()
            for turn in range(times):
                judge(texts[turn * count : (turn + 1) * count] if count < 10_000 else texts)
            cells.append(f"{(time.process_time() - begin) / times / count * 1e6:,.0f}")
        print(f"| {peer} | {' | '.join(cells)} |", flush=True)


def write_rows(path: Path, count: int) -> None:
    """Eight samples a prompt in random order, of which about one in eight is nearly another."""
    chance = random.Random(0)
    words = [f"w{n}" for n in range(5_000)]
    order = list(range(count))
    chance.shuffle(order)
    with path.open("w", encoding="utf-8") as file:
        for number in order:
            drawn = random.Random(number if number % 8 else number + 1)
            text = " ".join(drawn.choices(words, k=60)) + f" w{number % 8}"
            row = {"prompt": f"question {number // 8}", "completion": text}
            file.write(json.dumps(row) + "\n")


def build(source: str, out: str, *keep: str) -> None:
    begin = time.process_time()
    recipe = {"select": {"keep": list(keep) or ["first"], "unique": bool(keep)}}
    rows = rk.build(source, recipe, out)["rows"]
    seconds = time.process_time() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    what = ", ".join([*keep, "unique"]) if keep else "neither"
    speed = rows["read"] / seconds
    print(f"| {rows['read']:,} | {what} | {rows['dropped']:,} | {speed:,.0f} | {peak:,.0f} |")


def compare_builds(counts: list[int]) -> None:
    print("| rows | with | dropped | rows/s | peak MB |\n|---|---|---|---|---|", flush=True)
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            write_rows(Path(folder) / "rows.jsonl", count)
            for keep in ((), ("near_duplicate",)):
                command = [sys.executable, __file__, "--one", f"{folder}/rows.jsonl"]
                subprocess.run([*command, f"{folder}/out{len(keep)}", *keep], check=True)


def main() -> None:
    counts = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    folders = [argument for argument in sys.argv[1:] if not argument.isdecimal()]
    data = Path(folders[0] if folders else "../shared/data")
    compare_builds(counts or [10_000, 100_000])
    compare("GSM8K", by_prompt(read(data / "gsm8k_rollouts.jsonl")))
    compare("DeepSeek-R1 on code", by_prompt(read(data / "r1_code_rollouts.jsonl.gz")))
    compare_scripts(read(data / "language" / "lid.jsonl.gz"))
    compare_sizes()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        build(*sys.argv[2:])
    else:
        main()
