"""Suites as AReaL's reward function."""

from __future__ import annotations

from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.scoring import Scorer, as_suite

__all__ = ["RewardFunction"]


class RewardFunction:
    """A function `(prompt, completion, prompt_ids, completion_ids, **row)` that returns the total.

    Where there is no total it returns 0.0. It pickles: AReaL calls rewards in other processes.

    Args:
        suite: What is scored.
    """

    def __init__(self, suite: Suite | Reward) -> None:
        self._scorer = Scorer(as_suite(suite))

    def __call__(
        self, prompt: Any, completion: Any, prompt_ids: Any, completion_ids: Any, **row: Any
    ) -> float:
        """The total of one completion; the row's other cells are columns."""
        given = {"prompt": prompt, "completion": completion, "completion_ids": completion_ids}
        return self._scorer.score_one({**row, **given}).totals[0] or 0.0
