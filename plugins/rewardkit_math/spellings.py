"""What is written in words or signs of its own for a formula: numerals of a base, phrases."""

from __future__ import annotations

import re

from rewardkit_math.tokens import MAX_CHARACTERS
from rewardkit_math.wrappers import unwrapped

__all__ = ["respelled"]

_DIGITS = r"(?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]+"
_RADIX = r"([0-9]{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)"
_NUMERAL = re.compile(
    rf"\(?({_DIGITS}|[A-F]{{2,8}}(?=[)_{{\s]*16))\)?"
    rf"_\{{?\s*(?:\\text\s*\{{)?\s*(?:base\s*)?{_RADIX}\s*\}}?\s*\}}?"
)
_IN_BASE = re.compile(
    rf"([0-9A-Fa-f]+)\s*(?:\(|in|,|\\text\s*\{{)?\s*\(?base[\s}}-]*{_RADIX}\)?\}}?"
)
_BASE_IN_WORDS = re.compile(r"_\{\s*\\(?:text|mathrm)\s*\{\s*base\s*\}\s*([0-9]{1,2})\s*\}")
_PROGRAMMED = re.compile(r"0([xbo])([0-9A-Fa-f]+)")
_RADICES = {"x": "16", "b": "2", "o": "8"}
_CHOOSE = re.compile(
    r"""(?<![A-Za-z0-9)}])(?:\{\s*\})?
    [_^]\s*\{?\s*([0-9A-Za-z]+)\s*\}?\s*
    (?:\\(?:text|mathrm|mathsf)\s*\{C\}|C)
    \s*_\s*\{?\s*([0-9A-Za-z]+)\s*\}?""",
    re.VERBOSE,
)
# The condition of a parameter, however it is joined to what it counts.
_CONDITION = re.compile(
    r"""(?:\s|\\[,;:!\ ]|\\q?quad(?![A-Za-z])|~|,|;|\(
        |\\text\s*\{\s*,?\s*(?:for|where|with)?\s*(?:any|all|some)?\s*(?:integers?)?\s*\}
        |(?:for|where|with)\b(?:\s+(?:any|all|some))?){1,12}
    ([kmnpt])(?:\s|\\[,;\ ])*
    (?:(?:\\in(?![A-Za-z])|∈)\s*\\?(?:mathbb|Bbb|mathbf)?\s*\{?\s*([ZNℤℕ])\s*\}?
        ([_^](?:\{[^{}]*\}|\S)|\+)?
        |(?:\\text\s*\{)?\s*(?:is\s+)?an?y?\s+integer\s*\}?)
    \s*\)?\.?\s*""",
    re.VERBOSE,
)
_FOR_INTEGERS = re.compile(
    r"[\s,]{0,9}(?:\\text\s?\{[\s,]{0,9})?(?:for|where)\s(?:any|all|every|each|some)\s+integers?\s*\}?"
    r"\s*([kmnpt])\s*\}?\.?\s*"
)
_ENUMERATED = re.compile(r"(?<![A-Za-z])(?:Case|Part|Sequence|Set|Solution)\s\(?[0-9]\)?\s?:")
_RANGES = ("Z", "N", "ℤ", "ℕ", "integer")
_ABOUT = re.compile(
    r"\A\s*(?:\\approx(?![A-Za-z])|≈|\\text\s*\{\s*[Aa]pprox(?:imately|\.)?\s*\}|[Aa]pprox(?:imately|\.)?(?=\s))\s*"
)
_BELOW_ZERO = re.compile(r"(?:negative|minus|Negative|Minus)\s+(?=[0-9.\\])")
_TAIL = 40  # characters at the end in which such marks may stand
# What ends a proof, or says that an answer was checked.
_MARKS_AT_END = re.compile(
    r"(?<=\S)(?:\s|\\[,;:! ]|\\q?quad(?![A-Za-z])|~)*"
    r"(?:\\(?:checkmark|blacksquare|square|Box|qed|qedsymbol|blacklozenge)(?![A-Za-z])|[✓✔∎■□])"
    r"[\s.]*\Z"
)
_NUMBER_SET = re.compile(r"(\A\s*|\\in\s*)\\mathbf\s*\{\s*([RZNQC])\s*\}(?=\s*\Z|[,^\s\\)])")
_FOR_ALL = re.compile(
    r"(?:\s|,|\\[,;:! ]|\\q?quad(?![A-Za-z])|~|\\text\s?\{,?){1,9}for\s+(?:all|any|every|each)"
    r"(?:\s+real(?:\s+numbers?)?)?[\s}$]*([a-z])"
    r"(?:[\s$]*\\in\s*\\mathbb\s*\{?R\}?)?[\s}$.]*\Z"
)
_REAL = re.compile(
    r"\s*(?:,|;|\()(?:\s|\\[,;:! ]|\\q?quad(?![a-z])|\\text\s?\{\s?for\s?\})*"
    r"[a-z]\s*(?:\\in(?![a-z])|∈)\s*(?:\\mathbb\s?\{?\s?R\s?\}?|ℝ)\s?\)?[\s.]*\Z"
)
_FUNCTION_OF = re.compile(r"[A-Za-z]\(([a-z])\)\s*=")
_KEYWORDS = ("olution", "mpty set", "nfinity", "real", "integers")
_PHRASE = re.compile(
    r"(?:the\s+)?(?:set\s+of\s+)?(?:all\s+|any\s+)(?:real\s+numbers?|reals)"
    r"(?:\s+except\s+(?:for\s+)?(.+))?",
    re.IGNORECASE,
)
_PHRASES = {
    "no solution": r"\emptyset", "no solutions": r"\emptyset",
    "there is no solution": r"\emptyset",
    "there are no solutions": r"\emptyset", "empty set": r"\emptyset",
    "the empty set": r"\emptyset", "all integers": r"\mathbb{Z}", "infinity": r"\infty",
    "positive infinity": r"\infty", "negative infinity": r"-\infty", "minus infinity": r"-\infty",
}  # fmt: skip
_TEXT = re.compile(r"\\text\s*\{([^{}]*)\}")


