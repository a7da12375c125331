"""Comparing two values: sets, tuples, matrices, ratios, quantities, expressions."""

from __future__ import annotations

import re
import time
from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction

from rewardkit_math.expressions import Expressions, Undecided, bare, places_of
from rewardkit_math.matrices import simplified
from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    Quantity,
    Ratio,
    Relation,
    Seq,
    SetOp,
    Sym,
    Words,
)
from rewardkit_math.pieces import same_pieces
from rewardkit_math.piecewise import is_definition, same_definitions
from rewardkit_math.sets import domain, is_set, pieces, subjects
from rewardkit_math.trees import names, nodes
from rewardkit_math.units import Unit, readings
from rewardkit_math.vectors import as_components

__all__ = ["Undecided", "Values", "places_of"]


class Values(Expressions):
    """Comparing values without names: the half of a comparison that looks into one value."""

    @abstractmethod
    def same(self, reference: Node, answer: Node) -> bool:
        """Whether two trees are the same answer."""

    @abstractmethod
    def is_list(self, node: Node) -> bool:
        """Whether a tree is several values."""

    @abstractmethod
    def lists(self, reference: Node, answer: Node) -> bool:
        """Whether two lists are the same."""

    @abstractmethod
    def relations(self, reference: Node, answer: Node) -> bool:
        """Whether two equations or inequalities are the same."""

    @abstractmethod
    def match(self, ones: Sequence[Node], others: Sequence[Node]) -> bool:
        """Whether each item has a mate."""

    # -- values

    def values(self, one: Node, other: Node) -> bool:
        """Whether two values without names are the same."""
        if one == other:
            return True
        if time.monotonic() > self.until:
            self.late = True
            return False
        if is_definition(one) or is_definition(other):
            return same_definitions(one, other, self.same)
        if isinstance(one, Matrix) or isinstance(other, Matrix):
            one, other = _as_matrix(one), _as_matrix(other)
        if is_set(one) or is_set(other):
            return self.sets(one, other)
        if self.is_list(one) or self.is_list(other):
            return self.lists(one, other)
        if isinstance(one, Relation) or isinstance(other, Relation):
            return self.relations(one, other)
        one, other = _lifted(one), _lifted(other)
        if isinstance(one, Quantity) or isinstance(other, Quantity):
            return self.quantities(one, other)
        if isinstance(one, Percent) or isinstance(other, Percent):
            return self.percentages(one, other)
        if isinstance(one, Degree) != isinstance(other, Degree):
            return self.degrees(one, other)
        if isinstance(one, Words) or isinstance(other, Words):
            return _spelled(one) is not None and _spelled(one) == _spelled(other)
        return self.composed(one, other)

    def composed(self, one: Node, other: Node) -> bool:
        """Whether two values without units are the same."""
        one, other = as_components(simplified(one), simplified(other))
        if isinstance(one, Matrix) or isinstance(other, Matrix):
            return self.matrices(one, other)
        if isinstance(one, Ratio) or isinstance(other, Ratio):
            return self.ratios(one, other)
        if isinstance(one, Bracketed) or isinstance(other, Bracketed):
            return self.tuples(one, other)
        return self.expressions(one, other)

    def sets(self, one: Node, other: Node) -> bool:
        """Whether two sets of reals are the same; or regions, sets that have mere names."""
        bounded = subjects(one), subjects(other)
        if max(map(len, bounded)) > 1 or (all(bounded) and bounded[0] != bounded[1]):
            return bounded[0] == bounded[1] and self.regions(one, other)
        taken = domain(one)
        alike = taken is not None and taken == domain(other)
        if alike and isinstance(one, Call) and isinstance(other, Call):
            one, other = one.args[1], other.args[1]
        ours, theirs = pieces(one), pieces(other)
        if ours is None and theirs is None and _are_lists(one, other):
            return self.tuples(one, other)
        if ours is None or theirs is None:
            return self.regions(one, other)
        return same_pieces(ours, theirs, self.expressions)

    def regions(self, one: Node, other: Node) -> bool:
        """Whether two lists of conditions, unions or intersections have the same parts."""
        if isinstance(one, SetOp) and isinstance(other, SetOp) and one.op == other.op:
            if one.op == "setminus":
                return self.same(one.left, other.left) and self.same(one.right, other.right)
            return self.match(_operands(one, one.op), _operands(other, one.op))
        if isinstance(one, Seq) and isinstance(other, Seq) and _joined_alike(one, other):
            return self.match(one.items, other.items)
        return False

    def tuples(self, one: Node, other: Node) -> bool:
        """Whether two tuples are the same, component by component."""
        ones = one.items if isinstance(one, Bracketed) else (one,)
        others = other.items if isinstance(other, Bracketed) else (other,)
        if len(ones) != len(others) or not _are_alike(one, other):
            return False
        return all(map(self.same, ones, others))

    def matrices(self, one: Node, other: Node) -> bool:
        """Whether two matrices are the same, or a row or column and a tuple."""
        if isinstance(one, Matrix) and isinstance(other, Matrix):
            if [len(row) for row in one.rows] != [len(row) for row in other.rows]:
                return False
            pairs = zip(one.rows, other.rows, strict=True)
            return all(all(map(self.same, row, mate)) for row, mate in pairs)
        ones, others = _vector(one), _vector(other)
        if ones is None or others is None or len(ones) != len(others):
            return False
        return all(map(self.same, ones, others))

    def ratios(self, one: Node, other: Node) -> bool:
        """Whether two ratios are the same up to a factor; a : b is also a / b."""
        ones = one.parts if isinstance(one, Ratio) else (one, Num(1))
        others = other.parts if isinstance(other, Ratio) else (other, Num(1))
        if len(ones) != len(others):
            return False
        ours, theirs = Div(ones[0], ones[-1]), Div(others[0], others[-1])
        if len(ones) == 2:
            return self.expressions(_as_given(one, ours), _as_given(other, theirs))
        return all(
            self.values(Mul((left, others[0])), Mul((right, ones[0])))
            for left, right in zip(ones[1:], others[1:], strict=True)
        )

    # -- units, percent signs, degrees

    def quantities(self, one: Node, other: Node) -> bool:
        """Whether two values are the same with their units."""
        value, unit = (one.of, one.unit) if isinstance(one, Quantity) else (one, "")
        mate, mates_unit = (other.of, other.unit) if isinstance(other, Quantity) else (other, "")
        policy = self.policies.units
        if not unit or not mates_unit:
            if (names(value) | names(mate)) & set(unit or mates_unit):
                return self.expressions(_as_factors(one), _as_factors(other))  # 3 m, and m + 2m
            if policy != "ignored" and _marked_otherwise(value, mate):
                return _is_angle(unit or mates_unit) and self.expressions(value, mate)
            return policy != "required" and self.values(value, mate)
        if policy == "ignored":
            return self.values(value, mate)
        ours, theirs = readings(unit), readings(mates_unit)
        if ours and theirs:
            alike = [(a, b) for a in ours for b in theirs if a.dimension == b.dimension]
            return bool(alike) and self.values(_converted(value, *alike[0]), mate)
        if ours or theirs:
            return False
        return _same_things(unit, mates_unit) and self.values(value, mate)

    def percentages(self, one: Node, other: Node) -> bool:
        """Whether two values are the same, of which one has a percent sign."""
        if isinstance(one, Percent) and isinstance(other, Percent):
            return self.values(one.of, other.of)
        if isinstance(one, Degree) or isinstance(other, Degree):
            return False
        policy = self.policies.percent
        plain = one if isinstance(other, Percent) else other
        percentage = one.of if isinstance(one, Percent) else getattr(other, "of", one)
        as_sign = policy in ("optional", "hundredfold") or (
            policy == "strict" and isinstance(one, Percent)
        )
        if as_sign and self.expressions(*_in_order(one, plain, percentage)):
            return True
        if policy == "strict" and isinstance(other, Percent) and isinstance(bare(one), Num):
            return False
        return self.expressions(*_in_order(one, plain, _times(percentage, Fraction(1, 100))))

    def degree_alone(self, one: Node, other: Node) -> bool:
        """Whether an answer is the value with a sign of degrees, where that has no pi in it."""
        radians = self.policies.degrees == "strict" and Const("pi") in nodes(one)
        return (
            isinstance(other, Degree)
            and not radians
            and self.values(one, getattr(other, "of", other))
        )

    def degrees(self, one: Node, other: Node) -> bool:
        """Whether two angles are the same, of which one has the sign of degrees."""
        if isinstance(one, Degree):
            if self.policies.degrees == "optional" and self.values(one.of, other):
                return True
        elif self.degree_alone(one, other):
            return True
        return self.expressions(one, other)


