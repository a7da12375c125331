"""Scoring for a trainer: no completion stops the run, and every total fits float32."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewardkit.composition import Reward
from rewardkit.errors import ContractError, RewardFailedError
from rewardkit.results import failure
from rewardkit.rows import read_batch
from rewardkit.suites import Suite
from rewardkit.types import Score, Scored

__all__ = ["Scorer", "as_suite", "fits"]

# Trainers keep rewards in float32, where what is larger becomes infinite.
_LARGEST = 3.4028234e38

_log = logging.getLogger(__name__)


class Scorer:
    """A suite that scores what a trainer hands over.

    The first batch raises what is wrong with the configuration, such as a column that the data set
    lacks. After that nothing raises but a term that says on_failure="raise": whatever else goes
    wrong is logged, and the batch gets failed scores.

    Attributes:
        suite: What is scored.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self._proved = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Scorer, (self.suite,)

    def score(
        self, columns: Mapping[str, Sequence[Any]], size: int, step: int | None = None
    ) -> Scored:
        """Score `size` rows; totals that float32 cannot hold are None.

        Raises:
            ContractError: In the first batch: no row has a column that a reward needs, or a weight
                is a schedule and the trainer tells no step.
            RewardFailedError: A reward failed whose term says on_failure="raise".
        """
        try:
            batch = read_batch(columns, self.suite.reading, step, strict=not self._proved)
            if not self._proved:
                self.suite.check_columns(batch.columns)
            scored = self.suite.score_batch(batch)
        except RewardFailedError:
            raise
        except Exception as error:
            if not self._proved:
                raise
            _log.exception("a batch of %d completions could not be scored", size)
            return _failed(self.suite, failure(error), size)
        self._proved = True
        return replace(scored, totals=[fits(total) for total in scored.totals])


def as_suite(rewards: Suite | Reward) -> Suite:
    """A suite as it is, or that of a single reward.

    Raises:
        ContractError: It is neither.
    """
    if isinstance(rewards, Reward):
        return rewards.to_suite()
    if not isinstance(rewards, Suite):
        raise ContractError(
            f"A trainer is given a suite or a reward, not {type(rewards).__name__}: "
            'rk.preset("r1-zero"), rk.suite(accuracy=1.0, format=0.5), or a sum of rewards.'
        )
    return rewards


def fits(value: float | None) -> float | None:
    """The value where float32 holds it, else None."""
    return value if value is not None and abs(value) <= _LARGEST else None


def _failed(suite: Suite, score: Score, size: int) -> Scored:
    return Scored(
        totals=[None] * size,
        scores={name: [score] * size for name in suite.rewards},
        weights={term.reward.name: term.weight for term in suite.terms},
        gates={},
        prompts=[None] * size,
    )
