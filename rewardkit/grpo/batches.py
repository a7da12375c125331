"""A batch of sampled tokens: its arrays checked, and what is computed from them under its mask."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from rewardkit.errors import ArrayError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_mask,
    check_shape,
    namespace,
    stop_gradient,
)
from rewardkit.grpo.ratios import LOG_RATIO_LIMIT, Level, at_level

__all__ = ["Batch", "Tokens", "per_row_or_token", "read_batch"]


@dataclass(frozen=True)
class Batch:
    """The arrays of a policy loss: (B, T), and of four of them (B, 1) or (B, T)."""

    xp: Namespace
    logp: Array
    old_logp: Array | None
    advantages: Array
    mask: Array
    weights: Array | None
    token_mask: Array | None
    ref_logp: Array | None
    kl_weights: Array | None

    def rows(self, start: int, stop: int) -> Batch:
        """Some of the rows."""
        named = {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        return replace(self, **{name: a[start:stop] for name, a in named.items() if a is not None})

    def tokens(self, level: Level) -> Tokens:
        """What the losses are computed from."""
        xp = self.xp
        # Masked before anything is computed: even the difference of two infinities is NaN.
        logp = self._zeroed("logp", self.logp)
        old_logp = logp if self.old_logp is None else self._zeroed("old_logp", self.old_logp)
        old_logp = stop_gradient(old_logp)
        log_ratio = logp - old_logp
        counts = xp.sum(xp.astype(self.mask, logp.dtype), axis=1, keepdims=True)
        moved = logp - stop_gradient(logp) if level == "sequence_token" else None
        weights, kl_weights = self.weights, self.kl_weights
        return Tokens(
            batch=self,
            counts=counts,
            logp=logp,
            old_logp=old_logp,
            log_ratio=log_ratio,
            level_log_ratio=at_level(xp, log_ratio, moved, counts, level),
            advantages=self._live("advantages", self.advantages, counts, 0.0),
            weights=None if weights is None else self._live("weights", weights, counts, 1.0),
            kl_weights=(
                1.0 if kl_weights is None else self._live("kl_weights", kl_weights, counts, 0.0)
            ),
        )

    def reference(self) -> Array:
        """The reference's log-probabilities, (B, T), 0 outside the mask, a constant."""
        return stop_gradient(self._zeroed("ref_logp", self.ref_logp))

    def _zeroed(self, name: str, array: Array) -> Array:
        return _masked(self.xp, as_float(name, array), self.mask, 0.0)

    def _live(self, name: str, array: Array, counts: Array, other: float) -> Array:
        # A NaN at padding would reach the gradient, even of a loss that is masked: 0 * NaN.
        if self.xp.isdtype(array.dtype, "bool"):
            array = self.xp.astype(array, self.logp.dtype)
        array = stop_gradient(as_float(name, array))
        live = counts > 0 if array.shape[1] == 1 else self.mask
        return _masked(self.xp, array, live, other)


@dataclass(frozen=True)
class Tokens:
    """The values of a batch under its mask, in float32 at least: finite where it is false.

    counts: (B, 1) live tokens. logp, old_logp, log_ratio: (B, T), 0 outside the mask.
    level_log_ratio: the log-ratio at the loss's level, (B, T) or (B, 1). advantages, weights,
    kl_weights: (B, 1) or (B, T), or 1 where all of the latter are.
    """

    batch: Batch
    counts: Array
    logp: Array
    old_logp: Array
    log_ratio: Array
    level_log_ratio: Array
    advantages: Array
    weights: Array | None
    kl_weights: Array | float

    @property
    def xp(self) -> Namespace:
        """The library that computes."""
        return self.batch.xp

    @property
    def ratio(self) -> Array:
        """w at the loss's level, within exp(-20) and exp(20)."""
        return self.xp.exp(self.level_log_ratio.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT))


def read_batch(
    logp: Array,
    old_logp: Array | None,
    advantages: Array,
    mask: Array,
    weights: Array | None = None,
    token_mask: Array | None = None,
    ref_logp: Array | None = None,
    kl_weights: Array | None = None,
) -> Batch:
    """Check the arrays of a policy loss, and give those of a row a second axis.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, several libraries.
    """
    xp = namespace(
        logp=logp,
        old_logp=old_logp,
        advantages=advantages,
        mask=mask,
        weights=weights,
        token_mask=token_mask,
        ref_logp=ref_logp,
        kl_weights=kl_weights,
    )
    check_shape("logp", logp, ("B", "T"))
    check_mask("mask", mask, logp.shape)
    for name, array in (("old_logp", old_logp), ("ref_logp", ref_logp)):
        if array is not None:
            check_shape(name, array, logp.shape)
    if token_mask is not None:
        token_mask = per_row_or_token("token_mask", token_mask, logp.shape)
        check_mask("token_mask", token_mask, token_mask.shape)
    if weights is not None:
        weights = per_row_or_token("weights", weights, logp.shape)
    if kl_weights is not None:
        kl_weights = per_row_or_token("kl_weights", kl_weights, logp.shape)
    advantages = per_row_or_token("advantages", advantages, logp.shape)
    return Batch(xp, logp, old_logp, advantages, mask, weights, token_mask, ref_logp, kl_weights)


def per_row_or_token(name: str, array: Array, shape: tuple[int, int]) -> Array:
    """(B,), (B, 1) or (B, T), the first as (B, 1).

    Raises:
        ArrayError: It has another shape.
    """
    rows, length = shape
    found = tuple(array.shape)
    if found == (rows,):
        return array[:, None]
    if found in ((rows, 1), (rows, length)):
        return array
    raise ArrayError(
        f"{name} has the shape {found}, and should have ({rows},), ({rows}, 1) or "
        f"({rows}, {length}), one a row or one a token."
    )


def _masked(xp: Namespace, array: Array, mask: Array, other: float) -> Array:
    # A number of no dimension goes with an array on any device.
    return xp.where(mask, array, xp.asarray(other, dtype=array.dtype))
