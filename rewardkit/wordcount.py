"""The words of a text in any script: how many, which ones, and its runs of n words.

A word is a run of letters, marks, digits and underscores, with what joins it inside: an apostrophe
or a hyphen, the point or comma of a number. Chinese, Japanese, Thai, Lao, Khmer and Burmese do not
part words by blanks: there every character is a token of its own, and so many characters make a
word on average (measured): Han 1.73, kana 1.90, the others 4.70. Everything is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import regex

    Hashes: TypeAlias = np.ndarray[tuple[int], np.dtype[np.uint64]]
    Places: TypeAlias = np.ndarray[tuple[int], np.dtype[np.int64]]

__all__ = [
    "UNSPACED",
    "Runs",
    "count_words",
    "hash_runs",
    "split_words",
    "word_ngrams",
    "word_runs",
]

# As Unicode's script, or beside it, what it counts as common to scripts: the marks of kana.
UNSPACED: Mapping[str, float] = {
    r"\p{Script=Han}": 1.73,
    r"[\p{Script=Hiragana}\p{Script=Katakana}ー\uff70\uff9e\uff9f]": 1.90,
    r"[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]": 4.70,
}
"""Scripts that part no words by blanks, as classes of `regex`: how many characters make a word."""
# Where a text has none of these, `re` finds the same words as `regex`, in a fifth of the time: the
# rest is Latin, Greek and Cyrillic without combining marks, and visible signs.
_OTHER_SCRIPTS = re.compile(
    r"[^\x00-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203e\u2041-\u2053"
    r"\u2055-\u205e\u2070-\u208e\u20a0-\u20bf\u2100-\u24b5\u24ea-\u2bff]"
)
_WORD = re.compile(r"\w+(?:['’\-]\w+|(?<=\d)[.,]\d\w*)*")


def count_words(text: str) -> float:
    """How many words `text` has; not a whole number where a script does not part words."""
    if not _OTHER_SCRIPTS.search(text):
        return float(len(_WORD.findall(text)))
    words = 0.0
    other = []
    for line in text.split("\n"):
        if _OTHER_SCRIPTS.search(line):
            other.append(line)
        else:
            words += len(_WORD.findall(line))
    text = _visible("\n".join(other))
    words += len(_spaced().findall(text))
    for characters, length in _unspaced():
        words += sum(map(len, characters.findall(text))) / length
    return words


def split_words(text: str) -> list[str]:
    """The words of `text` in their order, for comparing: case folded, invisible characters gone.

    Of a script that does not part words, every character is one.
    """
    text = text.casefold()
    if not _OTHER_SCRIPTS.search(text):
        return _WORD.findall(text)
    words: list[str] = []
    for line in text.split("\n"):
        if _OTHER_SCRIPTS.search(line):
            words += _token().findall(_visible(line))
        else:
            words += _WORD.findall(line)
    return words


def word_ngrams(text: str, n: int) -> Iterator[Sequence[str]]:
    """Every run of `n` words in `text`, one from each word or character that a run can begin at.

    Where a script does not part words, a run has as many characters as `n` words are on average:
    six Chinese ones for `n` = 3. A text of fewer words has none.
    """
    words = split_words(text)
    if text.isascii() or not any(characters.search(text) for characters, _ in _unspaced()):
        return zip(*(words[i:] for i in range(n)), strict=False)
    return _weighted_ngrams(words, n)


def _weighted_ngrams(words: list[str], n: int) -> Iterator[Sequence[str]]:
    weights = _Weights()
    reached = [0.0, *accumulate(weights[word] for word in words)]
    end = 0
    for start, before in enumerate(reached):
        # Sums of fractions miss a whole number by a hair.
        while end < len(words) and reached[end] - before < n - 1e-6:
            end += 1
        if reached[end] - before < n - 1e-6:
            return
        yield tuple(words[start:end])


class Runs(NamedTuple):
    """Every run of n words in a text: from `words[i]` to before `words[ends[i]]`, and its hash."""

    words: list[str]
    ends: Places
    hashes: Hashes


def word_runs(text: str, n: int) -> Runs:
    """The runs of `word_ngrams` as hashes: of long texts and long runs in a tenth of the time."""
    import numpy as np

    words = split_words(text)
    if text.isascii() or not any(characters.search(text) for characters, _ in _unspaced()):
        ends = np.arange(n, len(words) + 1)
    else:
        weights = _Weights()
        each = np.fromiter(map(weights.__getitem__, words), np.float64, len(words))
        reached = np.concatenate(([0.0], each.cumsum()))
        # As above, a hair less than `n` is as many.
        ends = np.searchsorted(reached, reached[:-1] + (n - 1e-6))
        ends = ends[ends <= len(words)]
    return Runs(words, ends, hash_runs(words, ends))


def hash_runs(words: Sequence[str], ends: Places) -> Hashes:
    """For each i the hash of `words[i:ends[i]]`, in time linear in `words` however long runs are.

    Equal runs have equal hashes; others do by chance alone, once in 2^64 pairs. Like `hash`, they
    differ from process to process.
    """
    import numpy as np

    # The sum of hash(words[i + k]) * BASE^k, modulo 2^64, from differences of one running sum.
    values = np.fromiter(map(hash, words), np.int64, len(words)).view(np.uint64)
    powers = np.full(len(words), _BASE, np.uint64).cumprod(dtype=np.uint64)
    sums = np.concatenate(([np.uint64(0)], (values * powers).cumsum(dtype=np.uint64)))
    back = np.full(len(ends), _INVERSE, np.uint64).cumprod(dtype=np.uint64)
    hashes: Hashes = (sums[ends] - sums[: len(ends)]) * back
    return hashes


_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE = pow(_BASE, -1, 2**64)


class _Weights(dict[str, float]):
    """How many words a token is, by token; each is looked up in the scripts once."""

    def __missing__(self, token: str) -> float:
        found = (1 / length for pattern, length in _unspaced() if pattern.match(token))
        weight = self[token] = next(found, 1.0)
        return weight


@lru_cache(maxsize=1)
def _unspaced() -> list[tuple[regex.Pattern[str], float]]:
    import regex  # it takes as long to import as the rest of rewardkit

    return [(regex.compile(f"{scripts}++"), length) for scripts, length in UNSPACED.items()]


@lru_cache(maxsize=1)
def _spaced() -> regex.Pattern[str]:
    import regex

    return regex.compile(_spaced_word(), regex.V1)


@lru_cache(maxsize=1)
def _token() -> regex.Pattern[str]:
    import regex

    return regex.compile(f"{_spaced_word()}|[{''.join(UNSPACED)}]", regex.V1)


def _spaced_word() -> str:
    part = rf"[[\w\p{{N}}]--[{''.join(UNSPACED)}]]"
    return rf"{part}++(?:['’\-]{part}++|(?<=\d)[.,]\d{part}*+)*+"


def _visible(text: str) -> str:
    """`text` without what fonts leave out: zero-width characters would tell equal words apart."""
    return _invisible().sub("", text)


@lru_cache(maxsize=1)
def _invisible() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"\p{Default_Ignorable_Code_Point}++")
