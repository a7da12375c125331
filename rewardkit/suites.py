"""Suites: weighted sums of rewards, behind gates, with one total a row.

::

    (accuracy + 0.2 * language).gated_by(format)
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rewardkit.completions import Reading
from rewardkit.composition import Reward
from rewardkit.errors import ContractError, RewardFailedError
from rewardkit.rows import Batch, Rows, add_columns, as_sequence, read_batch
from rewardkit.types import Score, Scored

__all__ = ["OnFailure", "Schedule", "Suite", "Term", "Weight", "contributions", "observers"]

OnFailure = Literal["abstain", "zero", "raise"]
Weight = float | Callable[[int], float]

_ON_FAILURE = ("abstain", "zero", "raise")
_DEFAULT_READING = Reading()

# Called with (suite, scored) after every scoring; the registry adds the plugins' hook.
observers: list[Callable[[Suite, Scored], None]] = []


@dataclass(frozen=True, slots=True)
class Schedule:
    """A weight that goes from `start` to `end` in a straight line over `steps`, then stays."""

    start: float
    end: float
    steps: int

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ContractError(f"A schedule takes at least 1 step, not {self.steps}.")
        if not (math.isfinite(self.start) and math.isfinite(self.end)):
            raise ContractError("A schedule's weights are finite.")

    def __call__(self, step: int) -> float:
        """The weight at `step`, which counts from 0."""
        share = min(max(step / self.steps, 0.0), 1.0)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Term:
    """One reward of a suite, and what it counts for.

    Attributes:
        reward: What is scored.
        weight: What its score is multiplied by.
        schedule: Another factor, of the trainer's step.
        gates: Where one of these scores zero or less, the term is worth zero.
        required: Where it abstains, the whole row does.
        on_failure: What a failed score is worth: it "abstain"s, counts as "zero", or is "raise"d.
    """

    reward: Reward
    weight: float = 1.0
    schedule: Callable[[int], float] | None = None
    gates: tuple[Reward, ...] = ()
    required: bool = False
    on_failure: OnFailure = "abstain"

    def __post_init__(self) -> None:
        if not isinstance(self.reward, Reward):
            raise ContractError(
                f"A suite is made of rewards, not {type(self.reward).__name__}: decorate the "
                "function with @rk.reward."
            )
        weight: Any = self.weight
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ContractError(f"The weight of {self.reward.name!r} is {weight!r}, not a number.")
        if not math.isfinite(weight):
            raise ContractError(f"The weight of {self.reward.name!r} is {weight}, not finite.")
        if self.on_failure not in _ON_FAILURE:
            raise ContractError(
                f'on_failure is "abstain", "zero" or "raise", not {self.on_failure!r}.'
            )

    def weight_at(self, step: int | None) -> float:
        """What the term counts for at the trainer's step."""
        if self.schedule is None:
            return self.weight
        if step is None:
            raise ContractError(
                f"The weight of {self.reward.name!r} is a schedule: say at which step, as in "
                "score(rows, step=100)."
            )
        weight = self.weight * self.schedule(step)
        if not math.isfinite(weight):
            raise ContractError(
                f"The weight of {self.reward.name!r} at step {step} is {weight}, not finite."
            )
        return weight

    def times(self, factor: Weight) -> Term:
        """The same term, counting `factor` times as much."""
        if isinstance(factor, Reward):
            raise ContractError(
                "Rewards have no product. One that is to count only where another is above zero "
                "stands behind it: gated_by()."
            )
        if isinstance(factor, int | float):
            return replace(self, weight=self.weight * factor)
        if not callable(factor):
            raise ContractError(
                f"The weight of {self.reward.name!r} is {factor!r}, not a number or a schedule."
            )
        if self.schedule is not None:
            raise ContractError(f"The weight of {self.reward.name!r} has a schedule already.")
        return replace(self, schedule=factor)


