"""Words already met, with what they say of one target's language: each is judged once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.backends import load_backend
from rewardkit_language.languages import Target
from rewardkit_language.rivals import rivals
from rewardkit_language.viterbi import SCALE
from rewardkit_language.words import read_words

__all__ = ["Sequenced", "Vocabulary"]

_LONGEST_KEPT = 40  # characters: a longer token is hardly met twice
_MOST_TOKENS = 200_000  # then a new vocabulary is begun, which bounds the memory to about 100 MB


class Sequenced(NamedTuple):
    """The words of a text in their order, as arrays of one length.

    Attributes:
        ids: The row of each word in `table`.
        weights: How many words each is; 1 but where the script does not part words.
        foreign: Whether its script alone tells that it is foreign.
        gains: By how much, in 1/SCALE nat, it prefers its best other language to the target.
        table: (rows, languages) the words' scores, the target's in column 0.
    """

    ids: NDArray[np.intp]
    weights: NDArray[np.float64]
    foreign: NDArray[np.bool_]
    gains: NDArray[np.int32]
    table: NDArray[np.int32]

    @property
    def rivalled(self) -> bool:
        """Whether there are words, and languages that they could be in beside the target."""
        return len(self.ids) > 0 and self.table.shape[1] > 1

    def scores(self, words: slice) -> NDArray[np.int32]:
        """(words, languages), in 1/SCALE nat, the target in column 0."""
        return self.table[self.ids[words]]


class _Tokens(dict[str, tuple[int, ...]]):
    """The ids of a token's words; a token that is not known yet is read."""

    def __init__(self, read: Callable[[str], tuple[int, ...]]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, token: str) -> tuple[int, ...]:
        ids = self._read(token)
        if len(token) <= _LONGEST_KEPT:
            self[token] = ids
        return ids


class Vocabulary:
    """The words met so far, judged for one target by one backend. Any thread may use it."""

    def __init__(self, target: Target, backend: str, model: str | None) -> None:
        known = load_backend(backend, model)
        codes = rivals(target, known.languages)
        self.codes = (target.code, *codes) if codes else ()
        self._score = known.scorer(self.codes) if codes else None
        self._scripts = target.scripts
        self._tokens = _Tokens(self._read)
        self._ids: dict[tuple[str, float, bool], int] = {}
        self._lock = threading.Lock()
        self._filled = 0
        self._new: list[tuple[float, bool, list[int]]] = []
        self._weights = np.zeros(1024)
        self._foreign = np.zeros(1024, dtype=np.bool_)
        self._gains = np.zeros(1024, dtype=np.int32)
        self._scores = np.zeros((1024, max(1, len(self.codes))), dtype=np.int32)

    @property
    def full(self) -> bool:
        """Whether it is time to begin a new one."""
        return len(self._tokens) + len(self._ids) > _MOST_TOKENS

    def sequence(self, tokens: Iterable[str]) -> Sequenced:
        """The words of these tokens, which hold no blanks."""
        found = chain.from_iterable(map(self._tokens.__getitem__, tokens))
        ids = np.fromiter(found, dtype=np.intp)
        if self._new:
            self._fill()
        return Sequenced(
            ids, self._weights[ids], self._foreign[ids], self._gains[ids], self._scores
        )

    def lengths(self, tokens: Iterable[str]) -> list[int]:
        """How many words each token has."""
        return list(map(len, map(self._tokens.__getitem__, tokens)))

    def _read(self, token: str) -> tuple[int, ...]:
        return tuple(self._id(*found) for found in read_words(token, self._scripts))

    def _id(self, script: str, weight: float, word: str) -> int:
        ours = script in self._scripts
        scored = ours and self._score is not None
        key = (word if scored else "", weight, ours)
        known = self._ids.get(key)
        if known is not None:
            return known
        row = _scaled(self._score(word)) if scored and self._score else []
        with self._lock:
            if key not in self._ids:
                self._new.append((weight, not ours, row))
                self._ids[key] = len(self._ids)
            return self._ids[key]

    def _fill(self) -> None:
        """Write what is new into the tables: into copies where they grow, as others read them."""
        with self._lock:
            new, start = self._new, self._filled
            end = start + len(new)
            if end > len(self._weights):
                self._grow(2 * end)
            for place, (weight, foreign, row) in enumerate(new, start):
                self._weights[place] = weight
                self._foreign[place] = foreign
                if row:
                    self._scores[place] = row
                    self._gains[place] = max(row[1:]) - row[0]
            self._filled, self._new = end, []

    def _grow(self, size: int) -> None:
        self._weights = _grown(self._weights, size)
        self._foreign = _grown(self._foreign, size)
        self._gains = _grown(self._gains, size)
        self._scores = _grown(self._scores, size)


def _scaled(scores: Sequence[float]) -> list[int]:
    best = max(scores)
    return [round((score - best) * SCALE) for score in scores]


def _grown(table: NDArray[Any], size: int) -> NDArray[Any]:
    larger = np.zeros((size, *table.shape[1:]), dtype=table.dtype)
    larger[: len(table)] = table
    return larger
