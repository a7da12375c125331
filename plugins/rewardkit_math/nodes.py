"""What an answer says, as a tree: small frozen nodes, no meaning that is not written."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

__all__ = [
    "Add",
    "Big",
    "Bracketed",
    "Call",
    "Const",
    "Degree",
    "Div",
    "Ellipsis",
    "Matrix",
    "Mul",
    "Neg",
    "Node",
    "Num",
    "Percent",
    "PlusMinus",
    "Pow",
    "Quantity",
    "Ratio",
    "Relation",
    "Seq",
    "SetOp",
    "Sym",
    "Walk",
    "Words",
]


class Walk(NamedTuple):
    """What one walk through a tree finds, kept with the tree: see `rewardkit_math.trees`."""

    nodes: tuple[Node, ...]
    names: frozenset[str]
    kinds: frozenset[type]


class _Walked:
    """A tree with a place for its walk, which is no part of what it is."""

    __slots__ = ("walk",)
    walk: Walk


@dataclass(frozen=True, slots=True)
class Num(_Walked):
    """A number; `places` are the digits after its point, None where it has no point."""

    value: int | Fraction
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Sym(_Walked):
    """A name: `x`, `x_1`, `alpha`."""

    name: str


@dataclass(frozen=True, slots=True)
class Const(_Walked):
    """`pi`, `e`, `i`, `infty`, `R`, `empty`, ..."""

    name: str


@dataclass(frozen=True, slots=True)
class Add(_Walked):
    """A sum of two or more terms."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Neg(_Walked):
    """A negative."""

    of: Node


@dataclass(frozen=True, slots=True)
class PlusMinus(_Walked):
    r"""`left \pm right`; `left` is None where nothing stands before the sign; `flipped`: `\mp`."""

    left: Node | None
    right: Node
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Mul(_Walked):
    """A product of two or more factors."""

    factors: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Div(_Walked):
    """A fraction."""

    above: Node
    below: Node


@dataclass(frozen=True, slots=True)
class Pow(_Walked):
    """A power."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Call(_Walked):
    """A function of arguments: a known one (`sin`, `root`, `log`), or one that nobody defined."""

    name: str
    args: tuple[Node, ...]
    known: bool = True


@dataclass(frozen=True, slots=True)
class Big(_Walked):
    """A sum, product, integral or limit over a variable, from `low` to `high`."""

    kind: str
    var: str
    low: Node | None
    high: Node | None
    body: Node


@dataclass(frozen=True, slots=True)
class Percent(_Walked):
    """A number with a percent sign."""

    of: Node


@dataclass(frozen=True, slots=True)
class Degree(_Walked):
    """An angle in degrees."""

    of: Node


@dataclass(frozen=True, slots=True)
class Quantity(_Walked):
    """A value with a unit, or with words that say what it counts."""

    of: Node
    unit: str


@dataclass(frozen=True, slots=True)
class Words(_Walked):
    """Words that are no formula."""

    text: str


@dataclass(frozen=True, slots=True)
class Ellipsis(_Walked):
    """What is left out: three dots."""


@dataclass(frozen=True, slots=True)
class Seq(_Walked):
    """Items, parted by commas: a `list`, one joined by `and` alone, or in braces a `set`.

    Inequalities joined by "or" are an `or`: those that commas part may hold together.
    """

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Bracketed(_Walked):
    """Items in brackets, whose two characters are kept: a tuple, a vector, an interval."""

    brackets: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class SetOp(_Walked):
    """A `cup`, `cap` or `setminus` of sets."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Relation(_Walked):
    """Sides with an operator between each two: `=`, `<`, `<=`, `!=`, `in`, `~`, ..."""

    sides: tuple[Node, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratio(_Walked):
    """`a : b : c`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Matrix(_Walked):
    """Rows of entries; `lines` are its fences: `vmatrix` is a determinant."""

    rows: tuple[tuple[Node, ...], ...]


Node = (
    Num | Sym | Const | Add | Neg | PlusMinus | Mul | Div | Pow | Call | Big | Percent | Degree
    | Quantity | Words | Ellipsis | Seq | Bracketed | SetOp | Relation | Ratio | Matrix
)  # fmt: skip
