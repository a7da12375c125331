"""Starts and ends worker processes, on each operating system."""

from __future__ import annotations

import mmap
import os
import pickle
import secrets
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

from rewardkit.errors import WorkerError
from rewardkit.workers import process
from rewardkit.workers.process import LIMIT, NEVER, OUT_OF_MEMORY, PAGE_BYTES, POSITION, STARTED

__all__ = ["Worker", "command", "out_of_memory"]

_POLL_SECONDS = 1.0
_FLAGS = {
    "isolated": "-I",
    "ignore_environment": "-E",
    "no_user_site": "-s",
    "dont_write_bytecode": "-B",
}


class Worker:
    """A worker process, as its parent holds it.

    It is started by exec, never by a fork that goes on as Python: threads and their locks stay
    behind. Its session is its own: an interrupt typed at the terminal is the parent's to handle,
    and killing its group ends the processes that a function started.

    On Linux the thread that starts a worker must live as long as it, for the kernel kills the
    worker when that thread ends.

    Raises:
        WorkerError: there is no interpreter to run.
        OSError: the system refuses: out of processes, memory, file descriptors.
    """

    def __init__(self, memory: int | None) -> None:
        self.cap = memory
        self._channel, theirs = Pipe()
        try:
            self._start(theirs.fileno())
        except BaseException:
            self._channel.close()
            raise
        finally:
            theirs.close()

    if sys.platform == "win32":

        def _start(self, channel: int) -> None:
            tag = f"rewardkit-{os.getpid()}-{secrets.token_hex(8)}"
            self._page = mmap.mmap(-1, PAGE_BYTES, tagname=tag)
            os.set_handle_inheritable(channel, True)
            startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [channel]})
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                command(channel, tag, self.cap),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                startupinfo=startup,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )

    else:

        def _start(self, channel: int) -> None:
            page = _page_descriptor()
            try:
                self._page = mmap.mmap(page, PAGE_BYTES)
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                    command(channel, str(page), self.cap),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=(channel, page),
                    start_new_session=True,
                )
            finally:
                os.close(page)

    def send(self, *message: Any) -> None:
        """Send a message; only when the worker waits for one, else both could wait for ever."""
        self._channel.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def receive(self) -> tuple[Any, ...]:
        """The next message; raises EOFError or OSError when the worker is dead."""
        # A process that a function forked can hold the channel open, so its end is not enough.
        while not self._channel.poll(_POLL_SECONDS):
            if self._process.poll() is not None and not self._channel.poll(0):
                raise EOFError
        message: tuple[Any, ...] = pickle.loads(self._channel.recv_bytes())  # noqa: S301 - ours
        return message

    def reset(self) -> None:
        """Clear the page before a chunk is sent."""
        STARTED.write(self._page, 0.0)
        POSITION.write(self._page, -1)
        LIMIT.write(self._page, NEVER)

    def progress(self) -> tuple[int, float]:
        """Position of the item begun last, and since when it runs; 0.0 when it does not."""
        started = STARTED.read(self._page)
        return POSITION.read(self._page), started

    def stop_before(self, position: int) -> None:
        """Ask it to begin no item from this position on."""
        LIMIT.write(self._page, position)

    def kill(self) -> None:
        """End the process and those that it started, whatever they are doing."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def bury(self, *, grace: float = 0.0) -> str:
        """End the process for good, and say how it ended; give it `grace` seconds to do so itself.

        Nobody may use the worker after that.
        """
        cause = self._wait(grace)
        self.kill()
        cause = cause or ("it closed its channel" if grace else "killed")
        self._wait(5.0)
        self._channel.close()
        self._page.close()
        return cause

    def _wait(self, seconds: float) -> str:
        with suppress(subprocess.TimeoutExpired):
            return _ending(self._process.wait(seconds), self.cap)
        return ""

    def disown(self) -> None:
        """Let go of it in a process that was forked from the one it belongs to."""
        self._channel.close()
        self._page.close()
        self._process.returncode = 0  # else Popen warns that it is still running: it is, elsewhere


def command(channel: int, page: str, cap: int | None) -> list[str]:
    """The command that starts a worker, with the flags that this interpreter was started with."""
    if not sys.executable:
        raise WorkerError("sys.executable is empty: there is no Python to start workers with.")
    flags = [flag for name, flag in _FLAGS.items() if getattr(sys.flags, name)]
    flags += ["-O"] * sys.flags.optimize
    script = str(Path(process.__file__))
    # -P: the folder of this file must not come first in the search for modules.
    return [
        sys.executable,
        *flags,
        "-P",
        script,
        str(channel),
        page,
        str(os.getpid()),
        str(cap or 0),
    ]


def _page_descriptor() -> int:
    """A descriptor of a page's worth of memory, or of a file that is already deleted."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("rewardkit")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, PAGE_BYTES)
    return descriptor


def _ending(code: int, cap: int | None) -> str:
    if code == OUT_OF_MEMORY:
        return out_of_memory(cap)
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def out_of_memory(cap: int | None) -> str:
    """What to say of an item that needed too much."""
    return f"out of memory (cap {cap / 2**20:.4g} MiB)" if cap else "out of memory"
