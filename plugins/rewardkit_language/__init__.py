"""Language consistency of the thinking, as in DeepSeek-R1: a reward and a rejection filter.

Words are told apart by script, and those of one script by their likelihood in its languages.
"""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_language.consistency import language, mixed_language
from rewardkit_language.languages import LANGUAGES, Target
from rewardkit_language.listing import Listed, languages

__all__ = [
    "LANGUAGES",
    "Listed",
    "Target",
    "language",
    "languages",
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
