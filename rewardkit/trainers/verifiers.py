"""Suites as rewards of verifiers: 0.4's tasks, and the rubrics of versions before 0.2."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite, contributions
from rewardkit.trainers.scoring import Scorer, as_suite

__all__ = ["rubric", "task_reward"]


def task_reward(suite: Suite | Reward) -> Callable[..., Awaitable[dict[str, float]]]:
    """An async function `(task, trace)` for `task.rewards` of verifiers 0.4, of weight 1.

    Its result names each term with what it adds to the total, so that the trace's reward is the
    total and its `rewards` show the parts. A term that abstains is not among them, and none is
    where the row has no total. The task's fields are the columns; the completion is what follows
    the system's and the user's opening messages, and was cut off where the trace says so.
    """
    scorer = Scorer(as_suite(suite))

    async def rewards(task: Any, trace: Any) -> dict[str, float]:
        return await asyncio.to_thread(_parts, scorer, _row(task, trace))

    return rewards


def rubric(suite: Suite | Reward) -> tuple[list[Callable[..., float]], list[float]]:
    """One function a term and their weights, for `Rubric(funcs=..., weights=...)` before 0.2.

    A rubric knows no abstention: a term that abstains, or whose row has no total, returns 0.0.
    """
    terms = as_suite(suite).terms
    reading = as_suite(suite).reading
    functions = [_rubric_function(Suite((replace(term, weight=1.0),), reading)) for term in terms]
    return functions, [float(term.weight) for term in terms]


def _rubric_function(suite: Suite) -> Callable[..., float]:
    [term] = suite.terms
    scorer = Scorer(suite)

    def score(prompt: Any, completion: Any, answer: Any = None, **kwargs: Any) -> float:
        info = kwargs.get("info")
        columns = info if isinstance(info, Mapping) else {}
        row = {**columns, "answer": answer, "prompt": prompt, "completion": completion}
        scored = scorer.score_one(row)
        [value] = contributions(term, scored.scores, 1.0)
        return 0.0 if value is None or scored.totals[0] is None else value

    score.__name__ = term.reward.name
    return score


def _parts(scorer: Scorer, row: Mapping[str, Any]) -> dict[str, float]:
    scored = scorer.score_one(row)
    if scored.totals[0] is None:
        return {}
    parts = {
        term.reward.name: contributions(term, scored.scores, scored.weights[term.reward.name])[0]
        for term in scorer.suite.terms
    }
    return {name: part for name, part in parts.items() if part is not None}


def _row(task: Any, trace: Any) -> dict[str, Any]:
    messages = [message.model_dump() for message in trace.messages]
    opening = _opening(messages)
    return {
        **task.model_dump(),
        "prompt": messages[:opening],
        "completion": messages[opening:],
        "finish_reason": "length" if trace.is_truncated else "stop",
    }


def _opening(messages: Sequence[Mapping[str, Any]]) -> int:
    """How many messages come before the model's first."""
    roles = [message.get("role") for message in messages]
    return roles.index("assistant") if "assistant" in roles else len(roles)
