"""PPO's loss of a critic: for PPO beside GRPO."""

from __future__ import annotations

from rewardkit.errors import OptionError
from rewardkit.grpo.aggregation import Reduction, check_reduction, reduce_rows, row_weights
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_mask,
    check_positive,
    check_shape,
    namespace,
    stop_gradient,
)

__all__ = ["value_loss", "value_loss_and_grad"]


def value_loss(
    values: Array,
    old_values: Array | None,
    returns: Array,
    mask: Array,
    *,
    clip: float | None = 0.2,
    reduction: Reduction = "token-mean",
    denominator: float | Array | None = None,
    horizon: float | None = None,
) -> Array:
    """Half the critic's squared error, of the worse of V and V clipped, aggregated.

    A token has 1/2 max((V - R)^2, (clip(V, V_old - clip, V_old + clip) - R)^2): no gradient takes
    a value that is `clip` away from the old one further. No paper; PPO's first implementation
    (openai/baselines, ppo2), verl's compute_value_loss, OpenRLHF's ValueLoss and TRL's PPOTrainer.

    Args:
        values: (B, T) the critic's V of each token; the loss is differentiable in it.
        old_values: (B, T) what it was when the returns were computed. None where `clip` is.
        returns: (B, T) of `gae`.
        mask: (B, T) booleans. What stands elsewhere can be anything.
        clip: In units of the returns: TRL 0.2, verl and OpenRLHF 0.5; None clips nothing.
        reduction, denominator, horizon: As in `aggregate`.

    Returns:
        A number, or (B, T) where reduction is "none", in float32 at least; 0 of a batch without
        live tokens.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or the mask is not boolean.
        OptionError: A name or number that cannot be; one of `clip` and `old_values` without the
            other.
    """
    check_reduction(reduction, denominator, horizon)
    xp, values, clipped, returns = _read(values, old_values, returns, mask, clip)
    worse = xp.maximum((values - returns) ** 2, (clipped - returns) ** 2)
    return reduce_rows(xp, 0.5 * worse, mask, reduction, denominator, horizon)


def value_loss_and_grad(
    values: Array,
    old_values: Array | None,
    returns: Array,
    mask: Array,
    *,
    clip: float | None = 0.2,
    reduction: Reduction = "token-mean",
    denominator: float | Array | None = None,
    horizon: float | None = None,
) -> tuple[Array, Array]:
    """`value_loss` and its gradient in `values`, by hand: for NumPy, which has no other.

    Args:
        values, old_values, returns, mask, clip: As in `value_loss`.
        reduction, denominator, horizon: As there; "none" has no gradient of this shape.

    Returns:
        The loss, a number, and its gradient, (B, T), 0 outside the mask; no gradient flows through
        either.

    Raises:
        ArrayError: As in `value_loss`.
        OptionError: As there.
    """
    check_reduction(reduction, denominator, horizon)
    if reduction == "none":
        raise OptionError("The reduction 'none' has no gradient: choose one that gives a number.")
    xp, values, clipped, returns = _read(stop_gradient(values), old_values, returns, mask, clip)
    gap, other = values - returns, clipped - returns
    near, far = gap * gap, other * other
    zeros = xp.zeros_like(gap)
    # Where V is within the bounds the two are the same; an accidental tie counts half, as in
    # the libraries' own gradients of a maximum.
    slope = xp.where((near > far) | (clipped == values), gap, zeros)
    slope = xp.where((near == far) & (clipped != values), 0.5 * gap, slope)
    scale = row_weights(xp, mask, gap.dtype, reduction, denominator, horizon)[:, None]
    loss = reduce_rows(xp, 0.5 * xp.maximum(near, far), mask, reduction, denominator, horizon)
    return loss, xp.where(mask, slope, zeros) * scale


def _read(
    values: Array, old_values: Array | None, returns: Array, mask: Array, clip: float | None
) -> tuple[Namespace, Array, Array, Array]:
    """The namespace, V, V within its bounds, and the returns: 0 outside the mask."""
    xp = namespace(values=values, old_values=old_values, returns=returns, mask=mask)
    check_positive("clip", clip)
    if (clip is None) != (old_values is None):
        raise OptionError("clip is about old_values: give both, or None for both.")
    check_shape("values", values, ("B", "T"))
    check_shape("returns", returns, values.shape)
    check_mask("mask", mask, values.shape)
    values, returns = as_float("values", values), stop_gradient(as_float("returns", returns))
    values = xp.where(mask, values, xp.zeros_like(values))
    returns = xp.where(mask, returns, xp.zeros_like(returns))
    if old_values is None or clip is None:
        return xp, values, values, returns
    check_shape("old_values", old_values, values.shape)
    old_values = stop_gradient(as_float("old_values", old_values))
    old_values = xp.where(mask, old_values, xp.zeros_like(old_values))
    return xp, values, values.clip(old_values - clip, old_values + clip), returns
