"""The layers that decide without a parser: the same text, exact numbers, lists of them, choices.

A layer looks at a reference and an answer and returns its verdict, or None where they are not of
its kind. It is symmetric in its arguments, but for the words of its reasons.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from rewardkit_math.exact import Long, Number, equal, read_number
from rewardkit_math.normalise import compact, normalise

__all__ = ["LAYERS", "Layer", "Text", "Verdict", "clip"]

# Beyond this many characters only identical texts are decided.
MAX_LENGTH = 10_000


class Text:
    """One side of a comparison, with what the layers read from it: each on first use and once."""

    def __init__(self, raw: str) -> None:
        self.raw = raw

    @cached_property
    def normalised(self) -> str:
        """One spelling of the text, its spaces kept."""
        return normalise(self.raw)

    @cached_property
    def number(self) -> Number | None:
        """The number that the text is."""
        return read_number(self.normalised)

    @cached_property
    def atoms(self) -> list[Number | str] | None:
        """The numbers or letters of choices that the text lists; None: it is no such list."""
        return _atoms(self.normalised)

    def __str__(self) -> str:
        return clip(self.raw)


class Verdict(NamedTuple):
    """What a layer decides: right, wrong, or None where only a policy could tell."""

    right: bool | None
    layer: str
    reason: str


Layer = Callable[[Text, Text], Verdict | None]


def clip(text: str, limit: int = 120) -> str:
    """`text`, or its beginning and its length where it is longer than `limit` characters."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"


def _identical(reference: Text, answer: Text) -> Verdict | None:
    if reference.raw == answer.raw:
        return Verdict(True, "identical", f"identical: {reference}")
    longest = max(len(reference.raw), len(answer.raw))
    if longest > MAX_LENGTH:
        return Verdict(None, "identical", f"{longest:,} characters are too many to compare")
    return None


def _numbers(reference: Text, answer: Text) -> Verdict | None:
    one, other = reference.number, answer.number
    if one is None or other is None:
        return None
    same = equal(one.value, other.value)
    if same:
        return Verdict(True, "exact", f"equal as exact numbers: {reference}")
    if same is None:
        return Verdict(None, "exact", f"{answer} and {reference} are too long to compare")
    if _differ_by_suffix(one, other):
        reason = f"{answer} is {reference} only if a percent sign or word of scale may be left out"
        return Verdict(None, "exact", reason)
    return Verdict(False, "exact", f"{answer} is not {reference}")


def _differ_by_suffix(one: Number, other: Number) -> bool:
    """Whether only one of two numbers has a suffix, and without it they are equal."""
    if (one.bare is None) == (other.bare is None):
        return False
    return bool(
        equal(
            one.value if one.bare is None else one.bare,
            other.value if other.bare is None else other.bare,
        )
    )


_SEPARATOR = re.compile(r" ?(?:[,;] ?(?:and|or)\b|[,;]|\b(?:and|or)\b) ?")
_CHOICE = re.compile(r"[A-J]")
# "3,5" may be a decimal and "1,234, 5" two numbers: other layers may know, this one does not.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(r"[0-9],[0-9]")


def _atoms(text: str) -> list[Number | str] | None:
    items = _SEPARATOR.split(text)
    if _DECIMAL_COMMA.fullmatch(text) or (", " in text and _GROUPED.search(text)):
        return None
    atoms: list[Number | str] = []
    for item in items:
        atom = item if _CHOICE.fullmatch(item) else _plain_number(normalise(item))
        if atom is None:
            return None
        atoms.append(atom)
    return atoms


def _plain_number(text: str) -> Number | None:
    number = read_number(text)
    plain = number and number.bare is None and not isinstance(number.value, Long)
    return number if plain else None


def _lists(reference: Text, answer: Text) -> Verdict | None:
    """Lists of numbers or of choices; a list of several is not the one that the other names."""
    if reference.number and answer.number:
        return None
    one, other = reference.atoms, answer.atoms
    if one is None or other is None:
        return None
    if one == other:
        return Verdict(True, "list", f"equal one by one: {reference}")
    if set(one) != set(other):
        return Verdict(False, "list", f"{answer} is not {reference}")
    return None  # order, or how often one is said, is a policy's


_SUM_WITH_UNKNOWN = re.compile(
    r"[0-9][0-9.,]*\s?[+*]\s?([A-Z][a-z]+'s [a-z]+)|([A-Z][a-z]+'s [a-z]+)\s?[+*]\s?[0-9][0-9.,]*"
)


def _unknowns(reference: Text, answer: Text) -> Verdict | None:
    """A number against a sum that leaves something unknown in words: "10 + John's age"."""
    if (reference.number is None) == (answer.number is None):
        return None
    words = answer if answer.number is None else reference
    if unknown := _SUM_WITH_UNKNOWN.fullmatch(words.normalised):
        name = unknown[1] or unknown[2]
        return Verdict(False, "unknown", f"{answer} is not {reference}: it leaves {name} open")
    return None


# Nothing but terms and their signs, a letter among them: "5-10" may be a range.
_SUM = re.compile(
    r"(?=[^A-Za-z]*[A-Za-z])[+-]?[0-9A-Za-z.]+(?:\^[0-9A-Za-z])?"
    r"(?:[+-][0-9A-Za-z.]+(?:\^[0-9A-Za-z])?)+"
)
_TERM = re.compile(r"[+-]?[^+-]+")


def _sums(reference: Text, answer: Text) -> Verdict | None:
    """Sums of the same terms in another order: "9i + 6" is "6 + 9i"."""
    one, other = compact(reference.normalised), compact(answer.normalised)
    if not (_SUM.fullmatch(one) and _SUM.fullmatch(other)):
        return None
    if _terms(one) == _terms(other):
        return Verdict(True, "sum", f"the same terms: {reference}")
    return None


def _terms(text: str) -> list[str]:
    return sorted(term.lstrip("+") for term in _TERM.findall(text))


def _spellings(reference: Text, answer: Text) -> Verdict | None:
    """Texts that normalising makes one, neither of which is a number."""
    # "1, 234" is a list and "1,234" a number, though their letters are the same.
    if reference.number or answer.number:
        return None
    one, other = compact(reference.normalised), compact(answer.normalised)
    if one and (one == other or _uncapitalised(one) == _uncapitalised(other)):
        return Verdict(True, "normalised", f"the same once normalised: {reference}")
    return None


def _uncapitalised(word: str) -> str:
    """A word without its capital: "Yes" is "yes", but the points ABC are not the product abc."""
    return word.lower() if word.isalpha() and len(word) > 1 and word[1:].islower() else word


LAYERS: tuple[Layer, ...] = (_identical, _numbers, _lists, _unknowns, _spellings, _sums)
