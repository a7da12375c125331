"""What stands in an answer beside its value: names, signs to expand, approximations, chains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product, repeat
from typing import NamedTuple

from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Mul,
    Neg,
    Node,
    Num,
    PlusMinus,
    Quantity,
    Ratio,
    Relation,
    Seq,
    Sym,
    Words,
)
from rewardkit_math.trees import kinds, names, nodes, rebuilt

__all__ = ["Named", "expanded", "is_name", "items", "named"]


_MAX_SIGNS = 6  # components that may vary alone: 64 tuples


class Named(NamedTuple):
    """A value with the name it is given: `x = 5`; the sides of a chain that must equal it, and
    those that are said to be near it."""

    name: Node | None
    value: Node
    claims: tuple[Node, ...] = ()
    near: tuple[Node, ...] = ()


def is_name(node: Node) -> bool:
    """Whether a side of an equation is a mere name: x, AB, f(x), P(2), (x, y)."""
    if isinstance(node, Sym | Words):
        return True
    if isinstance(node, Call):
        trigonometric = node.name in ("sin", "cos", "tan") and is_name(node.args[0])
        return (not node.known and node.name not in ("such that", "cases")) or trigonometric
    if isinstance(node, Mul):
        first, *rest = node.factors
        if all(map(is_name, node.factors)):
            return len(set(node.factors)) == len(node.factors)  # xx = 4 is an equation
        capital = isinstance(first, Sym) and first.name.isupper()
        return capital and len(rest) == 1 and isinstance(rest[0], Num)  # P(2)
    if isinstance(node, Bracketed | Ratio):
        return all(map(is_name, node.items if isinstance(node, Bracketed) else node.parts))
    return False


def named(node: Node) -> Named:
    """The value that an answer states, without its name and what it is about."""
    if isinstance(node, Quantity) and isinstance(node.of, Relation):
        inner = named(node.of)
        return inner._replace(value=replace(node, of=inner.value))
    if not isinstance(node, Relation):
        return Named(None, node)
    sides, ops = node.sides, node.ops
    if "~" in ops:
        return _approximate(sides, ops)
    if ops == ("in",) and is_name(sides[0]):
        return Named(sides[0], sides[1])
    if set(ops) != {"="}:
        return Named(None, node)
    return _chain(node)


def _approximate(sides: tuple[Node, ...], ops: tuple[str, ...]) -> Named:
    """x = 1/3 ~ 0.33 states 1/3; x ~ 0.33 states 0.33."""
    cut = ops.index("~")
    if cut == 0:
        return (
            Named(sides[0], sides[1])
            if is_name(sides[0])
            else Named(None, sides[0], (), sides[1:])
        )
    exact = Relation(sides[: cut + 1], ops[:cut])
    if cut == 1 and all(map(is_name, sides[:1])) and is_name(sides[1]):
        return Named(sides[0], sides[2])
    return named(exact)._replace(near=sides[cut + 1 :])


def _chain(node: Relation) -> Named:
    sides = node.sides
    first = 0
    while first < len(sides) - 1 and is_name(sides[first]):
        first += 1
    if first == 0:
        if len(sides) == 2 and is_name(sides[1]) and not _is_in(sides[1], sides[0]):
            return Named(sides[1], sides[0])
        if any(map(names, sides)):
            return Named(None, node)  # an equation
        return Named(None, sides[-1], sides[:-1])
    value = sides[-1]
    if _is_in(sides[0], value):
        return Named(None, node)
    return Named(sides[0], value, sides[first:-1])


def _is_in(name: Node, value: Node) -> bool:
    return isinstance(name, Sym) and name.name in names(value)


def items(node: Node) -> list[Named]:
    """The items of a list, each with its name: in `n = 1, 2, 3` all have the first one's."""
    listed = node.items if isinstance(node, Seq) else (node,)
    found: list[Named] = []
    for item in listed:
        one = named(item)
        if _is_condition(item) and len(listed) > 1:
            continue  # ", k in Z"
        found.append(one)
    names_given = [one.name is not None for one in found]
    if names_given and names_given[0] and not any(names_given[1:]):
        found = [one._replace(name=found[0].name) for one in found]
    return found


def _is_condition(node: Node) -> bool:
    return (
        isinstance(node, Relation)
        and node.ops == ("in",)
        and isinstance(node.sides[1], Const)
        and node.sides[1].name[0] in "ZN"
    )


# -- signs


def expanded(node: Node) -> list[list[Node]]:
    """What the signs plus-minus in a value may stand for: lists of values, in order of likelihood.

    In one expression all signs are upper or all are lower where one is a minus-plus, and else each
    varies alone; components of a tuple may do either.
    """
    if PlusMinus not in kinds(node):
        return [[node]]
    signs = [part for part in nodes(node) if isinstance(part, PlusMinus)]
    together = [_signed(node, upper=True), _signed(node, upper=False)]
    if not isinstance(node, Bracketed):
        linked = any(part.flipped for part in signs) or not 1 < len(signs) <= _MAX_SIGNS
        return [together if linked else _each_sign(node)]
    parts = [expanded(item)[0] for item in node.items]
    if sum(len(part) > 1 for part in parts) > _MAX_SIGNS:
        return [together]
    alone: list[Node] = [replace(node, items=choice) for choice in product(*parts)]
    return [together] if len(alone) == 2 else [alone, together]


def _signed(node: Node, *, upper: bool) -> Node:
    return _with_signs(node, repeat(upper))


def _each_sign(node: Node) -> list[Node]:
    """The values of an expression whose signs vary alone: those of \\pm 1 \\pm 2 are four."""
    count = sum(isinstance(part, PlusMinus) for part in nodes(node))
    return [_with_signs(node, iter(uppers)) for uppers in product((True, False), repeat=count)]


def _with_signs(node: Node, uppers: Iterator[bool]) -> Node:
    def sign(part: Node) -> Node:
        if not isinstance(part, PlusMinus):
            return part
        right = part.right if next(uppers) != part.flipped else Neg(part.right)
        return right if part.left is None else Add((part.left, right))

    result: Node = rebuilt(node, sign)
    return result
