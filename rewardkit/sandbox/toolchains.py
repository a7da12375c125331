"""Where compilers and interpreters are, and whether the sandbox can reach them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from rewardkit.errors import SandboxError

__all__ = ["FOLDERS_VARIABLE", "folders_of_environment", "located", "search_path"]

FOLDERS_VARIABLE = "REWARDKIT_SANDBOX_FOLDERS"
_PROGRAMS = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/go/bin")
_SYSROOT_SECONDS = 30


def folders_of_environment() -> list[str]:
    """The folders that the user lets untrusted code read, in REWARDKIT_SANDBOX_FOLDERS."""
    return [path for path in os.environ.get(FOLDERS_VARIABLE, "").split(os.pathsep) if path]


def search_path(folders: Iterable[str]) -> list[str]:
    """Where programs are looked for inside: the system's folders, and `bin` of the others."""
    return [*(str(Path(folder, "bin")) for folder in folders), *_PROGRAMS]


def located(program: str, folders: Sequence[str]) -> str:
    """The path of a program that the sandbox with these folders can run, links resolved.

    Raises:
        SandboxError: it is not installed, or out of the sandbox's reach; says how to mend that.
    """
    found = shutil.which(program, path=os.pathsep.join(search_path(folders)))
    if found is not None and _within_reach(Path(found).resolve(), folders):
        return str(Path(found).resolve())
    found = found or shutil.which(program)
    if found is None:
        raise SandboxError(f"{program!r} is not installed")
    home = _home(found)
    raise SandboxError(
        f"{program!r} is at {found}, out of the sandbox's reach. To let untrusted code read and"
        f" run what is in {home}: Sandbox(folders=[{home!r}]), or {FOLDERS_VARIABLE}={home}"
    )


def _within_reach(program: Path, folders: Iterable[str]) -> bool:
    from rewardkit.sandbox.linux.root import SYSTEM  # it can't be imported on other systems

    reach = {Path(folder).resolve() for folder in (*SYSTEM, *folders)}
    return bool(reach & set(program.parents))


def _home(program: str) -> str:
    """The folder to give: that above `bin`; what rustup starts stands for is elsewhere."""
    real = Path(program).resolve()
    if real.name == "rustup":
        asked = subprocess.run(  # noqa: S603 - it is the user's own compiler
            [program, "--print", "sysroot"],
            capture_output=True,
            text=True,
            timeout=_SYSROOT_SECONDS,
            check=False,
        )
        return asked.stdout.strip() or str(real.parent.parent)
    return str(real.parent.parent)
