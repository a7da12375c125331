"""Calls of the candidate's functions, what they return judged here."""

from __future__ import annotations

import builtins
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rewardkit.sandbox import Call as Made
from rewardkit.sandbox import Session
from rewardkit_code.cases import Call, CallCase
from rewardkit_code.checks import Check, Equals, Raised, Raises
from rewardkit_code.expressions import Opaque, UnreadableError
from rewardkit_code.judging.job import Job, raise_fault
from rewardkit_code.judging.reference import expected_values
from rewardkit_code.judging.sources import run_sources
from rewardkit_code.verdicts import Failure, Result, shown

__all__ = ["run_calls"]

_ALIVE = ("returned", "raised", "unsendable")
# A program that hangs in every call would take as long as the limit each time.
_MOST_PROCESSES = 3


def run_calls(job: Job, cases: Sequence[CallCase]) -> Iterator[Result]:
    """What comes of each case: all in one process, and in a new one after a call that ended it."""
    if job.tests.reference and cases:
        values = expected_values(job, cases)
        pairs = zip(cases, values, strict=True)
        cases = [replace(case, checks=(Equals((value,)),)) for case, value in pairs]
    waiting = deque(cases)
    for _ in range(_MOST_PROCESSES):
        if not waiting or job.overdue:
            break
        with job.sandbox.session(
            job.program.source, limits=job.limits, prelude=job.prelude
        ) as session:
            yield from _in_one_process(job, session, waiting)
    for case in waiting:
        failure = Failure(case.name, "not run: the program hung or died in the tests before")
        yield from [Result(case.group, failure)] * (len(case.checks) if case.counts_each else 1)


def _in_one_process(job: Job, session: Session, waiting: deque[CallCase]) -> Iterator[Result]:
    if not session.loaded.ok:
        raise_fault(session.loaded.outcome, session.loaded.reason)
        reason = f"the program does not load: {session.loaded.reason}"
        while waiting:
            case = waiting.popleft()
            failure = Failure(case.name, reason, _shown(case.calls[0]))
            yield from [Result(case.group, failure)] * (
                len(case.checks) if case.counts_each else 1
            )
        return
    alive = True
    while waiting and alive:
        case = waiting.popleft()
        made = _make(job, session, case)
        alive = made[-1].outcome in _ALIVE
        yield from _judged(job, case, made)


def _make(job: Job, session: Session, case: CallCase) -> list[Made]:
    """The calls of a case, as far as the process lives."""
    made: list[Made] = []
    for call in case.calls:
        made.append(session.call(job.path(call.function), call.args, call.kwargs))
        if made[-1].outcome not in _ALIVE:
            raise_fault(made[-1].outcome, made[-1].reason)
            break
    return made


def _judged(job: Job, case: CallCase, made: Sequence[Made]) -> list[Result]:
    seconds = max(one.wall_seconds for one in made)
    try:
        failures = _failures(case, made, job.settings.tolerance)
    except UnreadableError:
        # The candidate returned an object, which the test's own code can look into.
        if case.source is not None:
            return list(run_sources(job, [case.source]))
        failures = [Failure(case.name, "it returned no plain data", _shown(case.calls[0]))]
    if case.counts_each:
        return [Result(case.group, failure, seconds) for failure in failures]
    return [Result(case.group, next(filter(None, failures), None), seconds)]


def _failures(case: CallCase, made: Sequence[Made], tolerance: float) -> list[Failure | None]:
    """For each check how it failed, or None where it holds."""
    values = [_value(one) for one in made]
    return [_failure(case, check, made, values, tolerance) for check in case.checks]


def _failure(
    case: CallCase, check: Check, made: Sequence[Made], values: Sequence[Any], tolerance: float
) -> Failure | None:
    for number in check.calls:
        at = min(number, len(made) - 1)
        ended = number > at or made[at].outcome not in _ALIVE
        if ended or (isinstance(values[at], Raised) and not isinstance(check, Raises)):
            call = _shown(case.calls[at])
            return Failure(case.name, made[at].reason, call, check.wanted, shown(values[at]))
    if check.holds(values, tolerance):
        return None
    first = check.calls[0]
    got = shown(values[first])
    return Failure(case.name, "wrong value", _shown(case.calls[first]), check.wanted, got)


def _value(made: Made) -> Any:
    if made.instances:
        # Equal or not is for its class to say. Comparing or showing what many of them share would
        # also take this process as long as the program likes.
        return Opaque("an instance of a class")
    if made.outcome == "returned":
        return made.value
    if made.outcome == "unsendable":
        return Opaque(made.message or "an object")
    kind = getattr(builtins, made.exception, None)
    bases = kind.__mro__ if isinstance(kind, type) else (Exception, BaseException)
    names = tuple(base.__name__ for base in bases)
    return Raised(made.exception or made.outcome, made.message, names)


def _shown(call: Call) -> str:
    args = [shown(value) for value in call.args]
    args += [f"{name}={shown(value)}" for name, value in call.kwargs.items()]
    return f"{call.function}({', '.join(args)})"
