"""Where the tokens of a text stand, found for all of it at once.

A token is what stands between blanks. A run of a script that does not part words (Han, kana, Thai,
...) is one of its own, whatever it touches: how many words it is, its length tells.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.tokens import PADDING
from rewardkit_language.words import CHARACTERS_A_WORD, letters

__all__ = ["WIDE", "Segments", "read_segments"]

_BLANK, _TOKEN = 0, 1
WIDE: dict[str, int] = {script: kind for kind, script in enumerate(CHARACTERS_A_WORD, _TOKEN + 1)}
"""The scripts that do not part words, by the number of their kind of segment."""
_CHARACTERS = np.array([1.0] * (_TOKEN + 1) + list(CHARACTERS_A_WORD.values()))  # a word
_NONE = np.zeros(0, dtype=np.intp)
_NO_KINDS = np.zeros(0, dtype=np.uint8)
# Full-width marks part words as blanks do, and hold no letters.
_MARKS = "\u3000-\u3004\u3008-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
_LAST = 0x40000  # no script of letters has characters from here on


class Segments(NamedTuple):
    """Tokens in their order, as arrays of one length but for `wide` and `scripts`.

    Attributes:
        starts, ends: Where each stands in the text, in characters.
        data: The text in UTF-8, and PADDING.
        data_starts, data_ends: Where each stands in `data`.
        wide: The numbers of those that are runs of a script of WIDE.
        kinds: The script of each of these runs.
    """

    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    data: bytes
    data_starts: NDArray[np.intp]
    data_ends: NDArray[np.intp]
    wide: NDArray[np.intp] = _NONE
    kinds: NDArray[np.uint8] = _NO_KINDS

    def wide_words(self) -> NDArray[np.float64]:
        """How many words each run of a script of WIDE is."""
        wide = self.wide
        words: NDArray[np.float64] = (self.ends[wide] - self.starts[wide]) / _CHARACTERS[
            self.kinds
        ]
        return words


def read_segments(text: str) -> Segments:
    """The segments of `text`, in linear time."""
    if not text.isascii():
        return _of_any_script(text)
    data = text.encode() + bytes(PADDING)
    filled = np.zeros(len(text) + 2, dtype=np.bool_)
    np.greater(np.frombuffer(data, np.uint8, len(text)), ord(" "), out=filled[1:-1])
    edges = np.flatnonzero(filled[1:] != filled[:-1])
    starts, ends = edges[::2], edges[1::2]
    return Segments(starts, ends, data, starts, ends)


def _of_any_script(text: str) -> Segments:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    of_characters = np.zeros(len(text) + 2, dtype=np.uint8)
    of_characters[1:-1] = _kinds().take(codes, mode="clip")
    edges = np.flatnonzero(of_characters[1:] != of_characters[:-1])
    kinds = of_characters.take(edges[:-1] + 1)
    wide, kinds_of_wide = _NONE, _NO_KINDS
    if not kinds.size or kinds.max() == _TOKEN:
        starts, ends = edges[::2], edges[1::2]
    else:
        filled = np.flatnonzero(kinds)
        starts, ends = edges.take(filled), edges.take(filled + 1)
        kinds = kinds.take(filled)
        wide = np.flatnonzero(kinds > _TOKEN)
        kinds_of_wide = kinds.take(wide)
    data = text.encode("utf-8", "surrogatepass") + bytes(PADDING)
    places = np.flatnonzero((np.frombuffer(data, np.uint8) & 0xC0) != 0x80)
    return Segments(
        starts, ends, data, places.take(starts), places.take(ends), wide, kinds_of_wide
    )


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """The kind of segment that each character is of."""
    import regex

    kinds = np.full(_LAST + 1, _TOKEN, dtype=np.uint8)
    everything = "".join(map(chr, range(_LAST)))
    classes = {_BLANK: rf"[\s\x00-\x20{_MARKS}]"}
    classes |= {kind: rf"[{letters(script)}--\d]" for script, kind in WIDE.items()}
    for kind, characters in classes.items():
        for run in regex.finditer(f"{characters}+", everything, regex.V1):
            kinds[run.start() : run.end()] = kind
    return kinds
