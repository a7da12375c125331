"""Namespaces: a view of the system in which nothing but the sandbox exists.

- user: the sandbox's user has no rights outside, and its processes are counted apart;
- mount: a root of its own (root.py); pid: no other process can be named; net: no interface at all;
- ipc: no shared memory, semaphores or queues of others; uts: a host name that says nothing.

`enter` forks: the namespaces of processes and users begin with a child. The processes above the
one that goes on only wait, and end with it, or with the owner (the process that started us).
"""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from rewardkit.sandbox.linux.calls import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    close_from,
    die_with_parent,
    setns,
    unshare,
)
from rewardkit.sandbox.linux.identity import drop_root, is_root, unused_user
from rewardkit.sandbox.linux.root import enter_root, make_private

__all__ = ["enter", "fork_into_new_pids"]

_ALL = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS
_INSIDE = 1000  # the user id that programs see


def enter(folders: Sequence[str], owner: int) -> None:
    """Go on as the first process of new namespaces, with these folders to read.

    Args:
        folders: What the root has besides the system's own.
        owner: A pidfd; the waiting processes end when it does.

    Raises:
        OSError: the system refuses.
    """
    if is_root():
        _enter_as_root(folders, owner)
    else:
        user, group = os.geteuid(), os.getegid()
        unshare(_ALL)
        _write_maps("self", user, group)
        enter_root(folders)
    socket.sethostname("sandbox")
    _fork_and_wait(owner)


def fork_into_new_pids(own: int) -> int:
    """Fork a child that is process 1 of a new pid namespace; `own` is a pidfd of the caller.

    What is process 1 takes everything in its namespace with it when it is killed.
    """
    # A second unshare would fail: the first one's namespace has to be left first.
    setns(own, CLONE_NEWPID)
    unshare(CLONE_NEWPID)
    return os.fork()


def _enter_as_root(folders: Sequence[str], owner: int) -> None:
    """Build the root as root, which may read its interpreter anywhere; then be nobody."""
    user = unused_user()
    if user is None:
        raise OSError("no user id is free")
    asked, ask = os.pipe()
    mapped, tell_mapped = os.pipe()
    child = os.fork()
    if child:
        # Only root outside may write the maps of one who has dropped its rights.
        os.close(ask)
        if os.read(asked, 1):
            _write_maps(str(child), user, user)
            os.write(tell_mapped, b"m")
        _wait_for(child, owner)
    unshare(CLONE_NEWNS)
    enter_root(folders)
    drop_root(user)
    unshare(_ALL)
    os.write(ask, b"a")
    if not os.read(mapped, 1):
        raise OSError("the user namespace could not be mapped")
    for descriptor in (asked, ask, mapped, tell_mapped):
        os.close(descriptor)
    die_with_parent(signal.SIGKILL)
    make_private()


def _fork_and_wait(owner: int) -> None:
    child = os.fork()
    if child:
        _wait_for(child, owner)
    die_with_parent(signal.SIGKILL)


def _wait_for(child: int, owner: int) -> NoReturn:
    """End when the child or the owner does; the child is then killed by its death signal."""
    child_end = os.pidfd_open(child)
    kept = sorted((child_end, owner))
    os.dup2(kept[0], 0)
    os.dup2(kept[1], 1)
    close_from(2)
    select.select([0, 1], [], [])
    os._exit(0)


def _write_maps(process: str, user: int, group: int) -> None:
    folder = Path("/proc", process)
    # Without this the kernel refuses an unprivileged group map; it is denied already at times.
    (folder / "setgroups").write_text("deny")
    (folder / "uid_map").write_text(f"{_INSIDE} {user} 1")
    (folder / "gid_map").write_text(f"{_INSIDE} {group} 1")
