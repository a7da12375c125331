"""One worker's place in a pool: the thread that feeds it, and what is done when it ends."""

from __future__ import annotations

import math
import pickle
import threading
import time
from typing import TYPE_CHECKING, Any, Literal

from rewardkit.errors import WorkerError
from rewardkit.workers.calls import Call, Chunk
from rewardkit.workers.launch import Worker, out_of_memory
from rewardkit.workers.outcomes import Outcome
from rewardkit.workers.packing import Packer
from rewardkit.workers.process import describe

if TYPE_CHECKING:
    from rewardkit.workers.engine import Engine

__all__ = ["Slot"]

_GLANCE_SECONDS = 0.05  # an item that takes longer no longer holds up those behind it
_DYING_SECONDS = 1.0
_MOST_FUNCTIONS = 32  # a worker keeps
_MOST_FAILURES = 2  # workers in a row that may end before they run anything
_MOST_MISHAPS = 3
_CHUNK_BYTES = 2**20

Sentence = Literal["", "late", "slow", "dropped", "closed"]


class Slot:
    """A place for a worker, and the thread that lives as long as the place.

    Only its thread starts, feeds and buries the worker; others kill it, under the engine's lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._worker: Worker | None = None
        self._chunk: Chunk | None = None
        self._bound = math.inf  # when the worker must have started, or loaded the function
        self._loaded: dict[bytes, None] = {}  # keys of its functions, least recently used first
        self._sentence: Sentence = ""  # why it was killed
        self._late = 0  # the position of the item that it was killed for
        self.thread = threading.Thread(target=self._live, name="rewardkit-worker", daemon=True)

    @property
    def busy(self) -> bool:
        """Whether it works on a chunk."""
        return self._chunk is not None

    # What other threads do, under the engine's lock.

    def kill(self, sentence: Sentence) -> None:
        """Kill the worker, if there is one; its thread does the rest."""
        if self._worker and not self._sentence:
            self._sentence = sentence
            self._worker.kill()

    def drop(self, call: Call) -> None:
        """Kill the worker if it runs items of this call; one that still loads may go on."""
        if self._chunk and self._chunk.call is call and self._chunk.sent is not None:
            self.kill("dropped")

    def disown(self) -> None:
        """Let go of the worker in a forked process."""
        if self._worker:
            self._worker.disown()
            self._worker = None

    def look(self, now: float) -> float:
        """Kill the worker if its time is up; says when to look again."""
        if not self._worker or self._sentence:
            return math.inf
        if now >= self._bound:
            self.kill("slow")
            return math.inf
        if not self._chunk or self._chunk.sent is None:
            return self._bound
        return self._look_at(self._chunk, self._chunk.sent, self._worker, now)

    def _look_at(self, chunk: Chunk, sent: float, worker: Worker, now: float) -> float:
        position, started = worker.progress()
        if position < 0:  # it has not read the chunk yet
            due = sent + self._engine.start_timeout
            if now >= due:
                self.kill("slow")
            return min(due, now + _GLANCE_SECONDS)
        if not started:
            return now + _GLANCE_SECONDS
        due = started + (math.inf if chunk.call.deadline is None else chunk.call.deadline)
        if now >= due:
            self._late = position
            self.kill("late")
            return math.inf
        if position + 1 >= chunk.owned:
            return due
        if now < started + _GLANCE_SECONDS:
            return min(due, started + _GLANCE_SECONDS)
        # The worker may begin the next item before it sees this: then that is done twice.
        worker.stop_before(position + 1)
        chunk.take_back(position + 1)
        self._engine.offer()
        return due

    # What its own thread does.

    def _live(self) -> None:
        engine = self._engine
        try:
            while engine.await_work():
                if self._worker or self._start():
                    self._work()
        finally:
            self._bury()

    def _start(self) -> bool:
        """Start a worker, before there is a chunk that would have to wait for it."""
        try:
            worker = Worker(self._engine.memory)
        except (OSError, RuntimeError) as error:
            cause = str(error) if isinstance(error, WorkerError) else describe(error)
            self._report_unstartable(f"no worker can be started: {cause}")
            return False
        with self._engine.lock:
            self._worker, self._sentence = worker, ""
            self._loaded.clear()
            self._bind()
            if self._engine.closed:
                self.kill("closed")
        try:
            worker.receive()
        except (EOFError, OSError):
            self._report_unstartable(f"the worker {self._epitaph()} while starting")
            return False
        with self._engine.lock:
            self._bound = math.inf
        return True

    def _bind(self) -> None:
        self._bound = time.monotonic() + self._engine.start_timeout
        self._engine.look_by(self._bound)

    def _report_unstartable(self, cause: str) -> None:
        with self._engine.lock:
            for call in self._engine.waiting_calls():
                self._failed(call, cause)

    def _failed(self, call: Call, cause: str, traceback: str = "", *, final: bool = False) -> None:
        """Count a worker that could not begin; a call ends when it is hopeless."""
        call.failures += 1
        if final or call.failures >= _MOST_FAILURES:
            call.fail(Outcome(error=cause, traceback=traceback, kind="unstartable"))

    def _work(self) -> None:
        engine = self._engine
        with engine.lock:
            worker, chunk = self._worker, engine.take()
            self._chunk = chunk
        if chunk is None or worker is None:
            return
        try:
            if self._load(chunk.call, worker):
                self._run(chunk, worker)
        except BaseException as error:  # noqa: BLE001 - this thread must live: calls wait for it
            self._bury()
            cause = f"the worker's answer can't be used: {describe(error)}"
            with engine.lock:
                for index in chunk.indices[: chunk.owned]:
                    chunk.call.settle(index, Outcome(error=cause, kind="died"))
        finally:
            with engine.lock:
                self._chunk = None
                chunk.take_back(0)
                engine.offer()

    def _load(self, call: Call, worker: Worker) -> bool:
        """Have the worker know the function; the call ends when that is hopeless."""
        key = call.key
        if key in self._loaded:
            self._loaded[key] = self._loaded.pop(key)
            return True
        forget = next(iter(self._loaded)) if len(self._loaded) >= _MOST_FUNCTIONS else None
        with self._engine.lock:
            self._bind()
        try:
            worker.send("load", key, call.packed, call.path, forget)
            verdict, *why = worker.receive()
        except (EOFError, OSError):
            slow = self._sentence == "slow"
            cause = f"the worker {self._epitaph()} while loading the function"
            with self._engine.lock:
                self._failed(call, cause, final=slow)
            return False
        with self._engine.lock:
            self._bound = math.inf
            if forget is not None:
                del self._loaded[forget]
            if verdict == "unloadable":
                cause, traceback = why
                cause = f"the function can't be loaded in a worker: {cause}"
                self._failed(call, cause, traceback, final=True)
                return False
            self._loaded[key] = None
            call.failures = 0
        return True

    def _run(self, chunk: Chunk, worker: Worker) -> None:
        call = chunk.call
        packed = self._pack(chunk)
        if not packed:
            return
        worker.reset()
        with self._engine.lock:
            if not call.left:
                return  # it was withdrawn meanwhile
            chunk.sent = sent = time.monotonic()
            self._engine.look_by(sent + min(_GLANCE_SECONDS, call.deadline or math.inf))
        try:
            worker.send("run", call.key, call.deadline, packed)
            done = False
            while not done:
                done = self._receive(chunk, worker)
        except (EOFError, OSError):
            self._mourn(chunk, worker)
            return
        with self._engine.lock:
            call.clocked(len(packed), time.monotonic() - sent)

    def _pack(self, chunk: Chunk) -> list[bytes]:
        """The items of a chunk as bytes; those that can't be pickled are done with."""
        packer, packed, good, size = Packer(), [], [], 0
        for position, index in enumerate(chunk.indices):
            if size > _CHUNK_BYTES:
                with self._engine.lock:
                    chunk.take_back(position)
                break
            try:
                packed.append(packer.pack(chunk.call.items[index]))
            except Exception as error:  # noqa: BLE001 - the item is a user's
                cause = f"the item can't be pickled: {describe(error)}"
                with self._engine.lock:
                    chunk.call.settle(index, Outcome(error=cause, kind="unstartable"))
                continue
            good.append(index)
            size += len(packed[-1])
        chunk.indices, chunk.owned = good, len(good)
        return packed

    def _receive(self, chunk: Chunk, worker: Worker) -> bool:
        """Settle the items of one message; True when it was the chunk's last."""
        verb, results = worker.receive()
        call = chunk.call
        outcomes = [(result[0], self._read(call, *result[1:])) for result in results]
        with self._engine.lock:
            for position, outcome in outcomes:
                call.settle(chunk.indices[position], outcome)
        if results and results[-1][2] == "spent":
            self._bury()  # what the lack of memory left undone in it, nobody knows
        return bool(verb == "done")

    def _read(self, call: Call, seconds: float, how: str, *what: Any) -> Outcome:
        if call.deadline is not None and seconds > call.deadline:
            return _overrun(call.deadline, seconds)  # it ended just before it was killed
        if how == "plain":
            return Outcome(what[0], seconds=seconds)
        if how == "raised":
            return Outcome(error=what[0], traceback=what[1], kind="raised", seconds=seconds)
        if how == "spent":
            cause = out_of_memory(self._engine.memory)
            return Outcome(error=cause, kind="raised", seconds=seconds)
        return _unpickled(what[0], seconds)

    def _mourn(self, chunk: Chunk, worker: Worker) -> None:
        """Settle the item that a worker ended with; the others go back to wait."""
        position, started = worker.progress()
        seconds = time.monotonic() - started
        epitaph = self._epitaph()
        call, deadline = chunk.call, chunk.call.deadline
        if self._sentence in {"dropped", "closed"}:
            return
        with self._engine.lock:
            if self._sentence == "late" and deadline is not None:
                call.settle(chunk.indices[self._late], _overrun(deadline, seconds))
            elif started:
                died = Outcome(error=f"the worker {epitaph}", kind="died", seconds=seconds)
                call.settle(chunk.indices[position], died)
            else:
                self._blame_none(chunk, epitaph)

    def _blame_none(self, chunk: Chunk, epitaph: str) -> None:
        """No item ran: try them again, but not for ever."""
        call = chunk.call
        call.mishaps += 1
        if call.mishaps < _MOST_MISHAPS:
            return
        call.mishaps = 0
        for index in chunk.indices:
            if call.outcomes[index] is None:
                call.settle(index, Outcome(error=f"the worker {epitaph}", kind="died"))
                return

    def _epitaph(self) -> str:
        """How the worker ended; it is buried."""
        ending = self._bury(grace=0.0 if self._sentence else _DYING_SECONDS)
        if self._sentence == "slow":
            return f"took over {self._engine.start_timeout:g} s"
        return f"died ({ending})"

    def _bury(self, *, grace: float = 0.0) -> str:
        """End the worker, which nobody else can see any more, so that none kills its successor."""
        with self._engine.lock:
            worker, self._worker = self._worker, None
        return worker.bury(grace=grace) if worker else ""


def _overrun(deadline: float, seconds: float) -> Outcome:
    cause = f"ran out of time: over {deadline:g} s"
    return Outcome(error=cause, kind="timeout", seconds=max(seconds, deadline))


def _unpickled(packed: bytes, seconds: float) -> Outcome:
    try:
        return Outcome(pickle.loads(packed), seconds=seconds)  # noqa: S301 - from our own worker
    except Exception as error:  # noqa: BLE001 - its class is a user's
        cause = f"the result can't be unpickled: {describe(error)}"
        return Outcome(error=cause, kind="raised", seconds=seconds)
