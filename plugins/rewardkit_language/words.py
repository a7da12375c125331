"""Counting words by script: how many are in the target's scripts, and the longest run of others.

A run of Han characters is as many words as its length divided by 1.73, of kana by 1.90, of Thai by
4.70 (measured averages); Lao, Khmer and Burmese, which do not part words either, are counted as
Thai is. In other scripts a word is a run of letters. What is no word of any language is not
counted: numbers, single letters, acronyms of up to six capitals, and names from programs
(camelCase, digits, underscores).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rewardkit_language.languages import SCRIPTS, Target
from rewardkit_language.prose import prose

if TYPE_CHECKING:
    import regex

__all__ = ["Words", "beyond_latin", "count_words", "is_all_target", "main_script"]

_CHARACTERS_A_WORD = {
    "Han": 1.73, "Kana": 1.90, "Thai": 4.70, "Lao": 4.70, "Khmer": 4.70, "Myanmar": 4.70
}  # fmt: skip
_OTHER = "Other"
_SNIPPET = 80  # characters of a run that are shown


class Words(NamedTuple):
    """What was counted. Numbers of words are not whole where a script does not part words.

    Attributes:
        total: All words.
        target: Those in the target's scripts.
        run: Words in the longest run of others, which only words of the target interrupt.
        run_text: That run, its beginning at least; "" where there is none.
    """

    total: float
    target: float
    run: float
    run_text: str

    @property
    def share(self) -> float:
        """The proportion of words that are in the target's scripts; 1.0 where there are none."""
        return self.target / self.total if self.total else 1.0


def count_words(text: str, target: Target) -> Words:
    """Count the words of `text` by script, in linear time."""
    text = prose(text)
    if is_all_target(text, target):  # the common case by far, and the fast one
        words = float(_count_latin(text))
        return Words(words, words, 0.0, "")
    tally = _Tally()
    start = 0
    for line in text.split("\n"):
        if line:
            _tally_line(line, start, target, tally)
        start += len(line) + 1
    return Words(tally.total, tally.target, tally.longest, _snippet(text, tally.span))


def is_all_target(text: str, target: Target) -> bool:
    """Whether a glance tells that `text` has no letter but the target's; it tells it of Latin."""
    return "Latin" in target.scripts and (text.isascii() or not beyond_latin().search(text))


def main_script(text: str) -> Target | None:
    """The script that most words of `text` are in, as a target; None where it has no words."""
    weights = dict.fromkeys((*SCRIPTS, _OTHER), 0.0)
    for match in _pattern(SCRIPTS).finditer(prose(text)):
        script = match.lastgroup
        if script:
            weights[script] += _weight(script, match[0])
    del weights[_OTHER]
    if not any(weights.values()):
        return None
    if weights["Kana"]:
        weights["Kana"] += weights.pop("Han")
    script = max(weights, key=lambda s: weights[s])
    named = {"Kana": Target("Japanese", ("Han", "Kana")), "Han": Target("Chinese", ("Han",))}
    return named.get(script, Target(f"{script} script", (script,)))


class _Tally:
    """Counts words in their order; `span` is where the longest run of foreign ones stands."""

    def __init__(self) -> None:
        self.total = 0.0
        self.target = 0.0
        self.longest = 0.0
        self.span = (0, 0)
        self._run = 0.0
        self._run_start = 0

    def add(self, words: float, on_target: bool, start: int, end: int) -> None:
        self.total += words
        if on_target:
            self.target += words
            self._run = 0.0
            return
        if not self._run:
            self._run_start = start
        self._run += words
        if self._run > self.longest:
            self.longest = self._run
            self.span = (self._run_start, end)


def _tally_line(line: str, start: int, target: Target, tally: _Tally) -> None:
    if line.isascii():
        if words := _count_latin(line):
            tally.add(words, "Latin" in target.scripts, start, start + len(line))
        return
    pattern = _pattern(target.scripts)
    ours = _ours(line, target)
    for match in pattern.finditer(line):
        script = match.lastgroup
        if script is None:
            continue
        weight = _weight(script, match[0])
        if weight:
            tally.add(weight, script in ours, start + match.start(), start + match.end())


