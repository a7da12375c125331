"""Rewards for the form of a completion: a think block, then an answer."""

from __future__ import annotations

import rewardkit as rk
from rewardkit_format.forms import Style
from rewardkit_format.reward import format

__all__ = ["Style", "format", "rewardkit_rewards"]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `format`."""
    return [format]
