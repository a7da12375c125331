"""The words of a text and the script of each.

A run of Han characters is as many words as its length divided by 1.73, of kana by 1.90, of Thai by
4.70 (measured averages); Lao, Khmer and Burmese, which do not part words either, are counted as
Thai is. In other scripts a word is a run of letters. What is no word of any language is not
counted: numbers, single letters, acronyms of up to six capitals, and names from programs
(camelCase, digits, underscores).
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from rewardkit_language.languages import SCRIPTS

if TYPE_CHECKING:
    import regex

__all__ = ["CHARACTERS_A_WORD", "Word", "letters", "main_script", "read_words"]

CHARACTERS_A_WORD = {
    "Han": 1.73, "Kana": 1.90, "Thai": 4.70, "Lao": 4.70, "Khmer": 4.70, "Myanmar": 4.70
}  # fmt: skip
_OTHER = "Other"
_DISGUISED = "Disguised"


class Word(NamedTuple):
    """A word, or a run of characters that is several.

    Attributes:
        script: Its script; no script's name where letters of several are mixed to look alike.
        weight: How many words it is.
        text: It, in lower case.
    """

    script: str
    weight: float
    text: str


def read_words(
    tokens: Sequence[str], scripts: tuple[str, ...] = SCRIPTS
) -> Iterator[Sequence[Word]]:
    """The words of each token, in their order, without those of no language.

    A token is what stands between two blanks. Scripts that are neither among `scripts` nor common
    have one name for all.
    """
    plain = _PLAIN_WORDS.findall("\n".join(tokens))
    for token, word in zip(tokens, plain, strict=True):
        if word:
            script = _script_of(word)
            if word[1:].islower() if script in _CASED else len(word) > 1:
                known = script in scripts or script == "Latin"
                yield (Word(script if known else _OTHER, 1.0, word.lower()),)
                continue
        elif token.isascii() and not _TWO_LETTERS.search(token):
            yield ()
            continue
        yield _read(token, scripts)


def _read(token: str, scripts: tuple[str, ...]) -> list[Word]:
    if not token.isascii():
        token = _plain(token)
    elif _CODE.search(token) and len(_ASCII_LETTERS.findall(token)) <= _MOST_NAMES:
        return []  # as below, ten times as fast
    found = []
    for match in _pattern(scripts).finditer(token):
        script = match.lastgroup
        if script is not None:
            weight = _weight(script, match[0])
            if weight:
                found.append(Word(script, weight, match[0].lower()))
    if _CODE.search(token) and sum(word.script == "Latin" for word in found) <= _MOST_NAMES:
        return [word for word in found if word.script != "Latin"]
    return found


# What most tokens are: a word of letters alone, punctuated as prose is. All of a text are found at
# once so, many times as fast as they would be read otherwise, and with the same result.
_LATIN = r"A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff"
_CYRILLIC = r"\u0400-\u0481\u048a-\u052f"
_PLAIN_WORDS = re.compile(
    r"(?m)^[\"'(\[\u201c\u2018\xab]?"
    rf"([{_LATIN}]++(?:['\u2019-][{_LATIN}]++)*+|[{_CYRILLIC}]++(?:-[{_CYRILLIC}]++)*+"
    r"|[\u0621-\u063a\u0641-\u064a\u0671-\u06d3]++|[\uac00-\ud7a3]++"
    r"|[\u0904-\u0939\u0958-\u0961][\u0904-\u0939\u093e-\u094d\u0958-\u0961]*+)"
    r"(?:[.,;!?)\]\"'\u201d\u2019\xbb\u2026\u0964\u060c\u061f]{0,2}|:)$|^.+$"
)
# The first letters of each script among them, in Unicode's order.
_FROM = ("A", "\u0400", "\u0600", "\u0900", "\u1e00", "\uac00")
_PLAIN_SCRIPTS = ("Latin", "Cyrillic", "Arabic", "Devanagari", "Latin", "Hangul")


def _script_of(plain: str) -> str:
    """The script of one of _PLAIN_WORDS."""
    return _PLAIN_SCRIPTS[bisect(_FROM, plain[0]) - 1]


_ASCII_LETTERS = re.compile("[A-Za-z]+")
_TWO_LETTERS = re.compile("[A-Za-z]['-]?[A-Za-z]")
_CASED = frozenset({"Latin", "Cyrillic"})
_MOST_NAMES = 4  # in a token of code: what has more is prose whose blanks were left out
# Marks that stand between letters in programs, paths and options, and hardly in prose.
_CODE = re.compile(
    r"[A-Za-z0-9_)\]][(\[{=]|[)\]][+*/.-]?[A-Za-z=]|->|[=!<>:+*/%-]=|=[A-Za-z]|::|[A-Za-z]\.[a-z]{2}"
    r"|^[-(\[]*--?[a-z][a-z0-9-]*[,.;:)\]]*$|^[~.]{0,2}/[A-Za-z]|[A-Za-z]/[A-Za-z.]+/|[$@#%][A-Za-z]"
)


def main_script(text: str) -> str | None:
    """The script that most words of `text` are in; "Kana" tells Japanese, whatever its Han."""
    weights = dict.fromkeys((*SCRIPTS, _OTHER, _DISGUISED), 0.0)
    for word in chain.from_iterable(read_words(text.split())):
        weights[word.script] += word.weight
    del weights[_OTHER], weights[_DISGUISED]
    if not any(weights.values()):
        return None
    if weights["Kana"]:
        weights["Kana"] += weights.pop("Han")
    return max(weights, key=lambda script: weights[script])


def _weight(script: str, word: str) -> float:
    """How many words a match is."""
    characters = CHARACTERS_A_WORD.get(script)
    if characters:
        return len(word) / characters
    if script == "Hangul":
        return 1.0  # one of its letters is a syllable, and often a word
    return 0.0 if _is_neutral(word) else 1.0


def _is_neutral(word: str) -> bool:
    """Whether a word in an alphabet belongs to no language."""
    if len(word) == 1 or (len(word) <= 6 and word.isupper()):
        return True
    return _from_programs().search(word) is not None


@lru_cache(maxsize=1)
def _from_programs() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"[\d_]|\p{Ll}\p{Lu}")


def _plain(text: str) -> str:
    """`text` without characters that cannot be seen, its letters in their usual forms."""
    text = _invisible().sub("", text)
    return _styled().sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


@lru_cache(maxsize=1)
def _invisible() -> regex.Pattern[str]:
    """What parts a word for a program and not for a reader; Arabic and Indic joiners spell."""
    import regex

    spelling = r"[\p{Script=Arabic}\p{Script=Devanagari}\p{M}--\p{Script=Inherited}]"
    joiner = rf"(?<!{spelling})[\u200c\u200d]|[\u200c\u200d](?![\p{{L}}\p{{M}}])"
    return regex.compile(
        rf"[\u00ad\u034f\u200b\u200e\u200f\u2060-\u2064\ufeff]|{joiner}", regex.V1
    )


@lru_cache(maxsize=1)
def _styled() -> regex.Pattern[str]:
    """Words in the letters of formulas or of full width, ligatures, Arabic forms for display."""
    import regex

    return regex.compile(
        "[\U0001d400-\U0001d7cb\uff21-\uff3a\uff41-\uff5a\u24b6-\u24e9\U0001f130-\U0001f189]{2,}"
        "|[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]"
    )


@lru_cache(maxsize=256)
def _pattern(scripts: tuple[str, ...]) -> regex.Pattern[str]:
    """Words, each as a group named by its script, the given scripts first; numbers have no group.

    Scripts that are neither given nor common are one group, "Other".
    """
    import regex

    named = dict.fromkeys([*scripts, "Latin", *CHARACTERS_A_WORD])
    known = "".join(map(letters, named))
    # Letters that are common to scripts are mathematical: ℝ, 𝑥.
    other = rf"[\p{{L}}--[{known}\p{{Script=Common}}\p{{Script=Inherited}}]]"
    groups = [rf"(?P<{script}>{_word(script, f'[{letters(script)}]')})" for script in named]
    # What begins with a digit is no word, with all that sticks to it in an alphabet: 3rd, 0x1F.
    number = rf"[\d_][\d_{letters('Latin')}{letters('Cyrillic')}{letters('Greek')}]*+"
    return regex.compile(
        "|".join([number, _disguised(), *groups, f"(?P<{_OTHER}>{_word(_OTHER, other)})"]),
        regex.V1,
    )


def _disguised() -> str:
    """A word of letters that look alike in two alphabets: "сat" is neither Russian nor English.

    A Russian ending on a name in Latin letters is none.
    """
    latin, cyrillic = letters("Latin"), letters("Cyrillic")
    return rf"(?P<{_DISGUISED}>[{latin}]*+[{cyrillic}]++[{latin}][{latin}{cyrillic}]*+)"


def letters(script: str) -> str:
    """The script's letters, as a part of a class of the package regex."""
    if script == "Kana":  # with the mark of length, which Unicode counts as common to scripts
        return r"\p{Script=Hiragana}\p{Script=Katakana}ー"
    return rf"\p{{Script={script}}}"


def _word(script: str, letter: str) -> str:
    if script in CHARACTERS_A_WORD:
        return f"{letter}++"
    # Arabic and Indic words hold joiners. Variation selectors are marks, but those of emoji.
    joiners = "" if script == "Latin" else r"\u200c\u200d"
    part = rf"[{letter}{joiners}[\p{{M}}--[\ufe00-\ufe0f]]]"
    return rf"{letter}(?:{part}|[\d_])*+(?:['’\-]{part}++)*+"
