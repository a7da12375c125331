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
    """The arrays of a policy loss: (B, T), and of three of them (B, 1) or (B, T)."""

    xp: Namespace
    logp: Array
    old_logp: Array | None
    advantages: Array
    mask: Array
    weights: Array | None
    token_mask: Array | None
    ref_logp: Array | None

    def rows(self, start: int, stop: int) -> Batch:
        """Some of the rows."""
        named = {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        return replace(
            self, **{name: a[start:stop] for name, a in named.items() if a is not None}
        )

    def tokens(self, level: Level) -> Tokens:
        """What the losses are computed from."""
        counts = self.xp.sum(self.xp.astype(self.mask, self.xp.float32), axis=1, keepdims=True)
        logp = as_float("logp", self.logp)
        counts = self.xp.astype(counts, logp.dtype)
        old_logp = logp if self.old_logp is None else as_float("old_logp", self.old_logp)
        log_ratio = _masked(self.xp, logp - stop_gradient(old_logp), self.mask, 0.0)
        moved = None
        if level == "sequence_token":
            moved = _masked(self.xp, logp - stop_gradient(logp), self.mask, 0.0)
        return Tokens(
            batch=self,
            counts=counts,
            log_ratio=log_ratio,
            level_log_ratio=at_level(self.xp, log_ratio, moved, counts, level),
            advantages=self._live("advantages", self.advantages, counts, 0.0),
            weights=None
            if self.weights is None
            else self._live("weights", self.weights, counts, 1.0),
        )

    def _live(self, name: str, array: Array, counts: Array, other: float) -> Array:
        # A NaN at padding would reach the gradient, even of a loss that is masked: 0 * NaN.
        array = stop_gradient(as_float(name, array))
        live = counts > 0 if array.shape[1] == 1 else self.mask
        return _masked(self.xp, array, live, other)


@dataclass(frozen=True)
class Tokens:
    """The values of a batch under its mask, in float32 at least: finite where it is false.

    counts: (B, 1) live tokens. log_ratio: (B, T), 0 outside the mask. level_log_ratio: the same
    at the loss's level, (B, T) or (B, 1). advantages, weights: (B, 1) or (B, T).
    """

    batch: Batch
    counts: Array
    log_ratio: Array
    level_log_ratio: Array
    advantages: Array
    weights: Array | None

    @property
    def xp(self) -> Namespace:
        """The library that computes."""
        return self.batch.xp

    @property
    def logp(self) -> Array:
        """(B, T), 0 outside the mask."""
        return self._zeroed("logp", self.batch.logp)

    @property
    def old_logp(self) -> Array:
        """(B, T), 0 outside the mask, a constant."""
        old_logp = self.batch.logp if self.batch.old_logp is None else self.batch.old_logp
        return stop_gradient(self._zeroed("old_logp", old_logp))

    @property
    def ref_logp(self) -> Array:
        """(B, T), 0 outside the mask, a constant."""
        return stop_gradient(self._zeroed("ref_logp", self.batch.ref_logp))

    @property
    def ratio(self) -> Array:
        """w at the loss's level, within exp(-20) and exp(20)."""
        return self.xp.exp(self.level_log_ratio.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT))

    def _zeroed(self, name: str, array: Array) -> Array:
        return _masked(self.xp, as_float(name, array), self.batch.mask, 0.0)


def read_batch(
    logp: Array,
    old_logp: Array | None,
    advantages: Array,
    mask: Array,
    weights: Array | None = None,
    token_mask: Array | None = None,
    ref_logp: Array | None = None,
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
    advantages = per_row_or_token("advantages", advantages, logp.shape)
    return Batch(xp, logp, old_logp, advantages, mask, weights, token_mask, ref_logp)


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
    return xp.where(mask, array, xp.asarray(other, dtype=array.dtype, device=array.device))
