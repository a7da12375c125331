"""The runs of words of a text as numbers, in any script: what texts are compared by.

A word is a run of letters, marks, digits and signs of mathematics, for "x<5" is not "x>5"; other
punctuation parts words, and case is no matter. Of a script that does not part words by blanks
every character stands for itself, and a run has so many as make its words on average. All of it
is arithmetic on arrays: the time is linear in the text, and of Chinese no more than of English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rewardkit.wordcount import UNSPACED

if TYPE_CHECKING:
    import numpy as np
    import regex
    from numpy.typing import NDArray

__all__ = ["shingles"]

_PIECE = 2**17  # characters that are worked on at once: longer texts are cut there
_WORD = 1000  # what a word weighs where a character may weigh a part of one
_CODE_POINTS = 0x110000
_LAST_LETTER = 0x33480  # what lies above it are no letters, as of Unicode 17


def shingles(texts: Sequence[str], words: int) -> Iterator[NDArray[np.uint64]]:
    """Of each text in turn the runs of `words` words as hashes, ascending, each once.

    A text of fewer words has none. The same run has the same hash in every text and process; two
    others have but once in 2^64 pairs.
    """
    import numpy as np

    runs: list[NDArray[np.uint64]] = []
    for block in _blocks(texts):
        tokens = _tokens([piece.text for piece in block])
        for piece, found in zip(block, _runs(tokens, words), strict=True):
            runs.append(found)
            if piece.is_last:
                yield _distinct(np.concatenate(runs) if len(runs) > 1 else runs[0])
                runs = []


class _Piece(NamedTuple):
    text: str
    is_last: bool  # of its text


class _Tokens(NamedTuple):
    """The words of several texts, one after another."""

    values: NDArray[np.uint64]  # their hashes
    weights: NDArray[np.int64] | None  # where they don't all weigh the same
    bounds: list[int]  # where each text begins, and where the last one ends


class _Characters(NamedTuple):
    """By code point: its lower case, 0 where it parts words; and its weight where it is a word."""

    letters: NDArray[np.uint32]
    weights: NDArray[np.uint16]


def _blocks(texts: Sequence[str]) -> Iterator[list[_Piece]]:
    """The texts in pieces, so many at a time as there is little to gain from more."""
    block: list[_Piece] = []
    size = 0
    for text in texts:
        if not text.isascii():
            text = _invisible().sub("", text)  # or it would tell equal words apart
        starts = range(0, len(text), _PIECE) or [0]
        for start in starts:
            piece = text[start : start + _PIECE]
            if size + len(piece) > _PIECE:
                yield block
                block, size = [], 0
            block.append(_Piece(piece, start == starts[-1]))
            size += len(piece) + 1
    if block:
        yield block


def _tokens(texts: Sequence[str]) -> _Tokens:
    """The words of texts which have no more characters together than powers are known."""
    import numpy as np

    joined = "\n".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    characters = _characters()
    letters = characters.letters[points]
    weights = None if joined.isascii() else characters.weights[points]
    is_letter = letters != 0
    begins = is_letter.copy()
    if weights is None or not weights.any():
        weights = None
        begins[1:] &= ~is_letter[:-1]
    else:
        alone = weights != 0
        begins[1:] &= ~is_letter[:-1] | alone[1:] | alone[:-1]
    starts = np.flatnonzero(begins)
    values = np.empty(0, np.uint64)
    if starts.size:
        powers = _powers()
        # What stands between two words counts as 0.
        values = np.add.reduceat(letters * powers.up[: letters.size], starts)
        values = _mixed(values * powers.down[starts])
    own = None if weights is None else weights[starts].astype(np.int64)
    if own is not None:
        own[own == 0] = _WORD
    ends = np.cumsum([len(text) + 1 for text in texts])
    return _Tokens(values, own, [0, *np.searchsorted(starts, ends).tolist()])


def _runs(tokens: _Tokens, words: int) -> Iterator[NDArray[np.uint64]]:
    """For each text the hashes of its runs: the sum of value[i + k] * BASE^k, modulo 2^64."""
    import numpy as np

    powers = _powers()
    count = tokens.values.size
    sums = np.zeros(count + 1, np.uint64)
    np.cumsum(tokens.values * powers.up[:count], out=sums[1:])
    if tokens.weights is None:
        for begin, end in pairwise(tokens.bounds):
            last = max(end - words + 1, begin)
            yield (sums[begin + words : last + words] - sums[begin:last]) * powers.down[begin:last]
        return
    reached = np.concatenate(([0], tokens.weights.cumsum()))
    ends = np.searchsorted(reached, reached[:-1] + words * _WORD)
    for begin, end in pairwise(tokens.bounds):
        last = begin + int(np.searchsorted(ends[begin:end], end, "right"))
        yield (sums[ends[begin:last]] - sums[begin:last]) * powers.down[begin:last]


def _distinct(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The values in ascending order, each once. (np.unique takes twice as long.)"""
    import numpy as np

    values = np.sort(values)
    is_new = np.ones(values.size, bool)
    np.not_equal(values[1:], values[:-1], out=is_new[1:])
    return values[is_new]


class _Powers(NamedTuple):
    """BASE^i and BASE^-i modulo 2^64, for every i up to the characters of a block."""

    up: NDArray[np.uint64]
    down: NDArray[np.uint64]


@lru_cache(maxsize=1)
def _powers() -> _Powers:
    import numpy as np

    def powers(base: int) -> NDArray[np.uint64]:
        factors = np.full(2 * _PIECE, base, np.uint64)
        factors[0] = 1
        return factors.cumprod(dtype=np.uint64)

    base = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
    return _Powers(powers(base), powers(pow(base, -1, 2**64)))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Numbers that look random, the same for the same values (the end of SplitMix64)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@lru_cache(maxsize=1)
def _characters() -> _Characters:
    import numpy as np
    import regex

    every = "".join(map(chr, range(_LAST_LETTER)))
    letters = np.zeros(_CODE_POINTS, np.uint32)
    for found in regex.finditer(r"[[\p{L}\p{M}\p{N}\p{Sm}\-/^%]--[|~]]++", every, regex.V1):
        letters[found.start() : found.end()] = range(found.start(), found.end())
    for found in regex.finditer(r"[\p{Lu}\p{Lt}]", every):
        lower = found[0].lower()
        if len(lower) == 1:
            letters[found.start()] = ord(lower)
    weights = np.zeros(_CODE_POINTS, np.uint16)
    for scripts, length in UNSPACED.items():
        for found in regex.finditer(f"{scripts}++", every):
            weights[found.start() : found.end()] = round(_WORD / length)
    weights[letters == 0] = 0
    return _Characters(letters, weights)


@lru_cache(maxsize=1)
def _invisible() -> regex.Pattern[str]:
    import regex

    return regex.compile(r"\p{Default_Ignorable_Code_Point}++")
