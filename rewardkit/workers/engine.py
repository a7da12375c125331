"""Runs calls on workers: a thread a worker that talks to it, and one that watches the clocks.

A worker's thread blocks in its channel, and may: whatever the worker does or fails to do, the
watching thread sees from the shared page which item runs since when, and kills it in time, which
wakes the blocked thread with an end of file. No thread waits for a worker that is not its own.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from contextlib import suppress

from rewardkit.errors import WorkerError
from rewardkit.workers.calls import Call, Chunk
from rewardkit.workers.outcomes import Outcome
from rewardkit.workers.slot import Slot

__all__ = ["Engine"]

_JOIN_SECONDS = 5.0


class Engine:
    """The slots of a pool, the calls they work on, and the lock that guards both.

    The lock is reentrant because `abandon` runs when a pool is garbage, which may be found out in
    a thread that holds it.
    """

    def __init__(self, size: int, memory: int | None, start_timeout: float) -> None:
        self.size = size
        self.memory = memory
        self.start_timeout = start_timeout
        self.closed = False
        self._begin()

    def _begin(self) -> None:
        """Begin with nothing: at first, and in a process that was forked from the owner's."""
        self.lock = threading.RLock()
        self._work = threading.Condition(self.lock)
        self._watch = threading.Condition(self.lock)
        self._alarm = math.inf  # when the watching thread wakes by itself
        self._calls: deque[Call] = deque()
        self._slots: list[Slot] = []
        self._watcher: threading.Thread | None = None

    # What callers do.

    def grow(self, size: int) -> None:
        """Allow so many workers at once."""
        with self.lock:
            self.size = max(self.size, size)

    def run(self, call: Call) -> None:
        """Work on a call until each of its items has an outcome, or its time is up.

        Raises:
            WorkerError: the engine is closed.
        """
        try:
            with self.lock:
                self._submit(call)
                while call.left and (rest := call.until - time.monotonic()) > 0:
                    # Windows lets no interrupt through a wait without an end.
                    call.finished.wait(min(rest, 1.0))
        finally:
            self._withdraw(call)

    def _submit(self, call: Call) -> None:
        if self.closed:
            raise WorkerError("This pool is closed: make another one, or use shared_pool().")
        self._calls.append(call)
        if self._watcher is None:
            watcher = threading.Thread(
                target=self._watch_clocks, name="rewardkit-watch", daemon=True
            )
            watcher.start()
            self._watcher = watcher
        self.offer()

    def _withdraw(self, call: Call) -> None:
        """Forget a call; workers that still run it, as after an interrupt, are killed."""
        with self.lock:
            with suppress(ValueError):
                self._calls.remove(call)
            call.pending.clear()
            for slot in self._slots if call.left else ():
                slot.drop(call)
            call.fail(Outcome(error="ran out of time: the whole call", kind="timeout"))

    def close(self) -> None:
        """End every worker and thread; calls that still run end with what they have."""
        with self.lock:
            self.abandon()
            for call in self._calls:
                call.fail(Outcome(error="the pool was closed", kind="unstartable"))
            threads = [slot.thread for slot in self._slots]
            threads += [self._watcher] if self._watcher else []
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(_JOIN_SECONDS)

    def abandon(self) -> None:
        """End every worker and tell every thread to end, without waiting for them."""
        with self.lock:
            self.closed = True
            for slot in self._slots:
                slot.kill("closed")
            self._work.notify_all()
            self._watch.notify_all()

    def disown(self) -> None:
        """Leave the workers to the process that this one was forked from."""
        for slot in self._slots:
            slot.disown()
        self._begin()

    # What slots do.

    def offer(self) -> None:
        """Wake slots for the items that wait, and have some added while there are too few."""
        with self.lock:
            waiting = sum(len(call.pending) for call in self._calls)
            if not waiting:
                return
            self._work.notify(waiting)
            if self._lacking(waiting):
                self._watch.notify()

    def _lacking(self, waiting: int) -> int:
        free = sum(not slot.busy for slot in self._slots)
        return max(0, min(self.size - len(self._slots), waiting - free))

    def await_work(self) -> bool:
        """Wait until there is an item to work on; False when the engine is closed."""
        with self.lock:
            while not self.closed and not any(call.pending for call in self._calls):
                self._work.wait()
            return not self.closed

    def take(self) -> Chunk | None:
        """The next chunk, of each call in turn."""
        for _ in range(len(self._calls)):
            call = self._calls[0]
            self._calls.rotate(-1)
            if call.pending:
                return Chunk(call, call.take(self.size))
        return None

    def waiting_calls(self) -> list[Call]:
        """The calls with items that no worker has begun."""
        return [call for call in self._calls if call.pending]

    def look_by(self, moment: float) -> None:
        """Have the slots looked at no later than this, by time.monotonic()."""
        if moment < self._alarm:
            self._alarm = moment
            self._watch.notify()

    # What the watching thread does.

    def _watch_clocks(self) -> None:
        with self.lock:
            while not self.closed:
                now = time.monotonic()
                self._alarm = min((slot.look(now) for slot in self._slots), default=math.inf)
                self._add_slots()
                rest = self._alarm - time.monotonic()
                self._watch.wait(None if rest == math.inf else max(rest, 0.0))

    def _add_slots(self) -> None:
        """Add the slots that are lacking: here, where no interrupt can leave one half made."""
        for _ in range(self._lacking(sum(len(call.pending) for call in self._calls))):
            slot = Slot(self)
            try:
                slot.thread.start()
            except RuntimeError as error:  # no more threads: those that there are must do
                if not self._slots:
                    cause = f"no thread can be started: {error}"
                    for call in self.waiting_calls():
                        call.fail(Outcome(error=cause, kind="unstartable"))
                return
            self._slots.append(slot)
