r"""Definitions by cases: values that stay with their conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rewardkit_math.nodes import Bracketed, Call, Node, Relation, Seq, Words
from rewardkit_math.sets import covers_line

__all__ = ["OTHERWISE", "definition", "is_definition", "same_definitions"]

OTHERWISE = Words("otherwise")


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
    """Whether two definitions have the same values under the same conditions, in any order."""
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
