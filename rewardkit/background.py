"""One event loop in a thread of its own: awaits many coroutines for callers of any thread."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any

__all__ = ["OverranError", "Pending", "await_all"]

# How much longer than its deadlines a gathering may take before its loop counts as blocked.
_GRACE_SECONDS = 2.0


class OverranError(TimeoutError):
    """A call took longer than its deadline; a TimeoutError of its own is another matter."""


class _Loop:
    """An event loop that runs for as long as the process does."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._run, name="rewardkit-async", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        while not self.loop.is_closed():
            # A task that calls sys.exit() stops the loop; for the other callers it goes on.
            with contextlib.suppress(BaseException):
                self.loop.run_forever()

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)


_current: _Loop | None = None
_lock = threading.Lock()


def _loop() -> _Loop:
    global _current
    with _lock:
        # A caller on the loop's own thread would wait for itself: it gets a loop of its own.
        if _current is None or _current.thread is threading.current_thread():
            _current = _Loop()
        return _current


def _abandon(loop: _Loop) -> None:
    global _current
    with _lock:
        if _current is loop:
            _current = None


def _after_fork() -> None:
    global _current, _lock
    _current, _lock = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Pending:
    """Coroutines under way; `results` waits for them."""

    def __init__(
        self, loop: _Loop, future: Future[Any], results: list[Any], patience: float
    ) -> None:
        self._loop = loop
        self._future = future
        self._results = results
        self._patience = patience

    def results(self) -> list[Any]:
        """What each returned, or the exception that it raised, in order."""
        try:
            self._future.result(None if math.isinf(self._patience) else self._patience)
        except TimeoutError:
            # Something blocks the loop without ever awaiting: leave it behind with its thread.
            _abandon(self._loop)
        except CancelledError:
            pass
        except BaseException:
            self._future.cancel()
            raise
        return list(self._results)


def await_all(
    calls: Sequence[Callable[[], Awaitable[Any]]],
    *,
    deadline: float | None = None,
    concurrency: int | None = None,
) -> Pending:
    """Start awaiting all `calls` together, at most `concurrency` at a time.

    Args:
        calls: What to call for each awaitable; it is called on the loop.
        deadline: Seconds for each, after which it is cancelled and an OverranError its result.
        concurrency: How many at most are under way at once; None is all.
    """
    results: list[Any] = [OverranError() for _ in calls]
    rounds = math.ceil(len(calls) / concurrency) if concurrency else 1
    patience = math.inf if deadline is None else deadline * rounds + _GRACE_SECONDS
    loop = _loop()
    future = loop.submit(_gather(calls, results, deadline, concurrency))
    return Pending(loop, future, results, patience)


async def _gather(
    calls: Sequence[Callable[[], Awaitable[Any]]],
    results: list[Any],
    deadline: float | None,
    concurrency: int | None,
) -> None:
    free = asyncio.Semaphore(concurrency or max(len(calls), 1))

    async def one(place: int) -> None:
        async with free:
            try:
                async with asyncio.timeout(deadline) as limit:
                    results[place] = await calls[place]()
            except BaseException as error:  # noqa: BLE001  one call's error is its own result
                results[place] = OverranError() if limit.expired() else error

    await asyncio.gather(*(one(place) for place in range(len(calls))))
