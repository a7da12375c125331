"""Comparing trees: what kind of thing each is, and piece by piece whether they are the same."""

from __future__ import annotations

from collections.abc import Sequence

from rewardkit_math.assignments import (
    as_solutions,
    in_order_of,
    is_assignment,
    reordered,
    repeats,
)
from rewardkit_math.expressions import Undecided, places_of
from rewardkit_math.identity import rational, real_value
from rewardkit_math.nodes import (
    Bracketed,
    Call,
    Const,
    Mul,
    Node,
    PlusMinus,
    Quantity,
    Relation,
    Seq,
    SetOp,
    Sym,
)
from rewardkit_math.notations import asked_for, other_readings
from rewardkit_math.parameters import ranges_differ, renamings
from rewardkit_math.products import with_products
from rewardkit_math.relations import Relations
from rewardkit_math.sets import is_builder, is_set
from rewardkit_math.shapes import Named, expanded, items, named
from rewardkit_math.trees import kinds, names, rebuilt

__all__ = ["Comparison"]

MAX_ITEMS = 64


class Comparison(Relations):
    """One comparison of a reference with an answer, the reference always first."""

    def answers(self, reference: Node, answer: Node) -> bool:
        """Whether two trees are the same answer, whatever their parameters are called."""
        if not names(reference) and not names(answer):
            return self.same(reference, answer)  # nothing is called otherwise
        if ranges_differ(reference, answer):
            return False
        reference, answer = with_products(reference, answer)
        if self.same(reference, answer):
            return True
        if any(self.same(reference, renamed) for renamed in renamings(reference, answer)):
            return True
        if self.policies.sums == "value":
            stated = asked_for(reference, answer)
            if stated is not None and self.same(reference, stated):
                return True
        return any(self.same(*read) for read in other_readings(reference, answer))

    def same(self, reference: Node, answer: Node) -> bool:
        """Whether two trees are the same answer."""
        if reference == answer:
            return self.is_consistent(answer)
        ours, theirs = _letters(reference), _letters(answer)
        if ours and isinstance(answer, Seq):
            reference = Seq("list", ours)
        elif theirs and isinstance(reference, Seq):
            answer = Seq("list", theirs)
        if self.is_list(reference) or self.is_list(answer):
            values = named(reference).value, named(answer).value
            if any(isinstance(value, SetOp) or is_builder(value) for value in values):
                return self.sets(*values)
            return self.lists(reference, answer)
        one, other = named(reference), named(answer)
        if not self.holds(one) or not self.holds(other):
            return False
        if _names_twice(one.name) or _names_twice(other.name):
            return False  # (y, y) = (2, 3)
        if one.name is not None and other.name is not None:
            renamed = self.renamed(one.name, other)
            if renamed is not None and self.values(one.value, renamed):
                return True
            return self.relations(reference, answer)  # a = 2b, and b = a/2
        if isinstance(one.value, Relation) or isinstance(other.value, Relation):
            return self.relations(reference, answer)
        return self.values(one.value, other.value)

    def is_consistent(self, node: Node) -> bool:
        """Whether what a value claims about itself is true."""
        return self.is_list(node) or self.holds(named(node))

    def is_list(self, node: Node) -> bool:
        """Whether a tree is several values: a list, or one with a sign plus-minus."""
        if isinstance(node, Seq):
            return not is_set(node) or (node.kind == "set" and not self.bounds(node))
        return PlusMinus in kinds(node) and len(expanded(named(node).value)[0]) > 1

    @staticmethod
    def bounds(node: Seq) -> bool:
        """Whether a set in braces is written as conditions."""
        return any(isinstance(item, Relation) for item in node.items)

    def holds(self, one: Named) -> bool:
        """Whether the equations in front of a value are true: 3 = 5 states nothing."""
        if self.policies.chains == "last":
            return True
        if not all(_is_near(one.value, side) for side in one.near):
            return False
        return all(self.values(claim, one.value) for claim in one.claims)

    # -- names

    def renamed(self, name: Node, other: Named) -> Node | None:
        """The other value under this name; None where the names are of different things."""
        if name == other.name or other.name is None:
            return other.value
        if _is_derivative(name) != _is_derivative(other.name):
            return None
        if isinstance(name, Call) and isinstance(other.name, Call):
            return _with_arguments(name, other.name, other.value)
        if isinstance(name, Bracketed) and isinstance(other.name, Bracketed):
            return reordered(name, other.name, other.value)
        if isinstance(name, Sym) and isinstance(other.name, Sym):
            return other.value if {name.name, other.name.name} <= {"y", "f", "g"} else None
        return other.value  # y for f(x), a word for a letter

    # -- lists

    def lists(self, reference: Node, answer: Node) -> bool:
        """Whether two lists are the same, under the policy of order."""
        sets = [isinstance(node, Seq) and node.kind == "set" for node in (reference, answer)]
        if any(sets):
            reference, answer = _as_points(reference), _as_points(answer)
        for node, mate in ((reference, answer), (answer, reference)):
            if isinstance(named(mate).value, Bracketed) and isinstance(node, Seq):
                ordered = self.against_tuple(node, named(mate), node is reference)
                if ordered is not None:
                    return ordered
        if Const("empty") in (named(reference).value, named(answer).value):
            return False  # {{}} is not empty
        ones, others = self.members(reference), self.members(answer)
        if max(len(ones), len(others)) > MAX_ITEMS:
            self.undecided.append(Undecided(reference, answer, "too many items"))
            return False
        if not all(map(self.holds, (*ones, *others))):
            return False
        ones, others = as_solutions(ones, others)
        by_name = self.by_name(ones, others)
        if by_name is not None:
            return by_name
        for side, mates in ((ones, others), (others, ones)):
            if is_assignment(side) and not any(mate.name for mate in mates):
                return self.in_order(ones, others)  # x = 1, y = 2 is 1, 2
            if is_assignment(side) and all(mate.name for mate in mates) and repeats(mates):
                return False  # x = 1, y = 2 is not y = 1, y = 2
        return any(
            self.match(left, right) for left in _choices(ones) for right in _choices(others)
        )

    def against_tuple(self, several: Node, given: Named, flipped: bool) -> bool | None:
        """A bare list is a tuple of its items in order; None: they are no such pair."""
        tuple_ = given.value
        if not isinstance(several, Seq) or not isinstance(tuple_, Bracketed):
            return None
        if _names_twice(given.name):
            return False
        values = in_order_of(given.name, items(several))
        if any(isinstance(value, Bracketed) and len(value.items) > 1 for value in values):
            return None
        if several.kind == "set":
            if self.policies.tuples == "ordered" or is_set(tuple_):
                return False
            return self.match(values, list(tuple_.items))
        if len(values) != len(tuple_.items) or is_set(tuple_):
            return False
        pairs = zip(values, tuple_.items, strict=True)
        return all(
            self.same(one, other) if flipped else self.same(other, one) for one, other in pairs
        )

    def members(self, node: Node) -> list[Named]:
        """The items of a list; those of a set but once."""
        found = _items(node)
        if not isinstance(node, Seq) or node.kind != "set" or len(found) > MAX_ITEMS:
            return found
        kept: list[Named] = []
        for one in found:
            if not any(one.value == other.value for other in kept):
                kept.append(one)
        return kept

    def by_name(self, ones: list[Named], others: list[Named]) -> bool | None:
        """Items that have names are compared name by name; None: the names are not the same."""
        keys, mates = ([str(one.name) for one in side if one.name] for side in (ones, others))
        if len(keys) < len(ones) or len(mates) < len(others) or len(set(keys)) < 2:
            return None
        if set(keys) != set(mates):
            return None
        return all(
            self.match(
                [one.value for one in ones if str(one.name) == key],
                [one.value for one in others if str(one.name) == key],
            )
            for key in sorted(set(keys))
        )

    def in_order(self, ones: list[Named], others: list[Named]) -> bool:
        """Whether the values of two lists are the same one by one."""
        values = [[one.value for one in side] for side in (ones, others)]
        return len(ones) == len(others) and all(map(self.same, *values))

    def match(self, ones: Sequence[Node], others: Sequence[Node]) -> bool:
        """Whether each item has a mate: in order where the policy asks for it, else in any."""
        if len(ones) != len(others):
            return False
        if self.policies.order == "given":
            return all(map(self.same, ones, others))
        exact = [rational(node) for node in (*ones, *others)]
        if None not in exact and not any(places_of(node) for node in (*ones, *others)):
            return sorted(exact[: len(ones)]) == sorted(exact[len(ones) :])
        left = list(others)
        for one in ones:
            mate = next((at for at, other in enumerate(left) if self.same(one, other)), None)
            if mate is None:
                return False
            del left[mate]
        return True