@dataclass(frozen=True, repr=False)
class Suite:
    """A sum of terms; no two rewards of one name.

    Args:
        terms: What is summed.
        reading: Tag names, prefilled tags, and other names for columns.
        name: What it is called, for instance in a report.
    """

    terms: tuple[Term, ...]
    reading: Reading = field(default=_DEFAULT_READING)
    name: str = ""

    def __post_init__(self) -> None:
        if not self.terms:
            raise ContractError("A suite has at least one reward.")
        names = [term.reward.name for term in self.terms]
        for name in names:
            if names.count(name) > 1:
                raise ContractError(
                    f"Two terms are named {name!r}: give one another name with named()."
                )
        for term in self.terms:
            for gate in term.gates:
                if self.rewards[gate.name] != gate:
                    raise ContractError(
                        f"A gate and another reward are both named {gate.name!r} and differ: "
                        "give one another name with named()."
                    )

    def __repr__(self) -> str:
        """As it is written: `<Suite (1 × accuracy + 0.2 × language) behind format>`."""
        parts = []
        for gates, terms in itertools.groupby(self.terms, key=lambda term: term.gates):
            total = _sum_of(list(terms))
            names = " and ".join(gate.name for gate in gates)
            parts.append(f"({total}) behind {names}" if names else total)
        name = f"{self.name}: " if self.name else ""
        return f"<Suite {name}{' + '.join(parts)}>"

    @property
    def rewards(self) -> dict[str, Reward]:
        """Every reward by name, terms first, then gates."""
        rewards = {term.reward.name: term.reward for term in self.terms}
        for term in self.terms:
            for gate in term.gates:
                rewards.setdefault(gate.name, gate)
        return rewards

    @property
    def scores_groups(self) -> bool:
        """Whether one of its rewards must see all completions of a prompt at once."""
        return any(reward.scores_groups for reward in self.rewards.values())

    def __add__(self, other: Reward | Suite) -> Suite:
        if isinstance(other, Reward):
            other = other.to_suite()
        if not isinstance(other, Suite):
            return NotImplemented
        reading = self._common_reading(other)
        return Suite(self.terms + other.terms, reading, self.name or other.name)

    def __radd__(self, other: Any) -> Suite:
        # sum([a, b]) starts from 0.
        return self if isinstance(other, int | float) and other == 0 else NotImplemented

    def __sub__(self, other: Reward | Suite) -> Suite:
        return self + -other

    def __neg__(self) -> Suite:
        return self * -1.0

    def __mul__(self, factor: Weight) -> Suite:
        if not callable(factor) and not isinstance(factor, int | float):
            return NotImplemented
        return self._each(lambda term: term.times(factor))

    __rmul__ = __mul__

    def gated_by(self, *gates: Reward) -> Suite:
        """The same sum, each term of it zero wherever one of `gates` scores zero or less.

        A gate that abstains stands open; one that fails makes the term fail.
        """
        for gate in gates:
            if not isinstance(gate, Reward):
                raise ContractError(f"A gate is a reward, not {type(gate).__name__}.")
        return self._each(lambda term: replace(term, gates=term.gates + gates))

    def required(self) -> Suite:
        """The same sum; a row on which one of its terms abstains has no total."""
        return self._each(lambda term: replace(term, required=True))

    def on_failure(self, worth: OnFailure) -> Suite:
        """The same sum; a term that fails abstains, counts as "zero", or is raised ("raise")."""
        return self._each(lambda term: replace(term, on_failure=worth))

    def read_with(self, reading: Reading) -> Suite:
        """The same sum over completions that are read otherwise."""
        return replace(self, reading=reading)

    def score(self, rows: Rows, *, step: int | None = None) -> Scored:
        """Score rows; results are in their order.

        Args:
            rows: A list of dicts, a dict of columns, or a datasets.Dataset. A row whose completion
                cannot be read gets failed scores; the others are scored.
            step: The trainer's step, for weights that are schedules.

        Raises:
            ContractError: These are not rows, or no row has a column that a reward needs.
            RewardFailedError: A reward failed whose term says on_failure="raise".
        """
        batch = read_batch(rows, self.reading, step)
        self.check_columns(batch.columns)
        return self.score_batch(batch)

    def annotate(self, rows: Rows, *, step: int | None = None) -> Rows:
        """Score rows and return them, in their own form, with the scores as further columns.

        Adds `reward` (the total) and for each reward `reward_<name>` and `reason_<name>`.
        """
        rows = as_sequence(rows)
        return add_columns(rows, self.score(rows, step=step).columns())

    def check_columns(self, columns: Mapping[str, Any]) -> None:
        """Raise a ContractError when a reward needs a column that is not among `columns`."""
        for reward in self.rewards.values():
            reward.check_columns(columns)

    def score_batch(self, batch: Batch) -> Scored:
        """Score a batch that has been read."""
        weights = {term.reward.name: term.weight_at(batch.step) for term in self.terms}
        # All are begun before the first is waited for: what awaits something does so meanwhile.
        begun = {name: reward.begin(batch) for name, reward in self.rewards.items()}
        scores = {name: wait() for name, wait in begun.items()}
        scored = Scored(
            totals=self._totals(scores, weights, batch.size),
            scores=scores,
            weights=weights,
            gates={t.reward.name: tuple(g.name for g in t.gates) for t in self.terms if t.gates},
            prompts=batch.prompts,
        )
        for observe in observers:
            observe(self, scored)
        return scored

    def _totals(
        self, scores: Mapping[str, list[Score]], weights: Mapping[str, float], size: int
    ) -> list[float | None]:
        columns = [contributions(t, scores, weights[t.reward.name]) for t in self.terms]
        totals = [_sum(row) for row in zip(*columns, strict=True)] if size else []
        for term, column in zip(self.terms, columns, strict=True):
            if term.required:
                for place, score in enumerate(scores[term.reward.name]):
                    if column[place] is None or not _counts(term, score):
                        totals[place] = None
        return totals

    def _each(self, change: Callable[[Term], Term]) -> Suite:
        return replace(self, terms=tuple(change(term) for term in self.terms))

    def _common_reading(self, other: Suite) -> Reading:
        readings = [s.reading for s in (self, other) if s.reading != _DEFAULT_READING]
        if len(readings) == 2 and readings[0] != readings[1]:
            raise ContractError("Two suites that read completions differently have no sum.")
        return readings[0] if readings else _DEFAULT_READING


