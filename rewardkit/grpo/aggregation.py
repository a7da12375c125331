"""From a loss a token to the loss of a batch, with denominators that can be given.

Each reduction weighs every row's sum of live tokens by one number. The names are verl's
(`loss_agg_mode`); what they are called elsewhere is in the table of `aggregate`.
"""

from __future__ import annotations

from typing import Literal

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_mask,
    check_shape,
    masked_sum,
    namespace,
)
from rewardkit.grpo.options import check_choice, check_positive

__all__ = ["Reduction", "aggregate", "check_reduction", "reduce_rows", "row_weights"]

Reduction = Literal[
    "token-mean",
    "seq-mean-token-mean",
    "seq-mean-token-sum",
    "seq-mean-token-sum-norm",
    "token-sum",
    "none",
]


def aggregate(
    values: Array,
    mask: Array,
    reduction: Reduction = "token-mean",
    *,
    denominator: float | Array | None = None,
    horizon: float | None = None,
) -> Array:
    """One number from a value a token; what stands outside the mask takes no part.

    ======================== ============================== ==========================
    reduction                formula                        elsewhere
    ======================== ============================== ==========================
    token-mean               sum / tokens                   TRL dapo, bnpo, cispo
    seq-mean-token-mean      sum_i (sum_i / len_i) / rows   TRL grpo, sapo
    seq-mean-token-sum       sum / rows                     TRL luspo
    seq-mean-token-sum-norm  sum / (rows * horizon)         TRL dr_grpo
    token-sum                sum
    none                     values, 0 outside the mask
    ======================== ============================== ==========================

    Args:
        values: (B, T) floats.
        mask: (B, T) booleans.
        reduction: A name of the table.
        denominator: What stands for `tokens` or `rows`: the count of the whole optimiser step,
            over all its micro-batches and processes, so that the pieces' losses add up to the
            step's. None counts this batch's live tokens, or its rows that have one. TRL counts
            rows without any, too: give `denominator=B` for that.
        horizon: The longest completion, for seq-mean-token-sum-norm; None is T, as in verl. A
            fixed number keeps the weight of a token from changing with the batch (Dr. GRPO,
            arXiv:2503.20783, section 3.1).

    Returns:
        A number, in float32 at least; 0 of a batch without live tokens (verl's are NaN).

    Raises:
        ArrayError: Shapes that do not match, or a mask that is not boolean.
        OptionError: No such reduction, or a denominator that it has no use for.
    """
    xp = namespace(values=values, mask=mask)
    check_shape("values", values, ("B", "T"))
    check_mask("mask", mask, values.shape)
    check_reduction(reduction, denominator, horizon)
    return reduce_rows(xp, as_float("values", values), mask, reduction, denominator, horizon)


def reduce_rows(
    xp: Namespace,
    values: Array,
    mask: Array,
    reduction: Reduction,
    denominator: float | Array | None,
    horizon: float | None,
) -> Array:
    """`aggregate` of what has been checked; values can be (B, 1)."""
    if reduction == "none":
        return xp.where(mask, values, xp.zeros_like(values))
    weights = row_weights(xp, mask, values.dtype, reduction, denominator, horizon)
    return xp.sum(masked_sum(values, mask, axis=1) * weights)


def row_weights(
    xp: Namespace,
    mask: Array,
    dtype: object,
    reduction: Reduction,
    denominator: float | Array | None,
    horizon: float | None,
) -> Array:
    """What each row's sum is multiplied by before the rows are added: (B,)."""
    tokens = xp.sum(xp.astype(mask, dtype), axis=1)
    ones = xp.ones_like(tokens)
    if reduction == "token-sum":
        return ones
    rows = xp.sum(xp.astype(tokens > 0, dtype))
    if reduction == "token-mean":
        return ones / _given(xp, denominator, xp.sum(tokens))
    weights = ones / _given(xp, denominator, rows)
    if reduction == "seq-mean-token-mean":
        return weights / xp.clip(tokens, min=1.0)
    if reduction == "seq-mean-token-sum-norm":
        return weights / (mask.shape[1] if horizon is None else horizon)
    return weights


def _given(xp: Namespace, denominator: float | Array | None, count: Array) -> Array | float:
    # A batch without tokens has the sum 0, which any denominator leaves at 0.
    return xp.clip(count, min=1.0) if denominator is None else denominator


def check_reduction(
    reduction: str, denominator: float | Array | None, horizon: float | None
) -> None:
    """Raise OptionError where the three do not go together."""
    check_choice("reduction", reduction, Reduction)
    if denominator is not None and reduction in ("token-sum", "none"):
        raise OptionError(f"The reduction {reduction!r} divides by nothing: give no denominator.")
    if horizon is not None and reduction != "seq-mean-token-sum-norm":
        raise OptionError(
            f"A horizon belongs to the reduction 'seq-mean-token-sum-norm', not to {reduction!r}."
        )
    for name, value in (("denominator", denominator), ("horizon", horizon)):
        if isinstance(value, int | float):  # an array's values may not be there to be seen
            check_positive(name, value)
