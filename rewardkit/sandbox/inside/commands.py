"""Running a compiler, or a compiled program, in a child."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from rewardkit.sandbox.wire import Channel

__all__ = ["build", "found", "write_file"]

_MOST_FILES = 1000


def write_file(name: str, data: bytes) -> None:
    """Put a file into the run's folder; it may be executed, if anything may."""
    path = Path(name)
    path.write_bytes(data)
    path.chmod(0o755)


def found(command: list[str]) -> list[str]:
    """The command with its program's path, as links resolve; raises FileNotFoundError.

    The loader finds a toolchain's own libraries ($ORIGIN) by /proc/self/exe, which is not here;
    the C library then takes the folder from the environment.
    """
    path = shutil.which(command[0])
    if path is None:
        raise FileNotFoundError(f"no program {command[0]!r}")
    program = Path(path).resolve()
    os.environ["LD_ORIGIN_PATH"] = str(program.parent)
    return [str(program), *command[1:]]


def build(channel: Channel, command: list[str]) -> NoReturn:
    """Run a compiler and send what it left in the folder: a list of names, then each file."""
    before = set(_files())
    child = os.fork()
    if child == 0:
        with suppress(OSError):
            os.execv(command[0], command)  # noqa: S606 - it is what was asked for
        os._exit(127)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    new = [name for name in _files() if name not in before] if status == 0 else []
    channel.send(new)
    for name in new:
        channel.send_bytes(Path(name).read_bytes())
    os._exit(status if status >= 0 else 128 - status)


def _files() -> list[str]:
    plain = [path for path in sorted(Path().iterdir()) if path.is_file() and not path.is_symlink()]
    return [path.name for path in plain][:_MOST_FILES]
