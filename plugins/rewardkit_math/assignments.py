"""Values of several unknowns: x = 1, y = 2; one solution after the other, or one in order."""

from __future__ import annotations

from collections.abc import Sequence

from rewardkit_math.nodes import Bracketed, Node, Sym
from rewardkit_math.shapes import Named

__all__ = ["as_solutions", "in_order_of", "is_assignment", "reordered", "repeats"]


def is_assignment(ones: Sequence[Named]) -> bool:
    """Whether each item has an unknown of its own: x = 1, y = 2, but not x_1 = 1, x_2 = 2."""
    letters = [one.name.name.partition("_")[0] for one in ones if isinstance(one.name, Sym)]
    return len(ones) > 1 and len(letters) == len(ones) == len(set(letters))


def repeats(ones: Sequence[Named]) -> bool:
    """Whether one name is given several values."""
    return len({str(one.name) for one in ones}) < len(ones)


def as_solutions(ones: list[Named], others: list[Named]) -> tuple[list[Named], list[Named]]:
    """Two lists of which one gives the same unknowns again and again, as lists of tuples.

    x = 1, y = 2 or x = 3, y = 4 is (1, 2), (3, 4); against such a list, the tuples have one order.
    """
    periods = _period(ones), _period(others)
    if all(periods):
        return _tuples(ones, periods[0], ordered=True), _tuples(others, periods[1], ordered=True)
    for at, (side, mates) in enumerate(((ones, others), (others, ones))):
        period = periods[at]
        if period and all(_is_tuple(mate.value, period) for mate in mates):
            tuples = _tuples(side, period, ordered=False)
            return (tuples, others) if at == 0 else (ones, tuples)
    return ones, others


def _is_tuple(node: Node, size: int) -> bool:
    return isinstance(node, Bracketed) and len(node.items) == size


def _period(ones: list[Named]) -> int:
    """How many unknowns there are before the first one comes again; 0 where they don't repeat."""
    keys = [str(one.name) for one in ones if one.name is not None]
    size = len(set(keys))
    if len(keys) < len(ones) or size < 2 or len(keys) == size or len(keys) % size:
        return 0
    runs = [set(keys[at : at + size]) for at in range(0, len(keys), size)]
    return size if all(len(run) == size for run in runs) else 0


def _tuples(ones: list[Named], size: int, *, ordered: bool) -> list[Named]:
    """The solutions, each a tuple: by the unknowns' names, or as they are written."""
    solutions = [ones[at : at + size] for at in range(0, len(ones), size)]
    if ordered:
        solutions = [sorted(run, key=lambda one: str(one.name)) for run in solutions]
    return [
        Named(
            Bracketed("()", tuple(one.name for one in run if one.name is not None)),
            Bracketed("()", tuple(one.value for one in run)),
        )
        for run in solutions
    ]


def in_order_of(name: Node | None, ones: Sequence[Named]) -> list[Node]:
    """The values of x = 1, y = 2 in the order of (y, x); those of other unknowns as they are."""
    found = {one.name: one.value for one in ones if one.name is not None}
    unknowns = name.items if isinstance(name, Bracketed) else ()
    if len(found) == len(ones) == len(unknowns) and found.keys() == set(unknowns):
        return [found[unknown] for unknown in unknowns]
    return [one.value for one in ones]


def reordered(name: Bracketed, other: Bracketed, value: Node) -> Node | None:
    """The value of (b, a) as one of (a, b); None where the unknowns are not the same."""
    if name == other:
        return value
    if not isinstance(value, Bracketed) or len(value.items) != len(other.items):
        return None
    found = dict(zip(other.items, value.items, strict=True))
    if set(found) != set(name.items) or len(found) < len(other.items):
        return value if not set(found) & set(name.items) else None
    return Bracketed(value.brackets, tuple(found[item] for item in name.items))
