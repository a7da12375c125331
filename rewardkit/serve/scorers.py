"""A process that scores, as the server holds it: started, spoken to, and killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from rewardkit.errors import WorkerError
from rewardkit.serve.scoring import HEADER
from rewardkit.suites import Suite
from rewardkit.workers.packing import pack

__all__ = ["Scorer", "packed"]

_START_SECONDS = 60.0


class Scorer:
    """One process with a suite; it scores several units at once and answers each when it is done.

    Args:
        suite: The suite, packed.
        answered: Called with every answer.
        ended: Called once when the process is gone, whoever ended it.
    """

    def __init__(
        self,
        suite: bytes,
        answered: Callable[[Scorer, dict[str, Any]], None],
        ended: Callable[[Scorer], None],
    ) -> None:
        self._suite = suite
        self._answered = answered
        self._ended = ended

    async def start(self) -> None:
        """Start the process and wait until it has its suite.

        Raises:
            WorkerError: It does not start.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            # Its session is its own: an interrupt typed at the terminal is the server's to handle.
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", "rewardkit.serve.scoring", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._in, self._out = await asyncio.open_connection(sock=ours)
        self._write(self._suite)
        try:
            await asyncio.wait_for(self._frame(), _START_SECONDS)
        except (EOFError, OSError, TimeoutError) as error:
            self.kill()
            raise WorkerError(
                "A process that scores did not start: what it printed says why."
            ) from error
        except asyncio.CancelledError:
            self.kill()
            raise
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Give it a unit to score."""
        self._write(frame)

    def kill(self) -> None:
        """End the process and what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._out.close()

    async def _listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._answered(self, json.loads(await self._frame()))
        self.kill()
        self._ended(self)

    async def _frame(self) -> bytes:
        [length] = HEADER.unpack(await self._in.readexactly(HEADER.size))
        return await self._in.readexactly(length)

    def _write(self, frame: bytes) -> None:
        # What waits here is bounded by the server's queue. What a process does not get because it
        # has just ended is scored again when that is noticed.
        if not self._out.is_closing():
            self._out.write(HEADER.pack(len(frame)) + frame)


def packed(suite: Suite) -> bytes:
    """A suite as a new process takes it.

    Raises:
        WorkerError: It cannot be pickled.
    """
    try:
        return pack(suite)
    except Exception as error:
        raise WorkerError(f"This suite can't be sent to a process: {error}") from error
