r"""Sums of unit vectors as tuples: \hat{i} + 2\hat{j} is (1, 2)."""

from __future__ import annotations

from rewardkit_math.evaluate import Refusal
from rewardkit_math.identity import equal
from rewardkit_math.nodes import Bracketed, Call, Const, Matrix, Node, Num, Sym
from rewardkit_math.trees import kinds, nodes, rebuilt

__all__ = ["as_components"]

_AXES = {"i": 0, "j": 1, "k": 2, "x": 0, "y": 1, "z": 2}


def as_components(one: Node, other: Node) -> tuple[Node, Node]:
    """A pair of which one is a sum of unit vectors, and the other a tuple, a column, or such a sum
    with marks, as tuples; any other pair as it is.
    """
    if isinstance(one, Num) or isinstance(other, Num):
        return one, other
    sizes = _size(one), _size(other)
    marked = _has_marks(one), _has_marks(other)
    if all(sizes) or not (any(marked) or any(sizes)):
        return one, other
    vectors = [
        bool(count) or mark or Sym("j") in nodes(node)
        for node, count, mark in zip((one, other), sizes, marked, strict=True)
    ]
    if not all(vectors):
        return one, other
    size = max(sizes) or 3
    read = [
        node if count else _components(node, size)
        for node, count in zip((one, other), sizes, strict=True)
    ]
    return (read[0], read[1]) if None not in read else (one, other)  # type: ignore[return-value]  # none is None


def _size(node: Node) -> int:
    """The components of a tuple or a column; 0 where a value is none."""
    if isinstance(node, Bracketed):
        return len(node.items) if len(node.items) in (2, 3) and "(" in node.brackets else 0
    if isinstance(node, Matrix) and all(len(row) == 1 for row in node.rows):
        return len(node.rows) if len(node.rows) in (2, 3) else 0
    return 0


def _has_marks(node: Node) -> bool:
    if Call not in kinds(node):
        return False
    return any(isinstance(part, Call) and _axis(part) is not None for part in nodes(node))


def _axis(node: Node) -> int | None:
    if isinstance(node, Call) and node.name in ("hat", "vec") and len(node.args) == 1:
        return _AXES.get(getattr(node.args[0], "name", "").partition("_")[0])
    if node == Const("i") or node in (Sym("j"), Sym("k")):
        return _AXES[getattr(node, "name", "")]
    return None


def _components(node: Node, size: int) -> Node | None:
    """A sum of multiples of unit vectors as a tuple; None where it is none."""
    if not _is_zero(_along(node, 3)):
        return None  # a sum of more than multiples
    parts = [_along(node, axis) for axis in range(3)]
    if size == 2 and not _is_zero(parts[2]):
        return None
    return Bracketed("()", tuple(parts[:size]))


def _is_zero(node: Node) -> bool:
    try:
        return equal(node, Num(0))
    except Refusal:
        return False


def _along(node: Node, axis: int) -> Node:
    """A tree with one unit vector as 1 and all others as 0."""

    def change(part: Node) -> Node:
        found = _axis(part)
        return part if found is None else Num(int(found == axis))

    marked = _has_marks(node)

    def marks(part: Node) -> Node:
        return change(part) if isinstance(part, Call) else part

    result: Node = rebuilt(node, marks if marked else change)
    return result
