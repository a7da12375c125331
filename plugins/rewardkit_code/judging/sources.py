"""Test code, run in a sandbox of its own, its calls relayed to the candidate's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rewardkit.sandbox import Split
from rewardkit_code.cases import SourceCase
from rewardkit_code.judging.job import FaultError, Job, UnsplitError, not_run, raise_fault
from rewardkit_code.judging.together import run_together
from rewardkit_code.runner import code_of
from rewardkit_code.verdicts import Failure, Result

__all__ = ["run_sources"]

_MODULES = ("solution", "main", "candidate")


def run_sources(job: Job, cases: Sequence[SourceCase]) -> Iterator[Result]:
    """What comes of each test of each case."""
    for case in cases:
        if job.overdue:
            yield not_run(case.group)
            continue
        if job.tests.unsplit:
            yield from run_together(job, case)
            continue
        split = job.sandbox.split(
            job.program.source,
            code_of(case, share=not job.settings.binary),
            names=_names(job, case),
            modules=_MODULES,
            prelude=job.prelude,
            limits=job.limits,
        )
        yield from _results(job, case, split)


def _names(job: Job, case: SourceCase) -> list[str]:
    paths = {name: job.path(path) for name, path in case.names.items() if path}
    if case.check:
        paths["candidate"] = job.path(case.check)
    return [name if name == path else f"{name}={path}" for name, path in paths.items()]


def _results(job: Job, case: SourceCase, split: Split) -> Iterator[Result]:
    raise_fault(split.outcome, split.reason)
    if split.outcome == "unsplittable":
        raise UnsplitError(split.message or split.reason)
    lacking = [path for path in case.names.values() if path and not job.defines(path)]
    if not split.calls and split.side == "tests" and not lacking:
        # Nothing of the program was asked for, and it has what the tests name.
        said = "" if split.passed else f": {split.reason}"
        raise FaultError(f"the row's tests never call the program{said}")
    seconds = split.wall_seconds
    reported = split.report if isinstance(split.report, list) else []
    failed = False
    for name, kind, message, line, fault in reported:
        if fault:
            raise FaultError(f"the row's tests cannot be run: {message}")
        said = f"{kind}: {message}".rstrip(": ")
        failure = Failure(f"{name}, line {line}", said, got=message) if kind else None
        failed = failed or failure is not None
        yield Result(case.group, failure, seconds)
    # A test passed where the runner says so; that the code ran to its end says nothing.
    missing = set(case.tests or ("",)) - {entry[0] for entry in reported}
    if reported and not case.tests:
        missing = set()
    if missing and not failed:
        reason = "the tests ended early" if split.passed else split.reason
        yield from (
            Result(case.group, Failure(n or "the tests", reason), seconds) for n in missing
        )
