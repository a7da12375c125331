"""Sets of reals: intervals, inequalities, points, unions, as pieces that can be compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cmp_to_key
from typing import Any, NamedTuple, TypeGuard

from rewardkit_math.identity import names, nodes, rational, real_value
from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Neg,
    Node,
    Num,
    Relation,
    Seq,
    SetOp,
)
from rewardkit_math.shapes import is_name, named, rebuilt

__all__ = ["covers_line", "domain", "is_set", "pieces", "same_pieces", "subject", "subjects"]

INEQUALITIES = frozenset(("<", "<=", ">", ">=", "!="))
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}
_INFINITY = Const("infty")
_MINUS_INFINITY = Neg(_INFINITY)


class Piece(NamedTuple):
    """An interval, or a point where its ends are one and closed."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


_LINE = Piece(_MINUS_INFINITY, _INFINITY, low_closed=False, high_closed=False)

_ZERO = Num(0)
_KNOWN: dict[str, tuple[Piece, ...]] = {
    "R": (_LINE,),
    "empty": (),
    "R^+": (Piece(_ZERO, _INFINITY, low_closed=False, high_closed=False),),
    "R^-": (Piece(_MINUS_INFINITY, _ZERO, low_closed=False, high_closed=False),),
    "R>=0": (Piece(_ZERO, _INFINITY, low_closed=True, high_closed=False),),
    "R<=0": (Piece(_MINUS_INFINITY, _ZERO, low_closed=False, high_closed=True),),
}


def is_set(node: Node) -> bool:
    """Whether a value can be nothing but a set of reals, or a condition for one."""
    if isinstance(node, Seq):
        return any(is_set(named(item).value) for item in node.items)
    if isinstance(node, Bracketed):
        return len(node.items) == 2 and node.brackets != "()"
    if isinstance(node, Relation):
        return bool(INEQUALITIES & set(node.ops))
    if isinstance(node, Call):
        return node.name == "such that"
    return isinstance(node, SetOp) or (isinstance(node, Const) and node.name in _KNOWN)


def subject(node: Relation) -> Node | None:
    """The name that an inequality bounds, or None where it bounds more than a name."""
    named_sides = [side for side in node.sides if is_name(side)]
    return named_sides[0] if len(named_sides) == 1 else None


def subjects(node: Node) -> set[Node]:
    """The names that the inequalities in a tree bound, but for those that set braces bind."""
    if isinstance(node, Call) and node.name == "such that":
        return set()
    bounds = (part for part in nodes(node) if isinstance(part, Relation))
    found = {subject(part) for part in bounds if INEQUALITIES & set(part.ops)}
    return {name for name in found if name is not None}


def domain(node: Node) -> Node | None:
    r"""What the members of \{x \in D : ...\} are taken from, or None where they are any reals."""
    if not isinstance(node, Call) or node.name != "such that":
        return None
    member = node.args[0]
    if not isinstance(member, Relation):
        return None
    return None if member.ops == ("in",) and member.sides[1] == Const("R") else member.sides[1]


def pieces(node: Node) -> list[Piece] | None:
    """The pieces whose union a value is, or None where it is no set that can be told."""
    if isinstance(node, Bracketed):
        return _interval(node)
    if isinstance(node, SetOp):
        return _operation(node)
    if isinstance(node, Relation):
        return _inequality(node)
    if isinstance(node, Seq):
        return _several(node)
    if isinstance(node, Call) and node.name == "such that":
        return pieces(named(node.args[1]).value) if domain(node) is None else None
    if isinstance(node, Const) and node.name in _KNOWN:
        return list(_KNOWN[node.name])
    return None


def _interval(node: Bracketed) -> list[Piece] | None:
    if len(node.items) != 2:
        return None
    low, high = node.items
    piece = Piece(low, high, node.brackets[0] == "[", node.brackets[1] == "]")
    # Nobody writes nothing as (3, -4): that is a point.
    return [piece] if _size(piece) >= 0 else None


def _point(node: Node) -> Piece:
    return Piece(node, node, low_closed=True, high_closed=True)


def _several(node: Seq) -> list[Piece] | None:
    if node.kind == "set":
        return [_point(item) for item in node.items]
    values = [named(item) for item in node.items]
    parts: list[list[Piece]] = []
    for one in values:
        found = pieces(one.value)
        if found is None:
            if one.name is None:
                return None
            found = [_point(one.value)]  # x < 1 or x = 3
        parts.append(found)
    unequal = any(isinstance(item, Relation) and item.ops == ("!=",) for item in node.items)
    if unequal or node.kind == "and":
        common = parts[0]
        for part in parts[1:]:
            common = _common(common, part)
        if common:
            return common
    return [piece for part in parts for piece in part]


def _operation(node: SetOp) -> list[Piece] | None:
    left, right = pieces(named(node.left).value), pieces(named(node.right).value)
    if left is None or right is None:
        return None
    if node.op == "cup":
        return left + right
    if node.op == "cap":
        return _common(left, right)
    for piece in right:
        if piece.low != piece.high:
            return None
        left = _common(left, _all_but(piece.low))
    return left


def _all_but(point: Node) -> list[Piece]:
    return [
        Piece(_MINUS_INFINITY, point, low_closed=False, high_closed=False),
        Piece(point, _INFINITY, low_closed=False, high_closed=False),
    ]


