"""Whose rights a process has: the drop from root to a user that owns nothing."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from rewardkit.sandbox.linux.calls import set_dumpable

__all__ = ["drop_root", "is_root", "unused_user"]

# systemd hands out 61184 to 65519 for a service's lifetime; who has none of them leaves them free.
_FIRST, _LAST = 61184, 65519


def is_root() -> bool:
    """Whether this process is root and may become another user: in some containers it can't."""
    return os.geteuid() == 0 and unused_user() is not None


def unused_user() -> int | None:
    """A user id that no account has and that exists in this user namespace, or None."""
    for user in range(_FIRST, _LAST):
        if _is_mapped(user) and not _has_account(user):
            return user
    return None


def drop_root(user: int) -> None:
    """Become this user and the group of the same number, for good, in no other group."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    set_dumpable()


def _has_account(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


def _is_mapped(user: int) -> bool:
    for name in ("uid_map", "gid_map"):
        lines = Path("/proc/self", name).read_text(encoding="ascii").splitlines()
        ranges = [tuple(map(int, line.split())) for line in lines]
        if not any(first <= user < first + count for first, _, count in ranges):
            return False
    return True
