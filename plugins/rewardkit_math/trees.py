"""Walking through trees: the nodes of one, its names and kinds; and the same tree with changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from operator import is_
from typing import Any

from rewardkit_math.nodes import (
    Add,
    Big,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Ellipsis,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    PlusMinus,
    Pow,
    Quantity,
    Ratio,
    Relation,
    Seq,
    SetOp,
    Sym,
    Walk,
    Words,
)

__all__ = ["kinds", "names", "nodes", "rebuilt"]

# What of each kind of node holds others: the walk below is the most frequent work there is.
_PARTS: dict[type, tuple[str, ...]] = {
    Num: (), Sym: (), Const: (), Words: (), Ellipsis: (), Add: ("terms",), Neg: ("of",),
    PlusMinus: ("left", "right"), Mul: ("factors",), Div: ("above", "below"),
    Pow: ("base", "exponent"), Call: ("args",), Big: ("low", "high", "body"), Percent: ("of",),
    Degree: ("of",), Quantity: ("of",), Seq: ("items",), Bracketed: ("items",),
    SetOp: ("left", "right"), Relation: ("sides",), Ratio: ("parts",), Matrix: ("rows",),
}  # fmt: skip


def nodes(node: Node) -> tuple[Node, ...]:
    """A tree's nodes, each before its parts."""
    return _walk(node).nodes


def names(node: Node) -> frozenset[str]:
    """The names that a tree has, those that a sum binds left out."""
    return _walk(node).names


def kinds(node: Node) -> frozenset[type]:
    """The classes of a tree's nodes: what it can hold at all."""
    return _walk(node).kinds


def _walk(node: Node) -> Walk:
    """The walk through a tree, done once: a reference is compared with many answers."""
    try:
        return node.walk
    except AttributeError:
        found = _found(node)
        bound = {part.var for part in found if type(part) is Big}
        free = frozenset([part.name for part in found if type(part) is Sym]) - bound
        walk = Walk(found, _shared(free), _shared(frozenset(map(type, found))))
        object.__setattr__(node, "walk", walk)  # a frozen node refuses node.walk = ...
        return walk


@lru_cache(maxsize=1024)
def _shared(found: frozenset[Any]) -> frozenset[Any]:
    """One object for all sets that are equal: the trees that are kept have few names and kinds."""
    return found


def _found(node: Node) -> tuple[Node, ...]:
    found: list[Node] = []
    waiting: list[Any] = [node]
    while waiting:
        top = waiting.pop()
        if type(top) is tuple:
            waiting.extend(top)
            continue
        parts = _PARTS.get(type(top))
        if parts is not None:
            found.append(top)
            waiting.extend([getattr(top, part) for part in parts])
    return tuple(found)


def rebuilt(node: Any, change: Callable[[Node], Node]) -> Any:
    """A tree with every node changed, the inner ones first; what stays the same is not copied."""
    if type(node) is tuple:
        parts = [rebuilt(part, change) for part in node]
        return node if all(map(is_, parts, node)) else tuple(parts)
    fields = _PARTS.get(type(node))
    if fields is None:
        return node
    changes = {}
    for field in fields:
        part = getattr(node, field)
        changed = rebuilt(part, change)
        if changed is not part:
            changes[field] = changed
    return change(replace(node, **changes) if changes else node)
