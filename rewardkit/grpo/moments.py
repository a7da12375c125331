"""Deviations and variance of a whole batch, over what a mask leaves of it."""

from __future__ import annotations

import math

from rewardkit.grpo.arrays import Array, namespace_of, stop_gradient

__all__ = ["deviations", "inverse_root", "mean_square"]


def deviations(values: Array, valid: Array, weights: Array | None = None) -> Array:
    """x - mean x, and 0 where not valid; exactly 0 where all values are equal.

    values, valid, weights: of one shape; weights are 0 where not valid.
    """
    xp = namespace_of(values)
    top = xp.max(xp.where(valid, values, -math.inf)) if math.prod(values.shape) else 0.0
    top = stop_gradient(xp.where(xp.isfinite(top), top, 0.0)) if math.prod(values.shape) else 0.0
    shifted = xp.where(valid, values - top, 0.0)
    counted = xp.astype(valid, values.dtype) if weights is None else weights
    mean = xp.sum(counted * shifted) / _at_least_one(xp.sum(counted))
    return xp.where(valid, shifted - mean, 0.0)


def mean_square(deviation: Array, valid: Array, ddof: int, weights: Array | None = None) -> Array:
    """The variance of what has these deviations; 0 of a single value."""
    xp = namespace_of(deviation)
    counted = xp.astype(valid, deviation.dtype) if weights is None else weights
    return xp.sum(counted * deviation * deviation) / _at_least_one(xp.sum(counted) - ddof)


def inverse_root(variance: Array, eps: float) -> Array:
    """1 / (sqrt(variance) + eps), and 0 where the variance is 0; so is its gradient."""
    xp, positive = namespace_of(variance), variance > 0.0
    root = xp.sqrt(xp.where(positive, variance, 1.0))
    return xp.where(positive, 1.0 / (root + eps), 0.0)


def _at_least_one(count: Array) -> Array:
    return count.clip(1.0)
