"""Rewards for mathematics: is a completion's answer the reference?"""

from __future__ import annotations

import rewardkit as rk
from rewardkit_math.reward import math
from rewardkit_math.verdict import verify

__all__ = ["math", "rewardkit_rewards", "verify"]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `math`."""
    return [math]
