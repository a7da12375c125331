"""What a number or a formula looks like in prose, and what is prose."""

from __future__ import annotations

import re

from rewardkit_math.units import read_unit

__all__ = ["PROSE", "TOKEN", "unit_end"]

# Words, and scripts, that no formula is made of.
PROSE = re.compile(
    r"(?<![\\A-Za-z])(?!(?:sqrt|sin|cos|tan|cot|sec|csc|log|exp|arc\w+|and|inf|infinity|percent|pct|"
    r"hundred|thousand|[mbtr]+illion|frac|cdot|times|text|mod|[pbvBV]?matrix|smallmatrix|cases|array|aligned)\b)[A-Za-z]{3,}"
    r"|\b(?:is|it|we|[Ss]o|he|be)\b|[\u0600-\u1cff\u3040-\ud7ff]"
)
_FORMULA = (
    r"\$\$[^$]+\$\$|\$\s?\\begin[^$]+\$|\\\[.+?\\\]|"
    r"\\\(.+?\\\)|\$(?=[^\s$])[^$\n]*(?<=[^\s$])\$(?![0-9])"
)
_NUMBER = (
    r"(?<![A-Za-z0-9_.\\])[-−]?(?:\\?\$)?(?:[0-9]++(?:,[0-9]++)*+(?:\.[0-9]++)?+|\.[0-9]++)"
    r"(?:(?:st|nd|rd|th)\b)?(?![A-Za-z_])"
    r"(?:/[0-9]+)?(?:\s?\\?%|\s(?:hundred|thousand|[mbtr]+illion|percent)\b)?"
)
TOKEN = re.compile(rf"{_FORMULA}|{_NUMBER}", re.DOTALL)
_WORD = re.compile(r"[\s~]?([A-Za-z]{2,12})(?![A-Za-z'’-])")
# Shorter ones are words of prose or names too often: "5 in total", "12 m".
_SHORT_UNITS = frozenset("cm mm km kg mg ml mL hr hrs mph ft lb lbs oz".split())  # noqa: SIM905 - quotes around each would hide the words


def unit_end(text: str, at: int) -> int:
    """Where the unit ends that stands at a place, after a number; the place where none does."""
    word = _WORD.match(text, at)
    if word is None or (len(word[1]) < 4 and word[1] not in _SHORT_UNITS):
        return at
    return word.end() if read_unit(word[1]) is not None else at
