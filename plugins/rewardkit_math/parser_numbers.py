"""Numbers among tokens: groups of thousands, mixed numbers, scientific notation, periods."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from rewardkit_math.nodes import Add, Div, Node, Num
from rewardkit_math.tokens import ParseError, Token

__all__ = ["Literal", "read_number"]

MAX_DIGITS = 1_000
_MAX_EXPONENT = 1_000
_REPEATED = re.compile(r"([0-9]{0,20}?)(?:([0-9])\2{2,60}|([0-9]{2,12})\3{1,60})")


class Literal(NamedTuple):
    """A number, the digits it is written with, and the index of the token after it."""

    node: Node
    digits: str
    end: int


def read_number(tokens: list[Token], at: int, grouping: bool) -> Literal:
    """The number that begins at a token.

    Raises:
        ParseError: It has too many digits.
    """
    text, end = _grouped(tokens, at, grouping)
    if len(text) > MAX_DIGITS:
        raise ParseError(f"a number of {len(text):,} digits")
    whole, point, places = text.partition(".")
    after_comma = at > 0 and tokens[at - 1].text == "," and not tokens[at].space
    if after_comma and len(whole) > 2 and whole[0] == "0":
        raise ParseError(f"{whole!r} after a comma")  # 5,0000 is neither 5,000 nor 5 and 0
    if point and (period := _period(tokens, end)):
        return Literal(
            _repeating(whole, places, period), text, end + len(_period_tokens(tokens, end))
        )
    if point and tokens[end].text == "ldots" and (tail := _REPEATED.fullmatch(places)):
        return Literal(_repeating(whole, tail[1], tail[2] or tail[3]), text, end + 1)
    scale = _scientific(tokens, end)
    if scale is not None:
        value = Fraction(int((whole + places) or "0")) * Fraction(10) ** (scale[0] - len(places))
        return Literal(Num(value, max(0, len(places) - scale[0]) or None), text, scale[1])
    if not point:
        mixed = _mixed(tokens, end)
        if mixed is not None:
            return Literal(Add((Num(int(text)), mixed)), text, end + 3)
        return Literal(Num(int(text)), text, end)
    return Literal(
        Num(Fraction(int((whole + places) or "0"), 10 ** len(places)), len(places) or None),
        text,
        end,
    )


def _grouped(tokens: list[Token], at: int, grouping: bool) -> tuple[str, int]:
    """A number's digits without the commas or spaces between its thousands."""
    text, end = tokens[at].text, at + 1
    if not text.isdigit() or len(text) > 3 or text.startswith("0"):
        return text, end
    comma = tokens[end].text == "," and not tokens[end].space
    if comma and not grouping:
        return text, end
    while True:
        start = end + 1 if comma else end
        group = tokens[start] if start < len(tokens) else tokens[-1]
        joined = tokens[end].text == "," if comma else group.space
        if group.kind != "num" or not joined or (comma and group.space):
            return text, end
        if len(group.text.partition(".")[0]) != 3 or "." in text:
            return text, end
        text += group.text
        end = start + 1


def _mixed(tokens: list[Token], end: int) -> Node | None:
    if len(tokens) < end + 3:
        return None
    above, slash, below = tokens[end : end + 3]
    if not (above.kind == below.kind == "num" and slash.text == "/" and above.space):
        return None
    if not (above.text.isdigit() and below.text.isdigit() and int(below.text)):
        return None
    return Div(Num(int(above.text)), Num(int(below.text)))


def _scientific(tokens: list[Token], end: int) -> tuple[int, int] | None:
    """The exponent of 6.02e23, and the index of the token after it."""
    if tokens[end].kind != "word" or tokens[end].text not in ("e", "E") or tokens[end].space:
        return None
    start = end + 1
    sign = tokens[start].text if tokens[start].text in ("+", "-") else ""
    start += bool(sign)
    if start >= len(tokens) or tokens[start].kind != "num" or not tokens[start].text.isdigit():
        return None
    if (
        tokens[start].space
        or len(tokens[start].text) > 4
        or int(tokens[start].text) > _MAX_EXPONENT
    ):
        return None
    return int(sign + tokens[start].text), start + 1


def _period_tokens(tokens: list[Token], end: int) -> list[Token]:
    first = tokens[end].text
    if first in ("overline", "dot", "(") and not tokens[end].space:
        closer = {"overline": "}", "dot": "}", "(": ")"}[first]
        size = 3 if first == "(" else 4
        run = tokens[end : end + size]
        if len(run) == size and run[-1].text == closer and run[-2].kind == "num":
            return run
        if first != "(" and tokens[end + 1].kind == "num":
            return tokens[end : end + 2]
    return []


def _period(tokens: list[Token], end: int) -> str:
    run = _period_tokens(tokens, end)
    digits = [token.text for token in run if token.kind == "num"]
    return digits[0] if digits and digits[0].isdigit() and len(digits[0]) < 100 else ""


def _repeating(whole: str, places: str, period: str) -> Num:
    start = Fraction(int((whole + places) or "0"))
    tail = Fraction(int(period), 10 ** len(period) - 1)
    return Num((start + tail) / 10 ** len(places))
