"""The reward `code`: whether a completion's program passes the row's tests."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import rewardkit as rk
from rewardkit.sandbox import Isolation
from rewardkit_code.comparing import Output
from rewardkit_code.formats import may_have_tests
from rewardkit_code.judging import Settings
from rewardkit_code.options import Budget, Bytes, Seconds, Tolerance, Weights
from rewardkit_code.scoring import NO_TESTS, Row, Scorer, Unsplit, rows_of

__all__ = ["code"]

_NO_WEIGHTS: Mapping[str, float] = {}


@rk.reward
def code(
    completions: list[rk.Completion],
    tests: Sequence[Any] | None = None,
    *,
    binary: bool = True,
    weights: Weights = _NO_WEIGHTS,
    output: Output = "tokens",
    tolerance: Tolerance = 1e-6,
    seconds: Seconds = None,
    memory: Bytes = None,
    budget: Budget = 120.0,
    unsplit: Unsplit = "zero",
    isolation: Isolation = "auto",
    **columns: Any,
) -> list[rk.Score]:
    """1.0 where the program in the completion's response passes all of the row's tests, else 0.0.

    The tests are read from `tests`, or from the fields of a data set as they are: APPS, TACO,
    CodeContests, LiveCodeBench, DeepCoder, HumanEval(+), MBPP(+), KodCode, LeetCodeDataset,
    Codeforces, BigCodeBench, verl's ground_truth. A row without tests abstains; tests that cannot
    be read, a missing toolchain and a machine without a sandbox fail, which is no score of 0.

    Args:
        completions: The program is the last fenced block of the response in a language that is
            run, with those before it that define what it lacks, or bare code.
        tests: Any form that this page names, or a dict of a data set's own fields.
        columns: The row's other fields.
        binary: All or nothing, as DeepSeek-R1 pays; else the share of tests that pass.
        weights: What a test counts for, by its group ("public", "private", "generated", "base",
            "plus", "challenge"); 1 where nothing is said. Tests that count 0 are not run.
        output: How printed text is compared: by "tokens", "lines", or "exact".
        tolerance: By how much a float may be off, absolutely or relatively. Asserts state their
            own.
        seconds: CPU seconds for each test; the row's own limit when None, else 10.
        memory: Bytes for the program; the row's own limit when None, else 1 GiB.
        budget: Seconds on the clock for all tests of a program; those left over fail.
        unsplit: What is done where tests have to share a process with the program (they patch it),
            so that it could forge their verdict: "zero", "abstain", or "trust" the verdict.
        isolation: Which sandbox: "auto" takes the best that the machine has and refuses to run
            untrusted code without one.
    """
    settings = Settings(binary, weights, output, tolerance, seconds, memory, budget)
    rows = rows_of(completions, tests, columns)
    scores = [NO_TESTS] * len(rows)
    # Rows without tests are other rewards' and may be many: they cost no thread.
    waiting = [number for number, (_, row) in enumerate(rows) if may_have_tests(row)]
    if waiting:
        judged = _judged([rows[number] for number in waiting], settings, unsplit, isolation)
        for number, score in zip(waiting, judged, strict=True):
            scores[number] = score
    return scores


def _judged(
    rows: Sequence[Row], settings: Settings, unsplit: Unsplit, isolation: Isolation
) -> list[rk.Score]:
    scorer = Scorer(settings, unsplit, isolation)
    if len(rows) < 2:
        return [scorer.score(*row) for row in rows]
    # The work is done by other processes: a thread for each that this machine has room for.
    with ThreadPoolExecutor(min(len(rows), os.cpu_count() or 1)) as pool:
        return list(pool.map(lambda row: scorer.score(*row), rows))
