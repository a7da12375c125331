"""Suites as an environment of NeMo-RL: what the Ray actor's `step` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.scoring import Scorer, as_suite

__all__ = ["SuiteEnvironment"]


class SuiteEnvironment:
    """A single-turn environment that scores the last assistant message of each log.

    Make a Ray actor of it, as of NeMo-RL's own: `ray.remote(SuiteEnvironment).remote(suite)`.

    Args:
        suite: What is scored.
    """

    def __init__(self, suite: Suite | Reward) -> None:
        self._scorer = Scorer(as_suite(suite))

    def step(self, message_log_batch: Sequence[Sequence[Any]], metadata: Sequence[Any]) -> Any:
        """Score a batch; every conversation ends with it.

        Args:
            message_log_batch: A list of messages for each conversation.
            metadata: The columns of each; `ground_truth` is read as `answer` too.

        Returns:
            NeMo-RL's `EnvironmentReturn`, with the totals as its rewards, 0.0 for none.
        """
        import torch
        from nemo_rl.environments.interfaces import EnvironmentReturn

        totals = self.totals(message_log_batch, metadata)
        size = len(totals)
        return EnvironmentReturn(
            observations=[{"role": "environment", "content": ""}] * size,
            metadata=list(metadata),
            next_stop_strings=[None] * size,
            rewards=torch.tensor(totals, dtype=torch.float32),
            terminateds=torch.ones(size, dtype=torch.bool),
            answers=None,
        )

    def totals(
        self, message_log_batch: Sequence[Sequence[Any]], metadata: Sequence[Any]
    ) -> list[float]:
        """The totals alone."""
        rows = [_row(log, cells) for log, cells in zip(message_log_batch, metadata, strict=True)]
        names = dict.fromkeys(name for row in rows for name in row)
        columns = {name: [row.get(name) for row in rows] for name in names}
        return [total or 0.0 for total in self._scorer.score(columns, len(rows)).totals]


def _row(log: Sequence[Any], cells: Any) -> dict[str, Any]:
    columns = dict(cells) if isinstance(cells, Mapping) else {}
    columns.setdefault("answer", columns.get("ground_truth"))
    return {**columns, "prompt": list(log[:-1]), "completion": list(log[-1:])}
