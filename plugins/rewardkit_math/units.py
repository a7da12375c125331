"""Units of measurement and currencies: their names, dimensions and factors."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Unit", "is_unit", "is_unit_alone", "read_unit", "readings"]


class Unit(NamedTuple):
    """What a unit measures, as powers of base dimensions, and how many base units it is.

    `zero` is where its scale begins, in base units: 273.15 for degrees Celsius.
    """

    dimension: tuple[tuple[str, int], ...]
    factor: Fraction
    zero: Fraction = Fraction(0)


# Names, what one is in units that stand above it; those that take prefixes, with the short name
# first: k, M, m of `N`, kilo, mega, milli of `newton`.
_PREFIXED = {
    "m meter metre": "1 length",
    "g gram gramme": "1 mass",
    "s second": "1 time",
    "A ampere amp": "1 current",
    "K kelvin": "1 temperature",
    "mol mole": "1 amount",
    "L l liter litre": "1/1000 m^3",
    "Hz hertz": "1 s^-1",
    "N newton": "1000 g m s^-2",
    "J joule": "1 N m",
    "W watt": "1 J s^-1",
    "Pa pascal": "1 N m^-2",
    "C coulomb": "1 A s",
    "V volt": "1 W A^-1",
    "F farad": "1 C V^-1",
    "Ω ohm": "1 V A^-1",
    "S siemens": "1 A V^-1",
    "Wb weber": "1 V s",
    "T tesla": "1 Wb m^-2",
    "H henry": "1 Wb A^-1",
    "cal calorie": "4.184 J",
    "eV electronvolt": "1.602176634e-19 J",
    "Wh": "3600 J",
    "M molar": "1000 mol m^-3",
    "bar": "100000 Pa",
    "B byte": "8 bit",
}
_PLAIN = {
    "bit": "1 bit",
    "inch inches in": "0.0254 m",
    "ft foot feet": "0.3048 m",
    "yd yard": "0.9144 m",
    "mi mile": "1609.344 m",
    "Å angstrom": "1e-10 m",
    "ha hectare": "10000 m^2",
    "acre": "4046.8564224 m^2",
    "cc": "1/1000000 m^3",
    "t tonne": "1000000 g",
    "lb lbs pound": "453.59237 g",
    "oz ounce": "28.349523125 g",
    "sec": "1 s",
    "min minute": "60 s",
    "h hr hrs hour": "3600 s",
    "day": "86400 s",
    "week": "604800 s",
    "month": "1 month",
    "year yr": "12 month",
    "gal gallon": "0.003785411784 m^3",
    "quart qt": "1/4 gal",
    "pint": "1/8 gal",
    "cup": "1/16 gal",
    "atm atmosphere": "101325 Pa",
    "mmHg torr": "101325/760 Pa",
    "rpm": "1/60 rev s^-1",
    "rev revolution": "1 rev",
    "rad radian": "1 angle",
    "dollar USD usd buck": "1 dollar",
    "cent": "1/100 dollar",
    "euro EUR": "1 euro",
    "yuan RMB CNY": "1 yuan",
    "yen JPY": "1 yen",
    "rupee": "1 rupee",
    "ruble rouble": "1 ruble",
    "peso": "1 peso",
    "GBP sterling": "1 sterling",
}
_LONG_PREFIXES = {
    "pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "deci": -1, "hecto": 2,
    "kilo": 3, "mega": 6, "giga": 9, "tera": 12,
}  # fmt: skip
_SHORT_PREFIXES = {
    "p": -12, "n": -9, "μ": -6, "µ": -6, "m": -3, "c": -2, "d": -1, "k": 3, "M": 6, "G": 9,
    "T": 12,
}  # fmt: skip
_CELSIUS, _FAHRENHEIT = Fraction("273.15"), Fraction("459.67") * 5 / 9
_TEMPERATURE = (("temperature", 1),)
_SCALES = {
    "°C": Unit(_TEMPERATURE, Fraction(1), _CELSIUS),
    "°F": Unit(_TEMPERATURE, Fraction(5, 9), _FAHRENHEIT),
}
_ALIASES = {
    "celsius": "°C", "degrees celsius": "°C", "degree celsius": "°C", "degrees c": "°C",
    "fahrenheit": "°F", "degrees fahrenheit": "°F", "degree fahrenheit": "°F", "degrees f": "°F",
    "mph": "mi/h", "kmh": "km/h", "kph": "km/h", "fps": "ft/s", "mps": "m/s",
}  # fmt: skip
# What else a name may stand for, where its first reading is not what the other side measures.
_OTHERWISE = {
    "C": "°C", "F": "°F", "pound": "sterling", "pounds": "sterling", "yuan": "yen",
    "ton": "tonne", "tons": "tonne",
}  # fmt: skip
_SHAPES = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_PIECE = re.compile(r"([A-Za-zΩμµÅ]+)\.?(?:\^(-?[1-9]))?")
# Letters that stand for variables far more often than for units.
_AMBIGUOUS = frozenset({*"mgshtlLNJWVAKCFTSHMBΩ", "in", "min", "mi", "bar", "ha", "cal"})
_SPOKEN = frozenset("NJWVAKC")  # N m is a unit, s t hardly


def _built() -> dict[str, tuple[dict[str, int], Fraction]]:
    units: dict[str, tuple[dict[str, int], Fraction]] = {}
    for names, meaning in {**_PREFIXED, **_PLAIN}.items():
        number, *pieces = meaning.split()
        powers: dict[str, int] = {}
        factor = Fraction(number)
        for piece in pieces:
            name, _, exponent = piece.partition("^")
            power = int(exponent or 1)
            inner, inner_factor = units.get(name, ({name: 1}, Fraction(1)))
            factor *= inner_factor**power
            for dimension, count in inner.items():
                powers[dimension] = powers.get(dimension, 0) + count * power
        for name in names.split():
            units[name] = powers, factor
    return units


_UNITS = _built()
_SHORT = frozenset(
    name for names in _PREFIXED for name in names.split() if len(name) < 4 and name != "amp"
)
_LONG = frozenset(name for names in _PREFIXED for name in names.split()) - _SHORT


def is_unit(word: str) -> bool:
    """Whether a bare word right after a number is a unit rather than a product of variables."""
    if word in _AMBIGUOUS or (len(word) == 2 and _is_prefixed(word) and word not in _USUAL):
        return False
    return _lookup(word) is not None or word.lower() in _ALIASES


_USUAL = frozenset(("mm", "cm", "dm", "km", "mg", "kg", "ms", "ml", "mL", "kJ", "kW", "kN", "kV"))


def _is_prefixed(word: str) -> bool:
    return word not in _UNITS and word[0] in _SHORT_PREFIXES and word[1:] in _SHORT


def is_unit_alone(text: str) -> bool:
    """Whether a text apart from the number before it, and all after it, is a unit: N m, m/s."""
    if read_unit(text) is None:
        return False
    letters = re.findall(r"[A-Za-zΩμµÅ]+", text)
    if any(len(word) > 1 for word in letters) or "/" in text or "-" in text:
        return True
    return len(letters) == 1 or letters[0] in _SPOKEN


_METRES_PER = re.compile(r"ms\^-([12])")  # far more often than a frequency


def readings(text: str) -> list[Unit]:
    """The units that a text may stand for: coulombs and degrees Celsius for C."""
    texts = (text, _OTHERWISE.get(text.strip(), ""), _METRES_PER.sub(r"m s^-\1", text.strip()))
    return [unit for one in texts if (unit := read_unit(one)) is not None]


@lru_cache(maxsize=1024)
def read_unit(text: str) -> Unit | None:
    """The unit that a text names: "cm^2", "square feet", "km/h", "J/(mol K)"; or None."""
    text = re.sub(
        r"\s*\^\s*(?:\{\s*(-?[0-9])\s*\}|(-?[0-9]))", lambda m: f"^{m[1] or m[2]}", text.strip()
    )
    text = re.sub(r"\\(?:[,;:! ]|cdot(?![A-Za-z])|times(?![A-Za-z]))|[·⋅*~]", " ", text)
    text = _ALIASES.get(text.lower(), text).strip()
    if text.endswith("d") and "per " in text:
        text = text.replace(" squared", "^2").replace(" cubed", "^3")
    if text in _SCALES:
        return _SCALES[text]
    above, *below = re.split(r"\s*/\s*|\s+per\s+|(?<=[a-z])\s+an?\s+", text)
    powers: dict[str, int] = {}
    factor = Fraction(1)
    for sign, part in [(1, above), *((-1, part) for part in below)]:
        part = part[1:-1] if sign < 0 and part.startswith("(") and part.endswith(")") else part
        read = _product(part, powers, sign)
        if read is None:
            return None
        factor *= read
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)), factor)


def _product(text: str, powers: dict[str, int], sign: int) -> Fraction | None:
    """The factor of a product of units, whose dimensions are added to `powers`."""
    factor: Fraction | None = None
    shape = 1
    for piece in text.split():
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
        for name, count in found[0].items():
            powers[name] = powers.get(name, 0) + count * power
        factor = (factor or Fraction(1)) * found[1] ** power
    return factor


def _lookup(word: str) -> tuple[dict[str, int], Fraction] | None:
    """The unit that a word is: as written, with a prefix, a plural, or in careless capitals."""
    found = _UNITS.get(word) or _prefixed(word, _SHORT_PREFIXES, _SHORT)
    if found is not None or len(word) < 2:
        return found
    lower = word.lower()
    singular = lower.removesuffix("s") if len(lower) > 3 else lower
    for name in (lower, singular):
        found = _UNITS.get(name) if len(name) > 2 else None
        found = found or _prefixed(name, _LONG_PREFIXES, _LONG)
        if found is not None:
            return found
    if len(word) > 3 and word.endswith("s") and word[:-1] in _UNITS:
        return _UNITS[word[:-1]]
    # Km, KG and CM, but not Mm, which is a million metres.
    careless = word[0] == "K" or word.isupper()
    return (_UNITS.get(lower) or _prefixed(lower, _SHORT_PREFIXES, _SHORT)) if careless else None


def _prefixed(
    word: str, prefixes: dict[str, int], names: frozenset[str]
) -> tuple[dict[str, int], Fraction] | None:
    for prefix, power in prefixes.items():
        name = word[len(prefix) :]
        if word.startswith(prefix) and name in names:
            powers, factor = _UNITS[name]
            return powers, factor * Fraction(10) ** power
    return None
