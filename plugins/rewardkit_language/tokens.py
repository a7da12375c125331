"""Tokens already met, each by a number: to find those of a text again costs little.

A dictionary knows them all. Tokens of up to 16 bytes, as nearly all are, are found without it,
many at once: the bytes of one are two whole numbers, which tell a slot of a table, and what the
slot holds is compared with them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.columns import Column

__all__ = ["PADDING", "Tokens"]

PADDING = 32
"""Bytes after the text, so that 16 can be read from wherever a token begins."""
_LONGEST_KEPT = 80  # bytes: a longer token is hardly met twice
_FEWEST_SLOTS = 14  # as a power of two
_SLOTS_A_TOKEN = 4  # so that few have to share one
# What the bytes of no token are, as none holds control characters.
_NO_TOKEN = 1
_TOO_LONG = 0
_FACTORS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))

_Integers = NDArray[np.intp]
_Bytes = NDArray[np.uint64]


class Tokens:
    """Numbers of tokens in UTF-8, from 1 on. To be used by one thread at a time.

    Args:
        read: Is called with the tokens that are new, in the order of their numbers.
    """

    def __init__(self, read: Callable[[list[bytes]], None]) -> None:
        self._read = read
        self._numbers: dict[bytes, int] = {}
        self._first = Column(np.uint64)
        self._second = Column(np.uint64)
        self._first.extend([_NO_TOKEN])
        self._second.extend([_NO_TOKEN])
        self._bits = _FEWEST_SLOTS
        self._slots = np.zeros(1 << self._bits, dtype=np.intp)

    def __len__(self) -> int:
        return self._first.filled

    def find(self, data: bytes, starts: _Integers, ends: _Integers) -> _Integers:
        """The numbers of the tokens that stand there in `data`, which ends with PADDING."""
        first, second = _halves(data, starts, ends)
        found = self._slots.take(self._slots_of(first, second))
        different = self._first.values.take(found) != first
        different |= self._second.values.take(found) != second
        others = different.nonzero()[0]
        if others.size:
            found[others] = self._look_up(data, starts[others].tolist(), ends[others].tolist())
        return found

    def _look_up(self, data: bytes, starts: list[int], ends: list[int]) -> list[int]:
        known, first = self._numbers, len(self)
        unknown = first - len(known)  # as numbered, and no longer known
        numbers = [
            known.setdefault(data[start:end], len(known) + unknown)
            for start, end in zip(starts, ends, strict=True)
        ]
        new = list(islice(reversed(known), len(known) + unknown - first))[::-1]
        if new:
            self._add(new)
            for token in new:
                if len(token) > _LONGEST_KEPT:
                    del known[token]
        return numbers

    def _add(self, tokens: list[bytes]) -> None:
        ends = np.cumsum([len(token) for token in tokens])
        starts = np.concatenate(([0], ends[:-1]))
        first, second = _halves(b"".join(tokens) + bytes(PADDING), starts, ends)
        self._first.extend(first)
        self._second.extend(second)
        self._read(tokens)
        if len(self) * _SLOTS_A_TOKEN > len(self._slots):
            self._bits += 2
            self._slots = np.zeros(1 << self._bits, dtype=np.intp)
            self._give_slots(1)
        else:
            self._give_slots(len(self) - len(tokens))

    def _give_slots(self, start: int) -> None:
        """Give the tokens from this number on their slots, where those are free."""
        first = self._first.values[start : len(self)]
        slots = self._slots_of(first, self._second.values[start : len(self)])
        free = ((self._slots.take(slots) == 0) & (first != _TOO_LONG)).nonzero()[0]
        # From the last to the first, which is the commonest: it stays.
        self._slots[slots[free[::-1]]] = free[::-1] + start

    def _slots_of(self, first: _Bytes, second: _Bytes) -> _Integers:
        mixed = first * _FACTORS[0] + second * _FACTORS[1]
        return (mixed >> np.uint64(64 - self._bits)).view(np.intp)


def _masks(start: int) -> _Bytes:
    """By a token's length: which of eight bytes, the first of them at `start`, are its own.

    None are where it is longer than all 16.
    """
    own = [min(max(length - start, 0), 8) if length <= 16 else _TOO_LONG for length in range(18)]
    return np.array([(1 << 8 * count) - 1 for count in own], dtype=np.uint64)


_MASKS = (_masks(0), _masks(8))


def _halves(data: bytes, starts: _Integers, ends: _Integers) -> tuple[_Bytes, _Bytes]:
    """The first eight bytes of each token, and the second, as whole numbers.

    Both are _TOO_LONG for a token of more.
    """
    lengths = ends - starts
    eight = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
    first = eight.take(starts) & _MASKS[0].take(lengths, mode="clip")
    second = eight.take(starts + 8) & _MASKS[1].take(lengths, mode="clip")
    return first, second
