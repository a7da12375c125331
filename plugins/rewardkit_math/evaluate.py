"""The value of a tree at a point: in rationals, in doubles, or in multi-precision floats.

Whatever would be too large is refused before it is calculated: powers by the size of their result,
factorials and binomials by their arguments, sums by their terms.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from rewardkit_math.nodes import (
    Add,
    Big,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Matrix,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    Pow,
    Quantity,
    Sym,
)

__all__ = [
    "Arithmetic",
    "Point",
    "Refusal",
    "TooLargeError",
    "UndefinedError",
    "evaluate",
    "noise",
]

MAX_TERMS = 500
MAX_ROWS = 5  # of a determinant


class Refusal(ArithmeticError):  # noqa: N818 - raised to leave a pair to another layer
    """A tree has no value here; the message says why."""


class TooLargeError(Refusal):
    """Calculating it would take too long or too much memory."""


class UndefinedError(Refusal):
    """It is no number: a division by zero, an unknown operation."""


Value = Any  # a Fraction, a float or complex, an mpf or mpc


class Arithmetic(Protocol):
    """How one kind of number calculates."""

    def number(self, value: int | Fraction) -> Value:
        """An exact number as this kind."""

    def constant(self, name: str) -> Value:
        """pi, e or i."""

    def add(self, terms: list[Value]) -> Value:
        """A sum."""

    def multiply(self, one: Value, other: Value) -> Value:
        """A product."""

    def divide(self, above: Value, below: Value) -> Value:
        """A quotient."""

    def power(self, base: Value, exponent: Value) -> Value:
        """A power."""

    def function(self, name: str, args: list[Value]) -> Value:
        """A known function of its arguments."""

    def text(self, value: Value) -> str:
        """A value to some ten digits: two that are equal have one text."""


class Point:
    """Where names have values: each a number that only its name and the seed decide."""

    def __init__(
        self, choose: Callable[[str], Value], bound: Mapping[str, Value] | None = None
    ) -> None:
        self._choose = choose
        self._bound = dict(bound or {})

    def __getitem__(self, name: str) -> Value:
        if name not in self._bound:
            self._bound[name] = self._choose(name)
        return self._bound[name]

    def with_value(self, name: str, value: Value) -> Point:
        """The same point, but for one name."""
        return Point(self._choose, {**self._bound, name: value})


def noise(key: str) -> float:
    """A number from 0 to 1 that only `key` decides, in every process."""
    mixed = zlib.crc32(key.encode("utf-8", "surrogatepass"))
    # A checksum is linear: unmixed, the noise of "d x" would tell that of "d y".
    for _ in range(2):
        mixed = (mixed ^ mixed >> 16) * 0x45D9F3B & 0xFFFFFFFF
    return (mixed ^ mixed >> 16) / 2**32


def evaluate(node: Node, point: Point, kind: Arithmetic) -> Value:
    """The value of a tree.

    Raises:
        Refusal: It has none here.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        raise UndefinedError(f"a {type(node).__name__.lower()} is no number")
    return rule(node, point, kind)


def _num(node: Num, point: Point, kind: Arithmetic) -> Value:
    return kind.number(node.value)


def _sym(node: Sym, point: Point, kind: Arithmetic) -> Value:
    return point[node.name]


def _const(node: Const, point: Point, kind: Arithmetic) -> Value:
    return kind.constant(node.name)


def _add(node: Add, point: Point, kind: Arithmetic) -> Value:
    return kind.add([evaluate(term, point, kind) for term in node.terms])


def _neg(node: Neg, point: Point, kind: Arithmetic) -> Value:
    return -evaluate(node.of, point, kind)


def _mul(node: Mul, point: Point, kind: Arithmetic) -> Value:
    value = evaluate(node.factors[0], point, kind)
    for factor in node.factors[1:]:
        value = kind.multiply(value, evaluate(factor, point, kind))
    return value


def _div(node: Div, point: Point, kind: Arithmetic) -> Value:
    return kind.divide(evaluate(node.above, point, kind), evaluate(node.below, point, kind))


def _pow(node: Pow, point: Point, kind: Arithmetic) -> Value:
    if node.base == Const("e"):
        return kind.function("exp", [evaluate(node.exponent, point, kind)])
    return kind.power(evaluate(node.base, point, kind), evaluate(node.exponent, point, kind))


def _percent(node: Percent, point: Point, kind: Arithmetic) -> Value:
    return kind.divide(evaluate(node.of, point, kind), kind.number(100))


def _degree(node: Degree, point: Point, kind: Arithmetic) -> Value:
    turn = kind.divide(kind.constant("pi"), kind.number(180))
    return kind.multiply(evaluate(node.of, point, kind), turn)


def _quantity(node: Quantity, point: Point, kind: Arithmetic) -> Value:
    return kind.multiply(evaluate(node.of, point, kind), point["unit " + node.unit])


