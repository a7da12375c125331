"""Many tests of one program: as many in one process as go well."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewardkit.sandbox.outcomes import Limits, Run
from rewardkit.sandbox.pool import Pool
from rewardkit.sandbox.running import Running, sealed
from rewardkit.sandbox.zygotes import Zygote

__all__ = ["run_batches"]

# Below this share of the CPU limit nobody asks how much of the time was CPU time.
_SURELY_FAST = 0.1


def run_batches(
    pool: Pool,
    task: Mapping[str, Any],
    stdins: Sequence[bytes],
    limits: Limits,
    accept: Callable[[int, Run], bool],
    *,
    stop_early: bool,
) -> list[Run]:
    """One Run a test; see `Sandbox.run_tests`.

    A test that fails as the first of its process has failed; any other then becomes the first of
    a new one. So no test fails for what an earlier one left behind, and each process but the last
    ends with a failure or with threads.
    """
    runs: list[Run] = []
    while len(runs) < len(stdins):
        zygote = pool.take()
        batch = _Batch(zygote, {**task, "tests": len(stdins) - len(runs)}, limits)
        try:
            stopped = batch.run(stdins, runs, accept, stop_early=stop_early)
        finally:
            healthy = batch.close()
            pool.give(zygote, healthy=healthy)
        if stopped:
            break
    return runs


class _Batch:
    """One process and the tests that it runs."""

    def __init__(self, zygote: Zygote, task: Mapping[str, Any], limits: Limits) -> None:
        self._running = Running(zygote, limits, task, laps=task["tests"])
        self._limits = limits

    def run(
        self,
        stdins: Sequence[bytes],
        runs: list[Run],
        accept: Callable[[int, Run], bool],
        *,
        stop_early: bool,
    ) -> bool:
        """Append the runs of as many tests as this process is good for; True to stop for good."""
        first = len(runs)
        for position in range(first, len(stdins)):
            run, usable = self._test(stdins[position], first=position == first)
            good = run.ok and accept(position, run)
            if not good and position > first:
                return False  # once more, as the first of a new process
            runs.append(run)
            if not good and stop_early:
                return True
            if not usable:
                return False
        return False

    def _test(self, stdin: bytes, *, first: bool) -> tuple[Run, bool]:
        """Run one test; says, too, whether the process can run another."""
        began = time.monotonic()
        if not first:
            self._running.lap()
        if not self._send(stdin) or self._running.wait() == "ended":
            return self._running.result(time.monotonic() - began), False
        answer = self._answer()
        wall = time.monotonic() - began
        stdout, stderr = self._running.take_output()
        if answer is None or self._running.overflowed:
            self._running.end()
            return replace(self._running.result(wall), stdout=stdout, stderr=stderr), False
        slow = wall > _SURELY_FAST * self._limits.cpu_seconds
        cpu = self._running.cpu_of_lap() if slow else wall
        code, last = answer
        run = Run("exit" if code else "ok", code, None, stdout, stderr, cpu, wall)
        return run, not last

    def _send(self, stdin: bytes) -> bool:
        descriptor = sealed(stdin)
        try:
            self._running.channel.send({}, [descriptor])
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True

    def _answer(self) -> tuple[int, bool] | None:
        """The exit status, and whether it was its last test; None for what is no answer."""
        message = self._running.receive()
        try:
            answer = json.loads(message or b"")
            return int(answer["exit"]) & 255, bool(answer["last"])
        except (ValueError, LookupError, TypeError, RecursionError):
            return None

    def close(self) -> bool:
        """End the process; says whether the zygote is well."""
        self._running.close()
        return (self._running.ended or {}).get("why") != "broken"
