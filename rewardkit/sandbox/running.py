"""A process in the sandbox, as its parent sees it: messages, output, and its end."""

from __future__ import annotations

import os
import re
import select
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from signal import SIGKILL
from typing import Any, Literal

from rewardkit.sandbox.outcomes import Limits, Outcome, Run
from rewardkit.sandbox.wire import CLOCK, KILL, LAP, OUT_OF_TIME, Channel, receive_packet
from rewardkit.sandbox.zygotes import Zygote

__all__ = ["Running", "sealed"]

# How long a zygote may take to report an end that is due; then it counts as broken.
_GRACE_SECONDS = 30.0
_READ_BYTES = 1 << 16
# Telling the zygote of each lap costs as much as a short call does. So it is told when the laps
# since then took this share of the CPU limit, which is that much higher for processes with laps.
_UNTOLD = 0.1
# What runtimes say when an allocation fails: in the last line, or anywhere at a line's beginning.
_LAST_WORDS = (b"MemoryError", b"std::bad_alloc")
_WORDS = re.compile(
    rb"^(?:fatal error: runtime: (?:out of memory|cannot allocate memory)"
    rb"|memory allocation of \d+ bytes failed"
    rb"|Exception in thread .*java\.lang\.OutOfMemoryError"
    rb"|.*os::commit_memory\(.* failed)",
    re.MULTILINE,
)
_READABLE = 1  # POLLIN, by number: this file can be imported where there is no poll


