"""Metrics over the right and wrong completions of prompts."""

from __future__ import annotations

import math

__all__ = ["pass_at_k"]


def pass_at_k(samples: int, right: int, k: int) -> float:
    """The chance that one of k samples is right, drawn from `samples` without replacement.

    The unbiased estimator of Chen et al., arXiv:2107.03374, eq. 1, in exact integers. NaN where
    there are fewer than k samples: nothing is known of k then.

    Raises:
        ValueError: `right` is not between 0 and `samples`, or k is below 1.
    """
    if not 0 <= right <= samples:
        raise ValueError(f"{right} of {samples} samples cannot be right.")
    if k < 1:
        raise ValueError(f"k is at least 1, not {k}.")
    if samples < k:
        return math.nan
    return 1 - math.comb(samples - right, k) / math.comb(samples, k)