def _names_twice(name: Node | None) -> bool:
    """Whether a tuple of unknowns has one of them twice."""
    unknowns = name.items if isinstance(name, Bracketed) else ()
    return len(set(unknowns)) < len(unknowns)


def _as_points(node: Node) -> Node:
    """The interval [2, 2] as the set of 2; anything else as it is."""
    if isinstance(node, Bracketed) and node.brackets == "[]" and len(node.items) == 2:
        low, high = node.items
        return Seq("set", (low,)) if low == high else node
    return node


def _letters(node: Node) -> tuple[Node, ...]:
    """The letters of choices that a run like ABD is, in their order; none where it is no run."""
    if not isinstance(node, Mul) or not all(isinstance(part, Sym) for part in node.factors):
        return ()
    run = [part.name for part in node.factors if isinstance(part, Sym)]
    choices = all(len(letter) == 1 and "A" <= letter <= "J" for letter in run)
    return node.factors if choices and run == sorted(set(run)) else ()


def _items(node: Node) -> list[Named]:
    if isinstance(node, Seq):
        return items(node)
    one = named(node)
    return items(one.value) if isinstance(one.value, Seq) else [one]


def _choices(ones: list[Named]) -> list[list[Node]]:
    """The lists that items with plus-minus signs may stand for."""
    readings = [expanded(one.value) for one in ones]
    first = [node for reading in readings for node in reading[0]]
    last = [node for reading in readings for node in reading[-1]]
    return [first] if first == last else [first, last]