def _bracketed(node: Bracketed, point: Point, kind: Arithmetic) -> Value:
    if len(node.items) != 1:
        raise UndefinedError("a tuple is no number")
    return evaluate(node.items[0], point, kind)


def _call(node: Call, point: Point, kind: Arithmetic) -> Value:
    if node.name == "base":
        return kind.number(_in_base(node))
    if node.name == "det" and isinstance(node.args[0], Matrix):
        return _determinant(node.args[0], point, kind)
    if not node.known:
        return _unknown(node.name, node.args, point, kind)
    return kind.function(node.name, [evaluate(arg, point, kind) for arg in node.args])


def _unknown(name: str, args: tuple[Node, ...], point: Point, kind: Arithmetic) -> Value:
    """A function that nobody defined: some number, the same for the same arguments."""
    found = [evaluate(arg, point, kind) for arg in args]
    if name == "cross":
        return _crossed(found, point, kind)
    values = ",".join(map(kind.text, found))
    return point[f"{name}({values})"]


def _crossed(factors: list[Value], point: Point, kind: Arithmetic) -> Value:
    """A vector product: some number that changes its sign with the order and signs of factors."""
    sign = 1
    texts = []
    for factor in factors:
        text, opposite = kind.text(factor), kind.text(-factor)
        sign = -sign if opposite < text else sign
        texts.append(min(text, opposite))
    if texts[0] == texts[1]:
        return kind.number(0)
    value = point[f"cross({min(texts)},{max(texts)})"]
    return value if (texts[0] < texts[1]) == (sign > 0) else -value


def _determinant(matrix: Matrix, point: Point, kind: Arithmetic) -> Value:
    """A determinant by Laplace's expansion, of five rows at most."""
    size = len(matrix.rows)
    if any(len(row) != size for row in matrix.rows):
        raise UndefinedError("a determinant of rows of other lengths")
    if size > MAX_ROWS:
        raise TooLargeError(f"a determinant of {size} rows")
    entries = [[evaluate(entry, point, kind) for entry in row] for row in matrix.rows]
    return _expanded(entries, kind)


def _expanded(rows: list[list[Value]], kind: Arithmetic) -> Value:
    if len(rows) == 1:
        return rows[0][0]
    terms = []
    for at, entry in enumerate(rows[0]):
        minor = _expanded([row[:at] + row[at + 1 :] for row in rows[1:]], kind)
        term = kind.multiply(entry, minor)
        terms.append(-term if at % 2 else term)
    return kind.add(terms)


def _in_base(node: Call) -> int:
    digits, base = node.args
    text = getattr(digits, "text", "")
    if not isinstance(base, Num) or not isinstance(base.value, int) or not 2 <= base.value <= 36:
        raise UndefinedError("no base")
    try:
        return int(text, base.value)
    except ValueError as error:
        raise UndefinedError(f"{text[:40]} is no number in base {base.value}") from error


def _big(node: Big, point: Point, kind: Arithmetic) -> Value:
    """A finite sum or product term by term; another one stands for some number."""
    bounds = _whole_bounds(node, point, kind)
    if node.kind in ("int", "lim") or Const("infty") in (node.low, node.high):
        raise UndefinedError(f"{node.kind} is not calculated term by term")
    if bounds is None:
        inside = point.with_value(node.var, point["a bound variable"])
        ends = tuple(end for end in (node.low, node.high) if end is not None)
        text = kind.text(evaluate(node.body, inside, kind))
        return _unknown(f"{node.kind} of {text}", ends, point, kind)
    low, high = bounds
    if high - low >= MAX_TERMS:
        raise TooLargeError(f"a {node.kind} of {high - low + 1:,} terms")
    values = [
        evaluate(node.body, point.with_value(node.var, kind.number(k)), kind)
        for k in range(low, high + 1)
    ]
    if node.kind == "sum":
        return kind.add([kind.number(0), *values])
    result = kind.number(1)
    for value in values:
        result = kind.multiply(result, value)
    return result


def _whole_bounds(node: Big, point: Point, kind: Arithmetic) -> tuple[int, int] | None:
    ends = []
    for end in (node.low, node.high):
        if end is None:
            return None
        value = evaluate(end, point, kind)
        if getattr(value, "imag", 0) or value != int(value):
            return None
        ends.append(int(value))
    return ends[0], ends[1]


_RULES: dict[type, Callable[[Any, Point, Arithmetic], Value]] = {
    Num: _num, Sym: _sym, Const: _const, Add: _add, Neg: _neg, Mul: _mul, Div: _div, Pow: _pow,
    Percent: _percent, Degree: _degree, Quantity: _quantity, Bracketed: _bracketed, Call: _call,
    Big: _big,
}  # fmt: skip
