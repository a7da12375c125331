"""What this machine offers for running untrusted code, and what is missing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from rewardkit.sandbox.errors import SandboxError
from rewardkit.sandbox.linux.numbers import machine
from rewardkit.sandbox.zygotes import Zygote, config

__all__ = ["Check", "Report", "doctor"]

_USER_NAMESPACES = (
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "sysctl kernel.unprivileged_userns_clone=1",
    ),
    ("/proc/sys/user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for Python",
    ),
)
_CONTAINER = (
    "in a container: allow unshare, mount and pivot_root (Docker: --security-opt"
    " seccomp=unconfined --security-opt apparmor=unconfined, or a profile that adds them)"
)
_LANDLOCK = "a kernel of 5.13 or later that is started with landlock in its lsm= list"


@dataclass(frozen=True, slots=True)
class Check:
    """One mechanism: whether it is there, and how to get it where it isn't."""

    name: str
    present: bool
    detail: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{'yes' if self.present else 'no ':3}  {self.name}: {self.detail}"
        return f"{line}\n     to get it: {self.remedy}" if self.remedy else line


@dataclass(frozen=True, slots=True)
class Report:
    """What `Sandbox("auto")` will do here.

    Attributes:
        isolation: What holds: "namespaces" or "seccomp"; "" where untrusted code is refused.
        checks: Mechanism by mechanism.
    """

    isolation: Literal["namespaces", "seccomp", ""]
    checks: tuple[Check, ...]

    def __str__(self) -> str:
        verdict = {
            "namespaces": "Untrusted code runs in namespaces, the best protection.",
            "seccomp": "Untrusted code runs without namespaces: Python only, no files.",
            "": "Untrusted code is refused.",
        }[self.isolation]
        return "\n".join([verdict, *map(str, self.checks)])


def doctor() -> Report:
    """Probe this machine; takes under a second and changes nothing."""
    checks = [_system()]
    if not checks[0].present:
        return Report("", tuple(checks))
    held = [_isolation("namespaces"), _isolation("seccomp")]
    found = next((check.name for check in held if check.present), "")
    checks += [*held, _cgroups()]
    return Report(cast(Literal["namespaces", "seccomp", ""], found), tuple(checks))


def _system() -> Check:
    detail = f"{platform.system()} {platform.release()} on {platform.machine()}"
    try:
        machine()
    except OSError as error:
        return Check("system", present=False, detail=str(error), remedy="another machine")
    return Check("system", present=True, detail=detail)


def _isolation(name: str) -> Check:
    """Try it: a zygote that comes up is the only proof."""
    try:
        zygote = Zygote(name, config(preload=(), packages=False, folders=()))
    except SandboxError as error:
        remedies = _namespace_remedies() if name == "namespaces" else [_LANDLOCK]
        return Check(name, present=False, detail=str(error), remedy="; ".join(remedies))
    zygote.close()
    landlock = zygote.holds["landlock"]
    said = f"as user {zygote.holds['user']}, " + (
        f"with Landlock {landlock}" if landlock else "without Landlock, which is no gap here"
    )
    return Check(name, present=True, detail=said)


def _namespace_remedies() -> Iterator[str]:
    for path, bad, remedy in _USER_NAMESPACES:
        setting = Path(path)
        if setting.exists() and setting.read_text(encoding="ascii").strip() == bad:
            yield remedy
    yield _CONTAINER


def _cgroups() -> Check:
    """Whether a cgroup is this process's to divide; nothing needs it, rlimits hold without."""
    name = "cgroup v2"
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        if line.startswith("0::"):
            folder = Path("/sys/fs/cgroup") / line[3:].lstrip("/")
            delegated = os.access(folder / "cgroup.subtree_control", os.W_OK)
            detail = "delegated to this process" if delegated else "not delegated to this process"
            return Check(name, present=delegated, detail=f"{detail}; not needed")
    return Check(name, present=False, detail="not there; not needed")
