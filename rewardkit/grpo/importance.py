"""Corrections for what the policy that trains and the one that sampled disagree on.

The two are the same weights in two engines, or weights some steps apart: their
log-probabilities of one token differ, and a gradient that takes no notice is biased.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, get_args

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_choice,
    check_mask,
    check_shape,
    masked_mean,
    masked_sum,
    namespace,
    stop_gradient,
)
from rewardkit.grpo.batches import Tokens, read_batch
from rewardkit.grpo.ratios import LOG_RATIO_LIMIT, Level, row_means
from rewardkit.grpo.surrogates import Objective, binary_kl, within_divergence

__all__ = [
    "ClipFractions",
    "clip_fractions",
    "divergence_mask",
    "importance_weights",
    "rejection_mask",
]


def importance_weights(
    train_logp: Array,
    rollout_logp: Array,
    mask: Array,
    *,
    level: Literal["token", "sequence", "geometric"] = "token",
    mode: Literal["truncate", "mask"] = "truncate",
    low: float | None = None,
    high: float | None = 2.0,
    normalize: bool = False,
) -> Array:
    """The weights w = p_train / p_rollout of tokens or sequences, bounded, without gradient.

    ======== ============================ ====================================================
    mode     w outside [low, high]        known as
    ======== ============================ ====================================================
    truncate becomes the bound            TIS (Yao et al., "Your efficient RL framework secretly
                                          brings you off-policy RL training", 2025)
    mask     becomes 0                    IcePop, of tokens (arXiv:2510.18855); MIS, of sequences
    ======== ============================ ====================================================

    Args:
        train_logp: (B, T) log-probabilities of the sampled tokens in the engine that trains.
        rollout_logp: (B, T), in the one that sampled.
        mask: (B, T) booleans.
        level: A "token"'s ratio, a "sequence"'s product, or its "geometric" mean, which does not
            grow with its length.
        mode: As in the table.
        low, high: The bounds; None is none. TRL bounds w at 3, verl at 2, OpenRLHF in (0.5, 5).
        normalize: Divide by the mean weight of the live tokens, or of the rows that have one
            (verl's rollout_is_batch_normalize).

    Returns:
        (B, T) of tokens, (B, 1) of sequences, in float32 at least, for `policy_loss`'s weights.
        A token that either engine gave NaN has the log-ratio 0, that is no correction, as in TRL,
        and so has padding (verl's padding has the weight 0). Log-ratios are limited to plus or
        minus 20.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, several libraries.
        OptionError: A name that cannot be, or low above high.
    """
    xp = namespace(train_logp=train_logp, rollout_logp=rollout_logp, mask=mask)
    check_choice("level", level, get_args(Literal["token", "sequence", "geometric"]))
    check_choice("mode", mode, get_args(Literal["truncate", "mask"]))
    lowest, highest = _bounds(low, high)
    log_ratio = _log_ratio(xp, train_logp, rollout_logp, mask)
    counts = xp.sum(xp.astype(mask, log_ratio.dtype), axis=1, keepdims=True)
    if level == "geometric":
        log_ratio = row_means(xp, log_ratio, counts)
    elif level == "sequence":
        log_ratio = xp.sum(log_ratio, axis=1, keepdims=True)
    weights = xp.exp(log_ratio.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT))
    if mode == "truncate":
        weights = weights.clip(lowest, highest)
    else:
        inside = (weights >= lowest) & (weights <= highest)
        weights = xp.where(inside, weights, xp.zeros_like(weights))
    return _normalized(xp, weights, mask, counts, level) if normalize else weights


def _normalized(xp: Namespace, weights: Array, mask: Array, counts: Array, level: str) -> Array:
    if level == "token":
        mean = masked_mean(weights, mask)
    else:  # to the last digit as verl, which adds 1e-8 to a row's number of tokens
        mean = masked_mean(weights * counts / (counts + 1e-8), counts > 0)
    return weights / xp.where(mean > 0, mean, xp.ones_like(mean))


def _bounds(low: float | None, high: float | None) -> tuple[float, float]:
    lowest = -math.inf if low is None else low
    highest = math.inf if high is None else high
    if not lowest <= highest:
        raise OptionError(f"low is {low} and high {high}: the lower bound comes first.")
    return lowest, highest


def _log_ratio(xp: Namespace, train_logp: Array, rollout_logp: Array, mask: Array) -> Array:
    """(B, T), without gradient, 0 outside the mask and where it is NaN."""
    check_shape("train_logp", train_logp, ("B", "T"))
    check_shape("rollout_logp", rollout_logp, train_logp.shape)
    check_mask("mask", mask, train_logp.shape)
    train_logp, rollout_logp = _scored(xp, train_logp, rollout_logp, mask)
    return train_logp - rollout_logp


def _scored(
    xp: Namespace, train_logp: Array, rollout_logp: Array, mask: Array
) -> tuple[Array, Array]:
    """Both without gradient, and 0 outside the mask, where either is NaN, or both are infinite."""
    train_logp = stop_gradient(as_float("train_logp", train_logp))
    rollout_logp = stop_gradient(as_float("rollout_logp", rollout_logp))
    known = mask & ~xp.isnan(train_logp) & ~xp.isnan(rollout_logp)
    known = known & ~(xp.isinf(train_logp) & xp.isinf(rollout_logp))
    zeros = xp.zeros_like(train_logp)
    return xp.where(known, train_logp, zeros), xp.where(known, rollout_logp, zeros)


Statistic = Literal["ratio", "k2", "k3", "binary_kl", "tv"]
RejectionLevel = Literal["token", "sum", "mean", "max"]


def rejection_mask(
    train_logp: Array,
    rollout_logp: Array,
    mask: Array,
    *,
    statistic: Statistic = "ratio",
    level: RejectionLevel = "token",
    low: float | None = None,
    high: float | None = None,
) -> Array:
    """The live tokens whose statistic, or whose sequence's, is within [low, high].

    With d = train_logp - rollout_logp:

    ========= ===================== ========================================================
    statistic of a token            elsewhere
    ========= ===================== ========================================================
    ratio     exp(d)                OpenRLHF "ratio"; verl "k1", which bounds exp(-d) instead
    k2        d**2 / 2              verl
    k3        exp(d) - 1 - d        verl
    binary_kl KL(rollout || train)  of "this token or another" (OpenRLHF)
    tv        abs(p - q)            OpenRLHF
    ========= ===================== ========================================================

    Args:
        train_logp, rollout_logp, mask: As in `importance_weights`.
        statistic: A name of the table.
        level: Each "token" by itself, or whole sequences by the "sum", "mean" or "max" over their
            live tokens; of a ratio, the product, the geometric mean, or the greatest.
        low, high: The bounds; None is none.

    Returns:
        (B, T) booleans, false outside the mask, for `policy_loss`'s token_mask. A token that
        either engine gave NaN is no evidence and counts as agreement.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, several libraries.
        OptionError: A name that cannot be, or low above high.
    """
    xp = namespace(train_logp=train_logp, rollout_logp=rollout_logp, mask=mask)
    check_choice("statistic", statistic, get_args(Statistic))
    check_choice("level", level, get_args(RejectionLevel))
    lowest, highest = _bounds(low, high)
    log_ratio = _log_ratio(xp, train_logp, rollout_logp, mask)
    log_ratio = log_ratio.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    if statistic in ("binary_kl", "tv"):
        values = _disagreement(xp, statistic, train_logp, rollout_logp, mask)
    elif statistic == "k3":
        values = xp.expm1(log_ratio) - log_ratio
    else:
        values = log_ratio if statistic == "ratio" else 0.5 * log_ratio * log_ratio
    values = _over_rows(xp, values, mask, level)
    if statistic == "ratio":
        values = xp.exp(values.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT))
    return mask & (values >= lowest) & (values <= highest)


def _disagreement(
    xp: Namespace, statistic: str, train_logp: Array, rollout_logp: Array, mask: Array
) -> Array:
    # Limited, so that a probability of 0 is a great divergence, and not 0 * infinity.
    train, rollout = (
        each.clip(-100.0, 0.0) for each in _scored(xp, train_logp, rollout_logp, mask)
    )
    if statistic == "tv":
        return xp.abs(xp.exp(rollout) - xp.exp(train))
    return binary_kl(xp, rollout, train)


def _over_rows(xp: Namespace, values: Array, mask: Array, level: RejectionLevel) -> Array:
    """(B, T) to (B, 1), unless it is of tokens."""
    if level == "token":
        return values
    if level == "max":
        live = xp.where(mask, values, xp.full_like(values, -math.inf))
        return xp.max(live, axis=1, keepdims=True)
    reduce = masked_sum if level == "sum" else masked_mean
    return reduce(values, mask, axis=1)[:, None]


def divergence_mask(
    logp: Array,
    old_logp: Array,
    advantages: Array,
    mask: Array,
    *,
    divergence: Literal["tv", "kl"] = "tv",
    clip: tuple[float, float] = (0.2, 0.2),
) -> Array:
    """The live tokens that DPPO trains on: those not past the bound that they are pushed to.

    With p and q the new and the old probability of the token, "tv" keeps p - q <= high where the
    advantage is positive and p - q >= -low elsewhere; "kl" keeps tokens whose KL(q || p), of "this
    token or another", is within the bound or that moved the other way (DPPO, arXiv:2602.04879).
    `policy_loss` does this itself in dppo_tv and dppo_kl. prime-rl's loss is
    `policy_loss(logp, old_logp, advantages, mask, clip=None, token_mask=divergence_mask(...))`.

    Args:
        logp, old_logp, advantages, mask: As in `policy_loss`.
        divergence: "tv" or "kl".
        clip: (low, high).

    Returns:
        (B, T) booleans, false outside the mask.

    Raises:
        ArrayError: As in `policy_loss`.
        OptionError: A name or number that cannot be.
    """
    check_choice("divergence", divergence, get_args(Literal["tv", "kl"]))
    Objective(loss="dppo_tv", clip=clip)
    tokens = read_batch(stop_gradient(logp), old_logp, advantages, mask).tokens("token")
    return mask & within_divergence(
        tokens.xp, tokens.logp, tokens.old_logp, tokens.advantages, divergence, clip
    )


class ClipFractions(NamedTuple):
    """Shares of the live tokens, or sequences, whose loss has no gradient, and why.

    low: the ratio is below 1 - low and the advantage negative. high: above 1 + high, and positive.
    dual: above dual_clip, and negative. They exclude each other: their sum is what is clipped.
    """

    low: Array
    high: Array
    dual: Array


def clip_fractions(
    logp: Array,
    old_logp: Array,
    advantages: Array,
    mask: Array,
    *,
    clip: tuple[float, float] = (0.2, 0.2),
    level: Level = "token",
    dual_clip: float | None = None,
) -> ClipFractions:
    """How much of a batch PPO's objective clips.

    verl's pg_clipfrac is low + high, its pg_clipfrac_lower is dual; TRL's clip_ratio/low_mean and
    high_mean are low and high.

    Args:
        logp, old_logp, advantages, mask: As in `policy_loss`.
        clip, level, dual_clip: As there. With level="sequence" the shares are of sequences.

    Returns:
        Three numbers, 0 of a batch without live tokens.

    Raises:
        ArrayError: As in `policy_loss`.
        OptionError: As there.
    """
    Objective(clip=clip, level=level, dual_clip=dual_clip)
    tokens = read_batch(stop_gradient(logp), old_logp, advantages, mask).tokens(level)
    ratio, sign = tokens.ratio, tokens.advantages
    most = math.inf if dual_clip is None else dual_clip
    return ClipFractions(
        low=_share(tokens, (ratio < 1.0 - clip[0]) & (sign < 0)),
        high=_share(tokens, (ratio > 1.0 + clip[1]) & (sign > 0)),
        dual=_share(tokens, (ratio > most) & (sign < 0)),
    )


def _share(tokens: Tokens, flags: Array) -> Array:
    live = tokens.batch.mask if flags.shape[1] > 1 else tokens.counts > 0
    return masked_mean(tokens.xp.astype(flags, tokens.counts.dtype), live)
