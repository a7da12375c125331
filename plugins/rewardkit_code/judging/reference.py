"""What a row's own solution returns, for rows that give inputs without outputs."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from rewardkit_code.cases import CallCase
from rewardkit_code.judging.job import FaultError, Job

__all__ = ["expected_values"]

_MOST_KEPT = 256  # rows; the completions of one prompt come one after the other

_kept: dict[tuple[str, str], list[Any]] = {}
_lock = threading.Lock()


def expected_values(job: Job, cases: Sequence[CallCase]) -> list[Any]:
    """What the row's solution returns for the calls of `cases`, each of which is one call.

    Raises:
        FaultError: It does not return: the row is at fault.
    """
    key = job.tests.reference, repr([case.calls for case in cases])
    with _lock:
        values = _kept.get(key)
    if values is None:
        values = _run(job, cases)
        with _lock:
            while len(_kept) >= _MOST_KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[key] = values
    return values


def _run(job: Job, cases: Sequence[CallCase]) -> list[Any]:
    values: list[Any] = []
    with job.sandbox.session(job.tests.reference, limits=job.limits) as session:
        for case in cases:
            call = case.calls[0]
            made = session.call(call.function.replace("()", ""), call.args, call.kwargs)
            if not made.ok:
                raise FaultError(f"the row's own solution fails on {case.name}: {made.reason}")
            values.append(made.value)
    return values
