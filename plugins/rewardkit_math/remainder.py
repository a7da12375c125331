"""What our own layers cannot decide goes to sympy, in a worker that is killed at its deadline."""

from __future__ import annotations

import os
import threading
import time
from typing import Literal

from rewardkit.workers import shared_pool
from rewardkit_math.nodes import Node

__all__ = ["Decision", "decide"]

Decision = Literal["equal", "different", "unknown", "late"]

_WORKERS = 2
_MEMORY = 2**30


class _Slots:
    """At most as many calls as there are workers, so that no call waits behind another's."""

    def __init__(self) -> None:
        self.free = threading.BoundedSemaphore(_WORKERS)


_SLOTS = _Slots()


def decide(one: Node, other: Node, seconds: float) -> Decision:
    """What sympy says of two expressions, after so many seconds at the latest."""
    until = time.monotonic() + seconds
    free = _SLOTS.free
    if seconds <= 0 or not free.acquire(timeout=seconds):
        return "late"
    try:
        left = until - time.monotonic()
        if left <= 0:
            return "late"
        # Not a deadline of the item: a worker that must be started first takes its time, too.
        pool = shared_pool(_WORKERS, memory=_MEMORY)
        (outcome,) = pool.map(_asked, [(one, other)], within=left)
    finally:
        free.release()
    if outcome.kind == "timeout":
        return "late"
    if outcome.value in ("equal", "different"):
        decision: Decision = outcome.value
        return decision
    return "unknown"


def _asked(pair: tuple[Node, Node]) -> str:
    """Runs in the worker: sympy is imported there and nowhere else."""
    from rewardkit_math.symbolic import compare

    return compare(*pair)


def _after_fork() -> None:
    _SLOTS.free = threading.BoundedSemaphore(_WORKERS)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