def contributions(
    term: Term, scores: Mapping[str, list[Score]], weight: float
) -> list[float | None]:
    """What a term adds to each row's total; None where it takes no part in it.

    Args:
        term: One term of the suite that was scored.
        scores: By the reward's name, one Score a row, the gates' among them.
        weight: What the term counts for.

    Raises:
        RewardFailedError: It failed on a row and says on_failure="raise".
    """
    own = scores[term.reward.name]
    gates = [scores[gate.name] for gate in term.gates]
    if term.on_failure != "abstain":
        _raise_failures(term, [own, *gates])
    values: list[float | None] = [
        None if score.value is None else weight * score.value for score in own
    ]
    if term.on_failure == "zero":
        values = [0.0 if s.failed else v for s, v in zip(own, values, strict=True)]
    for gate in gates:
        values = [_gated(term, g, v) for g, v in zip(gate, values, strict=True)]
    return values


def _gated(term: Term, gate: Score, value: float | None) -> float | None:
    if gate.failed:
        return 0.0 if term.on_failure == "zero" else None
    return 0.0 if gate.value is not None and gate.value <= 0.0 else value


def _counts(term: Term, score: Score) -> bool:
    """Whether the term takes part in the row's total, however its gates stand."""
    return score.value is not None or (score.failed and term.on_failure == "zero")


def _raise_failures(term: Term, columns: Sequence[Iterable[Score]]) -> None:
    if term.on_failure != "raise":
        return
    names = [term.reward.name, *(gate.name for gate in term.gates)]
    for name, column in zip(names, columns, strict=True):
        for place, score in enumerate(column):
            if score.failed:
                traceback = score.evidence.get("traceback", "")
                raise RewardFailedError(
                    f"Reward {name!r} failed on row {place}: {score.reason}\n{traceback}".strip()
                )


def _sum_of(terms: Sequence[Term]) -> str:
    return " + ".join(
        f"{t.weight:g}{' × schedule' if t.schedule else ''} × {t.reward.name}" for t in terms
    )


def _sum(parts: Sequence[float | None]) -> float | None:
    said = [part for part in parts if part is not None]
    total = sum(said)
    return total if said and math.isfinite(total) else None


def _suite_of(reward: Reward) -> Suite:
    return Suite((Term(reward),))


Reward.to_suite = _suite_of