def _ours(line: str, target: Target) -> tuple[str, ...]:
    """The target's scripts in this line: its Han characters are Japanese where it has kana."""
    if "Han" not in target.scripts or ("Kana" in target.scripts) == bool(_KANA.search(line)):
        return target.scripts
    return tuple(script for script in target.scripts if script != "Han")


def _weight(script: str, word: str) -> float:
    """How many words a match is."""
    characters = _CHARACTERS_A_WORD.get(script)
    if characters:
        return len(word) / characters
    if script == "Hangul":
        return 1.0  # one of its letters is a syllable, and often a word
    return 0.0 if _is_neutral(word) else 1.0


_FROM_PROGRAMS = re.compile(r"[\d_]|[a-z][A-Z]")


def _is_neutral(word: str) -> bool:
    """Whether a word in an alphabet belongs to no language."""
    if len(word) == 1 or (len(word) <= 6 and word.isupper()):
        return True
    return _FROM_PROGRAMS.search(word) is not None


def _snippet(text: str, span: tuple[int, int]) -> str:
    """What stands there, in one line, without characters that cannot be shown or stored."""
    start, end = span
    shown = text[start : min(end, start + _SNIPPET)]
    shown = "".join(c if c.isprintable() else " " for c in shown)
    return " ".join(shown.split()) + ("..." if end - start > _SNIPPET else "")


# The letters of the Latin script below U+0300, and those of Vietnamese. With no character of
# beyond_latin() in a text, these are all its letters: a test holds them to Unicode's tables.
_LETTER = "A-Za-zªºÀ-ÖØ-öø-ʸ\u1e00-\u1eff"
_LATIN = re.compile(
    rf"[0-9_][0-9_{_LETTER}]*+|([{_LETTER}][0-9_{_LETTER}]*+(?:['’-][{_LETTER}]++)*+)"
)
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")


@lru_cache(maxsize=1)
def beyond_latin() -> re.Pattern[str]:
    """What may be a letter or mark of another script; compiled on first use, in 4 ms."""
    return re.compile(
        "[\u02b9-\u1dff\u1f00-\u1fff\u2071\u207f\u208f-\u209f\u20d0-\u218f\u2c00-\u2dff\u2e2f\u2e80-\u2fff"
        "\u3005-\u3007\u3021-\ufdff\ufe20-\ufe2f\ufe70-\U0001efff\U0001fbf0-\U0001fbf9\U00020000-\U0010ffff]"
    )


def _count_latin(text: str) -> int:
    return sum(
        count
        for word, count in Counter(_LATIN.findall(text)).items()
        if word and not _is_neutral(word)
    )


@lru_cache(maxsize=256)
def _pattern(scripts: tuple[str, ...]) -> regex.Pattern[str]:
    """Words, each as a group named by its script, the given scripts first; numbers have no group.

    Scripts that are neither given nor common are one group, "Other".
    """
    import regex

    named = dict.fromkeys([*scripts, "Latin", *_CHARACTERS_A_WORD])
    known = "".join(map(_letters, named))
    # Letters that are common to scripts are mathematical: ℝ, 𝑥.
    other = rf"[\p{{L}}--[{known}\p{{Script=Common}}\p{{Script=Inherited}}]]"
    groups = [rf"(?P<{script}>{_word(script, f'[{_letters(script)}]')})" for script in named]
    # What begins with a digit is no word, with all that sticks to it in an alphabet: 3rd, 0x1F.
    number = rf"[\d_][\d_{_letters('Latin')}{_letters('Cyrillic')}{_letters('Greek')}]*+"
    return regex.compile(
        "|".join([number, *groups, f"(?P<{_OTHER}>{_word(_OTHER, other)})"]), regex.V1
    )


def _letters(script: str) -> str:
    if script == "Kana":  # with the mark of length, which Unicode counts as common to scripts
        return r"\p{Script=Hiragana}\p{Script=Katakana}ー"
    return rf"\p{{Script={script}}}"


def _word(script: str, letter: str) -> str:
    if script in _CHARACTERS_A_WORD:
        return f"{letter}++"
    # Arabic and Indic words hold joiners. Variation selectors are marks, but those of emoji.
    joiners = "" if script == "Latin" else r"\u200c\u200d"
    part = rf"[{letter}{joiners}[\p{{M}}--[\ufe00-\ufe0f]]]"
    return rf"{letter}(?:{part}|[\d_])*+(?:['’\-]{part}++)*+"
