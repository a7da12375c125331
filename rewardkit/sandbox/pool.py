"""The zygotes of one sandbox: started when they are needed, used by one run at a time."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rewardkit.errors import SandboxError
from rewardkit.sandbox.linux.numbers import machine
from rewardkit.sandbox.turns import Turns
from rewardkit.sandbox.zygotes import Zygote

__all__ = ["Pool", "SandboxWarning", "cpus"]

_REMEDY = (
    "Allow user namespaces (in Docker: --security-opt seccomp=... with unshare and mount allowed;"
    " on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0), or run on a Linux of 5.13"
    " or later with Landlock enabled (lsm=landlock,...). `rewardkit doctor` says what is"
    ' missing. isolation="none" runs untrusted code without protection.'
)


class SandboxWarning(UserWarning):
    """Untrusted code is run with less isolation than this machine could give."""


# Sessions are short, most of them; one that is held open for long may keep others waiting so long.
_PATIENCE_SECONDS = 0.1


class Pool:
    """Zygotes, and the right to use them.

    Args:
        isolation: As for `Sandbox`.
        size: Most operations at once.
        settings: What each zygote is told.
    """

    def __init__(self, isolation: str, size: int, settings: Mapping[str, Any]) -> None:
        self.isolation = isolation
        self.closed = False
        self._settings = settings
        self._slots = threading.BoundedSemaphore(size)
        self._sessions = Turns(size)
        self._size = size
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._idle: list[Zygote] = []
        self._all: set[Zygote] = set()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Take part in the limit of operations at once."""
        with self._slots:
            yield

    def queue(self) -> Callable[[], None]:
        """Wait for one's turn among sessions, but not for ever; call what comes back when done.

        More threads than processors only get into each other's way. Yet a session may be open
        while its thread wants another, or runs a program: so it waits for no other's end.
        """
        sessions = self._sessions  # a forked child has its own
        return sessions.give_back if sessions.take(_PATIENCE_SECONDS) else _nothing

    def take(self) -> Zygote:
        """A zygote for oneself: one that is idle, or a new one. It never waits for another's."""
        with self._lock:
            self._check_open()
            if self._idle:
                return self._idle.pop()
        zygote = self._started()
        with self._lock:
            if not self.closed:
                self._all.add(zygote)
                return zygote
        zygote.close()
        raise SandboxError("The sandbox is closed.")

    def give(self, zygote: Zygote, *, healthy: bool) -> None:
        """Give it back; one that failed, or is not needed for long, ends."""
        with self._lock:
            keep = healthy and zygote in self._all and len(self._idle) < 2 * self._size
            if keep:
                self._idle.append(zygote)
            else:
                self._all.discard(zygote)
        if not keep:
            zygote.close()

    def close(self) -> None:
        """End them all. Twice is fine."""
        with self._lock:
            self.closed = True
            idle, self._idle = self._idle, []
            busy, self._all = self._all - set(idle), set()
        for zygote in idle:
            zygote.close()
        for zygote in busy:  # `give` lets go of them
            zygote.end()

    def disown(self) -> None:
        """In a forked child: let go of the parent's, and begin with none."""
        self._lock, self._starting = threading.Lock(), threading.Lock()
        self._slots = threading.BoundedSemaphore(self._size)
        self._sessions = Turns(self._size)
        for zygote in self._all:
            zygote.disown()
        self._idle, self._all = [], set()

    def _check_open(self) -> None:
        if self.closed:
            raise SandboxError("The sandbox is closed.")

    def _started(self) -> Zygote:
        try:
            machine()
        except OSError as error:
            raise SandboxError(f"Untrusted code can't be run here: {error}.") from None
        if self.isolation != "auto":
            return _start(self.isolation, self._settings)
        with self._starting:  # the first one settles what holds; the others do as it did
            if self.isolation == "auto":
                zygote = self._best()
                self.isolation = str(zygote.holds["isolation"])
                return zygote
        return _start(self.isolation, self._settings)

    def _best(self) -> Zygote:
        failures = []
        for isolation in ("namespaces", "seccomp"):
            try:
                return Zygote(isolation, self._settings)
            except SandboxError as error:
                failures.append(f"{isolation}: {error}")
        found = "; ".join(failures)
        raise SandboxError(f"Untrusted code can't be run here. {found}. {_REMEDY}")


def _start(isolation: str, settings: Mapping[str, Any]) -> Zygote:
    if isolation == "none":
        message = 'isolation="none": untrusted code runs with the rights of this process'
        warnings.warn(message, SandboxWarning, stacklevel=5)
    try:
        return Zygote(isolation, settings)
    except SandboxError as error:
        found = f"isolation={isolation!r} can't be had here: {error}."
        raise SandboxError(f"{found} {_REMEDY}") from None


def _nothing() -> None:
    pass


def cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
