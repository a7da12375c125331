"""Sums, multiples and products of matrices, carried out on their entries."""

from __future__ import annotations

from functools import reduce
from typing import TypeGuard

from rewardkit_math.nodes import Add, Bracketed, Div, Matrix, Mul, Neg, Node, Num, Pow, Sym
from rewardkit_math.trees import kinds

__all__ = ["simplified"]

MAX_ENTRIES = 400
MAX_POWER = 4
_MAY_BE_MATRICES = (Matrix, Bracketed)


def simplified(node: Node) -> Node:
    """A value in which matrices are calculated with as one matrix; any other as it is."""
    if kinds(node).isdisjoint(_MAY_BE_MATRICES):
        return node
    if isinstance(node, Bracketed) and len(node.items) == 1:
        return simplified(node.items[0])
    if isinstance(node, Neg):
        return _scaled(simplified(node.of), Num(-1)) or node
    if isinstance(node, Div):
        return _scaled(simplified(node.above), Div(Num(1), node.below)) or node
    if isinstance(node, Add):
        parts = [simplified(term) for term in node.terms]
        return reduce(_sum, parts[1:], _matrix(parts[0])) or node
    if isinstance(node, Mul):
        return _product(node) or node
    if isinstance(node, Pow):
        return _power(simplified(node.base), node.exponent) or node
    return node


def _scaled(node: Node, factor: Node) -> Matrix | None:
    if not isinstance(node, Matrix):
        return None
    return Matrix(tuple(tuple(Mul((factor, entry)) for entry in row) for row in node.rows))


def _power(base: Node, exponent: Node) -> Matrix | None:
    """A transpose, also of a row that is written as a tuple; a product of up to ten factors."""
    if exponent == Sym("T"):
        if isinstance(base, Bracketed):
            return Matrix(tuple((item,) for item in base.items))
        return Matrix(tuple(zip(*base.rows, strict=True))) if _is_regular(base) else None
    times = exponent.value if isinstance(exponent, Num) else 0
    if not isinstance(base, Matrix) or not isinstance(times, int) or not 1 <= times <= MAX_POWER:
        return None
    result: Matrix | None = base
    for _ in range(times - 1):
        result = _multiplied(result, base) if result is not None else None
    return result


def _is_regular(node: Node) -> TypeGuard[Matrix]:
    return isinstance(node, Matrix) and len({len(row) for row in node.rows}) == 1


def _matrix(node: Node) -> Matrix | None:
    return node if isinstance(node, Matrix) else None


def _sum(one: Matrix | None, other: Node) -> Matrix | None:
    if one is None or not isinstance(other, Matrix):
        return None
    if [len(row) for row in one.rows] != [len(row) for row in other.rows]:
        return None
    return Matrix(
        tuple(
            tuple(Add((entry, mate)) for entry, mate in zip(row, mates, strict=True))
            for row, mates in zip(one.rows, other.rows, strict=True)
        )
    )


def _product(node: Mul) -> Matrix | None:
    parts = [simplified(factor) for factor in node.factors]
    matrices = [part for part in parts if isinstance(part, Matrix)]
    scalars = tuple(part for part in parts if not isinstance(part, Matrix))
    if not matrices:
        return None
    result = matrices[0]
    for other in matrices[1:]:
        multiplied = _multiplied(result, other)
        if multiplied is None:
            return None
        result = multiplied
    if not scalars:
        return result
    return _scaled(result, scalars[0] if len(scalars) == 1 else Mul(scalars))


def _multiplied(one: Matrix, other: Matrix) -> Matrix | None:
    inner = len(other.rows)
    width = len(other.rows[0]) if other.rows else 0
    if any(len(row) != inner for row in one.rows) or any(len(row) != width for row in other.rows):
        return None
    if len(one.rows) * width * inner > MAX_ENTRIES or inner == 0:
        return None
    return Matrix(
        tuple(
            tuple(_dot(row, [line[at] for line in other.rows]) for at in range(width))
            for row in one.rows
        )
    )


def _dot(row: tuple[Node, ...], column: list[Node]) -> Node:
    terms = tuple(Mul(pair) for pair in zip(row, column, strict=True))
    return Add(terms) if len(terms) > 1 else terms[0]
