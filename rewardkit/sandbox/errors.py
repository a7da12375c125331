"""What the sandbox raises; a program that misbehaves never raises, it is data."""

from __future__ import annotations

from rewardkit.errors import RewardkitError

__all__ = ["SandboxError", "SandboxWarning"]


class SandboxError(RewardkitError, RuntimeError):
    """Untrusted code can't be run here; the message says what is missing and how to get it."""


class SandboxWarning(UserWarning):
    """Untrusted code is run with less isolation than this machine could give."""
