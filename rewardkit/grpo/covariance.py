"""The tokens that make a policy certain: their advantage and log-probability vary together.

The change of a softmax policy's entropy in a step is minus the covariance of the two ("The
Entropy Mechanism of Reinforcement Learning for Reasoning Language Models", arXiv:2505.22617):
a few tokens are most of it. Clip-Cov leaves some of those out, KL-Cov holds them where they are.
"""

from __future__ import annotations

import math

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_shape,
    is_concrete,
    masked_mean,
    namespace,
    stop_gradient,
)
from rewardkit.grpo.batches import Tokens, read_batch
from rewardkit.grpo.surrogates import Objective

__all__ = ["clip_cov_mask", "kl_cov_mask"]


def clip_cov_mask(
    logp: Array,
    old_logp: Array | None,
    advantages: Array,
    mask: Array,
    *,
    share: float = 2e-4,
    bounds: tuple[float, float] = (1.0, 5.0),
    clip: tuple[float, float] = (0.2, 0.2),
    draws: Array | None = None,
) -> Array:
    """The live tokens that Clip-Cov trains on: all but a few of high covariance.

    Left out are share * tokens (one at least) of those whose (A - mean A)(logp - mean logp) is
    between the bounds and that PPO does not clip already. arXiv:2505.22617, eq. 10 to 12; verl's
    "clip_cov" is `policy_loss(..., clip=clip, token_mask=clip_cov_mask(...))`.

    Args:
        logp, old_logp, advantages, mask: As in `policy_loss`.
        share: Of the live tokens; verl's clip_cov_ratio.
        bounds: (low, high) that the covariance is strictly between; verl's clip_cov_lb and _ub.
        clip: PPO's, as in `policy_loss`.
        draws: (B, T) random numbers: of the tokens that qualify those with the least are left
            out. None takes those of the greatest covariance. (verl draws with torch.randperm.)

    Returns:
        (B, T) booleans, false outside the mask.

    Raises:
        ArrayError: As in `policy_loss`.
        OptionError: A number that cannot be.
    """
    _check_share(share)
    Objective(clip=clip)
    xp = namespace(logp=logp, draws=draws)
    tokens = read_batch(stop_gradient(logp), old_logp, advantages, mask).tokens("token")
    first = covariance = _covariance(tokens)
    if draws is not None:
        check_shape("draws", draws, logp.shape)
        first = -as_float("draws", draws)
    sign, ratio = tokens.advantages, tokens.ratio
    clipped = ((sign > 0) & (ratio > 1.0 + clip[1])) | ((sign < 0) & (ratio < 1.0 - clip[0]))
    fit = mask & ~clipped & (covariance > bounds[0]) & (covariance < bounds[1])
    return mask & ~_greatest(xp, first, fit, _number(xp, mask, share))


def kl_cov_mask(logp: Array, advantages: Array, mask: Array, *, share: float = 2e-4) -> Array:
    """The live tokens that KL-Cov holds: those of the greatest covariance.

    They are share * tokens (one at least) of the greatest (A - mean A)(logp - mean logp).
    arXiv:2505.22617, eq. 13 and 14; verl's "kl_cov" is, with its ppo_kl_coef as `beta`,
    `policy_loss(..., **verl_loss("kl_cov"), ref_logp=old_logp, kl_weights=kl_cov_mask(...))`.

    Args:
        logp, advantages, mask: As in `policy_loss`.
        share: Of the live tokens; verl's kl_cov_ratio.

    Returns:
        (B, T) booleans, false outside the mask.

    Raises:
        ArrayError: As in `policy_loss`.
        OptionError: A number that cannot be.
    """
    _check_share(share)
    tokens = read_batch(stop_gradient(logp), None, advantages, mask).tokens("token")
    return _greatest(tokens.xp, _covariance(tokens), mask, _number(tokens.xp, mask, share))


def _check_share(share: float) -> None:
    if not 0.0 < share <= 1.0:
        raise OptionError(f"share is {share}, and should be above 0 and at most 1.")


def _covariance(tokens: Tokens) -> Array:
    """(B, T) what each token adds to the covariance, before the mean over tokens."""
    mask = tokens.batch.mask
    advantages = tokens.advantages + tokens.xp.zeros_like(tokens.logp)
    return (advantages - masked_mean(advantages, mask)) * (
        tokens.logp - masked_mean(tokens.logp, mask)
    )


def _number(xp: Namespace, mask: Array, share: float) -> Array | int:
    """How many that share of the live tokens is, one at least."""
    live = xp.sum(xp.astype(mask, xp.int32))
    if is_concrete(live):  # in double precision, in which 0.29 of 100 is what it is in the peers
        return max(1, int(int(live) * share))
    return xp.clip(xp.astype(live * share, xp.int32), min=1)


def _greatest(xp: Namespace, values: Array, fit: Array, number: Array | int) -> Array:
    """(B, T) booleans: the `number` greatest values among those that fit, fewer if fewer fit."""
    flat = xp.reshape(xp.where(fit, values, xp.full_like(values, -math.inf)), (-1,))
    order = xp.argsort(flat, descending=True, stable=True)
    ranks = xp.argsort(order, stable=True)
    return fit & (xp.reshape(ranks, fit.shape) < number)
