"""The verdict on one program."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import rewardkit as rk
from rewardkit_code.cases import CallCase, Case, SourceCase, StdinCase
from rewardkit_code.judging.calls import run_calls
from rewardkit_code.judging.job import BrokenError, FaultError, Job
from rewardkit_code.judging.programs import run_compiled, run_stdin
from rewardkit_code.judging.sources import run_sources
from rewardkit_code.verdicts import Failure, Result, Verdict

__all__ = ["judge"]

_Runner = Callable[[Job, Sequence[Any]], Iterator[Result]]


def judge(job: Job, language: rk.Language | None = None) -> Verdict:
    """The verdict on a job's program; `language` is how to compile and run what is not Python.

    All-or-nothing, it ends at the first test that fails. Tests whose group weighs nothing are
    left out.

    Raises:
        UnsplitError: The tests cannot be kept apart from the program.
        SandboxError: Untrusted code cannot be run here, or the language is not installed.
    """
    for _ in range(2):
        try:
            return _run(job, language)
        except BrokenError as error:
            reason = str(error)
    # A program that could break its run at will would choose to have no verdict.
    if job.sandbox.run("pass").ok:
        failure = Failure("the tests", f"{reason} with this program, and without it does not")
        return Verdict(1, [Result(failure=failure)])
    return Verdict(0, fault=reason)


def _run(job: Job, language: rk.Language | None) -> Verdict:
    cases = [case for case in job.tests.cases if job.settings.weight(case.group) > 0]
    verdict = Verdict(sum(map(_count, cases)))
    stdin = run_stdin if language is None else functools.partial(run_compiled, language)
    kinds: tuple[tuple[type[Any], _Runner], ...] = (
        (StdinCase, stdin),
        (CallCase, run_calls),
        (SourceCase, run_sources),
    )
    try:
        for kind, run in kinds:
            for result in run(job, [case for case in cases if isinstance(case, kind)]):
                verdict.results.append(result)
                if result.failure and job.settings.binary:
                    return verdict
    except FaultError as fault:
        verdict.fault = str(fault)
    return verdict


def _count(case: Case) -> int:
    if isinstance(case, CallCase):
        return len(case.checks) if case.counts_each else 1
    return max(len(case.tests), 1) if isinstance(case, SourceCase) else 1
