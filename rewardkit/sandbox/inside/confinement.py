"""What holds a child: put on step by step, in the one order that works, before its program."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, get_args

from rewardkit.sandbox.linux import landlock, limits
from rewardkit.sandbox.linux.calls import (
    CLONE_NEWNS,
    capset,
    die_with_parent,
    forbid_new_privileges,
    unshare,
)
from rewardkit.sandbox.linux.namespaces import fork_into_new_pids
from rewardkit.sandbox.linux.root import DEVICES, FOLDER, SYSTEM, mount_folder
from rewardkit.sandbox.linux.seccomp import Purpose, filter_for

__all__ = ["Confinement"]

_LOADERS = ("lib/ld-*.so*", "lib64/ld-*.so*", "lib/*/ld-*.so*", "usr/lib/*/ld-*.so*")
_SPARE_PROCESSES = 1000


class Confinement:
    """The zygote's knowledge of how to confine a child, prepared once.

    Args:
        isolation: "namespaces", "seccomp" or "none".
        config: The parent's: `folders` to read and `packages` to import from.
    """

    def __init__(self, isolation: str, config: Mapping[str, Any]) -> None:
        self.isolation = isolation
        self.private = isolation == "namespaces"
        self._landlock = landlock.version() if isolation != "none" else 0
        self._filters = {}
        if isolation != "none":
            self._filters = {purpose: self._filter(purpose) for purpose in get_args(Purpose)}
        self._own = os.pidfd_open(os.getpid())
        self._processes = None if self.private else _processes_of(os.geteuid())
        self._readable = _readable([*config["folders"], *config["packages"]])
        self._rulesets = {}
        if self._landlock:
            self._rulesets = {purpose: self._rules(purpose) for purpose in ("python", "build")}

    def describe(self) -> dict[str, Any]:
        """What holds, for the parent to know."""
        return {"isolation": self.isolation, "landlock": self._landlock, "user": os.geteuid()}

    def fork(self) -> int:
        """Fork a child: where there are namespaces, as process 1 of its own."""
        return fork_into_new_pids(self._own) if self.private else os.fork()

    def provide_folder(self, size: int) -> None:
        """Give this child an empty folder, where it may have one."""
        if self.private:
            # A mount namespace of its own: the mount ends with it, and nobody else sees it.
            unshare(CLONE_NEWNS)
            mount_folder(size)

    def hold(self, job: Mapping[str, Any], purpose: Purpose, ruleset: int = -1) -> None:
        """Confine this process for good.

        Args:
            job: The zygote's part of it, with the limits.
            purpose: Which filter.
            ruleset: Landlock's, from `ruleset`; -1 for none.
        """
        die_with_parent(signal.SIGKILL)
        numbers = job["limits"]
        if self._processes is not None:
            numbers = {**numbers, "processes": numbers["processes"] + self._processes}
        limits.apply(numbers, address_space=purpose == "python")
        if self.isolation == "none":
            return
        capset()
        forbid_new_privileges()
        if ruleset >= 0:
            landlock.restrict(ruleset)
            os.close(ruleset)
        self._filters[purpose].install()

    def ruleset(self, purpose: Purpose) -> int:
        """Landlock's rules for a purpose, made in advance; -1 where `program_rules` makes them."""
        return self._rulesets.get(purpose, -1)

    def program_rules(self, program: str) -> int:
        """Landlock's rules for a compiled program, which may execute itself and its loader.

        The loader can start other programs that are readable: they are as confined, and alone.
        """
        if not self._landlock:
            return -1
        loaders = {str(path) for each in _LOADERS for path in Path("/").glob(each)}
        return self._rules("program", *loaders, program)

    def _rules(self, purpose: Purpose, *executable: str) -> int:
        readable = [f for f in self._readable if purpose != "python" or _has_libraries(f)]
        rights = landlock.RUN if purpose == "build" else landlock.READ
        grants = [(folder, rights) for folder in readable]
        grants += [(d, landlock.READ | landlock.WRITE_FILE) for d in DEVICES if Path(d).exists()]
        grants += [(path, landlock.RUN) for path in executable]
        if self.private:
            grants.append(("/etc", landlock.READ))  # what root.py put there
            grants.append((str(Path(FOLDER).parent), landlock.WRITE))
        return landlock.rules(grants)

    def _filter(self, purpose: Purpose) -> Any:
        unseen = 0 < self._landlock < 3
        return filter_for(purpose, private_folder=self.private, truncation_unseen=unseen)


def _readable(folders: list[str]) -> list[str]:
    """The folders that exist, without those that lie in others."""
    real = sorted({Path(f).resolve() for f in (*SYSTEM, *folders) if Path(f).is_dir()})
    return [str(path) for path in real if not set(path.parents) & set(real)]


def _has_libraries(folder: str) -> bool:
    return Path(folder).name not in ("bin", "libexec", "include")


def _processes_of(user: int) -> int:
    """About how many threads the user may have, where they are counted with the sandbox's."""
    count = _SPARE_PROCESSES
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                count += len(os.listdir(process / "task"))  # noqa: PTH208 - only their number
    return count
