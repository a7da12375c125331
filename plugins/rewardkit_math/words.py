"""Answers in words: yes and no, names, letters of choices, times of day, dates."""

# ruff: noqa: SIM905 - quotes around each would hide the words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "NUMBERS",
    "as_date",
    "as_time",
    "choice_letter",
    "chosen",
    "is_gist",
    "leading_number",
    "number_word",
    "plain_words",
    "same_figures",
    "same_group",
    "same_words",
]

_LONGEST = 100  # characters of a number in words
_COMMAND = re.compile(r"\\[,;:! ]|[{}$\\]")
_MARKS = re.compile(r"[\s.,;:!?\"`*()]+")
_ARTICLES = frozenset(("a", "an", "the"))
_NEUTRAL = {"true": "yes", "false": "no"}
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS = {
    **{word: str(number) for number, word in enumerate(_SMALL)},
    **{word: str(10 * number) for number, word in enumerate(_TENS, 2)},
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_ORDINALS = {
    word: f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number, 'th')}"
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1
    )
}


def plain_words(text: str, *, fold: bool = True) -> list[str]:
    """The words of a text, without LaTeX, marks and articles; `fold`: in lower case."""
    words = _MARKS.sub(" ", _COMMAND.sub(" ", re.sub(r"\\text[a-z]*", "", text))).split()
    if fold:
        words = [word.casefold() for word in words]
    kept = [word for word in words if word.lower() not in _ARTICLES]
    return kept or words


def number_word(text: str) -> str | None:
    """The digits of a number in words: "twelve", "negative five"; or None."""
    if not text[:1].isalpha() or not text.isascii() or len(text) > _LONGEST:
        return None
    words = text.lower().replace("-", " ").split()
    sign = "-" if words[0] in ("negative", "minus") else ""
    if sign:
        del words[0]
    part = _PARTS.get(words[-1]) if len(words) > 1 else None
    if part is not None:
        number = 1 if words[:-1] == ["a"] else _spelled(words[:-1])
        alike = number is not None and (number == 1) != words[-1].endswith(("s", "halves"))
        return f"{sign}{number}/{part}" if alike else None
    number = _spelled(words)
    return None if number is None else f"{sign}{number}"


# Of which one is a half and two are halves; the fortieth is no part.
_PARTS = {
    f"{name}{ending}": part
    for part, name in enumerate("third fourth fifth sixth seventh eighth ninth tenth".split(), 3)
    for ending in ("", "s")
} | {"half": 2, "halves": 2, "quarter": 4, "quarters": 4}


_COUNT = 8  # words that a number before a unit may have


def leading_number(text: str) -> str:
    """A text that begins with a number in words, with its digits: "two hours" as "2 hours"."""
    words = text.split(" ", _COUNT)
    first = words[0].lower().partition("-")[0]
    if first not in NUMBERS and first not in ("negative", "minus"):
        return text
    for count in range(min(len(words), _COUNT), 0, -1):
        number = number_word(" ".join(words[:count]))
        if number is not None:
            return " ".join([number, *words[count:]])
    return text


def _spelled(words: list[str]) -> int | None:
    """The number that words like "two hundred and thirty four" are, or None."""
    total, part, last = 0, 0, 0  # last: what the word before was worth
    for word in words:
        value = int(NUMBERS.get(word, 0)) or _SCALES.get(word, 0)
        if word == "and" and last >= 100:
            continue
        if word == "hundred" and 0 < part < 10:
            part, last = part * 100, 100
        elif word in _SCALES and part:
            total, part, last = total + part * value, 0, value
        elif 0 < value < 100 and (last == 0 or last >= 100 or (last >= 20 and value < 10)):
            part, last = part + value, value
        else:
            return 0 if words == ["zero"] else None
    return total + part if words else None


_YES = re.compile(
    r"\W*(yes|no|true|false)\b(?!\W*(?:and|or|yes|no|true|false)\b)[,.:;!]", re.IGNORECASE
)
# After yes or no they take it back, or doubt it.
_SECOND_THOUGHTS = frozenset("yes no true false know but if unless maybe perhaps wait".split())
# What words do not spell: two formulas that no layer could read must have the same signs.
_FORMULA = re.compile(r"[\\^_=<>+*/{}\[\]|-]")


def same_words(reference: str, answer: str, *, fold: bool = True) -> bool:
    """Whether two texts are the same words."""
    ours, theirs = plain_words(reference, fold=fold), plain_words(answer, fold=fold)
    # Without a word it is a formula, whose marks have a meaning: "1, 2, ..." is not "1, 2".
    if not ours or not re.search(r"[^\W\d_]{2}", f"{reference} {answer}"):
        return False
    if _signs(reference) or _signs(answer):
        # A formula among words: its marks have a meaning.
        return _squeezed(reference, fold=fold) == _squeezed(answer, fold=fold)
    if ours == theirs or _meant(ours) == _meant(theirs):
        return True
    verdicts = _yes_or_no(reference), _yes_or_no(answer)
    bare = len(ours) == 1 or len(theirs) == 1
    return bare and verdicts[0] is not None and verdicts[0] == verdicts[1]


