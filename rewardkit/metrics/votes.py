"""What the most frequent answer of k samples is worth: maj@k (cons@k), and weighted votes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rewardkit.errors import ArrayError
from rewardkit.metrics.passing import check_k

__all__ = ["Ties", "maj_at_k", "weighted_vote"]

Floats = NDArray[np.float64]
Ties = Literal["split", "first", "wrong"]

# Sums of weights that are closer than this are one: 0.1 + 0.2 ties with 0.3.
_SAME_WEIGHT = 1e-9


def maj_at_k(
    class_counts: Sequence[int] | ArrayLike,
    correct: Sequence[float] | ArrayLike,
    k: int,
    *,
    ties: Ties = "split",
) -> float:
    """How right the most frequent answer of k samples is, in the mean over all choices of k.

    Majority voting, arXiv:2203.11171 (self-consistency); with k = 64, cons@64 of DeepSeek-R1.
    Exact, from the counts alone: the draws of m classes, taken together, are multivariate
    hypergeometric, and the chance that a class wins with j votes is a coefficient of a product
    of m polynomials.

    Args:
        class_counts: (m,): of one problem's samples, how many gave each answer. Samples without
            an answer are classes of one each: they never make a majority.
        correct: (m,): how right each answer is, 0 to 1.
        k: How many samples are drawn, without replacement.
        ties: Among answers of equal votes, "split" takes each equally often, "first" the one
            that stands first in `class_counts`, and "wrong" takes none: a tie is worth 0. Peers
            that take the first seen (lighteval, verl) depend on the samples' order; over all
            orders that is "split".

    Returns:
        A number from 0 to 1; NaN where there are fewer than k samples.

    Raises:
        ArrayError: Shapes differ, counts are negative or no whole numbers, `correct` is not
            between 0 and 1, or there is no such `ties`.

    >>> maj_at_k([3, 2, 1], [1, 0, 0], 6)
    1.0
    >>> maj_at_k([1, 1], [1, 0], 2, ties="split")
    0.5
    """
    counts, right = _classes(class_counts, correct)
    check_k(k)
    _check_ties(ties)
    n = int(counts.sum())
    if n < k:
        return math.nan
    if n == k:  # one choice, and the commonest: cons@64 of 64 samples
        return weighted_vote(counts, right, ties=ties)
    # Any rate between 0 and 1 gives the same result; near k / n no number is very small.
    draws = _Draws(counts, k, k / n)
    winners = np.flatnonzero(right * counts).tolist()
    won = sum(right[a] * draws.chance_to_win(a, ties) for a in winners)
    return min(float(won) / draws.chance_of_k, 1.0)


class _Draws:
    """Draws of k samples, as independent binomial draws from each class on whose sum k is known.

    For any rate p, C(c, x) p^x (1-p)^(c-x) over the classes, given that the x sum up to k, is the
    multivariate hypergeometric distribution, in numbers that do not overflow as C(n, k) does.
    """

    def __init__(self, counts: NDArray[np.int64], k: int, rate: float) -> None:
        self._counts, self._k = counts, k
        chances = {c: _binomial(c, min(c, k), rate) for c in set(counts.tolist())}
        self._chances = [chances[c] for c in counts.tolist()]
        n = int(counts.sum())
        self.chance_of_k = float(_binomial(n, k, rate)[k])

    def chance_to_win(self, a: int, ties: Ties) -> float:
        """The chance that k are drawn and class `a` wins, or its part of a tie."""
        others = [b for b in np.flatnonzero(self._counts).tolist() if b != a]
        own = self._chances[a]
        # With fewer votes than this, the others could not have the rest without beating them.
        least = math.ceil(self._k / (len(others) + 1))
        return sum(
            float(own[votes]) * self._chance_of_rest(a, others, votes, ties)
            for votes in range(least, len(own))
        )

    def _chance_of_rest(self, a: int, others: list[int], votes: int, ties: Ties) -> float:
        """The chance that the others have the other votes, and none of them more than `votes`.

        A tie with t others is worth 1 / (t+1), which is the integral of u^t over 0 to 1: each
        term that ties is taken u times, and the integral of the polynomial is Gauss' exact one.
        """
        rest = self._k - votes
        nodes, weights = _quadrature(rest // votes) if ties == "split" else _AT_ONE
        ways = np.zeros((len(nodes), rest + 1))
        ways[:, 0] = 1.0
        for b in others:
            terms = self._chances[b][: min(votes, rest) + 1]
            tied = nodes if ties == "split" else float(ties == "first" and b > a)
            ways = _times(ways, terms, votes, tied)
        return float(weights @ ways[:, rest])


_AT_ONE = (np.ones(1), np.ones(1))


def _times(ways: Floats, terms: Floats, votes: int, tied: Floats | float) -> Floats:
    """Multiply polynomials (nodes, degrees) by one; its term of `votes` counts `tied` times."""
    product: Floats = terms[0] * ways
    width = ways.shape[1]
    for x, term in enumerate(terms[1:], start=1):
        part = term * ways[:, : width - x]
        product[:, x:] += part * np.reshape(tied, (-1, 1)) if x == votes else part
    return product


def _quadrature(degree: int) -> tuple[Floats, Floats]:
    """Nodes and weights that integrate polynomials of this degree over 0 to 1 exactly."""
    nodes, weights = np.polynomial.legendre.leggauss(degree // 2 + 1)
    return (nodes + 1) / 2, weights / 2


def _binomial(n: int, most: int, rate: float) -> Floats:
    """The chances of 0 to `most` hits in n tries; by logarithms, as C(n, x) may be no float."""
    hit, miss = math.log(rate), math.log1p(-rate)
    return np.array(
        [math.exp(math.log(math.comb(n, x)) + x * hit + (n - x) * miss) for x in range(most + 1)]
    )


def weighted_vote(
    class_weights: Sequence[float] | ArrayLike,
    correct: Sequence[float] | ArrayLike,
    *,
    ties: Ties = "split",
) -> float:
    """How right the answer of the greatest weight is: 1 right, 0 wrong.

    Weighted majority voting (arXiv:2206.02336): the weight of an answer is the sum of
    the scores that a reward model gives to its samples. With weights of 1 each it is maj@n.

    Args:
        class_weights: (m,): the summed weight of each answer; finite. Sums that differ by rounding
            (1e-9 of the greatest) are tied.
        correct: (m,): how right each answer is, 0 to 1.
        ties: As for `maj_at_k`.

    Returns:
        A number from 0 to 1; NaN where there are no answers.

    Raises:
        ArrayError: Shapes differ, weights are not finite, `correct` is not between 0 and 1, or
            there is no such `ties`.
    """
    weights, right = _pair("class_weights", class_weights, correct)
    if not np.isfinite(weights).all():
        raise ArrayError("class_weights has a weight that is not finite.")
    _check_ties(ties)
    if not weights.size:
        return math.nan
    winners = right[weights >= weights.max() - _SAME_WEIGHT * np.abs(weights).max()]
    if ties == "first":
        return float(winners[0])
    if ties == "wrong" and len(winners) > 1:
        return 0.0
    return float(winners.mean())


def _classes(class_counts: ArrayLike, correct: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    counts, right = _pair("class_counts", class_counts, correct)
    if not ((counts >= 0) & (counts == np.floor(counts))).all():
        raise ArrayError("class_counts counts samples: whole numbers from 0.")
    return counts.astype(np.int64), right


def _pair(name: str, values: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    found = np.asarray(values, np.float64)
    right = np.asarray(correct, np.float64)
    if found.ndim != 1 or found.shape != right.shape:
        raise ArrayError(
            f"{name} has the shape {found.shape} and correct {right.shape}: "
            "give one number a class each."
        )
    if not ((right >= 0) & (right <= 1)).all():
        raise ArrayError("correct is between 0 and 1 for each class, and somewhere not.")
    return found, right


def _check_ties(ties: str) -> None:
    if ties not in get_args(Ties):
        raise ArrayError(f"ties is one of {', '.join(get_args(Ties))}, not {ties!r}.")
