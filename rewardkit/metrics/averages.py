"""Means with confidence intervals, and the best of n by a score."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rewardkit.errors import ArrayError
from rewardkit.metrics.passing import check_k, draws_ratio

__all__ = ["Estimate", "best_of_n", "estimate", "mean_at_k"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over problems, and how sure it is.

    Attributes:
        mean: The mean; NaN where no problem says anything.
        stderr: Its standard error; NaN where there are fewer than two clusters.
        low: The lower end of the confidence interval, mean - z * stderr.
        high: Its upper end.
        problems: How many problems it rests on.
    """

    mean: float
    stderr: float
    low: float
    high: float
    problems: int


def estimate(
    values: ArrayLike,
    *,
    confidence: float = 0.95,
    cluster: Sequence[Hashable] | None = None,
) -> Estimate:
    """The mean over problems, with a confidence interval for other problems of their kind.

    The standard error is clustered (Miller, arXiv:2411.00640): problems are what is drawn
    independently, never a problem's samples, of which a thousand tell no more of other problems
    than their mean. Over G clusters with deviations d from the mean,
    stderr = sqrt(G/(G-1) * sum_g (sum of d in g)^2) / P, which is the usual one where every
    problem stands alone. (The paper leaves out G/(G-1), which tends to 1.) The interval is a
    normal one; with fewer than about 30 clusters it is somewhat narrow.

    Args:
        values: (P,): a metric of each problem. NaN is left out.
        confidence: How likely the interval holds the true mean: 0.95.
        cluster: (P,): what tells which problems belong together, such as the text that they ask
            about; by default every problem stands alone.

    Raises:
        ArrayError: Shapes do not match, a value is infinite, or `confidence` is not within 0
            and 1.
    """
    found = _floats("values", values, 1)
    if not 0.0 < confidence < 1.0:
        raise ArrayError(f"confidence lies within 0 and 1, as 0.95 does, and is {confidence}.")
    labels = list(range(len(found))) if cluster is None else list(cluster)
    if len(labels) != len(found):
        raise ArrayError(f"cluster has {len(labels)} labels for {len(found)} problems.")
    known = ~np.isnan(found)
    said = found[known]
    if not said.size:
        return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    mean = _mean(said)
    error = _clustered_error(said - mean, [labels[i] for i in np.flatnonzero(known)])
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimate(mean, error, mean - reach, mean + reach, len(said))


def mean_at_k(
    scores: ArrayLike,
    *,
    confidence: float = 0.95,
    cluster: Sequence[Hashable] | None = None,
) -> Estimate:
    """The mean score of a sample, avg@k: over each problem's samples, then over problems.

    With scores of 0 and 1 it is pass@1; k is how many samples there are, and makes it surer. A
    problem counts once, however many samples it has. Peers take the first k samples of each
    problem (verl's mean@k, lighteval's avg@n); the mean of all has the same expectation and a
    smaller variance.

    Args:
        scores: (P, n); NaN where a problem has fewer samples, or a sample no score.
        confidence: As for `estimate`.
        cluster: (P,), as for `estimate`.

    Raises:
        ArrayError: As for `estimate`.
    """
    found = _floats("scores", scores, 2)
    known = ~np.isnan(found)
    means = _over(np.where(known, found, 0.0).sum(axis=1), known.sum(axis=1))
    return estimate(means, confidence=confidence, cluster=cluster)


def best_of_n(scores: ArrayLike, n: int, *, values: ArrayLike | None = None) -> Floats:
    """What the sample of the highest score among n is worth, in the mean over all choices of n.

    Best-of-n sampling, exactly and without replacement: sorted by score, the sample at place r
    of N (from 0) is the best of n in C(r, n-1) of C(N, n) choices (WebGPT, arXiv:2112.09332).
    verl's best@n draws with replacement instead, and is below the truth (0.687 where it is 1).

    Args:
        scores: (P, N) or (N,): what chooses, such as a reward model's score. A sample whose score
            is NaN is left out.
        n: How many samples are drawn.
        values: As `scores`: what counts, such as 1 where the sample is right; by default the
            scores themselves. Among equal scores, each is equally likely to be taken. A sample
            whose value is NaN is left out.

    Returns:
        (P,), or one number; NaN where a problem has fewer than n samples.

    Raises:
        ArrayError: Shapes do not match, or a number is infinite.
    """
    check_k(n, "n")
    chosen_by = np.asarray(scores, np.float64)
    worth = chosen_by if values is None else np.asarray(values, np.float64)
    if chosen_by.shape != worth.shape or chosen_by.ndim not in (1, 2):
        raise ArrayError(
            f"scores has the shape {chosen_by.shape} and values {worth.shape}: "
            "give (P, N) or (N,)."
        )
    found = _best(_floats("scores", np.atleast_2d(chosen_by), 2), np.atleast_2d(worth), n)
    return found if chosen_by.ndim == 2 else found[0]


def _best(scores: Floats, values: Floats, n: int) -> Floats:
    _floats("values", values, 2)
    scores = np.where(np.isnan(values), np.nan, scores)
    order = np.argsort(scores, axis=1, kind="stable")  # NaN last
    scores, values = (np.take_along_axis(x, order, axis=1) for x in (scores, values))
    known = ~np.isnan(scores)
    samples = known.sum(axis=1, keepdims=True).astype(np.float64)
    values = _mean_of_ties(scores, np.where(known, values, 0.0))
    place = np.arange(scores.shape[1], dtype=np.float64)[None, :]
    chance = n / np.maximum(samples, 1.0) * draws_ratio(place, np.maximum(samples - 1, 0.0), n - 1)
    means = np.where(known, chance * values, 0.0).sum(axis=1)
    return np.where(samples[:, 0] >= n, means, np.nan)


def _mean_of_ties(scores: Floats, values: Floats) -> Floats:
    """The values, each the mean over the samples of its row whose score is the same; sorted."""
    begins = np.ones(scores.shape, bool)
    begins[:, 1:] = scores[:, 1:] != scores[:, :-1]
    ties = np.cumsum(begins.reshape(-1)) - 1
    sums = np.bincount(ties, weights=values.reshape(-1))
    means: Floats = (sums / np.bincount(ties))[ties]
    return means.reshape(values.shape)


def _clustered_error(deviations: Floats, labels: Sequence[Hashable]) -> float:
    places: dict[Hashable, int] = {}
    cluster = [places.setdefault(label, len(places)) for label in labels]
    count = len(places)
    if count < 2:
        return math.nan
    sums = np.bincount(cluster, weights=deviations)
    return math.sqrt(count / (count - 1) * float(sums @ sums)) / len(deviations)


def _mean(values: Floats) -> float:
    """The mean; of equal values exactly that value, and so of no deviation."""
    first = float(values[0])
    return first + float((values - first).mean())


def _over(sums: Floats, counts: NDArray[np.int64]) -> Floats:
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _floats(name: str, values: ArrayLike, axes: int) -> Floats:
    found = np.asarray(values, np.float64)
    if found.ndim != axes:
        wanted = "(P,)" if axes == 1 else "(P, n)"
        raise ArrayError(f"{name} has the shape {found.shape}, and should have {wanted}.")
    if np.isinf(found).any():
        raise ArrayError(f"{name} holds an infinite number.")
    return found
