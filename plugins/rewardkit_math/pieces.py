"""Pieces of the real line: intervals and points, and whether two unions of them are one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, NamedTuple

from rewardkit_math.identity import real_value
from rewardkit_math.nodes import Const, Neg, Node

__all__ = ["INFINITY", "MINUS_INFINITY", "Piece", "all_but", "common", "same_pieces", "size_of"]

INFINITY = Const("infty")
MINUS_INFINITY = Neg(INFINITY)


class Piece(NamedTuple):
    """An interval, or a point where its ends are one and closed."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


def all_but(point: Node) -> list[Piece]:
    """The line without a point."""
    return [
        Piece(MINUS_INFINITY, point, low_closed=False, high_closed=False),
        Piece(point, INFINITY, low_closed=False, high_closed=False),
    ]


def common(one: list[Piece], other: list[Piece]) -> list[Piece]:
    """The intersection; ends that cannot be compared stay those of the first."""
    found = []
    for left in one:
        for right in other:
            low = _tighter(left, right, low=True)
            high = _tighter(left, right, low=False)
            piece = Piece(low[0], high[0], low[1], high[1])
            if size_of(piece) >= 0:
                found.append(piece)
    return found


def _tighter(one: Piece, other: Piece, *, low: bool) -> tuple[Node, bool]:
    left = (one.low, one.low_closed) if low else (one.high, one.high_closed)
    right = (other.low, other.low_closed) if low else (other.high, other.high_closed)
    order = _compare(left[0], right[0]) if low else _compare(right[0], left[0])
    if order == 0:
        return left[0], left[1] and right[1]
    return left if order > 0 else right


def _end(node: Node) -> Any:
    """The value of an end: a float for an infinite one, None where names are in it."""
    if node == INFINITY:
        return float("inf")
    return -float("inf") if node == MINUS_INFINITY else real_value(node)


def _compare(one: Node, other: Node) -> int:
    left, right = _end(one), _end(other)
    if left is None or right is None:
        # An infinite end is looser than one with a name in it.
        if left is not None and left in (float("inf"), -float("inf")):
            return 1 if left > 0 else -1
        if right is not None and right in (float("inf"), -float("inf")):
            return -1 if right > 0 else 1
        return 0
    infinite = isinstance(left, float) or isinstance(right, float)
    if left == right or (not infinite and abs(left - right) <= 1e-40 * max(abs(left), abs(right))):
        return 0
    return 1 if left > right else -1


def size_of(piece: Piece) -> int:
    """-1: empty, 0: a point, 1: more than that."""
    order = _compare(piece.high, piece.low)
    known = _end(piece.low) is not None and _end(piece.high) is not None
    if order == 0 and known:
        return 0 if piece.low_closed and piece.high_closed else -1
    return order if known else 1


def same_pieces(one: list[Piece], other: list[Piece], same: Callable[[Node, Node], bool]) -> bool:
    """Whether two unions of pieces are one set; `same` compares ends."""
    if all(_end(end) is not None for piece in one + other for end in (piece.low, piece.high)):
        one, other = _merged(one), _merged(other)
    if len(one) != len(other):
        return False
    left = list(other)
    for piece in one:
        match = next((mate for mate in left if _same_piece(piece, mate, same)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same_piece(one: Piece, other: Piece, same: Callable[[Node, Node], bool]) -> bool:
    for left, right in ((one.low, other.low), (one.high, other.high)):
        infinite = {INFINITY, MINUS_INFINITY} & {left, right}
        if left != right and (infinite or not same(left, right)):
            return False
    return one.low_closed == other.low_closed and one.high_closed == other.high_closed


def _merged(parts: list[Piece]) -> list[Piece]:
    """The pieces in order, those that touch as one, empty ones left out."""
    filled = [part for part in parts if size_of(part) >= 0]
    filled.sort(key=cmp_to_key(_by_low_end))
    merged: list[Piece] = []
    for part in filled:
        if merged and _touch(merged[-1], part):
            merged[-1] = _joined(merged[-1], part)
        else:
            merged.append(part)
    return merged


def _by_low_end(one: Piece, other: Piece) -> int:
    return _compare(one.low, other.low) or int(other.low_closed) - int(one.low_closed)


def _touch(one: Piece, other: Piece) -> bool:
    order = _compare(one.high, other.low)
    return order > 0 or (order == 0 and (one.high_closed or other.low_closed))


def _joined(one: Piece, other: Piece) -> Piece:
    low_closed = one.low_closed or (other.low_closed and _compare(one.low, other.low) == 0)
    order = _compare(one.high, other.high)
    if order == 0:
        return Piece(one.low, one.high, low_closed, one.high_closed or other.high_closed)
    last = one if order > 0 else other
    return Piece(one.low, last.high, low_closed, last.high_closed)
