"""Polynomials in one name with rational coefficients: read from a tree, and their real roots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import isqrt, lcm
from typing import Any

from rewardkit_math.identity import rational
from rewardkit_math.nodes import Add, Call, Neg, Node, Num
from rewardkit_math.trees import names, rebuilt

__all__ = ["polynomial", "roots", "with_value"]

MAX_DEGREE = 6
MAX_COEFFICIENT = 10**6  # whose divisors are tried one by one
# A polynomial goes through the first of them, and is none unless it fits the last two. No roots
# that anybody writes: a quotient that could be reduced has values there.
_PLACES = [Fraction(6 * at - 17, 7 + at) for at in range(MAX_DEGREE + 1)]
_PLACES += [Fraction(5003, 7), Fraction(-1009)]


def polynomial(node: Node, name: str) -> list[Fraction] | None:
    """The coefficients of a tree as a polynomial in a name, the constant first; None: it is none.

    One of degree `MAX_DEGREE` at most; zero has no coefficients.
    """
    if not names(node) <= {name}:
        return None
    values = [rational(with_value(node, name, place)) for place in _PLACES]
    if None in values:
        return None
    size = MAX_DEGREE + 1
    found = _interpolated(_PLACES[:size], values[:size])
    if any(_value(found, _PLACES[at]) != values[at] for at in range(size, len(_PLACES))):
        return None
    while found and not found[-1]:
        del found[-1]
    return found


def with_value(node: Node, name: str, value: int | Fraction) -> Node:
    """A tree with a number for a name."""
    result: Node = rebuilt(
        node, lambda part: Num(value) if getattr(part, "name", None) == name else part
    )
    return result


def roots(coefficients: Sequence[Fraction]) -> list[Node] | None:
    """The real roots: the rational ones, and those of the quadratic that they leave.

    None: it is zero, or more than a quadratic is left.
    """
    found: list[Node] = []
    rest = list(coefficients)
    while len(rest) > 3 or (len(rest) > 1 and not rest[0]):
        root = next(_rational_roots(rest), None)
        if root is None:
            return None
        found.append(Num(root))
        rest = _deflated(rest, root)
    if len(rest) == 3:
        return found + _of_quadratic(*rest)
    if len(rest) == 2:
        found.append(Num(-rest[0] / rest[1]))
    return found if rest else None


def _of_quadratic(c: Fraction, b: Fraction, a: Fraction) -> list[Node]:
    square, middle = (b * b - 4 * a * c) / (4 * a * a), -b / (2 * a)
    if square < 0:
        return []
    half = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if half * half == square:
        return [Num(middle - half), Num(middle + half)]
    root = Call("sqrt", (Num(square),))
    return [Add((Num(middle), Neg(root))), Add((Num(middle), root))]


def _rational_roots(coefficients: list[Fraction]) -> Iterator[Fraction]:
    """The rational roots, which the divisors of the first and last whole coefficient allow."""
    if not coefficients[0]:
        yield Fraction(0)
        return
    common = lcm(*(value.denominator for value in coefficients))
    first, last = abs(int(coefficients[0] * common)), abs(int(coefficients[-1] * common))
    if max(first, last) > MAX_COEFFICIENT:
        return
    for above in _divisors(first):
        for below in _divisors(last):
            for root in (Fraction(above, below), Fraction(-above, below)):
                if not _value(coefficients, root):
                    yield root


def _divisors(number: int) -> list[int]:
    small = [at for at in range(1, isqrt(number) + 1) if number % at == 0]
    return [*small, *(number // at for at in small)]


def _deflated(coefficients: list[Fraction], root: Fraction) -> list[Fraction]:
    """A polynomial divided by x - root, by Horner's scheme."""
    found: list[Fraction] = []
    carried = Fraction(0)
    for value in reversed(coefficients):
        carried = carried * root + value
        found.append(carried)
    return found[-2::-1]


def _interpolated(places: Sequence[int | Fraction], values: Sequence[Any]) -> list[Fraction]:
    """The coefficients of the polynomial through some points, by Newton's divided differences."""
    slopes = [Fraction(value) for value in values]
    for step in range(1, len(places)):
        for at in range(len(places) - 1, step - 1, -1):
            slopes[at] = (slopes[at] - slopes[at - 1]) / (places[at] - places[at - step])
    found: list[Fraction] = []
    for place, slope in zip(reversed(places), reversed(slopes), strict=True):
        scaled = [-place * value for value in found]
        found = [a + b for a, b in zip([Fraction(0), *found], [*scaled, Fraction(0)], strict=True)]
        found[0] += slope
    return found


def _value(coefficients: Sequence[Fraction], place: int | Fraction) -> Fraction:
    value = Fraction(0)
    for coefficient in reversed(coefficients):
        value = value * place + coefficient
    return value
