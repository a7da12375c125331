"""The reward `countdown`: an equation that reaches a target with each number used once.

The task of TinyZero; the equation is read by our own parser and calculated in rationals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import rewardkit as rk
from rewardkit_math.extraction import NoAnswer, extract
from rewardkit_math.identity import rational
from rewardkit_math.layers import clip
from rewardkit_math.nodes import Add, Div, Mul, Neg, Node, Num, Relation
from rewardkit_math.parser import parse
from rewardkit_math.responses import response_of
from rewardkit_math.tokens import ParseError

__all__ = ["countdown"]

MAX_EQUATION = 500


@rk.reward
def countdown(
    completion: rk.Completion,
    target: Any = None,
    nums: Any = None,
    numbers: Any = None,
    *,
    partial: float = 0.0,
) -> rk.Score:
    """1.0 where the declared equation reaches `target` with each of `nums` (`numbers`) once.

    It may add, subtract, multiply and divide; it must use each number exactly once. Anything else
    that is a readable equation is worth `partial` (TinyZero: 0.1). A row without a target or
    numbers abstains.
    """
    given = nums if nums is not None else numbers
    wanted = _whole(target)
    available = [_whole(number) for number in given] if isinstance(given, Iterable) else []
    if wanted is None or not available or None in available:
        return rk.Score.abstain("the row has no target, or no numbers, that can be read")
    found = extract(response_of(completion))
    if isinstance(found, NoAnswer):
        return rk.Score(0.0, f"no answer found: {found.reason}")
    equation = _last_line(found.text)
    try:
        return _judged(_calculation(equation), wanted, available, partial, equation)
    except ParseError as error:
        return rk.Score(
            0.0, f"{clip(equation)} is no calculation: {error}", {"answer": clip(equation)}
        )


def _judged(
    node: Node, wanted: Fraction, available: list[Any], partial: float, equation: str
) -> rk.Score:
    evidence = {"answer": clip(equation), "target": str(wanted)}
    used = Counter(_numbers(node))
    if used != Counter(available):
        return rk.Score(partial, f"{clip(equation)} does not use each number once", evidence)
    value = rational(node)
    if value != wanted:
        said = "nothing" if value is None else clip(str(value), 40)
        return rk.Score(partial, f"{clip(equation)} is {said}, not {wanted}", evidence)
    return rk.Score(1.0, f"{clip(equation)} is {wanted}", evidence)


def _whole(value: Any) -> Fraction | None:
    try:
        return Fraction(str(value).strip()) if len(str(value)) < 100 else None
    except (ValueError, ZeroDivisionError):
        return None


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else text


def _calculation(equation: str) -> Node:
    """The tree of an equation's first side, whose signs all are the four of arithmetic.

    Raises:
        ParseError: It is something else.
    """
    if len(equation) > MAX_EQUATION:
        raise ParseError("it is too long")
    plain = re.sub(r"(?<=[0-9)])\s*[xX]\s*(?=[0-9(])", "*", equation)
    if re.search(r"[0-9)]\s*(?:\(|\s[0-9])", plain):
        raise ParseError("a sign is missing")
    node = parse(plain, grouping=False)
    if isinstance(node, Relation):
        if set(node.ops) != {"="} or rational(node.sides[-1]) != rational(node.sides[0]):
            raise ParseError("it is not true")
        node = next((side for side in node.sides if not isinstance(side, Num)), node.sides[0])
    return node


def _numbers(node: Node) -> Iterator[Fraction]:
    """The numbers of a calculation.

    Raises:
        ParseError: It has more than the four signs of arithmetic.
    """
    if isinstance(node, Num):
        yield Fraction(node.value)
    elif isinstance(node, Add | Mul):
        for part in node.terms if isinstance(node, Add) else node.factors:
            yield from _numbers(part)
    elif isinstance(node, Neg):
        yield from _numbers(node.of)
    elif isinstance(node, Div):
        yield from _numbers(node.above)
        yield from _numbers(node.below)
    else:
        raise ParseError(f"a {type(node).__name__.lower()} is none of + - * /")
