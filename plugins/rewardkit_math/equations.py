"""Equations without their denominators: y = 1/x is xy = 1, and y = x is not xy = x^2."""

from __future__ import annotations

from fractions import Fraction

from rewardkit_math.identity import proportional, rational, real_value
from rewardkit_math.nodes import Div, Mul, Node
from rewardkit_math.polynomials import polynomial, roots, with_value
from rewardkit_math.trees import names, nodes

__all__ = ["same_cleared"]

_MOST = 4  # denominators
_BESIDE = Fraction(1, 10**12)
_SMALL = Fraction(1, 10**6)


def same_cleared(one: Node, other: Node) -> bool:
    """Whether two differences of two names or more are zero together, their denominators gone.

    Not where they are zero with a denominator: y = x^2/x has no solution there that xy = x^2 has.

    Raises:
        Refusal: They have no values that could be compared.
    """
    if names(one) != names(other) or len(names(one)) < 2:
        return False
    below = [_denominators(side) for side in (one, other)]
    if not any(below) or max(map(len, below)) > _MOST:
        return False
    cleared = [_product(side, parts) for side, parts in zip((one, other), below, strict=True)]
    if not proportional(*cleared):
        return False
    return not any(_vanish_together(part, cleared[0]) for part in {*below[0], *below[1]})


def _denominators(node: Node) -> list[Node]:
    found = dict.fromkeys(part.below for part in nodes(node) if isinstance(part, Div))
    return [part for part in found if names(part)]


def _product(node: Node, factors: list[Node]) -> Node:
    return Mul((node, *factors)) if factors else node


def _vanish_together(below: Node, cleared: Node) -> bool:
    """Whether an equation is true at a zero of a denominator, or nobody knows its zeros."""
    name, *others = sorted(names(below)) + sorted(names(cleared) - names(below))
    for at, other in enumerate(others):
        below, cleared = (
            with_value(node, other, Fraction(5 * at + 7, 3)) for node in (below, cleared)
        )
    coefficients = polynomial(below, name)
    zeros = None if coefficients is None else roots(coefficients)
    if zeros is None:
        return True
    return any(_is_small(cleared, name, zero) for zero in zeros)


def _is_small(node: Node, name: str, place: Node) -> bool:
    exact = rational(place)
    beside = (Fraction(str(real_value(place))) if exact is None else exact) + _BESIDE
    value = rational(with_value(node, name, beside))
    return value is None or abs(value) < _SMALL
