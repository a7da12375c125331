"""Comparing what came out with what should have: printed text, and plain data."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

__all__ = ["Output", "same_data", "same_output"]

Output = Literal["tokens", "lines", "exact"]
"""How printed text is compared: by its words, its lines, or as it is but for a last newline."""

_FLOAT = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d{1,4})?", re.ASCII)


def same_output(got: str, expected: str, how: Output, tolerance: float) -> bool:
    """Whether a program printed what it had to.

    A word that is expected to be a decimal fraction (1.50, 2e-7) may be off by `tolerance`,
    absolutely or relatively. Every other word has to be the same text: an integer is exact.
    """
    if how == "exact":
        return got.removesuffix("\n") == expected.removesuffix("\n")
    if how == "tokens":
        return _same_words(got.split(), expected.split(), tolerance)
    lines, wanted = _lines(got), _lines(expected)
    return len(lines) == len(wanted) and all(
        line == want or _same_words(line.split(" "), want.split(" "), tolerance)
        for line, want in zip(lines, wanted, strict=True)
    )


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]


def _same_words(got: list[str], expected: list[str], tolerance: float) -> bool:
    if got == expected:
        return True
    return len(got) == len(expected) and all(
        word == want or _close_words(word, want, tolerance)
        for word, want in zip(got, expected, strict=True)
    )


def _close_words(got: str, expected: str, tolerance: float) -> bool:
    # Longer words are no numbers that a float could tell apart, and slow to read.
    if len(got) > 400 or not _FLOAT.fullmatch(expected):
        return False
    if not (_FLOAT.fullmatch(got) or re.fullmatch(r"[+-]?[0-9]+", got)):
        return False
    return _close(float(got), float(expected), tolerance)


def _close(got: float, expected: float, tolerance: float) -> bool:
    return math.isclose(got, expected, rel_tol=tolerance, abs_tol=tolerance)


def same_data(got: Any, expected: Any, tolerance: float) -> bool:
    """Whether plain data is what JSON expects: what a data set's `output` column means.

    Lists and tuples are one, as JSON has no tuples, and keys of mappings are text, as JSON's are.
    True is not 1, and a set is no list. Where a float is expected, a number may be off by
    `tolerance`, absolutely or relatively, and NaN is NaN; where an integer is, 2.0 is 2.
    """
    if isinstance(expected, bool) or isinstance(got, bool):
        return got is expected
    if isinstance(expected, int | float):
        return isinstance(got, int | float) and _same_number(got, expected, tolerance)
    if isinstance(expected, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(same_data(g, e, tolerance) for g, e in zip(got, expected, strict=True))
        )
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and _same_mapping(got, expected, tolerance)
    return _same_type(got, expected) and bool(got == expected)


def _same_type(got: Any, expected: Any) -> bool:
    return type(got) is type(expected)


def _same_number(got: Any, expected: Any, tolerance: float) -> bool:
    if not isinstance(expected, float):
        return bool(got == expected)
    if math.isnan(expected):
        return isinstance(got, float) and math.isnan(got)
    try:
        return _close(float(got), expected, tolerance)
    except OverflowError:  # an integer beyond any float
        return False


def _same_mapping(got: Mapping[Any, Any], expected: Mapping[Any, Any], tolerance: float) -> bool:
    ours = {_key(key): value for key, value in got.items()}
    theirs = {_key(key): value for key, value in expected.items()}
    return (
        len(ours) == len(got)
        and ours.keys() == theirs.keys()
        and all(same_data(ours[key], value, tolerance) for key, value in theirs.items())
    )


def _key(key: Any) -> Any:
    """A key as JSON writes it."""
    if isinstance(key, bool):
        return "true" if key else "false"
    try:
        return str(key) if isinstance(key, int | float) else key
    except ValueError:  # an integer of thousands of digits
        return key
