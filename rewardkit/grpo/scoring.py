"""From a suite's scores to the advantages of a step: what `Scored.advantages` does."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewardkit.errors import ArrayError, ContractError
from rewardkit.grpo.advantages import gdpo_advantages, group_advantages
from rewardkit.grpo.arrays import Array
from rewardkit.grpo.groups import group_index
from rewardkit.grpo.masks import constant_groups, dynamic_sampling_mask
from rewardkit.types import Score, Scored

__all__ = ["Advantages", "advantages_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Advantages:
    """What a step learns from n scored completions of G prompts. Arrays are NumPy's.

    Attributes:
        values: (n,) float64; 0 where the total is None, and in a group without a signal.
        groups: (n,) integers from 0 to G - 1, numbered as their prompts first appear.
        rewards: (n,) the totals, NaN where one is None: the reward abstained or failed.
        zero_variance: (G,) booleans: the groups whose rewards are all the same, or one at most is
            given. By term: in which that is so of every term.
        keep: (n,) booleans: DAPO's dynamic sampling. False where the total is None, and in groups
            of zero variance.
    """

    values: Array
    groups: Array
    rewards: Array
    zero_variance: Array
    keep: Array

    def explain(self) -> str:
        """How many completions and prompts carry a signal, and what the other prompts got."""
        kept, alike = int(self.keep.sum()), int(self.zero_variance.sum())
        abstaining = int(np.isnan(self.rewards).sum())
        lines = [
            f"{kept} of {len(self.keep)} completions carry a signal",
            f"{abstaining} have no reward",
            f"{alike} of {len(self.zero_variance)} prompts have zero variance",
        ]
        lines.extend(
            f"  {number} all {reward}" for reward, number in self._zero_variance_rewards().items()
        )
        return "\n".join(lines)

    def _zero_variance_rewards(self) -> dict[str, int]:
        """What groups of zero variance got, the most frequent first."""
        found: dict[int, float] = {}
        for group, reward in zip(self.groups.tolist(), self.rewards.tolist(), strict=True):
            if self.zero_variance[group] and math.isnan(found.get(group, math.nan)):
                found[group] = reward
        said = ("without a reward" if math.isnan(x) else f"{x:g}" for x in found.values())
        return dict(Counter(said).most_common())


def advantages_of(
    scored: Scored,
    *,
    by_term: bool = False,
    groups: Iterable[Hashable] | None = None,
    lengths: Iterable[float] | None = None,
    **options: Any,
) -> Advantages:
    """The advantages of scored rows: see `Scored.advantages`."""
    index, count = group_index(_labels(scored) if groups is None else groups)
    if len(index) != len(scored):
        raise ArrayError(f"There are {len(index)} groups for {len(scored)} rows.")
    tokens = None if lengths is None else np.asarray(lengths)
    totals = np.array([math.nan if t is None else t for t in scored.totals], np.float64)
    if by_term:
        terms = _terms(scored, np.isnan(totals))
        weights = list(scored.weights.values())
        values = gdpo_advantages(terms, index, count, weights, lengths=tokens, **options)
        columns = list(terms.T)
    else:
        values = group_advantages(totals, index, count, lengths=tokens, **options)
        columns = [totals]
    return Advantages(
        values=values,
        groups=index,
        rewards=totals,
        zero_variance=np.all([constant_groups(c, index, count) for c in columns], axis=0),
        keep=np.any([dynamic_sampling_mask(c, index, count) for c in columns], axis=0),
    )


def _labels(scored: Scored) -> list[Hashable]:
    if None in scored.prompts:
        raise ContractError(
            f"Row {scored.prompts.index(None)} has neither a prompt nor a prompt_id to group it "
            "by: give groups, one label a row."
        )
    return [_label(prompt) for prompt in scored.prompts]


def _label(prompt: Any) -> Hashable:
    """A prompt of messages by its text, and never the same as one that is that text."""
    if isinstance(prompt, Hashable):
        return prompt
    return ("messages", json.dumps(prompt, sort_keys=True, default=repr))


def _terms(scored: Scored, abstains: Array) -> Array:
    """(n, terms) what each scored behind its gates, NaN where it or the whole row abstains."""
    columns = []
    for name in scored.weights:
        column = _values(scored.scores[name])
        for gate in scored.gates.get(name, ()):
            column = _behind(column, scored.scores[gate])
        columns.append(np.where(abstains, math.nan, column))
    return np.stack(columns, axis=1)


def _values(scores: list[Score]) -> Array:
    return np.array([math.nan if s.value is None else s.value for s in scores], np.float64)


def _behind(column: Array, gate: list[Score]) -> Array:
    """0 where the gate is shut, and an abstention where it failed, as in the suite's total."""
    shut = np.array([g.value is not None and g.value <= 0.0 for g in gate], bool)
    failed = np.array([g.failed for g in gate], bool)
    return np.where(failed, math.nan, np.where(shut, 0.0, column))
