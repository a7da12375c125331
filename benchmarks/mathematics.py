"""Graders of math answers on the same pairs in one run: accuracy, time, memory.

    python benchmarks/mathematics.py [DATA] [PEER_ROWS]

DATA is the folder of math_cases.jsonl, math_test_half.jsonl and gsm8k_rollouts.jsonl
(../shared/data). Peers that are not installed are left out: pip install 'math-verify[antlr4_13_2]'
mathruler. Each grader takes the public cases with their labels, and real completions with theirs:
every GSM8K rollout and MATH solution for ours, PEER_ROWS of them, evenly spread, for the peers,
which take long. Times are of the processor; every grader is warmed up first. Memory is what the
process holds at its most after each grader's rows, in a process of its own.

(It is not named math.py: a script's folder goes before the standard library.)
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

Grader = Callable[[str, str, str], bool]  # reference, completion or answer, "text" or "answer"


def ours() -> Grader:
    from rewardkit_math import math, verify

    import rewardkit as rk

    def grade(gold: str, pred: str, form: str) -> bool:
        score = verify(gold, pred) if form == "answer" else math(rk.Completion(pred), gold)
        return score.value == 1.0

    return grade


def math_verify_own() -> Grader:
    from math_verify import parse, verify

    def grade(gold: str, pred: str, form: str) -> bool:
        answer = dollars(pred) if form == "answer" else pred
        return bool(verify(parse(dollars(gold)), parse(answer)))

    return grade


def math_verify_trl() -> Grader:
    """As trl.rewards.accuracy_reward calls it."""
    from latex2sympy2_extended import NormalizationConfig
    from math_verify import LatexExtractionConfig, parse, verify

    config = LatexExtractionConfig(
        normalization_config=NormalizationConfig(units=True),
        boxed_match_priority=0,
        try_extract_without_anchor=False,
    )

    def grade(gold: str, pred: str, form: str) -> bool:
        reference = parse(gold)
        if not reference:
            return False
        text = boxed(pred, form)
        answer = parse(text, extraction_config=[config], extraction_mode="first_match")
        return bool(verify(reference, answer))

    return grade


def math_verify_verl() -> Grader:
    """As verl.utils.reward_score.math_verify calls it."""
    from math_verify.metric import math_metric
    from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

    metric = math_metric(
        gold_extraction_target=(LatexExtractionConfig(),),
        pred_extraction_target=(ExprExtractionConfig(), LatexExtractionConfig()),
    )

    def grade(gold: str, pred: str, form: str) -> bool:
        return bool(metric([boxed(gold, "answer")], [boxed(pred, form)])[0])

    return grade


def mathruler() -> Grader:
    from mathruler.grader import extract_boxed_content, grade_answer

    def grade(gold: str, pred: str, form: str) -> bool:
        answer = pred if form == "answer" else extract_boxed_content(pred)
        return bool(grade_answer(answer, gold.replace("$", "")))

    return grade


def dollars(text: str) -> str:
    return text if "$" in text or "\\boxed" in text else f"${text}$"


def boxed(text: str, form: str) -> str:
    return text if form == "text" or "\\boxed" in text else f"\\boxed{{{text.strip('$')}}}"


GRADERS: dict[str, Callable[[], Grader]] = {
    "rewardkit_math": ours,
    "math-verify": math_verify_own,
    "math-verify as TRL runs it": math_verify_trl,
    "math-verify as verl runs it": math_verify_verl,
    "mathruler": mathruler,
}


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


Pairs = list[tuple[str, str, str, bool]]


def pairs(data: Path) -> tuple[Pairs, Pairs, Pairs]:
    """The public cases, GSM8K's rollouts, MATH's solutions: (reference, text, form, label)."""
    cases = [
        (row["gold"], row["pred"], row["form"], row["expected"])
        for row in read(data / "math_cases.jsonl")
    ]
    gsm8k = [
        (row["answer"], row["completion"], "text", bool(row["is_correct"]))
        for row in read(data / "gsm8k_rollouts.jsonl")
    ]
    solutions = read(data / "math_test_half.jsonl")
    own = [(row["answer"], row["completion"], "text", True) for row in solutions]
    other = [
        (following["answer"], row["completion"], "text", False)
        for row, following in zip(solutions, solutions[1:] + solutions[:1], strict=True)
        if row["answer"].removesuffix("^\\circ") != following["answer"]
    ]
    return cases, gsm8k, own + other


def measure(name: str, data: str, most: int, answer: Any) -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        grade = GRADERS[name]()
    except ImportError as error:
        answer.put(f"{name}: not installed ({error.name})")
        return
    cases, *real = pairs(Path(data))
    if name != "rewardkit_math":
        real = [rows[:: max(1, len(rows) // most)] for rows in real]
    for gold, pred, form, _ in cases[:5]:
        safely(grade, gold, pred, form)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    columns = [timed(grade, rows) for rows in (cases, *real)]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    rows_printed = [row(name, columns, before / 1024, grown)]
    if name == "rewardkit_math":  # it keeps what it read lately, and what it compared
        again = [timed(grade, rows) for rows in (cases, *real)]
        rows_printed.append(row(f"{name}, the same pairs again", again, before / 1024, grown))
    answer.put("\n".join(rows_printed))


def safely(grade: Grader, gold: str, pred: str, form: str) -> bool:
    try:
        return grade(gold, pred, form)
    except Exception:
        return False


def timed(grade: Grader, rows: list[tuple[str, str, str, bool]]) -> list[Any]:
    """Rows, share right, false accepts, false rejects; p50, p99 and max in ms; rows a second."""
    accepts = rejects = 0
    times = []
    for gold, pred, form, label in rows:
        began = time.process_time()
        said = safely(grade, gold, pred, form)
        times.append(time.process_time() - began)
        accepts += said and not label
        rejects += label and not said
    times.sort()
    right = 100 * (1 - (accepts + rejects) / len(rows))
    spread = [1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.99, 1.0)]
    return [len(rows), right, accepts, rejects, *spread, len(rows) / sum(times)]


def row(name: str, groups: list[list[Any]], held: float, grown: float) -> str:
    cells = [name]
    for count, right, accepts, rejects, p50, p99, longest, rate in groups:
        cells.append(f"{right:.1f}% of {count:,} ({accepts}/{rejects})")
        cells.append(f"{p50:.3f} / {p99:.2f} / {longest:.0f}")
        cells.append(f"{rate:,.0f}")
    cells.append(f"{held:.0f} + {grown:.0f}")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    data = sys.argv[1] if len(sys.argv) > 1 else "../shared/data"
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    head = ["right (FA/FR)", "ms p50 / p99 / max", "a second"]
    groups = [f"{name}: " + " | ".join(head) for name in ("cases", "GSM8K", "MATH")]
    print("| grader | " + " | ".join(groups) + " | MB |")
    print("|---" * 11 + "|")
    context = multiprocessing.get_context("spawn")
    for name in GRADERS:
        answer = context.SimpleQueue()
        process = context.Process(target=measure, args=(name, data, most, answer))
        process.start()
        process.join()
        print(answer.get() if not answer.empty() else f"{name}: died", flush=True)


if __name__ == "__main__":
    main()
