"""Names that stand for any number: the integer of a family, the constants of an integration."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import TypeGuard

from rewardkit_math.nodes import (
    Add,
    Call,
    Const,
    Degree,
    Neg,
    Node,
    Pow,
    Relation,
    Seq,
    Sym,
)
from rewardkit_math.trees import names, nodes, rebuilt

__all__ = ["ranges_differ", "renamings"]

_INTEGERS = frozenset("kmnlpt")
_COUNTERS = frozenset("kmn")
_CONSTANTS = frozenset(("C", "c", "K", "k", "D", "A"))
_COEFFICIENTS = frozenset(("A", "B", "C", "D", "K"))
_WAVES = frozenset(("sin", "cos", "exp", "sinh", "cosh"))


def renamings(reference: Node, answer: Node) -> Iterator[Node]:
    r"""The answer under the reference's names for what stands for any number: 2 pi n as 2 pi k.

    An integer that only one side names, where a side says so (k \in Z), or counts by it multiples
    of pi or of degrees; else 3k+1 is not 3n+1, since k may be given. The constants of an
    integration where one is added, or the factors of e^x and sin x.
    """
    ours, theirs = names(reference), names(answer)
    if ours <= theirs or theirs <= ours:
        return
    counted = frozenset().union(*map(_counters, (reference, answer)))
    for ones, others in (
        (counted, counted),
        (_arbitrary(reference), _arbitrary(answer)),
    ):
        lost, new = (ours - theirs) & ones, (theirs - ours) & others
        if 0 < len(lost) == len(new) < 3:
            for order in permutations(sorted(lost)):
                yield _renamed(answer, dict(zip(sorted(new), order, strict=True)))


def ranges_differ(reference: Node, answer: Node) -> bool:
    """Whether two families are said to be counted by other sets: k in Z, and k in N."""
    if not isinstance(reference, Seq) or not isinstance(answer, Seq):
        return False
    ranges = [
        {str(part.sides[1]) for part in nodes(node) if _is_membership(part)}
        for node in (reference, answer)
    ]
    return bool(ranges[0] and ranges[1] and ranges[0] != ranges[1])


def _renamed(node: Node, mapping: dict[str, str]) -> Node:
    def change(part: Node) -> Node:
        return Sym(mapping.get(part.name, part.name)) if isinstance(part, Sym) else part

    result: Node = rebuilt(node, change)
    return result


def _is_membership(node: Node) -> TypeGuard[Relation]:
    return isinstance(node, Relation) and node.ops == ("in",)


def _counters(node: Node) -> frozenset[str]:
    """The names that may count a family: of a value for each integer, of multiples of pi."""
    if any(_is_membership(part) for part in nodes(node)):
        return _INTEGERS
    turns = any(isinstance(part, Degree) or part == Const("pi") for part in nodes(node))
    return _COUNTERS if turns else frozenset()


def _arbitrary(node: Node) -> frozenset[str]:
    """The names in a value that an integration left open."""
    value = node.sides[-1] if isinstance(node, Relation) else node
    free = names(value)
    if len(free) < 2:
        return frozenset()
    numbered = {name for name in free if name.rstrip("'")[:2] in ("C_", "c_")}
    coefficients = free & _COEFFICIENTS if any(map(_is_wave, nodes(value))) else frozenset()
    return frozenset(numbered) | _added(value) | coefficients


def _added(value: Node) -> frozenset[str]:
    terms = value.terms if isinstance(value, Add) else ()
    bare = [term.of if isinstance(term, Neg) else term for term in terms]
    return frozenset(term.name for term in bare if isinstance(term, Sym)) & _CONSTANTS


def _is_wave(node: Node) -> bool:
    """Whether a tree is e^x, sin x or the like, of a name."""
    if isinstance(node, Pow):
        return node.base == Const("e") and bool(names(node.exponent))
    return isinstance(node, Call) and node.name in _WAVES and bool(names(node))
