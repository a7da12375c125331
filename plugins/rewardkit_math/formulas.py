"""What a number or a formula looks like in prose, and what is prose."""

from __future__ import annotations

import re

__all__ = ["PROSE", "TOKEN"]

# Words, and scripts, that no formula is made of.
PROSE = re.compile(
    r"(?<![\\A-Za-z])(?!(?:sqrt|sin|cos|tan|cot|sec|csc|log|exp|arc\w+|and|inf|infinity|percent|pct|"
    r"hundred|thousand|[mbtr]+illion|frac|cdot|times|text)\b)[A-Za-z]{3,}"
    r"|\b(?:is|it|we|[Ss]o|he|be)\b|[\u0600-\u1cff\u3040-\ud7ff]"
)
_FORMULA = (
    r"\$\$[^$]+\$\$|\$\s?\\begin[^$]+\$|\\\[.+?\\\]|"
    r"\\\(.+?\\\)|\$(?=[^\s$])[^$\n]*(?<=[^\s$])\$(?![0-9])"
)
_NUMBER = (
    r"(?<![A-Za-z0-9_.\\])[-−]?(?:\\?\$)?(?:[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)(?![A-Za-z_])"
    r"(?:/[0-9]+)?(?:\s?\\?%|\s(?:hundred|thousand|[mbtr]+illion|percent)\b)?"
)
TOKEN = re.compile(rf"{_FORMULA}|{_NUMBER}", re.DOTALL)
