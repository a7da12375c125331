"""What is written in words or signs of its own for a formula: numerals of a base, phrases."""

from __future__ import annotations

import re

from rewardkit_math.tokens import MAX_CHARACTERS

__all__ = ["respelled"]

_DIGITS = r"(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]+"
_BASE = r"\{?\s*(?:\\text\s*\{)?\s*(?:base\s*)?([0-9]{1,2}|two|three|five|six|eight|nine|ten|twelve|sixteen)\s*\}?\s*\}?"
_NUMERAL = re.compile(
    rf"\(?({_DIGITS}|[A-F]{{2,8}}(?=[)_{{\s]*16))\)?_{_BASE}"
    r"|([0-9A-Fa-f]+)\s*(?:\(|in|,|\\text\s*\{)?\s*\(?base[\s}-]*([0-9]{1,2}|two|three|five|six|eight|nine|ten|twelve|sixteen)\)?\}?"
)
_PROGRAMMED = re.compile(r"0([xbo])([0-9A-Fa-f]+)")
_RADIX = {"x": "16", "b": "2", "o": "8"}
_CHOOSE = re.compile(
    r"(?<![A-Za-z0-9)}])(?:\{\s*\})?[_^]\s*\{?\s*([0-9A-Za-z]+)\s*\}?\s*\\?(?:text|mathrm|mathsf)?\{?C\}?"
    r"\s*_\s*\{?\s*([0-9A-Za-z]+)\s*\}?"
)
# The conditions of a parameter, however they are joined to what it counts.
_CONDITION = re.compile(
    r"(?:\s|\\[,;:! ]|\\q?quad(?![A-Za-z])|~|,|;|\(|\\text\s*\{\s*,?\s*(?:for|where|with)?\s*(?:any|all|some)?\s*(?:integers?)?\s*\}"
    r"|(?:for|where|with)\b(?:\s+(?:any|all|some))?){1,12}"
    r"([kmnpt])(?:\s|\\[,; ])*(?:\\in(?![A-Za-z])|∈|(?:\\text\s*\{)?\s*(?:is\s+)?an?y?\s+integer\s*\}?)"
    r"\s*(\\?(?:mathbb|Bbb|mathbf)?\s*\{?\s*[ZNℤℕ](?:\^\+|\+|_\+|_\{[^{}]*\})?\s*\}?)?\s*\)?\.?\s*"
)
_RANGES = ("Z", "N", "ℤ", "ℕ", "integer")
_KEYWORDS = ("olution", "mpty set", "nfinity", "real", "integers")
_PHRASE = re.compile(
    r"(?:the\s+)?(?:set\s+of\s+)?(?:all\s+|any\s+)(?:real\s+numbers?|reals)(?:\s+except\s+(?:for\s+)?(.+))?",
    re.IGNORECASE,
)
_PHRASES = {
    "no solution": r"\emptyset", "no solutions": r"\emptyset", "there is no solution": r"\emptyset",
    "there are no solutions": r"\emptyset", "empty set": r"\emptyset",
    "the empty set": r"\emptyset", "all integers": r"\mathbb{Z}", "infinity": r"\infty",
    "positive infinity": r"\infty", "negative infinity": r"-\infty", "minus infinity": r"-\infty",
}  # fmt: skip
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")


def respelled(text: str) -> str:
    """A text with such a spelling as LaTeX; any other as it is."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = text.removeprefix(r"\approx").removeprefix("≈")
    if "_" in text or "base" in text or text[:2] in ("0x", "0b", "0o"):
        text = _numerals(text)
    if any(sign in text for sign in _RANGES):
        text = _condition(text)
    if any(word in text for word in _KEYWORDS):
        text = _phrase(text)
    return text


def _numerals(text: str) -> str:
    if match := _PROGRAMMED.fullmatch(text):
        return rf"\numeral{{{match[2]}}}{{{_RADIX[match[1]]}}}"
    match = _NUMERAL.fullmatch(text.strip())
    if match and (not (match[1] or match[3]).isdigit() or match[4]):
        return rf"\numeral{{{match[1] or match[3]}}}{{{match[2] or match[4]}}}"
    return _CHOOSE.sub(r"\\binom{\1}{\2}", text) if "C" in text else text


def _condition(text: str) -> str:
    match = _CONDITION.search(text)
    if match is None or match.end() != len(text) or match.start() == 0:
        return text
    letter = re.search(r"[ZN]", (match[2] or "Z").replace("ℤ", "Z").replace("ℕ", "N"))
    sign = "^+" if "+" in (match[2] or "") else ""
    return rf"{text[: match.start()]}, {match[1]} \in \mathbb{{{letter[0] if letter else 'Z'}}}{sign}"


def _phrase(text: str) -> str:
    plain = " ".join(_TEXT.sub(r" \1 ", text).split()).strip(" .")
    known = _PHRASES.get(plain.lower())
    if known is not None:
        return known
    match = _PHRASE.fullmatch(plain)
    if match is None:
        return text
    left_out = re.sub(r"^[a-z]\s*=\s*", "", match[1] or "")
    return rf"\mathbb{{R}}\setminus\{{{left_out}\}}" if left_out else r"\mathbb{R}"
