"""Groups: the completions of one prompt, as integers 0 to G - 1 in any order."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rewardkit.errors import ArrayError, ContractError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    as_index,
    check_shape,
    is_concrete,
    is_jax,
    is_torch,
    namespace_of,
    segment_max,
    segment_sum,
    stop_gradient,
)
from rewardkit.grpo.moments import root

__all__ = ["Grouped", "check_groups", "group_index"]


def group_index(labels: Iterable[Hashable], *, like: Array | None = None) -> tuple[Array, int]:
    """Number the groups in the order in which their labels first appear.

    Labels are compared as they are: "1" and "01" are two groups, as are "1" and 1. (verl's
    vectorised estimators make numbers of them first, and so one group of "1" and "01".)

    Args:
        labels: (N,) any hashables, or an array: prompts, their ids.
        like: An array; the result is of its library, and on its device. NumPy if None.

    Returns:
        groups: (N,) integers.
        num_groups: G.

    Raises:
        ContractError: A label cannot be hashed, for instance a list of messages.
    """
    listed: Any = labels.tolist() if hasattr(labels, "tolist") else labels
    numbers: dict[Hashable, int] = {}
    try:
        groups = [numbers.setdefault(label, len(numbers)) for label in listed]
    except TypeError as error:
        raise ContractError(
            f"Labels are compared by their hash, and one has none ({error}): give ids or text."
        ) from error
    return _index_array(groups, like), len(numbers)


def _index_array(groups: list[int], like: Array | None) -> Array:
    import numpy as np

    index = np.asarray(groups, np.intp)
    if like is not None and is_torch(like):
        import torch

        return torch.asarray(index, device=like.device)
    if like is not None and is_jax(like):
        import jax

        return jax.numpy.asarray(index)
    return index


def check_groups(groups: Array, num_groups: int | None, size: int) -> tuple[Array, int]:
    """Check (N,) group numbers and count the groups, some of which may be empty.

    The values are looked at unless they are traced, since a number out of range is silently left
    out by JAX, and ends the process's use of the GPU in PyTorch.

    Raises:
        ArrayError: They are no integers, not one a sample, or not from 0 to num_groups - 1; or
            num_groups is needed and not given.
    """
    xp = namespace_of(groups)
    if not xp.isdtype(groups.dtype, "integral"):
        raise ArrayError(
            f"groups holds {groups.dtype}, and should hold integers: group_index() makes them."
        )
    check_shape("groups", groups, (size,))
    if not is_concrete(groups):
        if num_groups is None:
            raise ArrayError("num_groups must be given where groups are traced by a compiler.")
        return as_index(groups), num_groups
    lowest, highest = (int(xp.min(groups)), int(xp.max(groups))) if size else (0, -1)
    count = highest + 1 if num_groups is None else num_groups
    if lowest < 0 or highest >= count:
        raise ArrayError(f"groups holds {lowest} to {highest}, and should hold 0 to {count - 1}.")
    return as_index(groups), count


@dataclass(frozen=True)
class Grouped:
    """Rewards and their groups, with what is computed of them once.

    Attributes:
        rewards: (N,) 0 where NaN was given.
        valid: (N,) where it was not.
        groups: (N,) each one's group.
        num_groups: G.
        complete: It is known that none abstains: nothing need be left out, which saves a third of
            the time.
    """

    rewards: Array
    valid: Array
    groups: Array
    num_groups: int
    complete: bool

    @classmethod
    def of(
        cls, rewards: Array, groups: Array, num_groups: int | None, name: str = "rewards"
    ) -> Grouped:
        """Check the arrays, which are of one library, and find the abstentions.

        Raises:
            ArrayError: A shape or a type is wrong, or a reward is infinite.
        """
        xp = namespace_of(rewards)
        check_shape(name, rewards, ("N",))
        wide = as_float(name, rewards)
        groups, num_groups = check_groups(groups, num_groups, rewards.shape[0])
        valid = ~xp.isnan(wide)
        if is_concrete(wide):
            # NaN is both the greatest and the least: this takes a fifth of all(isfinite(x)).
            extremes = (float(xp.max(wide)), float(xp.min(wide))) if wide.shape[0] else ()
            if all(map(math.isfinite, extremes)):
                return cls(wide, valid, groups, num_groups, complete=True)
            if bool(xp.any(xp.isinf(wide))):
                raise ArrayError(f"{name} holds an infinite value; one that is to abstain is NaN.")
        return cls(xp.where(valid, wide, 0.0), valid, groups, num_groups, complete=False)

    @property
    def xp(self) -> Namespace:
        """The namespace that computes with these arrays."""
        return namespace_of(self.rewards)

    def only_valid(self, values: Array) -> Array:
        """(N,) the values, and 0 of abstentions."""
        return values if self.complete else self.xp.where(self.valid, values, 0.0)

    def sum(self, values: Array) -> Array:
        """(N,) to (G,) the sum of each group."""
        return segment_sum(values, self.groups, self.num_groups)

    def spread(self, values: Array) -> Array:
        """(G,) to (N,) its group's value for each. Indexing does it in three times the time."""
        return self.xp.take(values, self.groups, axis=0)

    @cached_property
    def counts(self) -> Array:
        """(G,) how many did not abstain."""
        return self.sum(self.xp.astype(self.valid, self.rewards.dtype))

    @cached_property
    def alone(self) -> Array:
        """(G,) where one at most did not."""
        return self.counts <= 1.0

    @cached_property
    def greatest(self) -> Array:
        """(G,) the greatest reward, a constant to differentiation; 0 of an empty group."""
        xp = self.xp
        candidates = self.rewards
        if not self.complete:
            candidates = xp.where(self.valid, candidates, -math.inf)
        greatest = stop_gradient(segment_max(candidates, self.groups, self.num_groups))
        return xp.where(greatest > -math.inf, greatest, 0.0)

    @cached_property
    def shifted(self) -> Array:
        """(N,) how far below the greatest of its group each is."""
        return self.only_valid(self.rewards - self.spread(self.greatest))

    @cached_property
    def _shifted_means(self) -> Array:
        return self.sum(self.shifted) / self.xp.clip(self.counts, min=1.0)

    @cached_property
    def means(self) -> Array:
        """(G,) mu; 0 of an empty group."""
        return self._shifted_means + self.greatest

    @cached_property
    def deviations(self) -> Array:
        """(N,) r - mu, exactly 0 in a group of equal rewards."""
        return self.only_valid(self.shifted - self.spread(self._shifted_means))

    def centred_by(self, weights: Array) -> Array:
        """(N,) r less the weighted mean of its group; weights of 0 throughout count as no mean."""
        weights = self.only_valid(weights)
        total = self.sum(weights)
        mean = self.sum(weights * self.shifted) / self.xp.where(total > 0.0, total, 1.0)
        return self.only_valid(self.shifted - self.spread(mean))

    @cached_property
    def _squares(self) -> Array:
        return self.sum(self.deviations**2)

    def std(self, ddof: int) -> Array:
        """(G,) sigma, exactly 0 in a group of equal rewards, and of one alone."""
        return root(self._squares / self.xp.clip(self.counts - ddof, min=1.0))

    def std_of_others(self, ddof: int) -> Array:
        """(N,) sigma of the group without this one; 0 where the others are equal."""
        xp, n = self.xp, self.counts
        share = self.spread(n / xp.clip(n - 1.0, min=1.0))
        squares, left = self.spread(self._squares), self.deviations**2 * share
        # A difference: below its rounding error it is nothing.
        rounding = 4.0 * xp.finfo(self.rewards.dtype).eps * self.spread(n) * squares
        squares = xp.where(squares - left > rounding, squares - left, 0.0)
        return root(squares / self.spread(xp.clip(n - 1.0 - ddof, min=1.0)))
