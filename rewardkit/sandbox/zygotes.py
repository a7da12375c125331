"""Starting zygotes and holding on to them: the parent's side."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rewardkit.errors import SandboxError
from rewardkit.sandbox.toolchains import search_path
from rewardkit.sandbox.wire import receive_packet, send_packet

__all__ = ["Zygote", "config"]

_START_SECONDS = 60.0
_SCRIPT = Path(__file__).parent / "inside" / "start.py"

# -s -P -S -B and an environment of our own are what -I is, with hashes that are the same each
# time: no verdict may depend on the order of a set.
_FLAGS = ("-s", "-P", "-S", "-B", "-X", "utf8")
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8"}


class Zygote:
    """A sandboxed process that runs one job at a time.

    Raises:
        SandboxError: it can't confine itself here.
    """

    def __init__(self, isolation: str, settings: Mapping[str, Any]) -> None:
        self._runs = 0
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            owner = os.pidfd_open(os.getpid())
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                    [_interpreter(), *_FLAGS, str(_SCRIPT), str(theirs.fileno()), str(owner)],
                    env=_ENVIRONMENT,
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    pass_fds=(theirs.fileno(), owner),
                    start_new_session=True,
                )
            finally:
                os.close(owner)
                theirs.close()
            self.holds = self._configured({**settings, "isolation": isolation})
        except BaseException:
            self.close()
            raise

    def _configured(self, settings: dict[str, Any]) -> dict[str, Any]:
        self.control.settimeout(_START_SECONDS)
        try:
            send_packet(self.control, settings)
            answer, _ = receive_packet(self.control)
        except (EOFError, OSError) as error:
            raise SandboxError(f"The sandbox could not be started: {self._said(error)}") from error
        if "error" in answer:
            raise SandboxError(str(answer["error"]))
        self._close_errors()
        holds: dict[str, Any] = answer["ready"]
        return holds

    def _said(self, error: BaseException) -> str:
        """What it wrote before it died."""
        with suppress(subprocess.TimeoutExpired, ValueError, OSError):
            self._process.kill()
            said = self._process.communicate(timeout=5)[1].decode(errors="replace")
            return said.strip()[-2000:] or type(error).__name__
        return type(error).__name__

    def _close_errors(self) -> None:
        if self._process.stderr is not None:
            self._process.stderr.close()

    def send(self, job: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Start a child with these descriptors: channel, stdin, stdout, stderr."""
        self._runs += 1
        send_packet(self.control, {**job, "run": self._runs}, descriptors)

    def tell(self, what: str) -> None:
        """Tell it something about the child that was started last; see inside/watch.py."""
        send_packet(self.control, [what, self._runs])

    @property
    def pid(self) -> int:
        """The process that was started; the zygote itself may be a descendant of it."""
        return self._process.pid

    def end(self) -> None:
        """End it and what it runs; a thread that waits for it sees that."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        if hasattr(self, "_process"):
            self._process.kill()  # its descendants get its death signal
            self._process.wait()
            self._close_errors()

    def close(self) -> None:
        """End it, and let go of the socket, which nobody may wait for any more."""
        self.end()
        self.control.close()

    def disown(self) -> None:
        """Let go of it in a process that was forked from the one it belongs to."""
        self.control.close()
        self._process.returncode = 0  # else Popen warns that it is still running: it is, elsewhere


def config(*, preload: Sequence[str], packages: bool, folders: Sequence[str]) -> dict[str, Any]:
    """What a zygote has to know: folders to read, where to find modules and programs, preloads."""
    installed = _packages() if packages else []
    return {
        "folders": [*_interpreter_folders(), *installed, *folders],
        "packages": installed,
        "programs": search_path(folders),
        "preload": list(preload),
    }


def _interpreter() -> str:
    """The interpreter itself: that of a virtual environment would need the environment."""
    found: str | None = getattr(sys, "_base_executable", None) or sys.executable
    if not found:
        raise SandboxError("sys.executable is empty: there is no Python to start a sandbox with.")
    return found


def _interpreter_folders() -> list[str]:
    """Where the interpreter has its libraries. Not all of its prefix: that may be a home."""
    prefixes = {Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    names = ("lib", "lib64", "bin")
    standard = Path(os.__file__).parent
    found = [str(prefix / name) for prefix in sorted(prefixes) for name in names]
    return [path for path in [*found, str(standard)] if Path(path).is_dir() and path != "/"]


def _packages() -> list[str]:
    places = (sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))
    return sorted({place for place in places if place and Path(place).is_dir()})