def _is_near(value: Node, side: Node) -> bool:
    """Whether an approximation holds to its digits, rounded or cut off; one unread counts."""
    value, side = (node.of if isinstance(node, Quantity) else node for node in (value, side))
    exact, about = real_value(value), real_value(side)
    if exact is None or about is None:
        return True
    gap, places = abs(exact - about), places_of(side)
    if places is not None:
        gap *= 10**places
        return bool(gap <= 0.5 or (places > 1 and gap < 1 and abs(about) < abs(exact)))
    digits = str(abs(int(about)))
    whole = 10 ** (len(digits) - len(digits.rstrip("0"))) if about == int(about) else 0
    return bool(gap <= max(whole / 2, abs(exact) / 100))


def _is_derivative(name: Node) -> bool:
    return isinstance(name, Call) and name.name == "derivative"


def _with_arguments(name: Call, other: Call, value: Node) -> Node | None:
    """f(t) = t as f(x): its arguments renamed; None where the functions are not the same."""
    if name.name != other.name or len(name.args) != len(other.args):
        return None
    renamed = dict(zip(other.args, name.args, strict=True))
    if (names(name) - names(other)) & names(value):
        return None  # f(t) = x^2 is no square of its argument
    if not all(isinstance(arg, Sym) for arg in (*name.args, *other.args)):
        return value if name.args == other.args else None
    result: Node = rebuilt(
        value, lambda part: renamed.get(part, part) if isinstance(part, Sym) else part
    )
    return result
