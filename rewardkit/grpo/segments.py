"""Sums and extremes of each group's entries, in each library's quickest way.

Beside `rewardkit.grpo.arrays` the only module that knows which library it computes with.
"""

from __future__ import annotations

import math
from typing import Protocol

from rewardkit.grpo.arrays import Array, is_jax, is_torch, stop_gradient

__all__ = ["Segments", "segments"]


class Segments(Protocol):
    """Which of N entries belong together: G segments of any sizes, in any order."""

    def counts(self, like: Array) -> Array:
        """(G,) how many entries each has, in the type of `like`, (N,)."""

    def sum(self, array: Array) -> Array:
        """(N,) to (G,): the sums; 0 of an empty segment."""

    def max(self, array: Array) -> Array:
        """(N,) to (G,): the greatest; minus infinity of an empty segment."""

    def some(self, array: Array) -> Array:
        """(N,) to (G,): an entry of each, always the same one; anything of an empty segment.

        It is a constant to differentiation.
        """

    def spread(self, array: Array) -> Array:
        """(G,) to (N,): its segment's value for each entry."""


def segments(groups: Array, number: int) -> Segments:
    """The segments of these groups: (N,) integers from 0 to `number` - 1 that index an array."""
    if is_torch(groups):
        return _Torch(groups, number)
    return _JAX(groups, number) if is_jax(groups) else _NumPy(groups, number)


class _NumPy:
    """Segments that lie one after another, as most do, take half the time of others."""

    def __init__(self, groups: Array, number: int) -> None:
        import numpy as np

        self._np, self._groups, self._number = np, groups, number
        self._starts = None
        if groups.size and (groups[1:] >= groups[:-1]).all():
            later = np.flatnonzero(groups[1:] != groups[:-1]) + 1
            self._starts = np.concatenate([[0], later])
            self._there = groups[self._starts]
            self._counts = self._of_all(np.diff(self._starts, append=groups.size))
        else:
            self._counts = np.bincount(groups, minlength=number)

    def _of_all(self, found: Array) -> Array:
        """(G,) from what was found of those that are not empty, and 0."""
        if len(found) == self._number:
            return found
        every = self._np.zeros(self._number, found.dtype)
        every[self._there] = found
        return every

    def counts(self, like: Array) -> Array:
        return self._counts.astype(like.dtype)

    def sum(self, array: Array) -> Array:
        np = self._np  # both add in double precision
        if self._starts is None:
            sums = np.bincount(self._groups, array, self._number)
        else:
            sums = self._of_all(np.add.reduceat(array, self._starts, dtype=np.float64))
        return sums.astype(array.dtype, copy=False)

    def max(self, array: Array) -> Array:
        greatest = self._np.full(self._number, -math.inf, array.dtype)
        self._np.maximum.at(greatest, self._groups, array)
        return greatest

    def some(self, array: Array) -> Array:
        if self._starts is not None:
            return self._of_all(array[self._starts])
        last = self._np.zeros(self._number, array.dtype)
        last[self._groups] = array  # what is assigned last stays
        return last

    def spread(self, array: Array) -> Array:
        if self._starts is not None:
            return array.repeat(self._counts)
        return array.take(self._groups)


class _Torch:
    def __init__(self, groups: Array, number: int) -> None:
        self._groups, self._number = groups, number

    def counts(self, like: Array) -> Array:
        return self.sum(like.new_ones(like.shape))

    def sum(self, array: Array) -> Array:
        # Two thirds of the time of index_add.
        return array.new_zeros(self._number).scatter_add(0, self._groups, array)

    def max(self, array: Array) -> Array:
        lowest = array.new_full((self._number,), -math.inf)
        return lowest.scatter_reduce(0, self._groups, array, "amax")

    def some(self, array: Array) -> Array:
        return self.max(array.detach())  # of several that are scattered any can stay

    def spread(self, array: Array) -> Array:
        return array.index_select(0, self._groups)  # a third of the time of array[groups]


class _JAX:
    def __init__(self, groups: Array, number: int) -> None:
        self._groups, self._number = groups, number

    def counts(self, like: Array) -> Array:
        import jax

        return self.sum(jax.numpy.ones_like(like))

    def sum(self, array: Array) -> Array:
        import jax

        return jax.ops.segment_sum(array, self._groups, num_segments=self._number)

    def max(self, array: Array) -> Array:
        import jax

        return jax.ops.segment_max(array, self._groups, num_segments=self._number)

    def some(self, array: Array) -> Array:
        return self.max(stop_gradient(array))

    def spread(self, array: Array) -> Array:
        return array.take(self._groups)
