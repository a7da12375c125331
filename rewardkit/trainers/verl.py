"""Suites as verl's reward function, and as a reward manager of its reward loop.

A preset or a recipe file needs no code of one's own::

    reward.custom_reward_function.path=pkg://rewardkit.trainers.verl
    reward.custom_reward_function.name=compute_score
    +reward.custom_reward_function.reward_kwargs.recipe=r1-zero

The manager reads more of a sample than a reward function is given (its prompt, whether it was cut
off); verl finds it by its entry point, in the group `verl.plugins`::

    reward.reward_manager.name=rewardkit
    +reward.reward_kwargs.recipe=r1-zero
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rewardkit.completions import Completion
from rewardkit.composition import Reward
from rewardkit.errors import RowError
from rewardkit.suites import Suite
from rewardkit.trainers.labels import label_columns
from rewardkit.trainers.scoring import Scorer, as_suite, numbers, recipe_scorer
from rewardkit.types import Scored

__all__ = [
    "async_score_function",
    "compute_score",
    "compute_score_async",
    "score_function",
]

Result = dict[str, float | str]


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    recipe: str = "r1-zero",
    **kwargs: Any,
) -> Result:
    """Score one response with a preset or a recipe file.

    Args:
        data_source: The data set's name, a column of that name here.
        solution_str: The response.
        ground_truth: The reference; what it may hold, see `labels.label_columns`.
        extra_info: More columns.
        recipe: The preset's name, or the file's path.
        kwargs: What else verl passes; none of it is used.

    Returns:
        The same keys for each sample, which verl demands: `score`, the total, 0.0 where there is
        none; `acc`, what the reward named `accuracy` says, else the total; `pred`, the final
        answer, for maj@N; and the numbers of `scoring.numbers`.
    """
    row = _row(data_source, solution_str, ground_truth, extra_info)
    return _score(recipe_scorer(recipe), row)


async def compute_score_async(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    recipe: str = "r1-zero",
    **kwargs: Any,
) -> Result:
    """The same as `compute_score`, off the event loop."""
    row = _row(data_source, solution_str, ground_truth, extra_info)
    return await asyncio.to_thread(lambda: _score(recipe_scorer(recipe), row))


def score_function(suite: Suite | Reward) -> Callable[..., Result]:
    """A function as verl's `custom_reward_function`, for a suite made in Python.

    ::

        compute_score = score_function(accuracy + 0.5 * format)
    """
    scorer = Scorer(as_suite(suite))

    def compute_score(
        data_source: str,
        solution_str: str,
        ground_truth: Any,
        extra_info: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Result:
        return _score(scorer, _row(data_source, solution_str, ground_truth, extra_info))

    return compute_score


def async_score_function(suite: Suite | Reward) -> Callable[..., Awaitable[Result]]:
    """The same as `score_function`, off the event loop."""
    score = score_function(suite)

    async def compute_score(*args: Any, **kwargs: Any) -> Result:
        return await asyncio.to_thread(score, *args, **kwargs)

    return compute_score


def __getattr__(name: str) -> Any:
    # verl's entry point asks for it, and verl is imported by then.
    if name == "RewardManager":
        return _reward_manager()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _row(
    data_source: str, solution: str, ground_truth: Any, extra_info: Mapping[str, Any] | None
) -> dict[str, Any]:
    extra = extra_info if isinstance(extra_info, Mapping) else {}
    return {
        **extra,
        "ground_truth": ground_truth,
        **label_columns(ground_truth),
        "data_source": data_source,
        "completion": solution,
    }


def _score(scorer: Scorer, row: Mapping[str, Any]) -> Result:
    return _result(scorer.suite, scorer.score_one(row), row)


def _result(suite: Suite, scored: Scored, row: Mapping[str, Any]) -> Result:
    total = scored.totals[0] or 0.0
    parts = numbers(scored)
    return {
        "score": total,
        "acc": parts.get("reward_accuracy", total),
        "pred": _answer(suite, row),
        **parts,
    }


def _answer(suite: Suite, row: Mapping[str, Any]) -> str:
    try:
        return Completion.read(row["completion"], suite.reading, row.get("prompt")).answer or ""
    except RowError:
        return ""


@functools.cache
def _reward_manager() -> Any:
    from verl.experimental.reward_loop.reward_manager import register
    from verl.experimental.reward_loop.reward_manager.base import RewardManagerBase

    @register("rewardkit")
    class RewardManager(RewardManagerBase):  # type: ignore[misc]  # verl has no types
        """Scores each sample with the preset or recipe `reward.reward_kwargs.recipe`."""

        def __init__(self, config: Any, tokenizer: Any, compute_score: Any, **kwargs: Any) -> None:
            super().__init__(config, tokenizer, compute_score)
            settings = config.reward.get("reward_kwargs") or {}
            self.scorer = recipe_scorer(settings.get("recipe", "r1-zero"))

        async def run_single(self, data: Any) -> dict[str, Any]:
            """Score the last sequence of one sample."""
            result = await asyncio.to_thread(self._score, data[-1:][0])
            return {"reward_score": result["score"], "reward_extra_info": result}

        def _score(self, item: Any) -> Result:
            ids = item.batch["responses"]
            length = int(item.batch["attention_mask"][-ids.shape[-1] :].sum())
            columns = item.non_tensor_batch
            reference = columns.get("reward_model") or {}
            row = _row(
                columns.get("data_source", ""),
                self.tokenizer.decode(ids[:length], skip_special_tokens=True),
                reference.get("ground_truth"),
                columns.get("extra_info"),
            )
            row["completion_ids"] = [int(token) for token in ids[:length]]
            row["prompt"] = columns.get("raw_prompt")
            if length and length == ids.shape[-1]:
                whole = row["completion_ids"][-1] == self.tokenizer.eos_token_id
                row["finish_reason"] = "stop" if whole else "length"
            return _score(self.scorer, row)

    return RewardManager
