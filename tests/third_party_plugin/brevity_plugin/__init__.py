"""Brevity: a reward for short completions, a filter of rambling ones, and a recipe of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rewardkit as rk

__all__ = ["brevity", "rambling"]


@rk.reward
def brevity(completion: rk.Completion, *, limit: int = 2000) -> rk.Score:
    """1.0 when the response is no longer than `limit` characters."""
    length = len(completion.response)
    return rk.Score(float(length <= limit), f"{length} characters", {"limit": limit})


@rk.filter
def rambling(completion: rk.Completion, *, most: int = 20_000) -> rk.Rejection | None:
    """Rejects completions with more than `most` characters of reasoning."""
    length = len(completion.reasoning)
    return rk.Rejection(f"{length} characters of reasoning", length) if length > most else None


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer `brevity`."""
    return [brevity]


@rk.hookimpl
def rewardkit_filters() -> list[rk.Filter[..., Any]]:
    """Offer `rambling`."""
    return [rambling]


@rk.hookimpl
def rewardkit_presets() -> dict[str, Path]:
    """Offer the recipe `brief`."""
    return {"brief": Path(__file__).with_name("brief.toml")}
