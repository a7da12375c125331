"""The policy loss with its gradient by hand, a few rows at a time.

For NumPy, which has no other gradients, and wherever memory is short: what is held at once is the
gradient and a few arrays of one chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rewardkit.errors import OptionError
from rewardkit.grpo.aggregation import Reduction, check_reduction, row_weights
from rewardkit.grpo.arrays import Array, Namespace, as_float, stop_gradient
from rewardkit.grpo.batches import Batch, Tokens, read_batch
from rewardkit.grpo.kl import capped_ratio, estimate
from rewardkit.grpo.losses import check_reference
from rewardkit.grpo.ratios import LOG_RATIO_LIMIT, by_sign, clip_bounds, row_means
from rewardkit.grpo.surrogates import COEFFICIENTS, Objective, gmpo_bounds

__all__ = ["policy_loss_and_grad"]


def policy_loss_and_grad(
    logp: Array,
    old_logp: Array | None,
    advantages: Array,
    mask: Array,
    *,
    weights: Array | None = None,
    token_mask: Array | None = None,
    ref_logp: Array | None = None,
    kl_weights: Array | None = None,
    reduction: Reduction = "token-mean",
    denominator: float | Array | None = None,
    horizon: float | None = None,
    rows_per_chunk: int = 32,
    **objective: Any,
) -> tuple[Array, Array]:
    """`policy_loss` and its gradient in `logp`, computed from derivatives written out by hand.

    Args:
        logp, old_logp, advantages, mask: As in `policy_loss`.
        weights, token_mask, ref_logp, kl_weights: As there.
        reduction, denominator, horizon: As there; "none" has no gradient of this shape.
        rows_per_chunk: Rows that are computed at once: 32 rows of 4096 tokens stay in a
            processor's cache.
        objective: The other options of `policy_loss`.

    Returns:
        The loss, a number, and its gradient, (B, T), 0 outside the mask; both in float32 at least.
        No gradient flows through either.

    Raises:
        ArrayError: As in `policy_loss`.
        OptionError: As there.
    """
    check_reduction(reduction, denominator, horizon)
    if reduction == "none":
        raise OptionError("The reduction 'none' has no gradient: choose one that gives a number.")
    if not rows_per_chunk > 0:
        raise OptionError(f"rows_per_chunk is {rows_per_chunk}, and should be positive.")
    options = Objective.of(objective)
    batch = read_batch(
        stop_gradient(logp),
        old_logp,
        advantages,
        mask,
        weights,
        token_mask,
        ref_logp,
        kl_weights,
    )
    check_reference(batch, options)
    xp = batch.xp
    dtype = as_float("logp", logp[:0]).dtype
    scale = row_weights(xp, mask, dtype, reduction, denominator, horizon)[:, None]
    loss, gradients = xp.sum(scale[:0]), []
    for start in range(0, logp.shape[0], rows_per_chunk):
        stop = start + rows_per_chunk
        values, gradient = _chunk(batch.rows(start, stop), scale[start:stop], options)
        loss = loss + xp.sum(values)
        gradients.append(gradient)
    return loss, xp.concat(gradients) if gradients else xp.zeros_like(logp, dtype=dtype)


def _chunk(batch: Batch, scale: Array, objective: Objective) -> tuple[Array, Array]:
    """The rows' shares of the loss, (b, 1), and the gradient. scale: (b, 1), of each token."""
    xp = batch.xp
    tokens = batch.tokens(objective.level)
    value, slope = DERIVATIVES[objective.loss](tokens, objective)
    if objective.beta != 0.0:
        kl_value, kl_slope = _penalty(tokens, objective)
        value, slope = value + kl_value, slope + kl_slope
    # Outside the mask all is finite, and a product takes a quarter of the time of `where`.
    live = xp.astype(batch.mask, tokens.logp.dtype)
    rows = xp.sum(value * live, axis=1, keepdims=True) * scale
    return rows, slope * live * scale


def _kept(tokens: Tokens, objective: Objective, *parts: Array) -> tuple[Array, ...]:
    """The parts of a policy loss under its weights and its token mask."""
    if tokens.weights is not None and objective.loss != "vespo":
        parts = tuple(part * tokens.weights for part in parts)
    keep = tokens.batch.token_mask
    if keep is not None:
        parts = tuple(tokens.xp.where(keep, part, tokens.xp.zeros_like(part)) for part in parts)
    return parts


def _row_mean(tokens: Tokens, values: Array) -> Array:
    """(B, 1) or (B, T) to (B, 1): the sum over live tokens by their number."""
    xp, mask = tokens.xp, tokens.batch.mask
    return row_means(xp, xp.where(mask, values, xp.zeros_like(values)), tokens.counts)


