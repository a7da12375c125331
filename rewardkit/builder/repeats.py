"""Which of the kept texts were there before; a 64th of their hashes is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import xxhash

from rewardkit.builder.partitions import Spill
from rewardkit.wordcount import count_words

__all__ = ["Repeat", "Repeats"]

_FEWEST_WORDS = 20
_LONG = 200  # characters: no short answer, whatever its words
_PARTS = 64


class Repeat(NamedTuple):
    """A text that was there before: its own row of the input, and the place where it is first."""

    row: int
    first: str


class Repeats:
    """Texts, told apart by their hashes, in whatever order they come.

    Texts of fewer than 20 words (and 200 characters) are left alone: many questions have the same
    short answer.
    """

    def __init__(self, folder: Path) -> None:
        self._texts = Spill(folder, "texts")
        self._again = Spill(folder, "again")

    def note(self, row: int, text: str, place: str) -> None:
        """Take down the text of a row of the input, which messages call `place`."""
        if len(text) < _LONG and count_words(text) < _FEWEST_WORDS:
            return
        key = xxhash.xxh3_128_hexdigest(text.encode("utf-8", "surrogatepass"))
        self._texts.write(int(key, 16) % _PARTS, row, {"key": key, "place": place})

    def found(self) -> Iterator[Repeat]:
        """Those that equal the text of a row before them, in the order of the input."""
        self._texts.finish()
        for part in self._texts.parts():
            first: dict[str, str] = {}
            for row, text in sorted(self._texts.take(part), key=lambda pair: pair[0]):
                if text["key"] in first:
                    self._again.write(part, row, {"row": row, "first": first[text["key"]]})
                else:
                    first[text["key"]] = text["place"]
        self._again.finish()
        for record in self._again.merged():
            yield Repeat(**record)