def respelled(text: str) -> str:
    """A text with such a spelling as LaTeX; any other as it is."""
    if len(text) > MAX_CHARACTERS:
        return text
    text = unwrapped(_ABOUT.sub("", text))
    if end := _MARKS_AT_END.search(text, max(0, len(text) - _TAIL)):
        text = text[: end.start()]
    if text[:1] in "mnMN" and (below_zero := _BELOW_ZERO.match(text)):
        text = "-" + text[below_zero.end() :]
    if "mathbf" in text:
        text = _NUMBER_SET.sub(r"\1\\mathbb{\2}", text)
    if "C" in text:
        text = _COMBINATIONS.sub(r"\\binom{\1}{\2}", text)
    if text[:1].isupper() and ":" in text:
        text = _ENUMERATED.sub(" ", text)
    if "_" in text or "base" in text or text[:2] in ("0x", "0b", "0o"):
        text = _numerals(text)
    if "for " in text and (function := _FUNCTION_OF.match(text)):
        binder = _FOR_ALL.search(text)
        if binder and binder[1] == function[1]:
            text = text[: binder.start()]
    if "=" in text and ("bb" in text or "ℝ" in text):
        any_real = _REAL.search(text, max(0, len(text) - _TAIL - 20))
        if any_real and "=" in text[: any_real.start()]:
            text = text[: any_real.start()]
    if any(sign in text for sign in _RANGES):
        text = _condition(text)
    if " of " in text and (part := _OUT_OF.fullmatch(text)):
        return f"{part[1]}/{part[2]}"
    if any(word in text for word in _KEYWORDS):
        text = _phrase(text)
    return text


_OUT_OF = re.compile(r"\s*([0-9]{1,9})\s+out\s+of\s+([0-9]{1,9})\s*")


def _numerals(text: str) -> str:
    if match := _PROGRAMMED.fullmatch(text):
        return rf"\numeral{{{match[2]}}}{{{_RADICES[match[1]]}}}"
    text = _BASE_IN_WORDS.sub(r"_{\1}", text)
    match = _NUMERAL.fullmatch(text.strip())
    if match is None or match[1].isdigit():  # the parser reads 101_2
        match = _IN_BASE.fullmatch(text.strip())
    if match:
        return rf"\numeral{{{match[1]}}}{{{match[2]}}}"
    return _CHOOSE.sub(r"\\binom{\1}{\2}", text) if "C" in text else text


_COMBINATIONS = re.compile(r"(?<![0-9A-Za-z])([0-9]{1,4})\s?C\s?([0-9]{1,4})(?![0-9A-Za-z])")


def _condition(text: str) -> str:
    stated = _FOR_INTEGERS.search(text) if "integer" in text else None
    if stated and stated.start() and stated.end() == len(text):
        return rf"{text[: stated.start()]}, {stated[1]} \in \mathbb{{Z}}"
    match = _CONDITION.search(text)
    if match is None or match.end() != len(text) or match.start() == 0:
        return text
    letter = {"ℤ": "Z", "ℕ": "N", None: "Z"}.get(match[2], match[2])
    sign = "^+" if match[3] == "+" else match[3] or ""
    return rf"{text[: match.start()]}, {match[1]} \in \mathbb{{{letter}}}{sign}"


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