def _by_token(tokens: Tokens, objective: Objective, slope: Array) -> Array:
    """From a derivative by the log-ratio at the loss's level to one by each log-probability."""
    return _row_mean(tokens, slope) if objective.level == "sequence" else slope


def _ppo(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    xp, log_ratio = tokens.xp, tokens.level_log_ratio
    clipped = log_ratio.clip(
        *clip_bounds(xp, tokens.advantages, objective.clip, objective.dual_clip, objective.delta)
    )
    value = -tokens.advantages * xp.exp(clipped)
    slope = value * xp.astype(clipped == log_ratio, value.dtype)
    value, slope = _kept(tokens, objective, value, slope)
    return value, _by_token(tokens, objective, slope)


def _sapo(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    xp, ratio = tokens.xp, tokens.ratio
    tau = by_sign(xp, tokens.advantages, *objective.sapo_temperature)
    gate = 1.0 / (1.0 + xp.exp(-tau * (ratio - 1.0)))
    value = -tokens.advantages * gate * (4.0 / tau)
    slope = -4.0 * tokens.advantages * gate * (1.0 - gate) * _moving(tokens, ratio)
    value, slope = _kept(tokens, objective, value, slope)
    return value, _by_token(tokens, objective, slope)


def _gmpo(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    xp = tokens.xp
    clipped = tokens.log_ratio.clip(*gmpo_bounds(tokens, objective))
    value = -tokens.advantages * xp.exp(row_means(xp, clipped, tokens.counts))
    (value,) = _kept(tokens, objective, value)
    mean = _row_mean(tokens, value)
    return value, xp.where(clipped == tokens.log_ratio, mean, xp.zeros_like(mean))


def _dro(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    pull = objective.dro_beta * tokens.log_ratio
    value = 0.5 * pull * tokens.log_ratio - tokens.advantages * tokens.logp
    value, slope = _kept(tokens, objective, value, pull - tokens.advantages)
    return value, slope


def _weighted(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    slope = -COEFFICIENTS[objective.loss](tokens, objective) * tokens.advantages
    value, slope = _kept(tokens, objective, slope * tokens.logp, slope)
    return value, slope


def _moving(tokens: Tokens, ratio: Array) -> Array:
    """d ratio / d log-ratio: the ratio, and 0 past its limits."""
    inside = abs(tokens.level_log_ratio) <= LOG_RATIO_LIMIT
    return tokens.xp.where(inside, ratio, tokens.xp.zeros_like(ratio))


def _penalty(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    """The weighed KL and its derivative by each log-probability."""
    xp, limit, value_limit = tokens.xp, objective.kl_log_ratio_clip, objective.kl_value_clip
    x = tokens.batch.reference() - tokens.logp
    if limit is not None:
        x = x.clip(-limit, limit)
    value, slope = estimate(xp, x, objective.kl), KL_SLOPES[objective.kl](xp, x)
    if value_limit is not None:
        slope = xp.where(abs(value) <= value_limit, slope, xp.zeros_like(slope))
        value = value.clip(-value_limit, value_limit)
    weight = objective.beta * tokens.kl_weights
    value, slope = weight * value, weight * slope
    if objective.kl_gradient == "pathwise":
        return value, slope
    log_ratio = tokens.level_log_ratio
    ratio = capped_ratio(xp, log_ratio, objective.kl_ratio_cap, limit)
    if objective.kl_gradient == "straight_through":
        return value, -weight * x * ratio
    moving = ratio if limit is None else xp.where(abs(log_ratio) <= limit, ratio, 0.0 * ratio)
    if objective.kl_ratio_cap is not None:
        moving = xp.where(ratio < objective.kl_ratio_cap, moving, xp.zeros_like(moving))
    return value * ratio, slope * ratio + _by_token(tokens, objective, value * moving)


# d estimate / d logp, of x = ref_logp - logp.
KL_SLOPES: dict[str, Callable[[Namespace, Array], Array]] = {
    "k1": lambda xp, x: xp.ones_like(x),
    "k2": lambda xp, x: -x,
    "k3": lambda xp, x: -xp.expm1(x),
    "abs": lambda xp, x: -xp.sign(x),
}

DERIVATIVES: dict[str, Callable[[Tokens, Objective], tuple[Array, Array]]] = {
    "ppo": _ppo,
    "sapo": _sapo,
    "gmpo": _gmpo,
    "dro": _dro,
    **dict.fromkeys(COEFFICIENTS, _weighted),
}
