"""Landlock: which files a process may use, by inode, whatever its user id (Linux 5.13).

Every right that the kernel knows is handled, so that what no rule grants is denied. It is the only
thing that keeps files from a run without namespaces, and a second wall behind the read-only root
of one with them. It says nothing of `stat`, `chmod`, `utime`: seccomp does.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from rewardkit.sandbox.linux.calls import syscall

__all__ = ["READ", "RUN", "WRITE", "restrict", "rules", "version"]

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_FOLDER = 1 << 3
_TRUNCATE = 1 << 14
_DEVICE_IOCTL = 1 << 15
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _DEVICE_IOCTL

READ = READ_FILE | READ_FOLDER
RUN = READ | EXECUTE
WRITE = -1  # everything

_VERSION_ONLY = 1
_RULE_PATH = 1

# The rights of each version of the interface, from linux/landlock.h.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_BIND_AND_CONNECT_TCP = 3  # version 4
_ABSTRACT_SOCKETS_AND_SIGNALS = 3  # version 6


def version() -> int:
    """The interface's version here; 0 where there is no Landlock."""
    try:
        return syscall("landlock_create_ruleset", None, 0, _VERSION_ONLY)
    except OSError:
        return 0


def rules(grants: Iterable[tuple[str, int]]) -> int:
    """A descriptor of rules that allow these rights beneath these paths, and nothing else."""
    known = version()
    handled = max(rights for least, rights in _FILE_RIGHTS.items() if least <= known)
    ruleset = _create(known, handled)
    for path, rights in grants:
        _allow(ruleset, path, rights & handled)
    return ruleset


def restrict(ruleset: int) -> None:
    """Hold this process to the rules, for good."""
    syscall("landlock_restrict_self", ruleset, 0)


def _create(known: int, handled: int) -> int:
    network = _BIND_AND_CONNECT_TCP if known >= 4 else 0
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0
    size = 24 if known >= 6 else 16 if known >= 4 else 8  # older kernels refuse a longer one
    attributes = ctypes.create_string_buffer(struct.pack("QQQ", handled, network, scopes), 24)
    return syscall("landlock_create_ruleset", attributes, size, 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not Path(path).is_dir():
            rights &= _ON_FILES
        beneath = ctypes.create_string_buffer(struct.pack("=Qi", rights, descriptor), 12)
        syscall("landlock_add_rule", ruleset, _RULE_PATH, beneath, 0)
    finally:
        os.close(descriptor)
