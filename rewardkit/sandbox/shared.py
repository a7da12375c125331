"""The sandbox that a process shares."""

from __future__ import annotations

import os
import threading

from rewardkit.sandbox.box import Sandbox

__all__ = ["shared_sandbox"]


class _Shared:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sandbox: Sandbox | None = None


_SHARED = _Shared()


def shared_sandbox() -> Sandbox:
    """This process's sandbox, for all its threads; it ends with the process."""
    with _SHARED.lock:
        if _SHARED.sandbox is None or _SHARED.sandbox.closed:
            _SHARED.sandbox = Sandbox()
        return _SHARED.sandbox


def _after_fork() -> None:
    """The sandbox is the parent's: `Sandbox` has let go of its processes, and starts new ones."""
    _SHARED.lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
