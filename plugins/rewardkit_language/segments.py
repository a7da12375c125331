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
_LAST_OF_ASCII = 0x7F
_LAST = 0x40000  # no script of letters has characters from here on


class Segments(NamedTuple):
    """Tokens in their order, as arrays of one length, and which of them are runs.

    Attributes:
        data: The text in UTF-8, and PADDING.
        starts, ends: Where each token stands in `data`.
        wide: The numbers of those that are runs of a script of WIDE.
        kinds: The script of each of these runs.
        wide_starts, wide_ends: Where each of them stands in the text, in characters.
    """

    data: bytes
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    wide: NDArray[np.intp] = _NONE
    kinds: NDArray[np.uint8] = _NO_KINDS
    wide_starts: NDArray[np.intp] = _NONE
    wide_ends: NDArray[np.intp] = _NONE

    def wide_words(self) -> NDArray[np.float64]:
        """How many words each run of a script of WIDE is."""
        words: NDArray[np.float64] = (self.wide_ends - self.wide_starts) / _CHARACTERS[self.kinds]
        return words

    def place(self, number: int) -> tuple[int, int]:
        """Where the token of this number stands in the text, in characters."""
        start, end = int(self.starts[number]), int(self.ends[number])
        before, token = self.data[:start], self.data[start:end]
        first = len(before.decode(errors="surrogatepass"))
        return first, first + len(token.decode(errors="surrogatepass"))


def read_segments(text: str) -> Segments:
    """The segments of `text`, in linear time."""
    data = text.encode(errors="surrogatepass") + bytes(PADDING)
    if not text.isascii():
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        kinds = _kinds().take(codes[codes > _LAST_OF_ASCII], mode="clip")
        if kinds.min() != _TOKEN or kinds.max() != _TOKEN:
            return _of_any_script(data, codes)
    filled = np.zeros(len(data) - PADDING + 2, dtype=np.bool_)
    np.greater(np.frombuffer(data, np.uint8, len(data) - PADDING), ord(" "), out=filled[1:-1])
    edges = (filled[1:] != filled[:-1]).nonzero()[0]
    return Segments(data, edges[::2], edges[1::2])


def _of_any_script(data: bytes, codes: NDArray[np.uint32]) -> Segments:
    of_characters = np.zeros(len(codes) + 2, dtype=np.uint8)
    of_characters[1:-1] = _kinds().take(codes, mode="clip")
    edges = (of_characters[1:] != of_characters[:-1]).nonzero()[0]
    kinds = of_characters.take(edges[:-1] + 1)
    filled = kinds.nonzero()[0]
    kinds = kinds.take(filled)
    starts, ends = edges.take(filled), edges.take(filled + 1)
    wide = (kinds > _TOKEN).nonzero()[0]
    places = ((np.frombuffer(data, np.uint8) & 0xC0) != 0x80).nonzero()[0]
    return Segments(
        data,
        places.take(starts),
        places.take(ends),
        wide,
        kinds.take(wide),
        starts.take(wide),
        ends.take(wide),
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
