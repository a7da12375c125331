"""Log-ratios of two policies at their three levels, and the bounds that an advantage's sign sets."""

from __future__ import annotations

import math
from typing import Literal

from rewardkit.grpo.arrays import Array, Namespace, stop_gradient

__all__ = ["LOG_RATIO_LIMIT", "Level", "at_level", "by_sign", "clip_bounds", "row_means"]

# Ratios stay within exp(-20) and exp(20), as in verl and OpenRLHF.
LOG_RATIO_LIMIT = 20.0

Level = Literal["token", "sequence", "sequence_token"]


def row_means(xp: Namespace, values: Array, tokens: Array) -> Array:
    """(B, T) values that are 0 outside the mask, to (B, 1) means over each row's live tokens."""
    return xp.sum(values, axis=1, keepdims=True) / xp.clip(tokens, min=1.0)


def at_level(
    xp: Namespace, log_ratio: Array, moved: Array | None, tokens: Array, level: Level
) -> Array:
    """The log-ratio that is clipped: (B, T) a token, or (B, 1) a sequence.

    log_ratio: (B, T), 0 outside the mask. moved: logp minus itself as a constant, for
    "sequence_token" alone. tokens: (B, 1) counts of live tokens.
    """
    if level == "token":
        return log_ratio
    mean = row_means(xp, log_ratio, tokens)
    return mean if level == "sequence" else stop_gradient(mean) + moved


def by_sign(xp: Namespace, advantages: Array, positive: float, negative: float) -> Array:
    """One number where the advantage is positive, another where it is 0 or negative."""
    return xp.where(
        advantages > 0, xp.full_like(advantages, positive), xp.full_like(advantages, negative)
    )


def clip_bounds(
    xp: Namespace,
    advantages: Array,
    clip: tuple[float, float] | None,
    dual_clip: float | None = None,
    delta: float | None = None,
) -> tuple[Array, Array]:
    """The bounds of the log-ratio within which PPO's objective has a gradient.

    min(w A, clip(w) A) is A times a w that is bounded from one side, which A's sign chooses:
    above where it is positive, below where it is negative. There, dual_clip bounds it from above.
    """
    low, high = (1.0, math.inf) if clip is None else clip
    most = math.inf if delta is None else delta
    above = _log(min(1.0 + high, most))
    above_negative = _log(min(math.inf if dual_clip is None else dual_clip, max(1.0 + high, most)))
    below_negative = _log(1.0 - low)
    return (
        by_sign(xp, advantages, -LOG_RATIO_LIMIT, below_negative),
        by_sign(xp, advantages, above, above_negative),
    )


def _log(bound: float) -> float:
    if bound <= 0:
        return -LOG_RATIO_LIMIT
    return min(max(math.log(bound), -LOG_RATIO_LIMIT), LOG_RATIO_LIMIT)
