"""Waits for a child to end, and ends it when it has used what it may."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from typing import Any

from rewardkit.sandbox.wire import CLOCK, KILL, LAP, OUT_OF_TIME, receive_packet, send_packet

__all__ = ["Watch"]

_LEAST_WAIT = 0.005
_CPUS = os.cpu_count() or 1


class Watch:
    """The zygote's eyes: on its parent's messages, its owner's life, and a child.

    While a child runs, the parent may send LAP (the CPU limit begins again), CLOCK (how much has
    it used since?), OUT_OF_TIME (its wall time is over: say whose fault that was) and KILL.

    Args:
        control: The socket to the parent.
        owner: A pidfd of the process whose death ends everything.
        processes: The host's /proc, to see whether a child waited for a CPU.
    """

    def __init__(self, control: socket.socket, owner: int, processes: int) -> None:
        self._control = control
        self._processes = processes
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)
        self._poll.register(owner, select.POLLIN)
        self._owner = owner

    def wait_for_job(self) -> bool:
        """Wait for a message; False when the owner is dead or the parent gone."""
        ready = {descriptor for descriptor, _ in self._poll.poll()}
        return self._owner not in ready

    def until_end(self, child: int, job: dict[str, Any]) -> dict[str, Any]:
        """Wait for the child, end it where a limit asks for that, and say what it used."""
        pidfd = os.pidfd_open(child)
        self._poll.register(pidfd, select.POLLIN)
        began = time.monotonic()
        try:
            why = self._until_end(child, pidfd, _Lap(child, job))
        finally:
            self._poll.unregister(pidfd)
            os.close(pidfd)
        _, status, usage = os.wait4(child, 0)
        return {
            "status": status,
            "cpu": usage.ru_utime + usage.ru_stime,
            "wall": time.monotonic() - began,
            "memory": usage.ru_maxrss * 1024,
            "why": why,
        }

    def _until_end(self, child: int, pidfd: int, lap: _Lap) -> str:
        why = ""
        while True:
            wait = lap.next_look() if not why else None
            ready = {descriptor for descriptor, _ in self._poll.poll(wait)}
            if pidfd in ready:
                return why
            if self._owner in ready:
                os._exit(0)  # takes the child along: by its namespace, or its death signal
            if self._control.fileno() in ready:
                why = self._told(lap) or why
            elif not why:
                why = self._overdrawn(lap)
            if why:
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    def _told(self, lap: _Lap) -> str:
        try:
            message, run = receive_packet(self._control)[0]
        except EOFError:
            os._exit(0)
        if run != lap.run:
            return ""  # it was sent to a run that was just ending
        if message == LAP:
            lap.begin()
        elif message == CLOCK:
            send_packet(self._control, {"clock": lap.cpu()})
        elif message == OUT_OF_TIME:
            return self._starved_or_waiting(lap)
        return "killed" if message == KILL else ""

    def _overdrawn(self, lap: _Lap) -> str:
        cpu, wall = lap.cpu(), lap.wall()
        if lap.idle_before is None:
            lap.idle_before, lap.waited_before = wall - cpu, self._waited_for_cpu(lap)
        return "cpu_time" if cpu >= lap.cpu_limit else ""

    def _starved_or_waiting(self, lap: _Lap) -> str:
        """Had it a CPU whenever it wanted one? If it waited for half of the time it lacks: no."""
        waited = self._waited_for_cpu(lap) - lap.waited_before
        idle = lap.wall() - lap.cpu() - (lap.idle_before or 0.0)
        return "starved" if waited >= 0.5 * idle else "wall_time"

    def _waited_for_cpu(self, lap: _Lap) -> float:
        """Seconds for which others kept a thread of the child's from running, at least.

        Threads can make each other wait for as long as they like: what the others have run is
        taken off what one has waited, and the one that is left with most counts. 0.0 where the
        host won't say. Its /proc is where it had been opened, though it is mounted nowhere here.
        """
        used, waited = lap.used(), 0.0
        with suppress(OSError, ValueError):
            child = self._read("thread-self/children").split()[0].decode()
            tasks = os.open(f"{child}/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._processes)
            try:
                for task in os.listdir(tasks):  # noqa: PTH208 - there is no path to it
                    ran, stood, _ = self._read(f"{child}/task/{task}/schedstat").split()
                    waited = max(waited, (int(stood) + int(ran)) / 1e9 - used)
            finally:
                os.close(tasks)
        return waited

    def _read(self, path: str) -> bytes:
        descriptor = os.open(path, os.O_RDONLY, dir_fd=self._processes)
        try:
            return os.read(descriptor, 1 << 16)
        finally:
            os.close(descriptor)


class _Lap:
    """What a child has used since its limits began."""

    def __init__(self, child: int, job: dict[str, Any]) -> None:
        self.run: int = job["run"]
        # The CPU clock of a process and all its threads, see clock_getcpuclockid(3).
        self._clock = (~child << 3) | 2
        self.cpu_limit: float = job["limits"]["cpu_seconds"]
        # At the first look at this lap, so that what earlier ones waited doesn't count.
        self.idle_before: float | None = None
        self.waited_before = 0.0
        self._cpu = 0.0
        self._began = time.monotonic()

    def begin(self) -> None:
        self._cpu += self.cpu()
        self._began = time.monotonic()
        self.idle_before = None
        self.waited_before = 0.0

    def cpu(self) -> float:
        return max(self.used() - self._cpu, 0.0)

    def used(self) -> float:
        """CPU seconds since the child began, of all its threads."""
        try:
            return time.clock_gettime(self._clock)
        except OSError:  # it has just ended
            return 0.0

    def wall(self) -> float:
        return time.monotonic() - self._began

    def next_look(self) -> float:
        """Milliseconds until it can have used up its CPU time, were it to use every CPU."""
        return 1000.0 * max((self.cpu_limit - self.cpu()) / _CPUS, _LEAST_WAIT)
