"""Calls of a loaded program's functions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from rewardkit.sandbox.outcomes import Call, Limits, Run
from rewardkit.sandbox.plain import Reader, Unsendable, Writer
from rewardkit.sandbox.pool import Pool
from rewardkit.sandbox.running import Running

__all__ = ["Candidate", "Session"]

# Loading is one lap and each call another; the kernel's own CPU limit is for all of them.
_LAPS = 100_000
_MOST_HASHED = 10_000
_MOST_DIGITS = 250_000  # 300,000 decimal ones


class Candidate:
    """A program that was loaded in a process of its own, and answers requests.

    Args:
        pool: Whose zygote it takes until it is closed.
        program: Its source.
        prelude: Source that runs before it.
        limits: What it may use, for loading and then for each request.
        handles: Whether it may answer with a handle of what can't be sent.
    """

    def __init__(
        self, pool: Pool, program: str, prelude: str, limits: Limits, *, handles: bool
    ) -> None:
        self._pool = pool
        self._zygote = pool.take()
        task = {"kind": "session", "program": program, "prelude": prelude, "handles": handles}
        self.running = Running(self._zygote, limits, task, capture=False, laps=_LAPS)
        self.loaded = self.next_answer()
        self.closed = False

    @property
    def ended(self) -> Run | None:
        """How its process ended, or None while it lives."""
        return None if self.running.ended is None else self.running.result()

    def ask(self, request: bytes) -> bytes | None:
        """Send a request and wait for the answer; None when the process ended instead."""
        if self.running.ended is not None:
            return None
        self.running.lap()
        try:
            self.running.channel.send_bytes(request)
        except OSError:  # it is busy dying, or doesn't read: its end will tell
            self.running.finish()
            return None
        return self.next_answer()

    def next_answer(self) -> bytes | None:
        """Wait for what it sends next; None when its process ended instead, or is made to."""
        if self.running.wait() == "ended":
            return None
        answer = self.running.receive()
        if answer is None:
            self._end_for_bad_answer()
        return answer

    def _end_for_bad_answer(self) -> None:
        """What came was no message: too much of it, or a program that wrote to the channel."""
        late = (self.running.channel.deadline or 0.0) <= time.monotonic()
        if late:
            self.running.finish()
        else:
            self.running.end()

    def close(self) -> None:
        """End it and give the zygote back. Twice is fine."""
        if self.closed:
            return
        self.closed = True
        self.running.close()
        ended = self.running.ended or {}
        self._pool.give(self._zygote, healthy=ended.get("why") != "broken")


class Session:
    """A program that was loaded, whose functions can be called; one thread at a time.

    Attributes:
        loaded: How loading it went: `returned`, or why every call will fail.
    """

    def __init__(self, candidate: Candidate, done: Callable[[], None]) -> None:
        self._candidate = candidate
        self._done = done
        began = time.monotonic()
        answer = candidate.loaded
        self.loaded = self._understood(answer, time.monotonic() - began, _loaded)

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Call:
        """Call a function and wait for what comes back.

        Args:
            name: "solve", or a dotted name: "Solution.solve". A class on the way is called without
                arguments first, anew for each call. A name that isn't there: `raised` NameError or
                AttributeError.
            args: Plain data, or `Instance`s of the program's classes.
            kwargs: The same.

        Raises:
            ValueError: an argument that is no plain data.
        """
        request = _request(name, args, kwargs or {})
        if not self.loaded.ok:
            return self.loaded
        began = time.monotonic()
        answer = self._candidate.ask(request)
        return self._understood(answer, time.monotonic() - began, _returned)

    def close(self) -> None:
        """End the program. Twice is fine."""
        if not self._candidate.closed:
            self._candidate.close()
            self._done()

    def _understood(
        self, answer: bytes | None, wall: float, read: Callable[[dict[str, Any], float], Call]
    ) -> Call:
        if answer is None:
            ended = self._candidate.ended
            outcome = "exit" if ended is None or ended.outcome == "ok" else ended.outcome
            return Call(outcome, wall_seconds=wall)
        try:
            parsed = json.loads(answer)
            if "raised" in parsed:
                return _raised(parsed, wall)
            return read(parsed, wall)
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
            # A program that answers in the name of its server, or with too much of something.
            return Call("unsendable", message=str(error)[:200], wall_seconds=wall)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _request(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bytes:
    writer = Writer()
    try:
        request = {
            "do": "call",
            "name": name,
            "args": [writer.write(value) for value in args],
            "kwargs": {key: writer.write(value) for key, value in kwargs.items()},
            "instances": writer.instances(),
        }
    except Unsendable as error:
        raise ValueError(f"An argument of {name!r} is no plain data: {error}.") from error
    return json.dumps(request, separators=(",", ":")).encode()


def _loaded(answer: dict[str, Any], wall: float) -> Call:
    if "loaded" not in answer:
        raise ValueError("no answer to loading")
    return Call("returned", wall_seconds=wall)


def _returned(answer: dict[str, Any], wall: float) -> Call:
    if "unsendable" in answer:
        return Call("unsendable", message=str(answer["unsendable"])[:2000], wall_seconds=wall)
    instances = answer["instances"]
    reader = Reader(instances, most_hashed=_MOST_HASHED, most_digits=_MOST_DIGITS)
    changed = {key: reader.read(value) for key, value in answer["changed"]}
    value = reader.read(answer["value"])
    return Call("returned", value, changed=changed, wall_seconds=wall, instances=len(instances))


def _raised(answer: dict[str, Any], wall: float) -> Call:
    return Call(
        "raised",
        exception=str(answer["raised"])[:200],
        base=str(answer.get("base", ""))[:200],
        message=str(answer.get("message", ""))[:2000],
        wall_seconds=wall,
    )
