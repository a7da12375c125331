"""What to leave out: groups without a signal, stale sequences, tokens that were certain."""

from __future__ import annotations

import math

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import (
    Array,
    as_float,
    check_mask,
    check_shape,
    masked_mean,
    namespace,
    namespace_of,
    stop_gradient,
)
from rewardkit.grpo.groups import Grouped

__all__ = [
    "constant_groups",
    "dynamic_sampling_mask",
    "high_entropy_mask",
    "off_policy_mask",
    "soft_overlong_penalty",
]


def constant_groups(rewards: Array, groups: Array, num_groups: int | None = None) -> Array:
    """Which groups have zero variance: all rewards are the same number, or one at most is given.

    Compared as they are, and not by a deviation that is nearly 0 (TRL logs those within 1e-8).

    Args:
        rewards: (N,) finite, or NaN for an abstention, which is left out.
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order.
        num_groups: G; needed only where `groups` is traced by a compiler.

    Returns:
        (G,) booleans.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or a reward is infinite.
    """
    namespace(rewards=rewards, groups=groups)
    group = Grouped(rewards, groups, num_groups)
    return group.constant()[: group.given_groups]


def dynamic_sampling_mask(rewards: Array, groups: Array, num_groups: int | None = None) -> Array:
    """Which completions DAPO keeps: not abstaining, and of a group whose rewards differ.

    Dynamic sampling, arXiv:2503.14476, eq. 11: 0 < right < n. The others have no gradient; they
    are replaced by more prompts, or at least left out of the loss's denominator. verl keeps groups
    of one, whose advantage it leaves raw; here their advantage is 0, and they are dropped.

    Args:
        rewards: (N,) finite, or NaN for an abstention.
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order.
        num_groups: G; needed only where `groups` is traced by a compiler.

    Returns:
        (N,) booleans.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or a reward is infinite.
    """
    namespace(rewards=rewards, groups=groups)
    group = Grouped(rewards, groups, num_groups)
    return ~group.spread(group.constant())


def off_policy_mask(
    logp: Array, rollout_logp: Array, advantages: Array, mask: Array, *, threshold: float
) -> Array:
    """The mask without the sequences that are bad and that the policy has moved away from.

    A sequence stays if its advantage is not negative, or the mean of log pi_rollout - log pi over
    its tokens is at most `threshold`. DeepSeek-V3.2, arXiv:2512.02556, section 3.1; TRL's
    get_off_policy_mask. Made for policy_loss's `token_mask`: the denominator stays that of `mask`.

    Args:
        logp: (B, T) log-probabilities of the policy that is trained, as constants.
        rollout_logp: (B, T) of the one that sampled; NaN where that gave none, which counts as 0.
        advantages: (B,) or (B, T).
        mask: (B, T) booleans. Outside it log-probabilities may be NaN or infinite.
        threshold: In nats a token.

    Returns:
        (B, T) booleans.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or the mask is not boolean.
    """
    xp = namespace(logp=logp, rollout_logp=rollout_logp, advantages=advantages, mask=mask)
    check_shape("logp", logp, ("B", "T"))
    check_shape("rollout_logp", rollout_logp, logp.shape)
    check_shape("advantages", advantages, logp.shape[: max(advantages.ndim, 1)])
    check_mask("mask", mask, logp.shape)
    gap = as_float("rollout_logp", rollout_logp) - stop_gradient(as_float("logp", logp))
    near = masked_mean(xp.where(xp.isnan(gap), 0.0, gap), mask, axis=1) <= threshold
    good = advantages >= 0 if advantages.ndim == 2 else (advantages >= 0)[:, None]
    return mask & (good | near[:, None])


def high_entropy_mask(entropy: Array, mask: Array, *, quantile: float = 0.8) -> Array:
    """The tokens whose entropy is at or above a quantile of the batch's: the forking tokens.

    0.8 keeps the top fifth, as in arXiv:2506.01939. The quantile is interpolated as by NumPy, and
    of any number of tokens: torch.quantile, which TRL calls, refuses more than 2^24.

    Args:
        entropy: (B, T) nats; outside the mask it may be NaN or infinite.
        mask: (B, T) booleans.
        quantile: From 0, which keeps all, to 1.

    Returns:
        (B, T) booleans, within the mask.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or the mask is not boolean.
        OptionError: The quantile is not between 0 and 1.
    """
    namespace(entropy=entropy, mask=mask)
    if not 0.0 <= quantile <= 1.0:
        raise OptionError(f"quantile is between 0 and 1, not {quantile}.")
    check_shape("entropy", entropy, ("B", "T"))
    check_mask("mask", mask, entropy.shape)
    wide = stop_gradient(as_float("entropy", entropy))
    if math.prod(entropy.shape) == 0:
        return mask
    return mask & (wide >= _masked_quantile(wide, mask, quantile))


def _masked_quantile(values: Array, mask: Array, quantile: float) -> Array:
    """The quantile of what the mask leaves, which need not be known to a compiler in number."""
    xp = namespace_of(values)
    # Masked ones last, and finite: where all are, the difference below is of two of them.
    last = xp.finfo(values.dtype).max
    ordered = xp.sort(xp.reshape(xp.where(mask, values, last), (-1,)))
    rank = quantile * xp.astype(
        xp.clip(xp.sum(xp.astype(mask, xp.int32)) - 1, min=0), values.dtype
    )
    below = xp.astype(xp.floor(rank), xp.int32)
    above = xp.astype(xp.ceil(rank), xp.int32)
    low, high = xp.take(ordered, xp.stack([below, above]), axis=0)
    return low + (high - low) * (rank - xp.floor(rank))


def soft_overlong_penalty(lengths: Array, *, max_length: int, buffer: int) -> Array:
    """0 up to max_length - buffer tokens, then falling to -1 at max_length, and -1 beyond.

    DAPO's soft overlong punishment, arXiv:2503.14476, eq. 13; TRL's get_soft_overlong_punishment.

    Args:
        lengths: (N,) tokens of each completion.
        max_length: L_max.
        buffer: L_cache; 0 is a step after max_length.

    Returns:
        (N,) float32 or float64, to be added to the rewards.

    Raises:
        OptionError: The buffer is below 0 or above max_length.
        ArrayError: Lengths are of another shape.
    """
    xp = namespace(lengths=lengths)
    check_shape("lengths", lengths, ("N",))
    if not 0 <= buffer <= max_length:
        raise OptionError(f"buffer is between 0 and max_length = {max_length}, not {buffer}.")
    over = as_float("lengths", lengths) - (max_length - buffer)
    if buffer == 0:
        return xp.where(over > 0.0, -xp.ones_like(over), 0.0)
    return -xp.clip(over / buffer, min=0.0, max=1.0)
