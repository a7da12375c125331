"""Comparing two expressions: by their digits, by their values, or by sympy."""

from __future__ import annotations

import time
from typing import NamedTuple

from rewardkit_math import remainder
from rewardkit_math.calculus import bound_alike
from rewardkit_math.evaluate import Refusal, TooLargeError
from rewardkit_math.identity import equal, real_value
from rewardkit_math.logs import readings_of_logs
from rewardkit_math.nodes import Big, Call, Const, Neg, Node, Num
from rewardkit_math.policies import Policies
from rewardkit_math.trees import names, nodes

__all__ = ["Expressions", "Undecided", "bare", "places_of"]

_CALLS_FOR_SYMPY = frozenset("gcd lcm floor ceil mod min max sgn Re Im arg".split())  # noqa: SIM905 - quotes around each would hide the words


class Undecided(NamedTuple):
    """A pair of expressions that no layer could compare, and why."""

    one: Node
    other: Node
    reason: str


class Expressions:
    """Comparing expressions without names, units and brackets.

    Attributes:
        undecided: What no layer could compare: it counted as different.
        late: Whether time ran out.
        layer: The last layer that was asked: "structure", "numeric" or "symbolic".
    """

    def __init__(self, policies: Policies, deadline: float) -> None:
        self.policies = policies
        self.until = time.monotonic() + deadline
        self.undecided: list[Undecided] = []
        self.late = False
        self.layer = "structure"

    def expressions(self, one: Node, other: Node) -> bool:
        """Whether two expressions are equal: by their digits, their values, or by sympy."""
        if one == other:
            return True
        if Const("infty") in (bare(one), bare(other)):
            return False
        one, other = bound_alike(one), bound_alike(other)
        if one == other:
            return True
        self.layer = "numeric"
        if self.rounded(one, other):
            return True
        return all(
            self.identical(*logs) for logs in readings_of_logs(one, other, self.policies.logs)
        )

    def identical(self, one: Node, other: Node) -> bool:
        """Whether two expressions are equal wherever they have values."""
        try:
            return equal(one, other)
        except TooLargeError as error:
            if real_value(one) is None and real_value(other) is None:
                self.undecided.append(Undecided(one, other, str(error)))
            return False
        except Refusal as error:
            return self.by_sympy(one, other, str(error))

    def by_sympy(self, one: Node, other: Node, reason: str) -> bool:
        """Whether sympy finds two expressions equal before the deadline."""
        if not any(_is_for_sympy(part) for side in (one, other) for part in nodes(side)):
            self.undecided.append(Undecided(one, other, reason))
            return False
        self.layer = "symbolic"
        if self.late:
            return False
        verdict = remainder.decide(one, other, self.until - time.monotonic())
        if verdict == "late":
            self.late = True
        elif verdict == "unknown":
            self.undecided.append(Undecided(one, other, reason))
        return verdict == "equal"

    def rounded(self, one: Node, other: Node) -> bool:
        """Whether a decimal stands for what rounds to it, or lies within the tolerance."""
        policy = self.policies
        places, mates_places = places_of(one), places_of(other)
        if policy.tolerance:
            return _near(one, other, policy.tolerance, None)
        if policy.rounding == "none" or places == mates_places:
            return False
        if policy.rounding == "reference":
            if places is None or any(places_of(part) for part in nodes(other)):
                return False
            return _near(one, other, 0.0, places)
        fewest = min(count for count in (places, mates_places) if count is not None)
        return _near(one, other, 0.0, fewest)


def _is_for_sympy(node: Node) -> bool:
    """Whether sympy can do more with a node than our own evaluation: a limit, an integral."""
    return isinstance(node, Big) or (isinstance(node, Call) and node.name in _CALLS_FOR_SYMPY)


def bare(node: Node) -> Node:
    """A value without its signs."""
    while isinstance(node, Neg):
        node = node.of
    return node


def places_of(node: Node) -> int | None:
    """The digits after the point of a decimal, signed or not; None where it is none."""
    number = bare(node)
    return number.places if isinstance(number, Num) else None


def _near(one: Node, other: Node, tolerance: float, places: int | None) -> bool:
    """Whether two numbers are as near as a tolerance, or a decimal's last place, allows."""
    if names(one) or names(other):
        return False
    left, right = real_value(one), real_value(other)
    if left is None or right is None:
        return False
    size = max(abs(left), abs(right))
    if places is None:
        return bool(abs(left - right) <= tolerance * size)
    # Three digits at least: 0.3 is not one third.
    unit = 10**places
    return bool(size * unit >= 100 and abs(left - right) * 2 * unit <= 1 + 1e-12)
