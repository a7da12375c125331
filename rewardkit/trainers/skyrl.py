"""Suites as a text environment of SkyRL's gym."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.labels import label_columns
from rewardkit.trainers.scoring import Scorer, as_suite, numbers

__all__ = ["environment"]


def environment(suite: Suite | Reward) -> Any:
    """A subclass of `BaseTextEnv` whose one step scores the model's answer.

    Register what a module calls it: `skyrl_gym.register(id=..., entry_point="my_env:Env")`. The
    reference is `extras["reward_spec"]["ground_truth"]`, and the other extras are columns.
    """
    from skyrl_gym.envs.base_text_env import BaseTextEnv, BaseTextEnvStepOutput

    scorer = Scorer(as_suite(suite))

    class SuiteEnv(BaseTextEnv):  # type: ignore[misc]  # skyrl_gym has no types
        def __init__(self, env_config: Any, extras: Mapping[str, Any] | None = None) -> None:
            super().__init__()
            self.score = functools.partial(_score, scorer, extras or {})

        def step(self, action: str) -> Any:
            reward, metadata = self.score(action)
            return BaseTextEnvStepOutput(
                observations=[], reward=reward, done=True, metadata=metadata
            )

    return SuiteEnv


def _score(
    scorer: Scorer, extras: Mapping[str, Any], action: str
) -> tuple[float, dict[str, float]]:
    specification = extras.get("reward_spec")
    reference = specification.get("ground_truth") if isinstance(specification, Mapping) else None
    row = {**extras, **label_columns(reference), "completion": action}
    scored = scorer.score_one(row)
    return scored.totals[0] or 0.0, numbers(scored)
