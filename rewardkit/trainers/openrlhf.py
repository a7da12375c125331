"""Suites as OpenRLHF's reward function.

It is a file, given as `--reward.remote_url`, whose `reward_func` OpenRLHF calls::

    from rewardkit.trainers.openrlhf import reward_function

    reward_func = reward_function(rk.preset("r1-zero"))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.labels import labelled
from rewardkit.trainers.queries import response
from rewardkit.trainers.scoring import Scorer, as_suite, numbers

__all__ = ["reward_function"]


def reward_function(suite: Suite | Reward) -> Callable[..., dict[str, Any]]:
    """A `reward_func(queries, prompts, labels)` for OpenRLHF.

    A query is prompt and response with their special tokens; a label is one string, which may be a
    JSON object of columns (see `labels.label_columns`). For a single query, which is how OpenRLHF
    calls it, the result holds numbers; for several, lists. `rewards` and `scores` are the totals,
    0.0 where there is none, and `extra_logs` the numbers of `scoring.numbers`.
    """
    scorer = Scorer(as_suite(suite))

    def reward_func(
        queries: Sequence[str], prompts: Sequence[str], labels: Sequence[Any], **kwargs: Any
    ) -> dict[str, Any]:
        results = [_score(scorer, *row) for row in zip(queries, prompts, labels, strict=True)]
        if len(results) == 1:
            return results[0]
        logs = [result["extra_logs"] for result in results]
        totals = [result["rewards"] for result in results]
        return {
            "rewards": totals,
            "scores": totals,
            "extra_logs": {name: [log[name] for log in logs] for name in (logs or [{}])[0]},
        }

    return reward_func


def _score(scorer: Scorer, query: str, prompt: str, label: Any) -> dict[str, Any]:
    reading = scorer.suite.reading
    tags = (*reading.think_tags, *reading.answer_tags)
    row = {"prompt": prompt, "completion": response(query, prompt, tags)}
    scored = scorer.score_one(labelled(row, label))
    total = scored.totals[0] or 0.0
    return {"rewards": total, "scores": total, "extra_logs": numbers(scored)}
