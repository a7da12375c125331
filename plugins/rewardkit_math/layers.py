"""The layers that decide without a parser: the same text, exact numbers, lists of them, words.

A layer looks at a reference and an answer under the policies, and returns its verdict, or None
where they are not of its kind.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from math import gcd
from typing import Any, Generic, NamedTuple, TypeVar

from rewardkit_math.exact import Long, Number, Value, equal, read_local, read_number
from rewardkit_math.nodes import Neg, Node, Num
from rewardkit_math.normalise import compact, normalise
from rewardkit_math.parser import parse
from rewardkit_math.policies import Policies
from rewardkit_math.tokens import ParseError
from rewardkit_math.words import as_date, as_time, choice_letter, number_word

__all__ = ["CHEAP_LAYERS", "MAX_LENGTH", "Layer", "Text", "Verdict", "clip"]

# Beyond this many characters only identical texts are right.
MAX_LENGTH = 10_000


T = TypeVar("T")


class _once(Generic[T]):  # noqa: N801 - a decorator
    """functools.cached_property without its lock, which takes longer than most that is read."""

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, owner: Any, kind: type) -> T:
        value = self.function(owner)
        owner.__dict__[self.function.__name__] = value
        return value


class Text:
    """One side of a comparison, with what the layers read from it: each on first use and once."""

    def __init__(self, raw: str) -> None:
        self.raw = raw

    @staticmethod
    def of(raw: str) -> Text:
        """A side; a short one that has been seen lately is not read again.

        All completions of a prompt have one reference, and many of them one answer.
        """
        return _known(raw) if len(raw) <= _SHORT else Text(raw)

    @_once
    def normalised(self) -> str:
        """One spelling of the text, its spaces kept."""
        return normalise(self.raw)

    @_once
    def number(self) -> Number | None:
        """The number that the text is."""
        text = self.normalised
        spelled = number_word(text) if text[:1].isalpha() else None
        return read_number(text if spelled is None else spelled)

    @_once
    def atoms(self) -> list[Number | str] | None:
        """The numbers or letters of choices that the text lists; None: it is no such list."""
        return _atoms(self.normalised)

    @_once
    def compact(self) -> str:
        """One spelling of the text without its spaces, but for those between digits."""
        return compact(self.normalised)

    @_once
    def time(self) -> tuple[int, int, str] | None:
        """The time of day that the text is."""
        return as_time(self.normalised)

    @_once
    def date(self) -> tuple[int, int, int] | None:
        """The date that the text is."""
        return as_date(self.raw)

    @_once
    def trees(self) -> tuple[Node, ...] | str:
        """The trees that the text may be read as; or, where it is no formula, why not."""
        if integer := _INTEGER.fullmatch(self.raw):
            number = Num(int(integer[2]))
            return (Neg(number),) if integer[1] else (number,)
        text = _unwrapped(self.raw)
        try:
            tree = parse(text)
        except ParseError as error:
            return str(error)
        if not _GROUPED.search(text):
            return (tree,)
        try:
            other = parse(text, grouping=False)
        except ParseError:
            return (tree,)
        return (tree,) if tree == other else (tree, other)

    def __str__(self) -> str:
        return self.raw if len(self.raw) <= _CLIPPED else clip(self.raw)


_CLIPPED = 120  # characters of a text that a reason shows

# At most so many sides are kept, of so many characters: some 10 MB where all are formulas.
_KEPT = 2048
_SHORT = 200


@lru_cache(maxsize=_KEPT)
def _known(raw: str) -> Text:
    return Text(raw)


_INTEGER = re.compile(r"(-?)([0-9]{1,18})")  # as the parser reads it, whose tree is known
_TEXT_AROUND = re.compile(
    r"\\(?:text|textbf|textrm|textit|mbox|mathrm|mathbf)\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
)


def _unwrapped(text: str) -> str:
    r"""What one \text{...} around all of an answer holds, and one mark at its end left out."""
    text = _ungrouped(text.strip())
    whole = _TEXT_AROUND.fullmatch(text)
    # Letters alone stay text: \text{cab} is a word, cab a product.
    if whole and not whole[1].strip().isalpha():
        text = whole[1].strip()
    text = text.removesuffix("\\").rstrip().removeprefix("=")
    if text.endswith((".", ",", ";", ":")) and not text.endswith((r"\,", r"\;", r"\:", "..")):
        text = text[:-1]
    return text


_GROUP = re.compile(
    r"\{\s*(?:\\(?:displaystyle|textstyle|bf|rm|it)(?![A-Za-z])\s*)?(.*)\}", re.DOTALL
)


_GROUPS = 2  # around one another; more are no typesetting


def _ungrouped(text: str) -> str:
    """What braces around all of an answer hold: the first one closes last."""
    for _ in range(_GROUPS):
        group = _GROUP.fullmatch(text) if text.startswith("{") else None
        if group is None:
            break
        depths = accumulate((char == "{") - (char == "}") for char in text[:-1])
        if ("," in text and "\\" not in text) or not all(depths):
            break  # {1, 2} is a set
        text = group[1].strip()
    return text


class Verdict(NamedTuple):
    """What a layer decides: right, wrong, or None where it cannot; `late`: it had no time to."""

    right: bool | None
    layer: str
    reason: str
    late: bool = False


Layer = Callable[[Text, Text, Policies], Verdict | None]


def clip(text: str, limit: int = _CLIPPED) -> str:
    """`text`, or its beginning and its length where it is longer than `limit` characters."""
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text):,} characters)"


_FALSE_CHAIN = re.compile(r"[=≈]|\\approx")


def _identical(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    if reference.raw == answer.raw:
        return Verdict(True, "identical", f"identical: {reference}")
    if len(reference.raw) > MAX_LENGTH:
        return Verdict(
            None, "reading", f"a reference of {len(reference.raw):,} characters is too long"
        )
    if len(answer.raw) > MAX_LENGTH:
        reason = f"{len(answer.raw):,} characters are no answer to {reference}"
        return Verdict(False, "identical", reason)
    return None


def _numbers(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    one, other = reference.number, answer.number
    if one is None or other is None:
        return _local_numbers(reference, answer)
    if policies.fractions == "reduced" and not _is_reduced(answer.normalised):
        return Verdict(False, "exact", f"{answer} is not in lowest terms")
    if policies.percent == "hundredfold" and _is_hundredfold(one.value, other.value):
        return Verdict(True, "exact", f"a hundred times, or a hundredth of {reference}")
    if one.percent != other.percent:
        return None
    if equal(one.value, other.value):
        return Verdict(True, "exact", f"equal as exact numbers: {reference}")
    rounds = "." in reference.normalised or policies.rounding == "either" or policies.tolerance
    if rounds and not isinstance(one.value, Long) and not isinstance(other.value, Long):
        return None
    return Verdict(False, "exact", f"{answer} is not {reference}")


def _is_hundredfold(one: Value, other: Value) -> bool:
    """Whether one number is a hundred times the other: 75 for 0.75, whose sign is left out."""
    if isinstance(one, Long) or isinstance(other, Long):
        return False
    return one == other * 100 or one * 100 == other


def _local_numbers(reference: Text, answer: Text) -> Verdict | None:
    """1.234,5 and 2,74: a number in one country, and another or a list in the next."""
    values = [
        read_local(text.normalised) if text.number is None else text.number.value
        for text in (reference, answer)
    ]
    if values[0] is not None and values[1] is not None and equal(values[0], values[1]):
        return Verdict(True, "exact", f"equal as numbers of another country: {reference}")
    return None


_FRACTION = re.compile(r"-?(?:\\frac\s?\{(-?[0-9]+)\}\s?\{(-?[0-9]+)\}|([0-9]+)\s?/\s?([0-9]+))")


def _is_reduced(text: str) -> bool:
    match = _FRACTION.fullmatch(text)
    if match is None or len(text) > 500:
        return True
    above, below = int(match[1] or match[3]), int(match[2] or match[4])
    return gcd(above, below) == 1 and below != 1


_SEPARATOR = re.compile(r" ?(?:[,;] ?(?:and|or)\b|[,;]|\b(?:and|or)\b) ?")
_CHOICE = re.compile(r"[A-J]")
# "3,5" may be a decimal and "1,234, 5" two numbers: other layers know, this one does not.
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(r"[0-9],[0-9]")


def _atoms(text: str) -> list[Number | str] | None:
    items = _SEPARATOR.split(text)
    if _DECIMAL_COMMA.fullmatch(text) or (", " in text and _GROUPED.search(text)):
        return None
    atoms: list[Number | str] = []
    for item in items:
        if item.isdigit() and item.isascii() and len(item) < 19:
            atoms.append(Number(int(item)))
            continue
        atom = item if _CHOICE.fullmatch(item) else _plain_number(normalise(item))
        if atom is None:
            return None
        atoms.append(atom)
    return atoms


def _plain_number(text: str) -> Number | None:
    number = read_number(text)
    plain = number and number.bare is None and isinstance(number.value, int)
    return number if plain else None


def _lists(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    """Lists of integers or of choices; a list of several is not the one that the other names."""
    if reference.number and answer.number:
        return None
    one, other = reference.atoms, answer.atoms
    if one is None or other is None:
        return None
    if one == other:
        return Verdict(True, "list", f"equal one by one: {reference}")
    if policies.order == "any" and Counter(one) == Counter(other):
        return Verdict(True, "list", f"equal in another order: {reference}")
    return Verdict(False, "list", f"{answer} is not {reference}")


def _spellings(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    """Texts that normalising makes one, neither of which is a number or a claim to be checked."""
    # "1, 234" is a list and "1,234" a number, though their letters are the same.
    if reference.number or answer.number or _FALSE_CHAIN.search(answer.raw):
        return None
    one, other = reference.compact, answer.compact
    if policies.case == "ignored":
        if _LONE_LETTER.fullmatch(one.upper()) and _LONE_LETTER.fullmatch(other.upper()):
            one, other = one.upper(), other.upper()  # a choice, were its letter small
        one, other = _uncapitalised(one), _uncapitalised(other)
    if one and one == other:
        return Verdict(True, "normalised", f"the same once normalised: {reference}")
    return None


def _uncapitalised(word: str) -> str:
    """A word without its capital: "Yes" is "yes", but the points ABC are not the product abc."""
    return word.lower() if word.isalpha() and len(word) > 1 and word[1:].islower() else word


_LONE_LETTER = re.compile(r"\(?[A-J]\)?\.?")


def _choices(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    """The letter of a choice, alone in the reference, with or without its text in the answer."""
    lone = [bool(_LONE_LETTER.fullmatch(text.normalised)) for text in (reference, answer)]
    if not any(lone):
        return None
    letters = [choice_letter(_with_capital(text, policies)) for text in (reference, answer)]
    if None in letters:
        return None
    right = letters[0] == letters[1]
    reason = f"choice {letters[1]}" if right else f"choice {letters[1]} is not {reference}"
    return Verdict(right, "choice", reason)


def _with_capital(text: Text, policies: Policies) -> str:
    """A text, whose letter is a choice's were it not small: "(b)"."""
    small = policies.case == "ignored" and _LONE_LETTER.fullmatch(text.normalised.upper())
    return text.normalised.upper() if small else text.raw


def _clocks(reference: Text, answer: Text, policies: Policies) -> Verdict | None:
    """Times of day, and dates."""
    ours, theirs = reference.time, answer.time
    if ours and theirs:
        right = _same_time(ours, theirs)
        return Verdict(right, "time", f"{answer} is {'' if right else 'not '}the time {reference}")
    day, other_day = reference.date, answer.date
    if day and other_day:
        years = {day[0], other_day[0]} - {0}
        right = day[1:] == other_day[1:] and len(years) < 2
        return Verdict(right, "date", f"{answer} is {'' if right else 'not '}the date {reference}")
    return None


def _same_time(one: tuple[int, int, str], other: tuple[int, int, str]) -> bool:
    """Whether two times are one; 3:30 is 3:30 PM, too, but 15:30 says which half it is."""
    if one[:2] == other[:2]:
        return True
    if bool(one[2]) == bool(other[2]) or one[1] != other[1]:
        return False
    unsaid = other if one[2] else one
    return (one[0] - other[0]) % 720 == 0 and unsaid[0] < 720


CHEAP_LAYERS: tuple[Layer, ...] = (_identical, _numbers, _lists, _choices, _spellings, _clocks)
