"""Scored samples brought together by problem, and the table of their metrics."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from rewardkit.errors import ArrayError, ContractError, nearest
from rewardkit.metrics.averages import Estimate, best_of_n, estimate, mean_at_k
from rewardkit.metrics.passing import g_pass_at_k, mg_pass_at_k, pass_at_k, pass_hat_k
from rewardkit.metrics.votes import Ties, maj_at_k, weighted_vote
from rewardkit.types import Scored

__all__ = ["METRICS", "Samples", "Unscored", "judged_by"]

Floats = NDArray[np.float64]
Unscored = Literal["leave-out", "wrong"]

# What `summary` knows; `maj` and `wmaj` want answers, `best` and `wmaj` weights.
METRICS = ("mean", "pass", "pass^", "g-pass", "mg-pass", "maj", "wmaj", "best")


@dataclass(frozen=True, eq=False, slots=True)
class Samples:
    """The scored samples of P problems, n the most that one has.

    Attributes:
        problems: What tells each problem from the others, in their order of appearance.
        scores: (P, n) float64: the score of each sample. NaN where a problem has fewer samples.
            A sample without a score (the reward abstained or failed) is not there.
        classes: (P, n) int64, or None where no answers were given: which samples of a problem
            have the same answer, from 0 in order of appearance; -1 where there is no sample.
        weights: (P, n) float64, or None: what else ranks a sample or weighs its vote; NaN where
            it has no weight.
    """

    problems: list[Any]
    scores: Floats
    classes: NDArray[np.int64] | None = None
    weights: Floats | None = None

    @classmethod
    def from_columns(
        cls,
        scores: Sequence[float | None],
        problems: Sequence[Any],
        *,
        answers: Sequence[Hashable | None] | None = None,
        weights: Sequence[float | None] | None = None,
        unscored: Unscored = "leave-out",
    ) -> Samples:
        """Bring the samples of each problem together; they may come in any order.

        Args:
            scores: A score for each sample; None or NaN where it has none.
            problems: What tells each sample's problem: an id or its prompt, text or messages.
                Nothing is cast: "1" and "01" differ. None is a problem of its own.
            answers: Each sample's answer, or the number of its class: equal ones are one class.
                None is a class of its own.
            weights: A weight for each sample; None or NaN where it has none.
            unscored: A sample without a score is left out, as though it had not been drawn
                ("leave-out"), or has the score 0 ("wrong").

        Raises:
            ArrayError: Columns are of different lengths, a number is infinite, or there is no
                such `unscored`.
        """
        if unscored not in get_args(Unscored):
            known = ", ".join(get_args(Unscored))
            raise ArrayError(f"unscored is one of {known}, not {unscored!r}.")
        columns = {"scores": scores, "answers": answers, "weights": weights}
        for name, column in columns.items():
            if column is not None and len(column) != len(problems):
                raise ArrayError(
                    f"{name} has {len(column)} samples and problems {len(problems)}: "
                    "give one of each a sample."
                )
        values = _numbers("scores", scores)
        if unscored == "wrong":
            values = np.where(np.isnan(values), 0.0, values)
        grid = _Grid(problems, np.isnan(values))
        return cls(
            grid.problems,
            grid.laid_out(values),
            None if answers is None else grid.classes(answers),
            None if weights is None else grid.laid_out(_numbers("weights", weights)),
        )

    @classmethod
    def from_scored(
        cls,
        scored: Scored,
        reward: str = "",
        *,
        answers: Sequence[Hashable | None] | None = None,
        weigh_by: str = "",
        unscored: Unscored = "leave-out",
    ) -> Samples:
        """The samples of a scored batch, by prompt.

        Args:
            scored: What a suite's `score` returned.
            reward: Whose scores count; by default accuracy's, else the first reward's.
            answers: As for `from_columns`.
            weigh_by: The reward whose scores are the weights, if any.
            unscored: As for `from_columns`.

        Raises:
            ContractError: There is no such reward.
            ArrayError: As for `from_columns`.
        """

        def values(name: str) -> list[float | None]:
            return [score.value for score in scored.scores[judged_by(name, scored.scores)]]

        return cls.from_columns(
            values(reward),
            scored.prompts,
            answers=answers,
            weights=values(weigh_by) if weigh_by else None,
            unscored=unscored,
        )

    def counts(self, threshold: float = 1.0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(P,) each: n, how many samples each problem has; c, how many score `threshold`."""
        known = ~np.isnan(self.scores)
        return known.sum(axis=1), (known & (self.scores >= threshold)).sum(axis=1)

    def maj_at_k(self, k: int, *, threshold: float = 1.0, ties: Ties = "split") -> Floats:
        """(P,): `maj_at_k` of each problem; a class is as right as its samples are on average.

        Raises:
            ContractError: No answers were given.
            ArrayError: As for `maj_at_k`.
        """
        return np.array(
            [
                maj_at_k(np.bincount(classes), _class_means(classes, right), k, ties=ties)
                for classes, right, _ in self._voters(threshold)
            ]
        )

    def weighted_vote(self, *, threshold: float = 1.0, ties: Ties = "split") -> Floats:
        """(P,): `weighted_vote` of each problem's samples; one without a weight has no vote.

        Raises:
            ContractError: No answers or no weights were given.
            ArrayError: As for `weighted_vote`.
        """
        if self.weights is None:
            raise ContractError("A weighted vote needs the samples' weights: give weights.")
        votes = []
        for classes, right, weights in self._voters(threshold):
            sums = np.bincount(classes, weights=np.nan_to_num(weights))
            votes.append(weighted_vote(sums, _class_means(classes, right), ties=ties))
        return np.array(votes)

    def best_of_n(self, n: int, *, threshold: float = 1.0) -> Floats:
        """(P,): how often the sample of the greatest weight among n is right; see `best_of_n`.

        Raises:
            ContractError: No weights were given.
            ArrayError: As for `best_of_n`.
        """
        if self.weights is None:
            raise ContractError("The best of n needs what ranks the samples: give weights.")
        right = np.where(np.isnan(self.scores), np.nan, self.scores >= threshold)
        return best_of_n(self.weights, n, values=right)

    def summary(
        self,
        ks: Iterable[int],
        metrics: Sequence[str] = ("mean", "pass"),
        *,
        threshold: float = 1.0,
        tau: float = 0.5,
        ties: Ties = "split",
        confidence: float = 0.95,
        cluster: Sequence[Hashable] | None = None,
    ) -> dict[str, Estimate]:
        """Metrics by their names ("pass@8"), in the mean over problems, with their intervals.

        A metric of k leaves out the problems with fewer than k samples.

        Args:
            ks: The k of those that have one.
            metrics: Of "mean" (of the scores, avg@n), "pass", "pass^", "g-pass", "mg-pass",
                "maj", "wmaj" (the weighted vote of all samples), "best".
            threshold: From which score on a sample is right.
            tau: The share that G-Pass@k wants right.
            ties: As for `maj_at_k`.
            confidence: As for `estimate`.
            cluster: (P,), as for `estimate`.

        Raises:
            ContractError: There is no such metric, or it wants answers or weights that are not
                there.
            ArrayError: As for each metric.
        """
        n, c = self.counts(threshold)
        by_k = {
            "pass": lambda k: (f"pass@{k}", pass_at_k(n, c, k)),
            "pass^": lambda k: (f"pass^{k}", pass_hat_k(n, c, k)),
            "g-pass": lambda k: (f"g-pass@{k}_{tau:g}", g_pass_at_k(n, c, k, tau)),
            "mg-pass": lambda k: (f"mg-pass@{k}", mg_pass_at_k(n, c, k)),
            "maj": lambda k: (f"maj@{k}", self.maj_at_k(k, threshold=threshold, ties=ties)),
            "best": lambda k: (f"best@{k}", self.best_of_n(k, threshold=threshold)),
        }
        ks, table = list(ks), {}
        for metric in metrics:
            if metric == "mean":
                table["mean"] = mean_at_k(self.scores, confidence=confidence, cluster=cluster)
                continue
            if metric == "wmaj":
                found = [("wmaj", self.weighted_vote(threshold=threshold, ties=ties))]
            elif metric in by_k:
                found = [by_k[metric](k) for k in ks]
            else:
                raise ContractError(
                    f"There is no metric {metric!r}.{nearest(metric, METRICS)} There are: "
                    f"{', '.join(METRICS)}."
                )
            for name, values in found:
                table[name] = estimate(values, confidence=confidence, cluster=cluster)
        return table

    def _voters(self, threshold: float) -> Iterable[tuple[NDArray[np.int64], Floats, Floats]]:
        """By problem: its samples' classes, whether they are right, and their weights."""
        if self.classes is None:
            raise ContractError("A majority needs the samples' answers: give answers.")
        weights = self.scores if self.weights is None else self.weights
        for classes, scores, weight in zip(self.classes, self.scores, weights, strict=True):
            there = classes >= 0
            yield classes[there], (scores[there] >= threshold).astype(np.float64), weight[there]


