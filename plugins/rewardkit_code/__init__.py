"""The reward `code`: runs a completion's program on the row's tests, in a sandbox."""

from __future__ import annotations

import rewardkit as rk
from rewardkit_code.languages import LANGUAGES
from rewardkit_code.reward import code

__all__ = ["LANGUAGES", "code", "rewardkit_languages", "rewardkit_rewards"]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `code`."""
    return [code]


@rk.hookimpl
def rewardkit_languages() -> list[rk.Language]:
    """Offer C, C++, Java, JavaScript, Go and Rust; Python needs no compiler."""
    return list(LANGUAGES)
