"""Units and words beside a value: `10 cm^2`, `12 apples`, `2 million`, `30 degrees`."""

from __future__ import annotations

import re
from typing import NamedTuple

from rewardkit_math.names import ENGLISH, FUNCTIONS, QUALIFIERS, SCALES
from rewardkit_math.nodes import (
    Bracketed,
    Degree,
    Mul,
    Node,
    Num,
    Percent,
    Pow,
    Quantity,
    Sym,
    Words,
)
from rewardkit_math.tokens import ParseError, Token
from rewardkit_math.units import is_unit, is_unit_alone, read_unit

__all__ = ["Label", "labelled", "read_label"]

_ATTACHED = frozenset(("percent", "pct", "degrees", "degree", "deg", "th", "st", "nd", "rd"))
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
    elif token.kind == "cmd":
        return _sign_of_unit(tokens, at) if isinstance(left, Num) else None
    elif token.kind != "word" or not _begins_label(tokens, at, left):
        return None
    label = _unit_at(tokens, at) or _run(tokens, at)
    label = label._replace(text=re.sub(r"\^\{([23])\}", r"^\1", label.text))
    if isinstance(left, Sym | Words) and read_unit(label.text) is None:
        raise ParseError(f"{label.text!r} after a name")
    return label


def _sign_of_unit(tokens: list[Token], at: int) -> Label | None:
    r"""The unit that begins with a command: \Omega, \mu m, a fraction of upright letters."""
    if tokens[at].text not in ("mu", "Omega", "frac"):
        return None
    unit = _unit_at(tokens, at)
    upright = unit and any(token.kind == "text" for token in tokens[at : unit.end])
    return unit if upright or tokens[at].text == "Omega" else None


def _begins_label(tokens: list[Token], at: int, left: Node) -> bool:
    text, following = tokens[at].text, tokens[at + 1]
    if is_unit(text) or text in SCALES or text in _BEFORE_LETTERS:
        return True
    ten = isinstance(left, Pow) and left.base == Num(10)  # 3 \times 10^8 m/s
    if (isinstance(left, Num) or ten) and (tokens[at].space or following.text == "/"):
        unit = _unit_at(tokens, at)
        if unit and is_unit_alone(unit.text) and _ends_there(tokens, unit.end):
            return True
    if text in FUNCTIONS or not tokens[at].space or text == "deg":
        return text.lower() in _ATTACHED and isinstance(left, Num)
    return len(text) > 3 or text.lower() in ENGLISH


def _ends_there(tokens: list[Token], at: int) -> bool:
    """Whether nothing stands at a token, or a number with a unit of its own: 2 h 15 min."""
    if tokens[at].kind != "num":
        return tokens[at].kind == "end"
    following = tokens[at + 1]
    return _is_unit_word(following)


def _unit_at(tokens: list[Token], at: int) -> Label | None:
    r"""The longest unit from a token on: N m, m\cdot s^{-1}, J/(mol K); None: there is none."""
    found: Label | None = None
    text, depth = "", 0
    while tokens[at].kind != "end":
        piece, at = _unit_piece(tokens, at)
        if not piece:
            break
        text += piece
        depth += {"/(": 1, ")": -1}.get(piece, 0)
        if piece == " ":
            continue
        if depth == 0 and read_unit(text) is not None:
            found = Label(text.strip(), at)
    return found


def _unit_piece(tokens: list[Token], at: int) -> tuple[str, int]:
    """What one token, or a power, adds to the text of a unit; nothing where it ends."""
    kind, text, _ = tokens[at]
    if kind == "text" or kind == "word":
        return f" {text.strip()}", at + 1
    if text in ("mu", "Omega"):
        joined = tokens[at + 1].kind in ("text", "word") and text == "mu"
        return (f" μ{tokens[at + 1].text.strip()}", at + 2) if joined else (" Ω", at + 1)
    if text == "^":
        run = [token.text for token in tokens[at + 1 : at + 5]]
        match = _POWER.match(" ".join(run))
        return (f"^{match[1]}{match[2]}", at + 1 + len(match[0].split())) if match else ("", at)
    if text == "frac" and (fraction := _FRACTION.match(_joined(tokens, at))):
        end = at + 1 + sum(1 for _ in fraction[0].split()) - 1
        return f" {fraction[1]}/({fraction[2]})", end
    if text == "/" and tokens[at + 1].text == "(":
        return "/(", at + 2
    return {"cdot": " ", "*": " ", "/": "/", ")": ")"}.get(
        text, ""
    ) if kind != "num" else "", at + 1


_POWER = re.compile(r"(?:\{ )?(-?) ?([1-9])(?: \})?(?= |$)")
_FRACTION = re.compile(r"frac \{ ([^{}]+) \} \{ ([^{}]+(?:\^ \{ [1-9] \} )?) \}")


def _joined(tokens: list[Token], at: int) -> str:
    """A few tokens as one text, each parted by a space."""
    return " ".join(token.text.strip().replace(" ", "") for token in tokens[at : at + 16])


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
    of_things = isinstance(value, Percent) and first == "of"
    if (first in QUALIFIERS and not of_things) or (
        re.search(r"[0-9]", re.sub(r"\^[23]", "", label)) and read_unit(label) is None
    ):
        raise ParseError(f"{label!r} says more than a unit")
    if isinstance(value, Bracketed) and len(value.items) > 1 and read_unit(label) is None:
        return value
    return Quantity(value, label)
