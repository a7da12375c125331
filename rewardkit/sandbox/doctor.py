"""What this machine offers for running untrusted code, and what is missing."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from rewardkit.errors import SandboxError
from rewardkit.sandbox.linux.numbers import machine
from rewardkit.sandbox.pool import cpus
from rewardkit.sandbox.toolchains import folders_of_environment, located
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
_SECCOMP = "a kernel with CONFIG_SECCOMP_FILTER"
_CGROUP = "systemd-run --user --scope -p Delegate=yes COMMAND; rlimits hold without"

# What runs or compiles a language, and its package in Debian and Ubuntu.
_TOOLCHAINS = {
    "gcc": "gcc",
    "g++": "g++",
    "javac": "default-jdk-headless",
    "node": "nodejs",
    "go": "golang-go",
    "rustc": "rustc",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One mechanism: whether it is there, and how to get it where it isn't.

    Attributes:
        name: What was looked for: "user namespaces", "rustc", ...
        present: Whether it can be used.
        detail: What was found.
        remedy: How to get it; empty where it is there.
    """

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
        checks: Mechanism by mechanism: the two isolations, what they are made of, toolchains.
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
    parts = [_user_namespaces(), _seccomp(), _landlock(), _cgroups(), _tmpfs(), _cores()]
    checks += [*held, *parts, *map(_toolchain, _TOOLCHAINS)]
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
    return Check(name, present=True, detail=f"it works, as user {zygote.holds['user']}")


def _namespace_remedies() -> Iterator[str]:
    yield from _forbidden()
    yield _CONTAINER


def _forbidden() -> Iterator[str]:
    """The commands that undo the settings by which this system forbids user namespaces."""
    for path, bad, remedy in _USER_NAMESPACES:
        setting = Path(path)
        if setting.exists() and setting.read_text(encoding="ascii").strip() == bad:
            yield remedy


def _user_namespaces() -> Check:
    name, remedies = "user namespaces", list(_forbidden())
    if not Path("/proc/self/ns/user").exists():
        return Check(name, present=False, detail="not in this kernel", remedy="CONFIG_USER_NS")
    if remedies:
        return Check(name, present=False, detail="forbidden", remedy="; ".join(remedies))
    return Check(name, present=True, detail="no setting of the system's forbids them")


def _seccomp() -> Check:
    from rewardkit.sandbox.linux import seccomp  # it can't be imported on other systems

    if seccomp.available():
        return Check("seccomp filters", present=True, detail="the kernel takes them")
    return Check("seccomp filters", present=False, detail="refused", remedy=_SECCOMP)


def _landlock() -> Check:
    from rewardkit.sandbox.linux import landlock  # as above

    version = landlock.version()
    if version:
        return Check("Landlock", present=True, detail=f"version {version} of its interface")
    return Check("Landlock", present=False, detail="not in use", remedy=_LANDLOCK)


def _cgroups() -> Check:
    """Whether a cgroup is this process's to divide; nothing needs it, rlimits hold without."""
    name = "cgroup v2"
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        if line.startswith("0::"):
            folder = Path("/sys/fs/cgroup") / line[3:].lstrip("/")
            if os.access(folder / "cgroup.subtree_control", os.W_OK):
                return Check(name, present=True, detail="delegated to this process; not needed")
            break
    return Check(name, present=False, detail="not delegated; not needed", remedy=_CGROUP)


def _tmpfs() -> Check:
    """Runs keep their files in memory; only namespaces let them have any."""
    known = Path("/proc/filesystems").read_text(encoding="ascii").split()
    if "tmpfs" in known:
        return Check("tmpfs", present=True, detail="runs may have files, in memory")
    return Check("tmpfs", present=False, detail="not in this kernel", remedy="CONFIG_TMPFS")


def _cores() -> Check:
    return Check("cores", present=True, detail=f"{cpus()}, and as many runs at once")


def _toolchain(program: str) -> Check:
    try:
        found = located(program, folders_of_environment())
    except SandboxError as error:
        remedy = f"apt-get install {_TOOLCHAINS[program]}" if "not installed" in str(error) else ""
        detail, _, advice = str(error).partition(". ")
        return Check(program, present=False, detail=detail, remedy=advice or remedy)
    return Check(program, present=True, detail=found)
