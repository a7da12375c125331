"""Pools of worker processes: what callers see."""

from __future__ import annotations

import atexit
import hashlib
import math
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from rewardkit.errors import OptionError
from rewardkit.workers.calls import Call
from rewardkit.workers.engine import Engine
from rewardkit.workers.outcomes import Outcome
from rewardkit.workers.packing import pack
from rewardkit.workers.process import describe

__all__ = ["WorkerPool", "shared_pool"]


class WorkerPool:
    """Processes that run a function over items, and are killed when one takes too long.

    Any thread may use it, several at once, in any process that may start others: under Ray,
    pytest, in a notebook, in a script without a `__main__` guard. Workers start when they are
    first needed and stay for the next call. They end with the pool, with `close`, and with the
    process, however it ends.

    A worker is no sandbox: it protects from code that hangs, crashes or eats memory, not from
    code that means harm.

    Args:
        size: Most workers at once; as many as there are CPUs when None.
        memory: Most bytes that a worker may allocate, Python itself included. Windows has no such
            limit.
        start_timeout: Seconds that starting a worker, and loading a function in it, may take.

    Raises:
        OptionError: a number that is not positive.
    """

    def __init__(
        self,
        size: int | None = None,
        *,
        memory: int | None = None,
        start_timeout: float = 60.0,
    ) -> None:
        size = size if size is not None else os.cpu_count() or 1
        for name, number in [("size", size), ("memory", memory), ("start_timeout", start_timeout)]:
            _check_positive(name, number)
        self._engine = Engine(size, memory, start_timeout)
        _ENGINES.add(self._engine)
        weakref.finalize(self, self._engine.abandon).atexit = False  # `_at_exit` waits, too

    def map(
        self,
        function: Callable[[Any], Any],
        items: Sequence[Any],
        *,
        deadline: float | None = None,
        within: float | None = None,
    ) -> list[Outcome]:
        """One outcome an item, in the items' order; nothing that an item does raises here.

        An item may be run again when its worker ended, through another item, before its result
        was sent.

        Args:
            function: Anything that cloudpickle can send: a closure, or what lives in `__main__`.
            items: What to call it with, each on its own.
            deadline: Seconds of wall time for each item, from when it begins in its worker.
            within: Seconds for all of it, the wait for workers and their start included: items
                that are not done by then have run out of time.

        Raises:
            OptionError: the deadline, or `within`, is not positive.
            WorkerError: the pool is closed.
        """
        _check_positive("deadline", deadline)
        _check_positive("within", within)
        until = math.inf if within is None else time.monotonic() + within
        if not len(items):
            return []
        try:
            packed = pack(function)
        except Exception as error:  # noqa: BLE001 - the function is a user's
            cause = f"the function can't be pickled: {describe(error)}"
            return [Outcome(error=cause, kind="unstartable")] * len(items)
        key = hashlib.blake2b(packed, digest_size=16).digest()
        finished = threading.Condition(self._engine.lock)
        call = Call(key, packed, list(sys.path), items, deadline, finished, until)
        self._engine.run(call)
        return [outcome for outcome in call.outcomes if outcome is not None]

    def grow(self, size: int) -> None:
        """Allow at least so many workers at once."""
        self._engine.grow(size)

    def close(self) -> None:
        """End the workers; a call in another thread returns with what it has. Twice is fine."""
        self._engine.close()

    @property
    def closed(self) -> bool:
        """Whether it can't be used any more."""
        return self._engine.closed


def shared_pool(size: int | None = None, *, memory: int | None = None) -> WorkerPool:
    """This process's pool with this memory cap, for at least so many workers at once."""
    size = size if size is not None else os.cpu_count() or 1
    with _SHARED.lock:
        pool = _SHARED.pools.get(memory)
        if pool is None or pool.closed:
            pool = _SHARED.pools[memory] = WorkerPool(size, memory=memory)
    pool.grow(size)
    return pool


def _check_positive(name: str, number: float | None) -> None:
    if number is not None and not number > 0:
        raise OptionError(f"{name} is {number!r}: it must be more than 0.")


class _Shared:
    """The pools that a process shares."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.pools: dict[int | None, WorkerPool] = {}


_SHARED = _Shared()
_ENGINES: weakref.WeakSet[Engine] = weakref.WeakSet()


def _at_exit() -> None:
    for engine in list(_ENGINES):
        engine.close()


def _after_fork() -> None:
    """The workers are the parent's: this process begins with none, and with locks of its own."""
    _SHARED.lock = threading.Lock()
    for engine in list(_ENGINES):
        engine.disown()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
