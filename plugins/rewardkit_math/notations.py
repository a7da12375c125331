r"""Other readings of a pair, tried where the first ones differ: C(10, 3), A(2, -3), a + b = 7."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeGuard

from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Relation,
    Seq,
    Sym,
)
from rewardkit_math.shapes import is_name
from rewardkit_math.trees import names, nodes, rebuilt

__all__ = ["asked_for", "other_readings"]


def other_readings(reference: Node, answer: Node) -> Iterator[tuple[Node, Node]]:
    """The pair with a notation of one side read as the other side has it."""
    for one, other, flipped in ((reference, answer, False), (answer, reference, True)):
        for read in (_combinations, _unlabelled, _listed, _programmed):
            changed = read(one, other)
            if changed is not None and changed != one:
                yield (other, changed) if flipped else (changed, other)
    primed = _with_primes(reference, answer)
    if primed != (reference, answer):
        yield primed
    if any(_is_odd_root(part) for side in (reference, answer) for part in nodes(side)):
        roots = _with_real_roots(reference), _with_real_roots(answer)
        if roots != (reference, answer):
            yield roots


# -- combinations, points


def _combinations(node: Node, other: Node) -> Node | None:
    """C(10, 3) and C_{10}^3 as binomials, where the other side knows no C and is no tuple."""
    if not any(isinstance(part, Sym) and part.name[0] == "C" for part in nodes(node)):
        return None
    if isinstance(other, Bracketed) or any(name[0] == "C" for name in names(other)):
        return None
    return _changed(node, _as_binomial)


def _as_binomial(part: Node) -> Node:
    if isinstance(part, Mul):
        first, *rest = part.factors
        if first == Sym("C") and rest and _is_tuple(rest[0]) and len(rest[0].items) == 2:
            binomial = Call("binom", rest[0].items)
            return Mul((binomial, *rest[1:])) if rest[1:] else binomial
    if isinstance(part, Pow) and isinstance(part.base, Sym) and part.base.name.startswith("C_"):
        index = part.base.name[2:]
        above = Num(int(index)) if index.isdigit() else Sym(index)
        return Call("binom", (above, part.exponent)) if index.isalnum() else part
    return part


def _unlabelled(node: Node, other: Node) -> Node | None:
    """A(2, -3) as the point (2, -3), where the other side has no letter there."""
    if not any(map(_is_labelled, nodes(node))) or any(map(_is_labelled, nodes(other))):
        return None
    return _changed(node, _without_label)


def _without_label(part: Node) -> Node:
    return part.factors[1] if _is_labelled(part) else part


def _is_labelled(node: Node) -> TypeGuard[Mul]:
    if not isinstance(node, Mul) or len(node.factors) != 2 or not _is_tuple(node.factors[1]):
        return False
    letter = node.factors[0]
    return isinstance(letter, Sym) and letter.name[0].isupper() and len(letter.name) < 4


def _is_tuple(node: Node) -> TypeGuard[Bracketed]:
    return isinstance(node, Bracketed) and node.brackets == "()" and len(node.items) in (2, 3)


# -- what was asked for


def asked_for(reference: Node, answer: Node) -> Node | None:
    """The value in an answer a + b = 7, |S| = 25 or max f = 3, where the reference is a number."""
    if not isinstance(answer, Relation) or set(answer.ops) != {"="}:
        return None
    first, *rest = answer.sides
    if names(reference) or isinstance(reference, Relation | Seq) or any(map(names, rest)):
        return None
    if not _is_quantity(first):
        return None
    return rest[0] if len(rest) == 1 else Relation(tuple(rest), answer.ops[1:])


def _is_quantity(node: Node) -> bool:
    """Whether a side is what a question may ask for rather than one of an equation to be solved.

    The sum of different names without numbers, the size of a set, the maximum of a function.
    """
    if isinstance(node, Add):
        bare = [term.of if isinstance(term, Neg) else term for term in node.terms]
        return all(map(is_name, bare)) and len(set(bare)) == len(bare)
    if isinstance(node, Call) and len(node.args) == 1 and is_name(node.args[0]):
        if node.name == "abs":
            letters = node.args[0].factors if isinstance(node.args[0], Mul) else node.args
            return all(isinstance(part, Sym) and part.name[0].isupper() for part in letters)
        return node.name in ("min", "max")
    return False


# -- families


def _listed(node: Node, other: Node) -> Node | None:
    r"""\{2k+1 : k \in \mathbb{Z}\} as the family 2k+1, k \in \mathbb{Z}."""
    if not isinstance(node, Call) or node.name != "such that" or not isinstance(other, Seq):
        return None
    member, condition = node.args
    counted = isinstance(condition, Relation) and condition.ops == ("in",)
    return None if isinstance(member, Relation) or not counted else Seq("list", node.args)


# -- derivatives


def _is_primed(name: str) -> bool:
    return name.endswith("'")


def _with_primes(one: Node, other: Node) -> tuple[Node, Node]:
    """A pair with dy/dx and y'(x) as y', d^2y/dx^2 as y'': where all are of one name, not of y."""
    parts = [part for side in (one, other) for part in nodes(side)]
    found = [lagrange for part in parts if (lagrange := _lagrange(part))]
    primes = {part.name for part in parts if isinstance(part, Sym) and _is_primed(part.name)}
    if len({variable for _, variable in found}) != 1 or (len(found) < 2 and not primes):
        return one, other

    def change(part: Node) -> Node:
        lagrange = _lagrange(part)
        return Sym(lagrange[0]) if lagrange else part

    return rebuilt(one, change), rebuilt(other, change)


def _lagrange(part: Node) -> tuple[str, str] | None:
    """The y'' and the x of y''(x) or d^2y/dx^2; None where a tree is no such derivative."""
    if not isinstance(part, Call):
        return None
    if _is_primed(part.name):
        argument = part.args[0]
        return (part.name, argument.name) if isinstance(argument, Sym) else None
    above, below = part.args if part.name == "derivative" else (None, None)
    if not isinstance(above, Mul) or not isinstance(below, Mul):
        return None
    (sign, *function), (_, *variable) = above.factors, below.factors
    order, powers = _power_of(sign, Sym("d")), [_power_of(part) for part in variable]
    of = function[0] if len(function) == 1 else None
    if not order or not isinstance(of, Sym) or powers != [order]:
        return None
    name = next(iter(names(variable[0])))
    return None if name == of.name else (of.name + "'" * order, name)


def _power_of(node: Node, base: Node | None = None) -> int:
    """The 2 of x^2, 1 for a mere name; 0 where it is another power, or of another base."""
    below, exponent = (node.base, node.exponent) if isinstance(node, Pow) else (node, Num(1))
    known = isinstance(below, Sym) and base in (None, below)
    return int(exponent.value) if known and exponent in (Num(1), Num(2), Num(3)) else 0


# -- the imaginary unit


def _programmed(node: Node, other: Node) -> Node | None:
    """2 + 3*I, as programs write it, where the other side has an i and no I."""
    if node == Sym("I") or Sym("I") not in nodes(node):
        return None
    if Const("i") not in nodes(other) or "I" in names(other):
        return None
    return _changed(node, lambda part: Const("i") if part == Sym("I") else part)


# -- roots


def _with_real_roots(node: Node) -> Node:
    """Powers of one third and the like as roots, which are real where their radicand is."""
    result = _changed(node, _as_root)
    return node if result is None else result


def _as_root(part: Node) -> Node:
    if not isinstance(part, Pow):
        return part
    fraction = part.exponent.of if isinstance(part.exponent, Neg) else part.exponent
    if not isinstance(fraction, Div) or part.base == Const("e"):
        return part
    above, index = fraction.above, fraction.below
    if not _is_whole(above) or not _is_odd(index):
        return part
    root = Call("root", (part.base, index))
    power = Neg(above) if fraction is not part.exponent else above
    return root if power == Num(1) else Pow(root, power)


def _is_whole(node: Node) -> TypeGuard[Num]:
    return isinstance(node, Num) and isinstance(node.value, int)


def _is_odd(node: Node) -> bool:
    return _is_whole(node) and node.value % 2 == 1


def _is_odd_root(node: Node) -> bool:
    if not isinstance(node, Call) or node.name != "root":
        return False
    return _is_odd(node.args[1])


def _changed(node: Node, change: Callable[[Node], Node]) -> Node | None:
    result: Node = rebuilt(node, change)
    return None if result == node else result
