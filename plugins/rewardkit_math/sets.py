"""Sets of reals: intervals, inequalities, points, unions, as pieces that can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from rewardkit_math.identity import real_value
from rewardkit_math.nodes import (
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
from rewardkit_math.pieces import (
    INFINITY,
    MINUS_INFINITY,
    Piece,
    all_but,
    common,
    same_pieces,
    size_of,
)
from rewardkit_math.shapes import is_name, named
from rewardkit_math.signs import solved
from rewardkit_math.trees import names, nodes

__all__ = ["covers_line", "domain", "is_builder", "is_set", "pieces", "subject", "subjects"]

INEQUALITIES = frozenset(("<", "<=", ">", ">=", "!="))
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "!=": "!="}


_LINE = Piece(MINUS_INFINITY, INFINITY, low_closed=False, high_closed=False)

_ZERO = Num(0)
_KNOWN: dict[str, tuple[Piece, ...]] = {
    "R": (_LINE,),
    "empty": (),
    "R^+": (Piece(_ZERO, INFINITY, low_closed=False, high_closed=False),),
    "R^-": (Piece(MINUS_INFINITY, _ZERO, low_closed=False, high_closed=False),),
    "R^*": tuple(all_but(_ZERO)),
    "R>=0": (Piece(_ZERO, INFINITY, low_closed=True, high_closed=False),),
    "R<=0": (Piece(MINUS_INFINITY, _ZERO, low_closed=False, high_closed=True),),
}


def is_set(node: Node) -> bool:
    """Whether a value can be nothing but a set of reals, or a condition for one."""
    if isinstance(node, Seq):
        return any(is_set(named(item).value) for item in node.items)
    if isinstance(node, Bracketed):
        return len(node.items) == 2 and node.brackets != "()"
    if isinstance(node, Relation):
        return bool(INEQUALITIES & set(node.ops))
    return (
        isinstance(node, SetOp)
        or is_builder(node)
        or (isinstance(node, Const) and node.name in _KNOWN)
    )


def is_builder(node: Node) -> TypeGuard[Call]:
    r"""Whether a tree is a set by its condition: \{x : x < 1\}."""
    return isinstance(node, Call) and node.name == "such that"


def subject(node: Relation) -> Node | None:
    """The name that an inequality bounds, or None where it bounds more than a name."""
    named_sides = [side for side in node.sides if is_name(side)]
    return named_sides[0] if len(named_sides) == 1 else None


def subjects(node: Node) -> set[Node]:
    """The names that the inequalities in a tree bound, but for those that set braces bind."""
    if is_builder(node):
        return set()
    bounds = (part for part in nodes(node) if isinstance(part, Relation))
    found = {subject(part) for part in bounds if INEQUALITIES & set(part.ops)}
    return {name for name in found if name is not None}


def domain(node: Node) -> Node | None:
    r"""What the members of \{x \in D : ...\} are taken from, or None where they are any reals."""
    if not is_builder(node):
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
    if is_builder(node):
        return _conditioned(*node.args) if domain(node) is None else None
    if isinstance(node, Const) and node.name in _KNOWN:
        return list(_KNOWN[node.name])
    return None


def _conditioned(member: Node, condition: Node) -> list[Piece] | None:
    """The pieces that a condition leaves: x < 1, or x = 1."""
    one = named(condition)
    found = pieces(one.value)
    equal = isinstance(condition, Relation) and condition.ops == ("=",) and one.name == member
    if found is None and equal and not isinstance(one.value, Seq | SetOp):
        return [_point(one.value)]
    return found


def _interval(node: Bracketed) -> list[Piece] | None:
    if len(node.items) != 2:
        return None
    low, high = node.items
    piece = Piece(low, high, node.brackets[0] == "[", node.brackets[1] == "]")
    # Nobody writes nothing as (3, -4): that is a point.
    return [piece] if size_of(piece) >= 0 else None


def _point(node: Node) -> Piece:
    return Piece(node, node, low_closed=True, high_closed=True)


def _several(node: Seq) -> list[Piece] | None:
    if node.kind == "set":
        return [_point(item) for item in node.items]
    values = [named(item) for item in node.items]
    if not any(one.name for one in values[1:]):
        values = [one._replace(name=values[0].name) for one in values]  # x = 1, 2, 3
    parts: list[list[Piece]] = []
    for one in values:
        found = pieces(one.value)
        if found is None:
            if one.name is None:
                return None
            found = [_point(one.value)]  # x < 1 or x = 3
        parts.append(found)
    bounds = all(isinstance(item, Relation) for item in node.items) and node.kind == "list"
    unequal = any(isinstance(item, Relation) and item.ops == ("!=",) for item in node.items)
    if unequal or node.kind == "and" or (bounds and _leaves_nothing_out(parts)):
        shared = parts[0]
        for part in parts[1:]:
            shared = common(shared, part)
        if shared:
            return shared
    return [piece for part in parts for piece in part]


def _leaves_nothing_out(parts: list[list[Piece]]) -> bool:
    """Whether bounds joined by commas hold together: x > -1, x < 3 are no two cases."""
    return same_pieces([piece for part in parts for piece in part], [_LINE], _alike)


def _alike(one: Node, other: Node) -> bool:
    return one == other


def _operation(node: SetOp) -> list[Piece] | None:
    left, right = pieces(named(node.left).value), pieces(named(node.right).value)
    if left is None or right is None:
        return None
    if node.op == "cup":
        return left + right
    if node.op == "cap":
        return common(left, right)
    for piece in right:
        left = common(left, _outside(piece))
    return left


def _outside(piece: Piece) -> list[Piece]:
    """The line without a piece."""
    below = Piece(MINUS_INFINITY, piece.low, low_closed=False, high_closed=not piece.low_closed)
    above = Piece(piece.high, INFINITY, low_closed=not piece.high_closed, high_closed=False)
    found = [below] if piece.low != MINUS_INFINITY else []
    return [*found, above] if piece.high != INFINITY else found


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
    return None if low is None or high is None else common(low, high)


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
        return solved(left, op, right)
    if op == "!=":
        return all_but(right)
    closed = op.endswith("=")
    if op[0] == "<":
        return [Piece(MINUS_INFINITY, right, low_closed=False, high_closed=closed)]
    return [Piece(right, INFINITY, low_closed=closed, high_closed=False)]


def _is_size(node: Node) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.name == "abs" and bool(names(node))


def _of_size(size: Call, op: str, bound: Node) -> list[Piece] | None:
    """|x| < 2 is -2 < x < 2, and |x| > 2 is x < -2 or x > 2."""
    inner = size.args[0]
    low, high = _single(inner, _FLIPPED[op], Neg(bound)), _single(inner, op, bound)
    if low is None or high is None:
        return None
    return low + high if op[0] == ">" else common(low, high)


def covers_line(conditions: Sequence[Node]) -> bool:
    """Whether conditions, of which those that are no inequalities count for nothing, leave no real
    number out."""
    found = [pieces(condition) or [] for condition in conditions]
    return same_pieces([piece for part in found for piece in part], [_LINE], _alike)
