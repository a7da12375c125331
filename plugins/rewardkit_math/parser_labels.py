"""Units and words beside a value: `10 cm^2`, `12 apples`, `2 million`, `30 degrees`."""

from __future__ import annotations

import re
from typing import NamedTuple

from rewardkit_math.names import ENGLISH, FUNCTIONS, QUALIFIERS, SCALES
from rewardkit_math.nodes import Bracketed, Degree, Mul, Node, Num, Percent, Quantity, Sym, Words
from rewardkit_math.tokens import ParseError, Token
from rewardkit_math.units import is_unit, read_unit

__all__ = ["Label", "labelled", "read_label"]

_ALONE = frozenset(("m", "g", "s", "h", "L", "in", "min", "mi", "t"))
_ATTACHED = frozenset(("percent", "pct", "degrees", "degree", "th", "st", "nd", "rd"))
_BEFORE_LETTERS = frozenset(("sq", "square", "cubic", "cu"))


class Label(NamedTuple):
    """The words after a value, and the index of the token after them."""

    text: str
    end: int


def read_label(tokens: list[Token], at: int, left: Node) -> Label | None:
    """The unit or words that stand at a token, or None where a factor stands there."""
    token = tokens[at]
    if token.kind == "text":
        minutes = token.text.strip() == "min" and tokens[at + 1].text not in ("(", "{", "\\{", "_")
        if (token.text.strip() in FUNCTIONS and not (minutes and isinstance(left, Num))) or (
            len(token.text) == 1 and token.text in "ei"
        ):
            return None
    elif token.kind != "word" or not _begins_label(tokens, at, left):
        return None
    label = _run(tokens, at)
    label = label._replace(text=re.sub(r"\^\{([23])\}", r"^\1", label.text))
    if isinstance(left, Sym | Words) and read_unit(label.text) is None:
        raise ParseError(f"{label.text!r} after a name")
    return label


def _begins_label(tokens: list[Token], at: int, left: Node) -> bool:
    text, following = tokens[at].text, tokens[at + 1]
    if is_unit(text) or text in SCALES or text in _BEFORE_LETTERS:
        return True
    if text in _ALONE and isinstance(left, Num):
        per = following.text == "/" and _is_unit_word(tokens[at + 2])
        return per or (tokens[at].space and following.kind == "end")
    if text in FUNCTIONS or not tokens[at].space:
        return text.lower() in _ATTACHED and isinstance(left, Num)
    return len(text) > 3 or text.lower() in ENGLISH


def _run(tokens: list[Token], at: int) -> Label:
    """All words from a token on, with the powers and the strokes between units."""
    parts: list[str] = []
    while True:
        token = tokens[at]
        if token.kind in ("word", "text") and token.text.strip(" ,") not in ("and", "or"):
            parts.append(token.text.strip())
            at += 1
        elif parts and token.text == "^" and (power := _power(tokens, at + 1)):
            parts[-1] += "^" + power[0]
            at = power[1]
        elif parts and token.text == "/" and _is_unit_word(tokens[at + 1]):
            parts.append("/")
            at += 1
        else:
            return Label(" ".join(parts).replace(" / ", "/").strip(" .,"), at)


def _is_unit_word(token: Token) -> bool:
    return token.kind in ("word", "text") and read_unit(token.text.strip()) is not None


def _power(tokens: list[Token], at: int) -> tuple[str, int] | None:
    run = [token.text for token in tokens[at : at + 4]]
    if run and run[0] in ("2", "3"):
        return run[0], at + 1
    if len(run) > 2 and run[0] == "{" and run[2] == "}" and run[1] in ("2", "3"):
        return run[1], at + 3
    if len(run) > 3 and run[0] == "{" and run[1] == "-" and run[3] == "}":
        return "-" + run[2], at + 4
    return None


def labelled(value: Node, label: str) -> Node:
    """A value with the words after it.

    Raises:
        ParseError: The words make another value of it: "5 or more".
    """
    words = label.split()
    first = words[0].lower().strip(".,") if words else ""
    if first in SCALES:
        value = Mul((value, Num(SCALES[first])))
        return labelled(value, " ".join(words[1:])) if len(words) > 1 else value
    if first in ("percent", "pct"):
        return Percent(value)
    if first in ("degrees", "degree", "deg") and len(words) == 1:
        return Degree(value)
    if first in QUALIFIERS or any(
        char.isdigit() for char in label.replace("^2", "").replace("^3", "")
    ):
        raise ParseError(f"{label!r} says more than a unit")
    if isinstance(value, Bracketed) and len(value.items) > 1 and read_unit(label) is None:
        return value
    return Quantity(value, label)
