"""Inequalities of polynomials and quotients, solved by the signs between their roots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from rewardkit_math.identity import rational, real_value
from rewardkit_math.nodes import Add, Div, Mul, Neg, Node
from rewardkit_math.pieces import INFINITY, MINUS_INFINITY, Piece
from rewardkit_math.polynomials import polynomial, roots, with_value
from rewardkit_math.trees import names, nodes

__all__ = ["solved"]

_HOLDS: dict[str, Callable[[Any], bool]] = {
    "<": lambda value: value < 0,
    "<=": lambda value: value <= 0,
    ">": lambda value: value > 0,
    ">=": lambda value: value >= 0,
    "!=": lambda value: value != 0,
}


def solved(left: Node, op: str, right: Node) -> list[Piece] | None:
    """The pieces in which an inequality holds; None: it is no such, or its roots can't be told."""
    difference = Add((left, Neg(right)))
    free = names(difference)
    if len(free) != 1:
        return None
    name = next(iter(free))
    below = {part.below for part in nodes(difference) if isinstance(part, Div)}
    poles = _roots_of([part for part in below if names(part)], name)
    # What it is a quotient of has zeros where it has, and where its denominators have.
    cleared = Mul((difference, *(part for part in below if names(part))))
    zeros = _roots_of([cleared], name)
    if poles is None or zeros is None:
        return None
    return _by_signs(difference, name, op, zeros, poles)


def _roots_of(parts: Sequence[Node], name: str) -> list[Node] | None:
    found: list[Node] = []
    for part in parts:
        coefficients = polynomial(part, name)
        known = None if coefficients is None else roots(coefficients)
        if known is None:
            return None
        found += known
    return found


def _by_signs(
    difference: Node, name: str, op: str, zeros: list[Node], poles: list[Node]
) -> list[Piece] | None:
    """The gaps between the roots, and the roots that are no poles, where the inequality holds."""
    ends = {real_value(root): root for root in (*zeros, *poles)}
    outside = {real_value(pole) for pole in poles}
    places = sorted(ends)
    found: list[Piece] = []
    for start, end in pairwise([None, *places, None]):
        value = rational(with_value(difference, name, _between(start, end)))
        if value is None:
            return None
        if _HOLDS[op](value):
            low = MINUS_INFINITY if start is None else ends[start]
            high = INFINITY if end is None else ends[end]
            found.append(Piece(low, high, low_closed=False, high_closed=False))
    if op in ("<=", ">="):
        points = (ends[place] for place in places if place not in outside)
        found += [Piece(root, root, low_closed=True, high_closed=True) for root in points]
    return found


def _between(start: Any, end: Any) -> Fraction:
    """A rational number between two places, of which None is infinitely far away."""
    if start is not None and end is not None:
        return (Fraction(str(start)) + Fraction(str(end))) / 2
    if start is None:
        return Fraction(0) if end is None else Fraction(int(end) - 2)
    return Fraction(int(start) + 2)
