"""Units of measurement and currencies: their names, dimensions and factors."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Unit", "is_unit", "read_unit"]


class Unit(NamedTuple):
    """What a unit measures, as powers of base dimensions, and how many base units it is."""

    dimension: tuple[tuple[str, int], ...]
    factor: Fraction


_METRE, _GRAM, _SECOND, _LITRE = "length", "mass", "time", "volume"
_TABLE: dict[str, tuple[str, str]] = {
    "mm millimeter millimetre": (_METRE, "1/1000"),
    "cm centimeter centimetre": (_METRE, "1/100"),
    "dm decimeter decimetre": (_METRE, "1/10"),
    "m meter metre": (_METRE, "1"),
    "km kilometer kilometre": (_METRE, "1000"),
    "inch inches in": (_METRE, "0.0254"),
    "ft foot feet": (_METRE, "0.3048"),
    "yd yard": (_METRE, "0.9144"),
    "mi mile": (_METRE, "1609.344"),
    "mg milligram": (_GRAM, "1/1000"),
    "g gram": (_GRAM, "1"),
    "kg kilogram": (_GRAM, "1000"),
    "t tonne": (_GRAM, "1000000"),
    "lb lbs pound": (_GRAM, "453.59237"),
    "oz ounce": (_GRAM, "28.349523125"),
    "ms millisecond": (_SECOND, "1/1000"),
    "s sec second": (_SECOND, "1"),
    "min minute": (_SECOND, "60"),
    "h hr hrs hour": (_SECOND, "3600"),
    "day": (_SECOND, "86400"),
    "week": (_SECOND, "604800"),
    "month": ("month", "1"),
    "year yr": ("month", "12"),
    "ml mL milliliter millilitre": (_LITRE, "1/1000"),
    "l L liter litre": (_LITRE, "1"),
    "gal gallon": ("gallon", "1"),
    "quart": ("gallon", "1/4"),
    "pint": ("gallon", "1/8"),
    "cup": ("gallon", "1/16"),
    "N newton": ("force", "1"),
    "J joule": ("energy", "1"),
    "kJ kilojoule": ("energy", "1000"),
    "W watt": ("power", "1"),
    "kW kilowatt": ("power", "1000"),
    "V volt": ("voltage", "1"),
    "A ampere amp": ("current", "1"),
    "Pa pascal": ("pressure", "1"),
    "kPa": ("pressure", "1000"),
    "Hz hertz": ("frequency", "1"),
    "K kelvin": ("kelvin", "1"),
    "C Celsius celsius": ("celsius", "1"),
    "F Fahrenheit fahrenheit": ("fahrenheit", "1"),
    "mol mole": ("amount", "1"),
    "dollar USD usd buck": ("dollar", "1"),
    "cent": ("dollar", "1/100"),
    "euro EUR": ("euro", "1"),
    "yuan RMB CNY": ("yuan", "1"),
    "yen JPY": ("yen", "1"),
    "rupee": ("rupee", "1"),
    "ruble rouble": ("ruble", "1"),
    "peso": ("peso", "1"),
    "GBP sterling": ("sterling", "1"),
}
_UNITS = {
    name: (dimension, Fraction(factor))
    for names, (dimension, factor) in _TABLE.items()
    for name in names.split()
}
_RATES = {"mph": "mi/h", "kmh": "km/h", "kph": "km/h", "fps": "ft/s", "mps": "m/s"}
_SHAPES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_PIECE = re.compile(r"([A-Za-z]+)\.?(?:\s*\^\s*\{?\s*(-?[1-4])\s*\}?)?")
# Letters that stand for variables far more often than for units.
_AMBIGUOUS = frozenset(
    {"m", "g", "s", "h", "t", "l", "L", "N", "J", "W", "V", "A", "K", "C", "F", "in", "min", "mi"}
)


def is_unit(word: str) -> bool:
    """Whether a bare word after a number is a unit rather than a product of variables."""
    return word not in _AMBIGUOUS and (_lookup(word) is not None or word in _RATES)


@lru_cache(maxsize=1024)
def read_unit(text: str) -> Unit | None:
    """The unit that a text names: "cm^2", "square feet", "km/h", "miles per hour"; or None."""
    text = _RATES.get(text.strip().lower(), text)
    above, *below = re.split(r"\s*/\s*|\s+per\s+|(?<=[a-z])\s+an?\s+", text.strip())
    powers: dict[str, int] = {}
    factor = Fraction(1)
    for sign, part in [(1, above), *((-1, part) for part in below)]:
        read = _product(part, powers, sign)
        if read is None:
            return None
        factor *= read
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)), factor)


def _product(text: str, powers: dict[str, int], sign: int) -> Fraction | None:
    """The factor of a product of units, whose dimensions are added to `powers`."""
    factor = Fraction(1)
    shape = 1
    text = text.replace(r"\cdot", " ").replace("·", " ").replace("*", " ").strip()
    if not text:
        return None
    for piece in re.split(r"\s+(?!\^)", text):
        match = _PIECE.fullmatch(piece)
        if match is None:
            return None
        if match[1].lower() in _SHAPES:
            shape = _SHAPES[match[1].lower()]
            continue
        found = _lookup(match[1])
        if found is None:
            return None
        power = sign * shape * int(match[2] or 1)
        powers[found[0]] = powers.get(found[0], 0) + power
        factor *= found[1] ** power
    return factor if powers else None


def _lookup(word: str) -> tuple[str, Fraction] | None:
    for name in (word, word.lower()):
        if name in _UNITS and (len(name) > 1 or name == word):
            return _UNITS[name]
        if name.endswith("s") and len(name) > 3 and name[:-1] in _UNITS:
            return _UNITS[name[:-1]]
    return None
