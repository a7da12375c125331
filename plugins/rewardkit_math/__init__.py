"""Rewards for answers: mathematics, choices, words, and the Countdown task."""

from __future__ import annotations

import rewardkit as rk
from rewardkit_math.choice import choice
from rewardkit_math.countdown import countdown
from rewardkit_math.policies import Policies
from rewardkit_math.reward import math
from rewardkit_math.text import text
from rewardkit_math.verdict import verify
from rewardkit_math.voting import group_answers

__all__ = [
    "Policies",
    "choice",
    "countdown",
    "group_answers",
    "math",
    "rewardkit_rewards",
    "text",
    "verify",
]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `math`, `choice`, `text` and `countdown`."""
    return [math, choice, text, countdown]
