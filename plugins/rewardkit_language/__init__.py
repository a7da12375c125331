"""Language consistency of the thinking, as in DeepSeek-R1: a reward and a rejection filter.

In this version words are told apart by script: English from Chinese, not from French.
"""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_language.consistency import language, mixed_language
from rewardkit_language.languages import LANGUAGES, Target

__all__ = [
    "LANGUAGES",
    "Target",
    "language",
    "mixed_language",
    "rewardkit_filters",
    "rewardkit_rewards",
]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `language`."""
    return [language]


@rk.hookimpl
def rewardkit_filters() -> list[rk.Filter[..., Any]]:
    """Offer `mixed_language`."""
    return [mixed_language]