def _inequality(node: Relation) -> list[Piece] | None:
    if not set(node.ops) <= INEQUALITIES:
        return None
    if len(node.ops) == 1:
        return _single(node.sides[0], node.ops[0], node.sides[1])
    if len(node.ops) != 2 or "!=" in node.ops:
        return None
    left, middle, right = node.sides
    if not is_name(middle) and not names(middle):
        return None
    low, high = _single(left, node.ops[0], middle), _single(middle, node.ops[1], right)
    return None if low is None or high is None else _common(low, high)


def _single(left: Node, op: str, right: Node) -> list[Piece] | None:
    if isinstance(left, Call) and isinstance(right, Call):
        return None  # f(1) < f(2) bounds no variable
    if _is_size(right):
        left, op, right = right, _FLIPPED[op], left
    if _is_size(left) and real_value(right) is not None:
        return _of_size(left, op, right)
    if not is_name(left) and is_name(right):
        left, op, right = right, _FLIPPED[op], left
    if not is_name(left):
        solved = _linear(left, op, right)
        if solved is None:
            return _quadratic(left, op, right)
        op, right = solved
    if op == "!=":
        return _all_but(right)
    closed = op.endswith("=")
    if op[0] == "<":
        return [Piece(_MINUS_INFINITY, right, low_closed=False, high_closed=closed)]
    return [Piece(right, _INFINITY, low_closed=closed, high_closed=False)]


def _is_size(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.name == "abs" and bool(names(node))


def _of_size(size: Call, op: str, bound: Node) -> list[Piece] | None:
    """|x| < 2 is -2 < x < 2, and |x| > 2 is x < -2 or x > 2."""
    inner = size.args[0]
    low, high = _single(inner, _FLIPPED[op], Neg(bound)), _single(inner, op, bound)
    if low is None or high is None:
        return None
    return low + high if op[0] == ">" else _common(low, high)


_PROBES: tuple[int | Fraction, ...] = (0, 1, 2, -3, Fraction(5, 7), -1000)


def _coefficients(left: Node, right: Node) -> tuple[Fraction, Fraction, Fraction] | None:
    """The a, b, c of left - right = ax^2 + bx + c with rational numbers; None: it is no such."""
    free = names(left) | names(right)
    if len(free) != 1:
        return None
    difference = Add((left, Neg(right)))
    at = [rational(_with_value(difference, next(iter(free)), value)) for value in _PROBES]
    if None in at:
        return None
    a = Fraction(at[2] - 2 * at[1] + at[0]) / 2
    b, c = Fraction(at[1] - at[0]) - a, Fraction(at[0])
    fits = all(
        value == (a * probe + b) * probe + c for value, probe in zip(at, _PROBES, strict=True)
    )
    return (a, b, c) if fits else None


def _linear(left: Node, op: str, right: Node) -> tuple[str, Node] | None:
    """The inequality solved for its one name, where it is linear in it with rational numbers."""
    found = _coefficients(left, right)
    if found is None or found[0] or not found[1]:
        return None
    _, slope, start = found
    return (op if slope > 0 else _FLIPPED[op]), Num(-start / slope)


def _quadratic(left: Node, op: str, right: Node) -> list[Piece] | None:
    """The pieces of a quadratic inequality with two real roots."""
    found = _coefficients(left, right)
    if found is None or not found[0]:
        return None
    a, b, c = found
    square = b * b - 4 * a * c
    if square <= 0:
        return None
    half = Call("sqrt", (Num(square / (4 * a * a)),))
    middle = Num(-b / (2 * a))
    low, high = Add((middle, Neg(half))), Add((middle, half))
    if op == "!=":
        return _common(_all_but(low), _all_but(high))
    closed = op.endswith("=")
    if (op[0] == "<") == (a > 0):
        return [Piece(low, high, closed, closed)]
    return [
        Piece(_MINUS_INFINITY, low, low_closed=False, high_closed=closed),
        Piece(high, _INFINITY, low_closed=closed, high_closed=False),
    ]


def _with_value(node: Node, name: str, value: int | Fraction) -> Node:
    result: Node = rebuilt(
        node, lambda part: Num(value) if getattr(part, "name", None) == name else part
    )
    return result


# -- comparing


def _common(one: list[Piece], other: list[Piece]) -> list[Piece]:
    """The intersection; ends that cannot be compared stay those of the first."""
    found = []
    for left in one:
        for right in other:
            low = _tighter(left, right, low=True)
            high = _tighter(left, right, low=False)
            piece = Piece(low[0], high[0], low[1], high[1])
            if _size(piece) >= 0:
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
    if node == _INFINITY:
        return float("inf")
    return -float("inf") if node == _MINUS_INFINITY else real_value(node)


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


def _size(piece: Piece) -> int:
    """-1: empty, 0: a point, 1: more than that."""
    order = _compare(piece.high, piece.low)
    known = _end(piece.low) is not None and _end(piece.high) is not None
    if order == 0 and known:
        return 0 if piece.low_closed and piece.high_closed else -1
    return order if known else 1


def covers_line(conditions: Sequence[Node]) -> bool:
    """Whether conditions, of which those that are no inequalities count for nothing, leave no real
    number out."""
    found = [pieces(condition) or [] for condition in conditions]
    same: Callable[[Node, Node], bool] = lambda one, other: one == other  # noqa: E731
    return same_pieces([piece for part in found for piece in part], [_LINE], same)


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
        infinite = {_INFINITY, _MINUS_INFINITY} & {left, right}
        if left != right and (infinite or not same(left, right)):
            return False
    return one.low_closed == other.low_closed and one.high_closed == other.high_closed


def _merged(parts: list[Piece]) -> list[Piece]:
    """The pieces in order, those that touch as one, empty ones left out."""
    filled = [part for part in parts if _size(part) >= 0]
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