def sealed(data: bytes) -> int:
    """A descriptor of memory that holds the data, at its start, and that nobody can change."""
    import fcntl  # not on every system: this file can be imported on all

    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    descriptor = os.memfd_create("stdin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.lseek(descriptor, 0, os.SEEK_SET)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


class Running:
    """One child of a zygote, from its start to its end; for one thread.

    Args:
        zygote: Which runs nothing else until this has ended.
        limits: What the child may use; CPU and wall time: until the next lap.
        task: What the child is told; see inside/child.py.
        stdin: The data on its descriptor 0.
        capture: Whether its output is kept; it is read and thrown away when not.
        laps: How many laps there will be, at most.
    """

    def __init__(
        self,
        zygote: Zygote,
        limits: Limits,
        task: Mapping[str, Any],
        *,
        stdin: bytes = b"",
        files: Mapping[str, bytes] | None = None,
        capture: bool = True,
        laps: int = 1,
    ) -> None:
        self.zygote = zygote
        self.limits = limits
        self.ended: dict[str, Any] | None = None
        self._output: dict[int, bytearray] = {}
        self._overflowed = False
        self._listening = True
        self._poll = select.poll()
        self._began = self._told_lap = time.monotonic()
        self._laps = laps
        self._start(str(task["kind"]), stdin, capture=capture)
        self._poll.register(zygote.control, _READABLE)
        self._poll.register(self.channel.socket, _READABLE)
        self._send_task({**task, "files": list(files or {})}, files or {})

    def _start(self, kind: str, stdin: bytes, *, capture: bool) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self.channel = Channel(ours, cap=self.limits.output)
        given = [theirs.detach(), sealed(stdin)]
        try:
            for _ in range(2):
                if capture:
                    readable, writable = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
                    os.set_blocking(writable, True)
                    self._output[readable] = bytearray()
                    self._poll.register(readable, _READABLE)
                else:
                    writable = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
                given.append(writable)
            self._pipes = tuple(self._output)
            self.zygote.send({"kind": kind, "limits": self._numbers()}, given)
        except OSError:
            self.ended = {"why": "broken"}
        finally:
            for descriptor in given:
                os.close(descriptor)

    def _numbers(self) -> dict[str, Any]:
        numbers = asdict(self.limits)
        if self._laps > 1:
            numbers["cpu_seconds"] *= 1.0 + _UNTOLD
        numbers["total_cpu_seconds"] = numbers["cpu_seconds"] * self._laps
        return numbers

    def _send_task(self, task: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        self.set_deadline()
        with suppress(OSError):  # whatever is wrong, its end will tell
            self.channel.send(task)
            for data in files.values():
                self.channel.send_bytes(data)

    def set_deadline(self) -> None:
        """Give it its wall seconds from now on."""
        self.channel.deadline = time.monotonic() + self.limits.wall

    def lap(self) -> None:
        """Give it its CPU and wall seconds anew."""
        self.set_deadline()
        now = time.monotonic()
        if now - self._told_lap > _UNTOLD * self.limits.cpu_seconds:
            self._told_lap = now
            self._tell(LAP)

    def wait(self) -> Literal["message", "ended"]:
        """Wait for a message or the end, whichever is first; drains the output all the while.

        At the wall limit the process is ended.
        """
        while self.ended is None:
            if self._step():
                return "message"
        # Its last words may still be in the channel.
        return "message" if self._listening and self._has_message() else "ended"

    def finish(self) -> dict[str, Any]:
        """Wait for the end; messages are not looked at any more."""
        self._ignore_channel()
        self.wait()
        self._drain()
        ended = self.ended
        assert ended is not None  # noqa: S101 - wait() returns when it is set
        return ended

    def end(self) -> dict[str, Any]:
        """End it now, and wait for that."""
        if self.ended is None:
            self._tell(KILL)
        return self.finish()

    def receive(self) -> bytes | None:
        """The message that `wait` saw, or None when it is none: too long, late, or cut off."""
        try:
            return self.channel.receive_bytes()
        except ValueError:
            self._overflowed = True
        except (EOFError, OSError):
            pass
        return None

    def cpu_of_lap(self) -> float:
        """CPU seconds used since the zygote was told of a lap."""
        self._tell(CLOCK)
        while self.ended is None:
            with suppress(OSError, EOFError, ValueError):
                message, _ = receive_packet(self.zygote.control)
                if "clock" in message:
                    return float(message["clock"])
                self.ended = message
                continue
            self.ended = {"why": "broken"}
        return 0.0

    def take_output(self) -> tuple[bytes, bytes]:
        """What it wrote since the last time: standard output and error."""
        self._drain()
        taken = tuple(bytes(self._output.get(pipe, b"")) for pipe in self._pipes)
        for pipe in self._output:
            self._output[pipe] = bytearray()
        return (taken[0], taken[1]) if taken else (b"", b"")

    @property
    def overflowed(self) -> bool:
        """Whether it wrote more than it may."""
        return self._overflowed

    def close(self) -> None:
        """Let go of all descriptors, ending it first."""
        self.end()
        self.channel.close()
        for pipe in self._pipes:
            if pipe in self._output:
                os.close(pipe)
        self._output.clear()

    def result(self, wall: float | None = None) -> Run:
        """What happened, once it has ended."""
        ended = self.finish()
        outcome, exit_code, signal = _outcome(ended, overflowed=self._overflowed)
        stdout, stderr = self.take_output()
        memory = int(ended.get("memory", 0))
        failed = outcome in ("exit", "signal")
        too_much = outcome == "ok" and memory > self.limits.memory
        if too_much or (failed and _ran_out_of_memory(stderr, memory, self.limits.memory)):
            outcome = "memory"
        return Run(
            outcome,
            exit_code,
            signal,
            stdout,
            stderr,
            float(ended.get("cpu", 0.0)),
            wall if wall is not None else time.monotonic() - self._began,
            memory,
        )

    def _step(self) -> bool:
        """Wait for one thing to happen and see to it; True when there is a message."""
        if self._listening and self.channel.has_some:
            return True
        deadline = self.channel.deadline or 0.0
        ready = self._poll.poll(max(deadline - time.monotonic(), 0.0) * 1000.0)
        if not ready:
            self._out_of_time(deadline)
            return False
        message = False
        for descriptor, _ in ready:
            if descriptor == self.zygote.control.fileno():
                self._hear()
            elif descriptor in self._output:
                self._read(descriptor)
            else:
                message = True
        return message and self._has_message()

    def _has_message(self) -> bool:
        """Whether there is one; at the channel's end there is only the process's to wait for."""
        try:
            return self.channel.read_ahead()
        except (EOFError, OSError):
            self._ignore_channel()
            return False

    def _out_of_time(self, deadline: float) -> None:
        if time.monotonic() > deadline + _GRACE_SECONDS:
            self.ended = {"why": "broken"}
            return
        self._tell(OUT_OF_TIME)
        self._poll.poll(1000.0)

    def _hear(self) -> None:
        try:
            message, _ = receive_packet(self.zygote.control)
        except (OSError, EOFError, ValueError):
            message = {"why": "broken"}
        if "clock" not in message:
            self.ended = message

    def _tell(self, what: str) -> None:
        with suppress(OSError):  # it has ended: the next `wait` says so
            self.zygote.tell(what)

    def _ignore_channel(self) -> None:
        if self._listening:
            self._listening = False
            self._poll.unregister(self.channel.socket)

    def _drain(self) -> None:
        """Read what is in the pipes without waiting for more."""
        for pipe in tuple(self._output):
            while self._read(pipe):
                pass

    def _read(self, pipe: int) -> bool:
        if pipe not in self._output:
            return False
        try:
            data = os.read(pipe, _READ_BYTES)
        except BlockingIOError:
            return False
        kept = self._output[pipe]
        room = self.limits.output - len(kept)
        kept += data[:room]
        if len(data) > room and not self._overflowed:
            self._overflowed = True
            self._tell(KILL)
        if not data:
            with suppress(KeyError):
                self._poll.unregister(pipe)
        return bool(data) and not self._overflowed


def _outcome(
    ended: Mapping[str, Any], *, overflowed: bool
) -> tuple[Outcome, int | None, int | None]:
    why = ended.get("why", "")
    if overflowed and why != "broken":
        return "output", None, None
    if why == "killed":  # by its parent, for what it sent
        return "signal", None, SIGKILL
    if why in ("cpu_time", "wall_time", "starved"):
        return why, None, None
    if why:
        return "broken", None, None
    code = os.waitstatus_to_exitcode(ended["status"])
    if code < 0:
        return "signal", None, -code
    return ("exit" if code else "ok"), code, None


def _ran_out_of_memory(stderr: bytes, used: int, allowed: int) -> bool:
    """Whether a failed process says so, or had used nearly all that it may."""
    last = stderr.rstrip().rpartition(b"\n")[2]
    said = any(words in last for words in _LAST_WORDS) or _WORDS.search(stderr) is not None
    return said or used > 0.95 * allowed