def _joined_alike(one: Seq, other: Seq) -> bool:
    """Whether conditions are joined alike; a comma is what the other side says."""
    kinds = {one.kind, other.kind}
    return len(kinds) == 1 or ("list" in kinds and "set" not in kinds)


def _operands(node: Node, op: str) -> list[Node]:
    """What a chain of one operation on sets joins."""
    if not isinstance(node, SetOp) or node.op != op:
        return [node]
    return [*_operands(node.left, op), *_operands(node.right, op)]


def _are_alike(one: Node, other: Node) -> bool:
    """Whether brackets say the same of two tuples: () is [], but [) is neither."""
    kinds = {node.brackets for node in (one, other) if isinstance(node, Bracketed)}
    return len(kinds) < 2 or kinds == {"()", "[]"}


def _are_lists(one: Node, other: Node) -> bool:
    """Whether two pairs in brackets, which are no intervals, are pairs of one kind."""
    if not isinstance(one, Bracketed) or not isinstance(other, Bracketed):
        return False
    return {one.brackets, other.brackets} <= {"()", "[]"}


def _as_matrix(node: Node) -> Node:
    """[[1, 2], [3, 4]] as a matrix; anything else as it is."""
    if not isinstance(node, Bracketed) or node.brackets != "[]":
        return node
    rows = [item for item in node.items if isinstance(item, Bracketed) and item.brackets == "[]"]
    square = len(rows) == len(node.items) and len({len(row.items) for row in rows}) == 1
    return Matrix(tuple(row.items for row in rows)) if square else node


