"""Suites as slime's custom reward: `--custom-rm-path my_rewards.custom_rm`.

::

    custom_rm = custom_rm_of(rk.preset("r1-zero"))
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.labels import labelled
from rewardkit.trainers.scoring import Scorer, as_suite

__all__ = ["custom_rm_of"]


def custom_rm_of(suite: Suite | Reward) -> Callable[..., Coroutine[Any, Any, Any]]:
    """An async function `(args, sample)`, or with `--group-rm` `(args, samples)`.

    It returns the total, 0.0 where there is none, or a list of those. A sample's `label` may be a
    JSON object of columns; its `metadata` holds further ones. With `--group-rm` the samples are
    scored together, so that a suite may hold rewards of groups.
    """
    scorer = Scorer(as_suite(suite))

    async def custom_rm(args: Any, samples: Any, **kwargs: Any) -> float | list[float]:
        if not isinstance(samples, list | tuple):
            return (await asyncio.to_thread(_totals, scorer, [samples]))[0]
        return await asyncio.to_thread(_totals, scorer, samples)

    return custom_rm


def _totals(scorer: Scorer, samples: Sequence[Any]) -> list[float]:
    rows = [_row(sample) for sample in samples]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return [total or 0.0 for total in scorer.score(columns, len(rows)).totals]


def _row(sample: Any) -> dict[str, Any]:
    status = getattr(sample, "status", None)
    metadata = getattr(sample, "metadata", None)
    cut_off = getattr(status, "value", status) == "truncated"
    row = {
        "prompt": sample.prompt,
        "completion": sample.response,
        "finish_reason": "length" if cut_off else "stop",
    }
    further = metadata if isinstance(metadata, Mapping) else {}
    return {**further, **labelled(row, sample.label)}