_SYNONYMS = {
    **_ORDINALS,
    **NUMBERS,
    **{
        day[:length]: day
        for day in "monday tuesday wednesday thursday friday saturday sunday".split()
        for length in (3, 4)
    },
    **{
        month[:3]: month
        for month in (
            "january february march april june july august september october november december"
        ).split()
    },
    "dne": "does not exist",
}


def _meant(words: list[str]) -> str:
    """Words in one form: "Mon" is Monday, "DNE" does not exist, "first" is "1st"."""
    alone = words[0].lower() if len(words) == 1 else ""
    return _SYNONYMS.get(alone, alone) or " ".join(words)


def same_group(reference: str, answer: str, *, fold: bool = True) -> bool:
    """Whether two texts name the same few in any order: "Alice and Bob", "Bob and Alice"."""
    groups = []
    for text in (reference, answer):
        if _signs(text):
            return False
        parts = [plain_words(part, fold=fold) for part in re.split(r",|\band\b", text)]
        groups.append(sorted(part for part in parts if part))
    few = all(len(part) < 3 for part in groups[0])
    return few and len(groups[0]) > 1 and groups[0] == groups[1]


def _yes_or_no(text: str) -> str | None:
    """What a text says that begins with yes or no, and goes on after a mark."""
    text = _TEXT.sub(r"\1", text)
    said = _YES.match(text + ".")
    if said is None:
        return None
    verdict = _NEUTRAL.get(said[1].lower(), said[1].lower())
    rest = set(re.findall(r"[a-z]+(?:['’][a-z]+)?", text[said.end() :].lower()))
    denied = any(word == "not" or word.endswith(("n't", "n’t")) for word in rest)
    if rest & _SECOND_THOUGHTS or (denied and verdict == "yes"):
        return None
    return verdict


_FIGURE = re.compile(r"(?<![A-Za-z0-9_.^])-?[0-9]+(?:[.,/][0-9]+)*(?![0-9])")
_BOUNDS = frozenset("least most more less fewer than over under between if except or".split())


def same_figures(reference: str, answer: str) -> bool:
    """Whether an answer has the numbers of a sentence, all of them in their order."""
    sentence, said = (
        {word.lower() for word in re.findall(r"[A-Za-z'’]+", text)} for text in (reference, answer)
    )
    denied = any(word.endswith(("n't", "n’t")) for word in sentence | said)
    if len(sentence) < 3 or denied or (_BOUNDS | _NEGATIONS) & (sentence | said):
        return False
    figures = [_FIGURE.findall(_TEXT.sub(r" \1 ", text)) for text in (reference, answer)]
    return bool(figures[0]) and figures[0] == figures[1]


_NEGATIONS = frozenset("no not never none neither nor without cannot".split())
_FUNCTION_WORDS = frozenset("is are was were will be of in to and or for with on at by it".split())


def is_gist(reference: str, answer: str) -> bool:
    """Whether a few words are a sentence's subject or its end: "Petya" for "Petya wins it"."""
    sentence, said = plain_words(reference), plain_words(answer)
    if sentence and len(sentence) > 1 and sentence[1] in ("is", "are", "was"):
        sentence[0] = re.sub(r"^[a-z]\w*=", "", sentence[0])  # x=5 is the least
    if len(sentence) < 3 or not 1 <= len(said) <= 3 or _NEGATIONS & set(sentence):
        return False
    if any("n't" in word for word in sentence) or set(said) <= _FUNCTION_WORDS:
        return False
    predicate = sentence[-len(said) :] == said and sentence[-len(said) - 1] in ("is", "are", "was")
    return sentence[: len(said)] == said or predicate


_TEXT = re.compile(r"\\(?:text[a-z]*|mbox|mathrm|mathbf)\s*\{([^{}]*)\}|\\[,;:! ]|\$")


def _signs(text: str) -> bool:
    """Whether a text has the signs of a formula; a hyphen between letters is none."""
    plain = re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", " ", _TEXT.sub(r"\1", text))
    return bool(_FORMULA.search(plain))


def _squeezed(text: str, *, fold: bool) -> str:
    plain = re.sub(r"\s+", "", _TEXT.sub(r"\1", text)).rstrip(".")
    plain = re.sub(r"_(?:\{(\w+)\}|(\w))", r"\1\2", plain)
    return plain.casefold() if fold else plain


# -- choices

