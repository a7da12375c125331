"""System calls that Python has no function for, through the C library; failures are OSErrors."""

from __future__ import annotations

import ctypes
import os

from rewardkit.sandbox.linux.numbers import number

__all__ = [
    "CLONE_NEWIPC",
    "CLONE_NEWNET",
    "CLONE_NEWNS",
    "CLONE_NEWPID",
    "CLONE_NEWUSER",
    "CLONE_NEWUTS",
    "capset",
    "close_from",
    "die_with_parent",
    "forbid_new_privileges",
    "mount",
    "pivot_root",
    "set_dumpable",
    "set_thread_stack",
    "setns",
    "syscall",
    "umount",
    "unshare",
]

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522
_MNT_DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = [
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
]
_libc.syscall.restype = ctypes.c_long


def _checked(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def syscall(name: str, *arguments: object) -> int:
    """Make a call by its name; integers are passed as longs, buffers by address."""
    code = number(name)
    if code is None:
        raise OSError(f"{name}: this processor has no such call")
    passed = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return _checked(_libc.syscall(ctypes.c_long(code), *passed), name)


def unshare(flags: int) -> None:
    """Move this process, or its future children, into new namespaces."""
    _checked(_libc.unshare(flags), "unshare")


def setns(descriptor: int, kind: int) -> None:
    """Join a namespace of the process that the pidfd names."""
    _checked(_libc.setns(descriptor, kind), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount `source`, a file system of this kind, or change the mount at `target`."""
    result = _libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() if kind else None,
        flags,
        options.encode() or None,
    )
    _checked(result, f"mount {source} at {target}")


def umount(target: str) -> None:
    """Unmount, at once for those who look it up and for the rest when they let go."""
    _checked(_libc.umount2(os.fsencode(target), _MNT_DETACH), f"umount {target}")


def pivot_root(new: str, old: str) -> None:
    """Make `new` this mount namespace's root and put the old one at `old`."""
    syscall("pivot_root", ctypes.c_char_p(new.encode()), ctypes.c_char_p(old.encode()))


def close_from(first: int) -> None:
    """Close every descriptor from this one on."""
    syscall("close_range", first, 0xFFFFFFFF, 0)


def capset() -> None:
    """Give up every capability."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, nothing), "capset")


def die_with_parent(signal: int) -> None:
    """Get this signal when the parent ends. Changes of the user id undo it: call it after them."""
    _prctl(_PR_SET_PDEATHSIG, signal)


def set_dumpable() -> None:
    """Own one's files in /proc again, which a change of the user id gives to root."""
    _prctl(_PR_SET_DUMPABLE, 1)


def forbid_new_privileges() -> None:
    """Let no exec raise privileges; seccomp and Landlock ask for it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def set_thread_stack(size: int) -> None:
    """Give threads a stack of so many bytes, whatever the main thread's limit is (glibc, musl)."""
    attributes = ctypes.create_string_buffer(256)
    if _libc.pthread_attr_init(attributes) == 0:
        _libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(size))
        _libc.pthread_setattr_default_np(attributes)


def _prctl(option: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), zero, zero, zero), f"prctl {option}")
