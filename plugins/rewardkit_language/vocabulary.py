"""Words already met, with what they say of one target's language: each is judged once."""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.backends import load_backend
from rewardkit_language.columns import Column
from rewardkit_language.function_words import function_words
from rewardkit_language.languages import Target
from rewardkit_language.rivals import rivals
from rewardkit_language.segments import Segments
from rewardkit_language.tokens import Tokens
from rewardkit_language.viterbi import SCALE
from rewardkit_language.words import read_words

__all__ = ["Sequenced", "Vocabulary"]

_MOST_TOKENS = 200_000  # then a new vocabulary is begun, which bounds the memory to about 100 MB
_OURS, _FOREIGN = 0, 1  # ids of a word that only its script tells of
_NOTHING = -1  # in place of an id: no word
_SEVERAL = -2  # and below it: where they stand in a list
_NONE = np.zeros(0, dtype=np.bool_)


class Sequenced(NamedTuple):
    """The words of a text in their order, as arrays of one length.

    Attributes:
        ids: The row of each word in `table`.
        weights: How many words each is; 1 but where the script does not part words.
        foreign: Whether its script alone tells that it is foreign.
        gains: By how much, in 1/SCALE nat, it prefers its best other language to the target.
        table: (rows, languages) by how much, in 1/SCALE nat, the words prefer each language to the
            target, which is column 0.
        segments: The number of the segment that each is in.
    """

    ids: NDArray[np.intp]
    weights: NDArray[np.float64]
    foreign: NDArray[np.bool_]
    gains: NDArray[np.int32]
    table: NDArray[np.int32]
    segments: NDArray[np.intp]

    @property
    def rivalled(self) -> bool:
        """Whether there are words, and languages that they could be in beside the target."""
        return len(self.ids) > 0 and self.table.shape[1] > 1

    def leads(self, words: NDArray[np.intp]) -> NDArray[np.int32]:
        """(words, languages), the rows of the table for the words of these numbers."""
        return self.table.take(self.ids.take(words), axis=0)


class Vocabulary:
    """The words met so far, judged for one target by one backend. Any thread may use it."""

    def __init__(self, target: Target, backend: str, model: str | None) -> None:
        known = load_backend(backend, model)
        codes = rivals(target, known.languages)
        self.codes = (target.code, *codes) if codes else ()
        self._score = known.scorer(self.codes) if codes else None
        self._scripts = target.scripts
        self._lock = threading.Lock()
        self._broken = False
        self._tokens = Tokens(self._read)
        # The id of each token's word; where it has several, these and before them their number
        # stand in a list.
        self._words, self._several = Column(np.intp), Column(np.intp)
        self._words.extend([_NOTHING])
        self._ids: dict[str, int] = {}
        self._gains = Column(np.int32)
        self._leads = Column(np.int32, max(1, len(self.codes)))
        self._gains.extend([0, 0])
        self._leads.extend(np.zeros((2, max(1, len(self.codes)))))

    @property
    def full(self) -> bool:
        """Whether it is time to begin a new one."""
        return self._broken or len(self._tokens) + len(self._ids) > _MOST_TOKENS

    def sequence(self, segments: Segments, foreign: NDArray[np.bool_] = _NONE) -> Sequenced:
        """The words of these segments; of runs of WIDE's scripts, `foreign` tells which are."""
        tokens, wide = self._find(segments), segments.wide
        words = self._words.values.take(tokens)
        words[wide] = foreign
        of_segments = (words != _NOTHING).nonzero()[0]
        ids = words.take(of_segments)
        if ids.size and ids.min() <= _SEVERAL:
            ids, counts = self._spread(ids)
            of_segments = of_segments.repeat(counts)
        weights = np.ones(len(ids))
        if wide.size:
            weights[of_segments.searchsorted(wide)] = segments.wide_words()
        return Sequenced(
            ids,
            weights,
            ids == _FOREIGN,
            self._gains.values.take(ids),
            self._leads.values,
            of_segments,
        )

    def _spread(self, words: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The ids of tokens that have several words too, and how many each token has."""
        several = (words <= _SEVERAL).nonzero()[0]
        starts = _SEVERAL - words.take(several)
        counts = np.ones(len(words), dtype=np.intp)
        counts[several] = self._several.values.take(starts)
        ids = words.repeat(counts)
        counts_of_several = counts.take(several)
        upto = counts_of_several.cumsum()
        # Of each word: the place of its token's first, and how many words are before it in it.
        places = (starts + 1 - upto + counts_of_several).repeat(counts_of_several)
        places += np.arange(len(places))
        ids[ids <= _SEVERAL] = self._several.values.take(places)
        return ids, counts

    def _find(self, segments: Segments) -> NDArray[np.intp]:
        starts, ends = segments.starts, segments.ends
        if not segments.wide.size:
            return self._numbers(segments.data, starts, ends)
        tokens = np.ones(len(starts), dtype=np.intp)
        tokens[segments.wide] = 0
        others = tokens.nonzero()[0]
        tokens[others] = self._numbers(segments.data, starts.take(others), ends.take(others))
        return tokens

    def _numbers(
        self, data: bytes, starts: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        with self._lock:
            try:
                return self._tokens.find(data, starts, ends)
            except BaseException:
                self._broken = True  # interrupted, perhaps, where something was half added
                raise

    def _read(self, tokens: list[bytes]) -> None:
        """Add these tokens."""
        new: list[str] = []
        texts = b"\n".join(tokens).decode(errors="surrogatepass").split("\n")
        found = []
        for words in read_words(texts, self._scripts):
            ids = [self._id(*word, new) for word in words]
            if len(ids) > 1:
                found.append(_SEVERAL - self._several.filled)
                self._several.extend([len(ids), *ids])
            else:
                found.append(ids[0] if ids else _NOTHING)
        self._words.extend(found)
        if new and self._score:
            self._judge(self._score(new) + function_words(new, self.codes))

    def _id(self, script: str, weight: float, word: str, new: list[str]) -> int:
        """The word's id; where it is not known yet, it is added to `new`."""
        if script not in self._scripts:
            return _FOREIGN
        if self._score is None:
            return _OURS
        known = self._ids.get(word)
        if known is None:
            known = self._ids[word] = self._gains.filled + len(new)
            new.append(word)
        return known

    def _judge(self, scores: NDArray[np.float64]) -> None:
        """Add words with these log-likelihoods."""
        whole = np.rint((scores - scores.max(axis=1, keepdims=True)) * SCALE)
        leads = whole - whole[:, :1]
        self._gains.extend(leads[:, 1:].max(axis=1))
        self._leads.extend(leads)
