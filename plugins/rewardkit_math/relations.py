"""Comparing equations and inequalities: as identities, up to a factor, side by side."""

from __future__ import annotations

from rewardkit_math.calculus import derivative
from rewardkit_math.equations import same_cleared
from rewardkit_math.evaluate import Refusal
from rewardkit_math.identity import proportional
from rewardkit_math.nodes import (
    Add,
    Big,
    Neg,
    Node,
    Relation,
    Sym,
)
from rewardkit_math.sets import is_set, subject
from rewardkit_math.shapes import named
from rewardkit_math.tokens import ParseError
from rewardkit_math.trees import names
from rewardkit_math.values import Values

__all__ = ["Relations"]

_ARROWS = {"to": "=>"}  # p \\to q is p \\implies q
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Relations(Values):
    """Comparing relations: the part of a comparison that looks at what they say of their names."""

    def relations(self, reference: Node, answer: Node) -> bool:
        """Whether two equations or inequalities are the same."""
        one, other = named(reference).value, named(answer).value
        both = named(reference).name, named(answer).name
        if all(isinstance(name, Sym) for name in both) and is_set(one) and is_set(other):
            return False  # x in [0, 1] is not y in [0, 1]
        if not (isinstance(reference, Relation) and isinstance(answer, Relation)) and (
            _is_equation(one) or _is_equation(other)
        ):
            return self.identities(one, other)
        if isinstance(one, Relation) and isinstance(other, Relation):
            ours, theirs = subject(one), subject(other)
            if ours is not None and theirs is not None and ours != theirs:
                return False  # x < 3 is not y < 3
        if isinstance(reference, Relation) and isinstance(answer, Relation):
            if len(reference.ops) == len(answer.ops) == 1 and self.same_relation(
                reference, answer
            ):
                return True
            if self.same_sides(reference, answer):
                return True
        if is_set(one) or is_set(other):
            return self.sets(one, other)
        return False

    def identities(self, one: Node, other: Node) -> bool:
        """Whether an equation that is true of all its names ends in the other value."""
        equation, value = (one, other) if _is_equation(one) else (other, one)
        if not isinstance(equation, Relation) or isinstance(value, Relation):
            return False
        *claims, last = equation.sides
        if not all(self.is_true(claim, last) for claim in claims):
            return False
        return self.values(last, value) if value is other else self.values(value, last)

    def is_true(self, claim: Node, value: Node) -> bool:
        """Whether a side is equal to the value; an integral, whether the value's derivative is."""
        if not isinstance(claim, Big) or claim.kind != "int" or claim.low is not None:
            return self.expressions(claim, value)
        try:
            return self.expressions(derivative(value, claim.var), claim.body)
        except ParseError:
            return False

    def same_relation(self, one: Relation, other: Relation) -> bool:
        """Equations and inequalities are the same up to a factor of all of them."""
        left, right = _difference(one), _difference(other)
        if not names(left) and not names(right):
            return False  # 1 < 2 is not 3 < 4
        comparable = {"=", "!=", *_MIRRORED}
        if one.ops[0] not in comparable or other.ops[0] not in comparable:
            return False
        try:
            sign = proportional(left, right)
            if not sign:
                return one.ops == other.ops == ("=",) and same_cleared(left, right)
        except Refusal:
            return False
        self.layer = "numeric"
        mirrored = one.ops[0] if sign > 0 else _MIRRORED.get(one.ops[0], one.ops[0])
        return other.ops[0] == mirrored

    def same_sides(self, one: Relation, other: Relation) -> bool:
        """Whether two relations are the same side by side."""
        if len(one.sides) != len(other.sides):
            return False
        ops, theirs = ([_ARROWS.get(op, op) for op in side.ops] for side in (one, other))
        if ops == theirs:
            return all(map(self.values, one.sides, other.sides))
        mirrored = [_MIRRORED.get(op, op) for op in reversed(theirs)]
        return (
            ops == mirrored
            and ops != ["=>"]
            and all(map(self.values, one.sides, reversed(other.sides)))
        )


def _is_equation(node: Node) -> bool:
    return isinstance(node, Relation) and set(node.ops) == {"="}


def _difference(node: Relation) -> Node:
    left, right = node.sides
    return Add((left, Neg(right)))