def judged_by(reward: str, rewards: Iterable[str]) -> str:
    """The reward that says what is right: this one, by default accuracy, else the first.

    Raises:
        ContractError: There is no such reward.
    """
    known = list(rewards)
    name = reward or ("accuracy" if "accuracy" in known else known[0] if known else "")
    if name not in known:
        raise ContractError(
            f"There is no reward {name!r}.{nearest(name, known)} There are: "
            f"{', '.join(known) or 'none'}."
        )
    return name


class _Grid:
    """Where each sample stands: its problem's row, and the next column that is free in it."""

    def __init__(self, problems: Sequence[Any], missing: NDArray[np.bool_]) -> None:
        self.problems: list[Any] = []
        rows: dict[Hashable, int] = {}
        filled: list[int] = []
        self._cells: list[tuple[int, int] | None] = []
        for place, (problem, gone) in enumerate(zip(problems, missing.tolist(), strict=True)):
            row = rows.setdefault(_key(problem, place), len(rows))
            if row == len(filled):
                filled.append(0)
                self.problems.append(problem)
            self._cells.append(None if gone else (row, filled[row]))
            filled[row] += not gone
        self._shape = (len(filled), max(filled, default=0))

    def laid_out(self, values: Floats) -> Floats:
        """One value a sample, as (P, n) with NaN where there is no sample."""
        grid = np.full(self._shape, np.nan)
        for cell, value in zip(self._cells, values.tolist(), strict=True):
            if cell is not None:
                grid[cell] = value
        return grid

    def classes(self, answers: Sequence[Hashable | None]) -> NDArray[np.int64]:
        """The class of each sample's answer among its problem's, as (P, n) with -1 beside."""
        grid = np.full(self._shape, -1, np.int64)
        seen: list[dict[Hashable, int]] = [{} for _ in self.problems]
        for place, (cell, answer) in enumerate(zip(self._cells, answers, strict=True)):
            if cell is not None:
                known = seen[cell[0]]
                grid[cell] = known.setdefault(_key(answer, place), len(known))
        return grid


def _key(label: Any, place: int) -> Hashable:
    """What tells a label from others; None is like no other, and text is not the number it is."""
    if label is None:
        return (None, place)
    if isinstance(label, Hashable):
        try:
            hash(label)
        except TypeError:  # a tuple that holds a list
            return (repr(type(label)), repr(label))
        return (type(label) is str, label)
    return (repr(type(label)), repr(label))


def _numbers(name: str, column: Sequence[float | None]) -> Floats:
    found = np.array([np.nan if value is None else value for value in column], np.float64)
    if np.isinf(found).any():
        raise ArrayError(f"{name} holds an infinite number.")
    return found


def _class_means(classes: NDArray[np.int64], right: Floats) -> Floats:
    return np.bincount(classes, weights=right) / np.maximum(np.bincount(classes), 1)
