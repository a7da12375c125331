"""Reading numbers exactly: integers, decimals, fractions, mixed numbers, percentages.

No float, and nothing is evaluated: a number is digits and an exponent, so that `1e999999999` and a
million digits cost what their text costs.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

__all__ = ["Long", "Number", "Value", "equal", "read_local", "read_number"]

# Beyond this many digits, written out, a decimal stays digits: arithmetic on it is quadratic.
MAX_DIGITS = 1000
_BOUND = 10**MAX_DIGITS


class Long(NamedTuple):
    """A decimal too long to calculate with: `digits`, no zero at the ends, times a power of 10."""

    negative: bool
    digits: str
    exponent: int


Value = int | Fraction | Long


class Number(NamedTuple):
    """What a text says as a number.

    Attributes:
        value: The number: 1/2 for "50%", 2,000,000 for "2 million".
        bare: The number without its percent sign or word of scale, where it has one.
        percent: Whether it has a percent sign.
    """

    value: Value
    bare: Value | None = None
    percent: bool = False


def equal(one: Value, other: Value) -> bool | None:
    """Whether two numbers are one; None where one is too long to tell."""
    if isinstance(one, Long) == isinstance(other, Long):
        return one == other
    short = other if isinstance(one, Long) else one
    return False if isinstance(short, int) and abs(short) < _BOUND else None


_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_SUFFIX = re.compile(
    r"(.*[0-9.})])\s?(?:(%|percent|per cent|pct)|(hundred|thousand|million|billion|trillion))",
    re.IGNORECASE,
)
_POWERS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}

_WHOLE = r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)|[0-9]+"
_DECIMAL = re.compile(rf"([+-]?)\s?({_WHOLE})?(?:\.([0-9]*))?")
_SCIENTIFIC = re.compile(
    r"(?:(.+?)\s?(?:\\times|\\cdot|\*|x)\s?)?10\s?\^\s?(?:\{\s?)?([+-]?[0-9]{1,15})(?:\s?\})?"
    r"|(.+?)[eE]([+-]?[0-9]{1,15})"
)
_FRACTION = re.compile(
    r"([+-]?)\s?(?:([0-9]+)\s?)?\\frac\s?\{([^{}]+)\}\s?\{([^{}]+)\}"
    r"|([+-]?)\s?(?:([0-9]+) )?([0-9.,]+)\s?/\s?([0-9.,]+)"
)
_REPEATING = re.compile(
    r"([+-]?)([0-9]*)\.([0-9]*)"
    r"(?:\\(?:overline|dot)\s?(?:\{([0-9]{1,99})\}|([0-9]))|\(([0-9]{1,99})\))"
)


def read_number(text: str) -> Number | None:
    """The number that a normalised `text` is, or None where it is anything else."""
    if _INTEGER.fullmatch(text):
        return Number(int(text))
    if not any(digit in text for digit in "0123456789"):
        return None
    suffix = _SUFFIX.fullmatch(text) if text[-1].isalpha() or text[-1] == "%" else None
    if suffix is None:
        value = _value(text)
        return None if value is None else Number(value)
    bare = _value(suffix[1])
    if bare is None:
        return None
    power = -2 if suffix[2] else _POWERS[suffix[3].lower()]
    return Number(_shifted(bare, power), bare, percent=power == -2)


_LOCAL = re.compile(
    r"([+-]?)(?:([0-9]+),([0-9]{2,}|[0-9]*[1-9])"  # 2,74
    r"|([0-9]{1,3}(?:\.[0-9]{3})+)(?:,([0-9]+))?"  # 1.234.567,89
    r"|([0-9]{1,3}(?:['’][0-9]{3})+)(?:\.([0-9]+))?"  # 1'234'567.89
    r"|([0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3})(?:\.([0-9]+))?"  # 12,34,567
    r"|([0-9]{1,3}(?: [0-9]{3})+),([0-9]+))"  # 1 234,56
)


def read_local(text: str) -> Value | None:
    """The number that a text is as other countries write it, or None."""
    match = _LOCAL.fullmatch(text)
    if match is None or (match[2] and len(match[3]) < 2 and match[2] != "0"):
        return None  # "3,5" is a list far more often
    whole = match[2] or match[4] or match[6] or match[8] or match[10]
    places = match[3] or match[5] or match[7] or match[9] or match[11] or ""
    digits = re.sub(r"[^0-9]", "", whole)
    return _from_digits(match[1] == "-", digits + places, -len(places))


def _value(text: str) -> Value | None:
    value = _decimal(text)
    if value is not None:
        return value
    if "/" in text or r"\frac" in text:
        return _fraction(text)
    if "." in text and text.endswith((")", "}", *"0123456789")) and ("(" in text or "\\" in text):
        repeating = _repeating(text)
        if repeating is not None:
            return repeating
    return _scientific(text)


def _decimal(text: str, exponent: int = 0) -> Value | None:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return None
    whole = (match[2] or "").replace(",", "").replace(" ", "")
    places = match[3] or ""
    if not whole and not places:
        return None
    return _from_digits(match[1] == "-", whole + places, exponent - len(places))


def _from_digits(negative: bool, digits: str, exponent: int) -> Value:
    """The number in its one form: two numbers are equal just when their forms are."""
    digits = digits.lstrip("0")
    kept = digits.rstrip("0")
    exponent += len(digits) - len(kept)
    if not kept:
        return 0
    if len(kept) + abs(exponent) > MAX_DIGITS:
        return Long(negative, kept, exponent)
    scaled = -int(kept) if negative else int(kept)
    power = _ten_to(abs(exponent))
    return scaled * power if exponent >= 0 else Fraction(scaled, power)


def _ten_to(exponent: int) -> int:
    return int(10**exponent)  # to mypy, an int to the power of an int may be a float


def _shifted(value: Value, power: int) -> Value:
    """`value` times 10^`power`."""
    if isinstance(value, Long):
        return _from_digits(value.negative, value.digits, value.exponent + power)
    return value * Fraction(10) ** power


def _fraction(text: str) -> Value | None:
    match = _FRACTION.fullmatch(text)
    if match is None:
        return None
    sign, whole, above, below = match.groups()[:4] if match[3] else match.groups()[4:]
    top, bottom = _decimal(above.strip()), _decimal(below.strip())
    if top is None or isinstance(top, Long) or isinstance(bottom, Long) or not bottom:
        return None
    value = Fraction(top) / Fraction(bottom)
    if whole:
        if len(whole) > MAX_DIGITS or value < 0:
            return None
        value += int(whole)
    return -value if sign == "-" else value


def _repeating(text: str) -> Value | None:
    match = _REPEATING.fullmatch(text)
    if match is None:
        return None
    sign, whole, places = match[1], match[2], match[3]
    period = match[4] or match[5] or match[6]
    if len(whole) + len(places) > MAX_DIGITS:
        return None
    start = Fraction(int((whole + places) or "0"))
    tail = Fraction(int(period), _ten_to(len(period)) - 1)
    value = (start + tail) / _ten_to(len(places))
    return -value if sign == "-" else value


def _scientific(text: str) -> Value | None:
    match = _SCIENTIFIC.fullmatch(text)
    if match is None:
        return None
    factor = match[1] or match[3] or "1"
    return _decimal(factor, exponent=int(match[2] or match[4]))