_LETTER = re.compile(
    r"(?:\\text(?:bf|rm)?\s*\{)?\s*"
    # "C Cecile", but not "A dog" and "I think"
    r"(?:\(([A-Z])\)|([A-Z](?=[).:。：、]|\s*\}?\s*$)|[B-HJ-Z](?=\s[A-Z][a-z])))[).:。：、]?\s*\}?\s*(.*)",
    re.DOTALL,
)
_OPTION = re.compile(
    r"^(?:\\text(?:bf|rm)?\s?\{\s?)?(?:option|choice)\s+(?=\(?[A-Z]\b)", re.IGNORECASE
)
_ANOTHER = re.compile(r"\([A-Z]\)|\b(?:and|or)\s+\(?[A-Z]\b|,\s*\(?[A-Z]\)?\s*(?:,|$)")


def choice_letter(text: str) -> str | None:
    """The letter of the one choice that an answer names: "(B)", "B.", "B: because", or None."""
    match = _LETTER.fullmatch(_OPTION.sub("", text.strip()))
    if match is None or _ANOTHER.search(match[3]):
        return None
    return match[1] or match[2]


def chosen(text: str, choices: Sequence[Any] | Mapping[str, Any]) -> str | None:
    """The letter of the choice that an answer names by its letter or its whole text, or None."""
    if isinstance(choices, Mapping):
        labelled = {
            str(letter).strip("() .").upper(): str(value) for letter, value in choices.items()
        }
    else:
        labelled = {chr(ord("A") + at): str(value) for at, value in enumerate(choices)}
    words = plain_words(text)
    same = [letter for letter, value in labelled.items() if plain_words(value) == words]
    if len(same) == 1:
        return same[0]
    bare = text.strip().strip("()*. ").upper()
    letter = bare if bare in labelled else choice_letter(text)
    return letter if letter in labelled else None


# -- times and dates

_TIME = re.compile(
    r"(\d{1,2})\s*:\s*(\d\d)(?:\s*:\s*(\d\d))?\s*(?:([ap])\s*\.?\s*m\b\.?)?(?:\s*o'clock)?|(\d{1,2})\s*([ap])\s*\.?\s*m\b\.?",
    re.IGNORECASE,
)


_NAMED_TIMES = {"noon": (720, 0, "p"), "12 noon": (720, 0, "p"), "midnight": (0, 0, "a")}


def as_time(text: str) -> tuple[int, int, str] | None:
    """The minutes and seconds of a clock from twelve, and "a", "p" or "" for what was said."""
    said = _NAMED_TIMES.get(text.lower())
    if said is not None:
        return said
    if ":" not in text and "m" not in text.lower():
        return None
    match = _TIME.fullmatch(re.sub(r"\\text[a-z]*|[{}$~]|\\[,;: ]", " ", text).strip())
    if match is None:
        return None
    hour, minute = int(match[1] or match[5]), int(match[2] or 0)
    half = (match[4] or match[6] or "").lower()
    if hour > 23 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute, int(match[3] or 0), half


_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
_LONG = re.compile(
    r"(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+", re.IGNORECASE)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([A-Za-z]{3,9})\.?,?(?: (\d{4}))?")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,?(?: (\d{4}))?")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SHORTEST_DATE = len("1 May")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def as_date(text: str) -> tuple[int, int, int] | None:
    """Year (0: not said), month and day; None where it is no date, or one of uncertain order."""
    if len(text) < _SHORTEST_DATE:
        return None
    plain = " ".join(re.sub(r"\\text[a-z]*|[{}$~]|\\[,;: ]", " ", text).split()).strip(". ")
    if not plain[:1].isalnum():
        return None
    plain = _WEEKDAY.sub("", plain)
    if match := _ISO.fullmatch(plain):
        return _date(match[1], int(match[2]), match[3])
    if match := _NUMERIC.fullmatch(plain):
        return _numeric_date(int(match[1]), int(match[2]), match[3])
    if match := _DAY_FIRST.fullmatch(plain):
        return _date(match[3], _month(match[2]), match[1])
    if match := _MONTH_FIRST.fullmatch(plain):
        return _date(match[3], _month(match[1]), match[2])
    return None


def _numeric_date(one: int, other: int, year: str) -> tuple[int, int, int] | None:
    """12/25/2020 and 25/12/2020; which of 3/4/2020 is the month, nobody knows."""
    if one <= 12 < other:
        return _date(year, one, str(other))
    return _date(year, other, str(one)) if other <= 12 and (one > 12 or one == other) else None


def _month(name: str) -> int:
    known = len(name) == 3 or name.lower() == "sept" or _LONG.fullmatch(name)
    return _MONTHS.get(name[:3].lower(), 0) if known else 0


def _date(year: str | None, month: int, day: str) -> tuple[int, int, int] | None:
    if not 1 <= month <= 12 or not 1 <= int(day) <= 31:
        return None
    return int(year or 0), month, int(day)