def _marked_otherwise(one: Node, other: Node) -> bool:
    """Whether only one of two values has a percent sign or that of degrees."""
    marks = [type(node) if isinstance(node, Percent | Degree) else None for node in (one, other)]
    return marks[0] != marks[1]


def _is_angle(unit: str) -> bool:
    return unit.lower().removesuffix("s") in ("rad", "radian")


def _lifted(node: Node) -> Node:
    """-(5 km) as (-5) km."""
    if isinstance(node, Bracketed) and len(node.items) == 1:
        return _lifted(node.items[0])
    if isinstance(node, Neg) and isinstance(node.of, Bracketed) and node.of.brackets == "()":
        return Bracketed("()", tuple(map(Neg, node.of.items)))
    if isinstance(node, Neg) and isinstance(node.of, Quantity):
        return Quantity(Neg(node.of.of), node.of.unit)
    if isinstance(node, Neg) and isinstance(node.of, Percent):
        return Percent(Neg(node.of.of))
    return (
        Degree(Neg(node.of.of)) if isinstance(node, Neg) and isinstance(node.of, Degree) else node
    )


def _in_order(one: Node, plain: Node, percentage: Node) -> tuple[Node, Node]:
    return (percentage, plain) if isinstance(one, Percent) else (plain, percentage)


def _as_factors(node: Node) -> Node:
    """3 m as three times the variable m; anything else as it is."""
    if isinstance(node, Quantity) and len(node.unit) == 1:
        return Mul((node.of, Sym(node.unit)))
    return node


def _converted(value: Node, unit: Unit, target: Unit) -> Node:
    """A value in another unit of its kind, whose scale may begin at another zero."""
    scaled = _times(value, unit.factor / target.factor)
    shift = (unit.zero - target.zero) / target.factor
    return Add((scaled, Num(shift))) if shift else scaled


def _times(node: Node, factor: Fraction) -> Node:
    number = bare(node)
    if isinstance(number, Num):
        places = number.places
        scaled = Num(
            number.value * factor,
            None if places is None else places + (factor == Fraction(1, 100)) * 2,
        )
        return Neg(scaled) if isinstance(node, Neg) else scaled
    return Mul((node, Num(factor)))


def _vector(node: Node) -> tuple[Node, ...] | None:
    """The entries of a tuple, a row or a column."""
    if isinstance(node, Matrix):
        if len(node.rows) == 1:
            return node.rows[0]
        column = all(len(row) == 1 for row in node.rows)
        return tuple(row[0] for row in node.rows) if column else None
    return node.items if isinstance(node, Bracketed) else None


def _as_given(node: Node, ratio: Node) -> Node:
    return ratio if isinstance(node, Ratio) else node


def _same_things(one: str, other: str) -> bool:
    """Whether two labels count the same: "red apples" and "apples" do."""
    if one == other:
        return True
    if re.search(r"[^A-Za-z\s'’.,-]", one + other):
        return False  # signs in a label have a meaning that nobody reads
    ours, theirs = (
        [word.lower().removesuffix("s") for word in re.findall(r"[A-Za-z]+", text)]
        for text in (one, other)
    )
    return ours[-1:] == theirs[-1:] or set(ours) <= set(theirs) or set(theirs) <= set(ours)


def _spelled(node: Node) -> str | None:
    """A word, or letters that make one."""
    if isinstance(node, Words):
        return re.sub(r"[\s.()]+", "", node.text).casefold()
    if isinstance(node, Sym | Const):
        return node.name.casefold()
    if isinstance(node, Mul):
        letters = [_spelled(factor) for factor in node.factors]
        return "".join(letter for letter in letters if letter) if all(letters) else None
    return None
