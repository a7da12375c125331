"""Groups: the completions of one prompt, as integers 0 to G - 1 in any order."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from typing import Any

from rewardkit.errors import ArrayError, ContractError
from rewardkit.grpo.arrays import (
    Array,
    as_float,
    as_index,
    check_shape,
    is_concrete,
    is_jax,
    is_torch,
    namespace_of,
    stop_gradient,
)
from rewardkit.grpo.segments import segments

__all__ = ["Grouped", "check_groups", "group_index"]

_HEADROOM = 1e4  # for the sum of the squares of a hundred million rewards


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
    lowest, highest = (int(groups.min()), int(groups.max())) if size else (0, -1)
    count = highest + 1 if num_groups is None else num_groups
    if lowest < 0 or highest >= count:
        raise ArrayError(f"groups holds {lowest} to {highest}, and should hold 0 to {count - 1}.")
    return as_index(groups), count


class Grouped:
    """Rewards and their groups, with what every estimator needs of them.

    Abstentions are given the reward 0 and become a group of their own, the last: no sum of another
    group has to leave them out, and their deviations are 0.

    All of it is computed at once: torch.compile cannot trace Python 3.11's cached_property, which
    holds a lock.

    Args:
        rewards: (N,) finite, or NaN for an abstention.
        groups: (N,) integers, of the same library.
        num_groups: G, or None to count them.
        name: What the rewards are called in an error.

    Attributes:
        xp: The namespace that computes with these arrays.
        rewards: (N,) 0 where NaN was given.
        valid: (N,) where it was not.
        groups: (N,) each one's group.
        num_groups: H: G, and one more where something may abstain.
        given_groups: G.
        counts: (H,) how many there are of each.
        alone: (H,) where it is one at most.
        sum, max: (N,) to (H,) of each group.
        spread: (H,) to (N,) its group's value for each.
        deviations: (N,) r - mu, exactly 0 in a group of equal rewards.

    Raises:
        ArrayError: A shape or a type is wrong, or a reward is infinite.
    """

    def __init__(
        self, rewards: Array, groups: Array, num_groups: int | None, name: str = "rewards"
    ) -> None:
        self.xp = xp = namespace_of(rewards)
        check_shape(name, rewards, ("N",))
        self.rewards = as_float(name, rewards)
        self.groups, self.num_groups = check_groups(groups, num_groups, rewards.shape[0])
        self.given_groups = self.num_groups
        self._name, self._reach = name, _reach(self.rewards)
        if is_concrete(rewards) and not math.isnan(self._reach):  # nothing abstains
            self.valid = xp.ones_like(self.rewards, dtype=xp.bool)
        else:
            self.valid = ~xp.isnan(self.rewards)
            self.rewards = self.only_valid(self.rewards)
            self._reach = _reach(self.rewards)
            self.groups = xp.where(self.valid, self.groups, self.num_groups)
            self.num_groups += 1
        _check_reach(name, self.rewards, self._reach)
        of_each = segments(self.groups, self.num_groups)
        self.sum, self.max, self.spread = of_each.sum, of_each.max, of_each.spread
        self.counts = of_each.counts(self.rewards)
        self.alone = self.counts <= 1.0
        self._some = of_each.some(self.rewards)
        self._shifted = self.rewards - self.spread(self._some)
        self._shifted_means = self.sum(self._shifted) / self.counts.clip(1.0)
        self.deviations = self._shifted - self.spread(self._shifted_means)

    def only_valid(self, values: Array) -> Array:
        """(N,) the values, and 0 of abstentions."""
        return self.xp.where(self.valid, values, 0.0)

    def means(self) -> Array:
        """(H,) mu; 0 of an empty group."""
        xp = self.xp
        return self._shifted_means + xp.where(self.counts > 0.0, self._some, 0.0)

    def constant(self) -> Array:
        """(H,) where all rewards are the same number, or there is none."""
        others = self.xp.astype(self._shifted != 0.0, self.rewards.dtype)
        return self.sum(others) == 0.0

    def centred_by(self, weights: Array) -> Array:
        """(N,) r less the weighted mean of its group; weights of 0 throughout count as no mean."""
        weights = self.only_valid(weights)
        total = self.sum(weights)
        mean = self.sum(weights * self._shifted) / self.xp.where(total > 0.0, total, 1.0)
        return self._shifted - self.spread(mean)

    def _squares(self) -> Array:
        """(G,) the sum of the squared deviations.

        Raises:
            ArrayError: They overflow, and every advantage of the group would be 0.
        """
        # Seldom looked at: no deviation is farther than the whole batch's ends are apart.
        limit = math.sqrt(float(self.xp.finfo(self.rewards.dtype).max)) / _HEADROOM
        if self._reach > limit:
            farthest = float(self.xp.max(self.xp.abs(stop_gradient(self.deviations))))
            if farthest > limit:
                raise ArrayError(_too_far_apart(self._name, self.rewards))
        return self.sum(self.deviations * self.deviations)

    def variance(self, ddof: int) -> Array:
        """(H,) sigma^2, exactly 0 in a group of equal rewards, and of one alone."""
        return self._squares() / (self.counts - ddof).clip(1.0)

    def variance_of_others(self, ddof: int) -> Array:
        """(N,) sigma^2 of the group without this one; 0 where the others are equal."""
        xp, n = self.xp, self.counts
        share = self.spread(n / (n - 1.0).clip(1.0))
        squares, left = self.spread(self._squares()), self.deviations**2 * share
        # A difference: below its rounding error it is nothing.
        rounding = 4.0 * xp.finfo(self.rewards.dtype).eps * self.spread(n) * squares
        squares = xp.where(squares - left > rounding, squares - left, 0.0)
        return squares / self.spread((n - 1.0 - ddof).clip(1.0))


def _reach(values: Array) -> float:
    """How far apart the ends are; 0 of traced values, NaN or infinity if one is that.

    NaN is both the greatest and the least: this takes a fifth of all(isfinite(x)).
    """
    if not (is_concrete(values) and values.shape[0]):
        return 0.0
    values = stop_gradient(values)
    return float(values.max()) - float(values.min())


def _check_reach(name: str, values: Array, reach: float) -> None:
    """Raise ArrayError where a value is infinite, or a difference of two is."""
    xp = namespace_of(values)
    if reach <= float(xp.finfo(values.dtype).max):
        return
    if bool(xp.any(xp.isinf(values))):
        raise ArrayError(f"{name} holds an infinite value; one that is to abstain is NaN.")
    raise ArrayError(_too_far_apart(name, values))


def _too_far_apart(name: str, values: Array) -> str:
    return f"{name} are too far apart for {values.dtype}: scale them."
