"""The command `rewardkit`."""

from rewardkit.cli.app import main

__all__ = ["main"]
