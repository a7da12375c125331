r"""Definitions by cases: values that stay with their conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise, product, starmap

from rewardkit_math.identity import real_value
from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Mul,
    Neg,
    Node,
    Num,
    Relation,
    Seq,
    Sym,
    Words,
)
from rewardkit_math.pieces import INFINITY, MINUS_INFINITY, Piece, common, size_of
from rewardkit_math.polynomials import polynomial, roots
from rewardkit_math.sets import covers_line, pieces
from rewardkit_math.trees import names, nodes, rebuilt

__all__ = ["OTHERWISE", "definition", "is_definition", "same_definitions"]

OTHERWISE = Words("otherwise")
MAX_ROWS = 12


def definition(rows: Sequence[Sequence[Node]]) -> Node | None:
    """Rows of a value and its condition, parted by & or a comma; None: they are none."""
    split = [_parts(row) for row in rows]
    if not split or not all(len(row) == 2 and _is_condition(row[1]) for row in split):
        return None
    return Call("cases", tuple(Bracketed("{}", tuple(row)) for row in split), known=False)


def _parts(row: Sequence[Node]) -> Sequence[Node]:
    only = row[0]
    return only.items if len(row) == 1 and isinstance(only, Seq) else row


def _is_condition(node: Node) -> bool:
    if isinstance(node, Seq):
        return all(map(_is_condition, node.items))
    return node == OTHERWISE or isinstance(node, Relation)


def is_definition(node: Node) -> bool:
    """Whether a tree is a definition by cases."""
    return isinstance(node, Call) and node.name == "cases"


def same_definitions(one: Node, other: Node, same: Callable[[Node, Node], bool]) -> bool:
    """Whether two values, of which one is a definition by cases, are the same.

    They have the same values under the same conditions, in any order; or the same value wherever
    one is looked for: at the bounds of all conditions, and at four places between any two.
    """
    return _same_rows(one, other, same) or _same_pointwise(one, other, same)


def _same_rows(one: Node, other: Node, same: Callable[[Node, Node], bool]) -> bool:
    ours, theirs = _rows(one), _rows(other)
    if len(ours) != len(theirs):
        return False
    left, rest = list(theirs), []
    for row in ours:
        mate = next((mate for mate in left if all(map(same, row, mate))), None)
        if mate is None:
            rest.append(row)
        else:
            left.remove(mate)
    if not rest:
        return True
    if len(rest) > 1 or not same(rest[0][0], left[0][0]):
        return False
    # "otherwise" is what the other conditions leave over, which the other side may say.
    said = {row[1] == OTHERWISE for row in (rest[0], left[0])}
    explicit = theirs if rest[0][1] == OTHERWISE else ours
    return len(said) == 2 and covers_line([row[1] for row in explicit])


def _rows(node: Node) -> list[tuple[Node, ...]]:
    args = node.args if isinstance(node, Call) and is_definition(node) else ()
    return [row.items for row in args if isinstance(row, Bracketed)]


# -- place by place: |x| is x where x >= 0, and else -x

_AWAY = (Fraction(1, 61), Fraction(5, 9), Fraction(25, 7), Fraction(97, 2))
_BETWEEN = (Fraction(1, 7), Fraction(3, 8), Fraction(5, 9), Fraction(12, 13))


def _same_pointwise(one: Node, other: Node, same: Callable[[Node, Node], bool]) -> bool:
    conditions = [row[1] for side in (one, other) for row in _rows(side)]
    unknowns = frozenset[str]().union(*map(names, conditions))
    if len(unknowns) != 1 or len(conditions) > MAX_ROWS:
        return False
    name = next(iter(unknowns))
    ends, kinks = _ends(conditions), _kinks((one, other), name)
    bounds = None if ends is None or kinks is None else _sorted([*ends, *kinks])
    if bounds is None:
        return False
    for place in _places(bounds):
        ours, theirs = _values_at(one, name, place), _values_at(other, name, place)
        # Conditions that overlap must agree there.
        if bool(ours) != bool(theirs) or not all(starmap(same, product(ours, theirs))):
            return False
    return True


def _ends(conditions: Sequence[Node]) -> list[Node] | None:
    """The numbers at which conditions begin or cease to hold; None: they cannot be told."""
    found: list[Node] = []
    for condition in conditions:
        parts = [] if condition == OTHERWISE else _pieces(condition)
        if parts is None:
            return None
        found += [end for part in parts for end in (part.low, part.high)]
    return [end for end in found if end not in (INFINITY, MINUS_INFINITY)]


def _pieces(condition: Node) -> list[Piece] | None:
    """Where a condition holds: x < 1, or x = 1."""
    if isinstance(condition, Relation) and condition.ops == ("=",) and names(condition.sides[0]):
        place = condition.sides[1]
        return [Piece(place, place, low_closed=True, high_closed=True)]
    return pieces(condition)


_STEPS = frozenset(("floor", "ceil", "mod", "sgn", "gcd", "lcm"))


def _kinks(sides: Sequence[Node], name: str) -> list[Node] | None:
    """Where a value that has |x|, max or a root in it may bend; None: nobody knows."""
    found: list[Node] = []
    for part in (part for side in sides for part in nodes(side)):
        if not isinstance(part, Call) or not part.known:
            continue
        if part.name in _STEPS:
            return None
        bent = list(part.args[:1]) if part.name in ("abs", "sqrt", "root") else []
        if part.name in ("max", "min"):
            bent = [Add((left, Neg(right))) for left, right in combinations(part.args, 2)]
        for node in bent:
            coefficients = polynomial(node, name)
            places = None if coefficients is None else roots(coefficients)
            if places is None:
                return None
            found += places
    return found


def _sorted(places: Sequence[Node]) -> list[Node] | None:
    """Numbers in their order, each once; None: they are not all numbers."""
    found = {real_value(place): place for place in places}
    return None if None in found else [found[value] for value in sorted(found)]


def _places(bounds: Sequence[Node]) -> Iterator[Node]:
    """Numbers before, at, between and after the bounds."""
    if not bounds:
        return
    yield from bounds
    yield from (Add((bounds[0], Num(-away))) for away in _AWAY)
    yield from (Add((bounds[-1], Num(away))) for away in _AWAY)
    for low, high in pairwise(bounds):
        for part in _BETWEEN:
            yield Add((Mul((Num(1 - part), low)), Mul((Num(part), high))))


def _values_at(node: Node, name: str, place: Node) -> list[Node]:
    """What a definition, or any other value, is at a place; nothing where it is not defined."""
    rows = _rows(node) if is_definition(node) else [(node, OTHERWISE)]
    held = [value for value, where in rows if where != OTHERWISE and _is_in(place, where)]
    rest = [value for value, where in rows if where == OTHERWISE]
    return [_with(value, name, place) for value in held or rest]


def _is_in(place: Node, condition: Node) -> bool:
    point = Piece(place, place, low_closed=True, high_closed=True)
    parts = _pieces(condition) or []
    return any(size_of(part) == 0 for part in common(parts, [point]))


def _with(node: Node, name: str, place: Node) -> Node:
    result: Node = rebuilt(node, lambda part: place if part == Sym(name) else part)
    return result
