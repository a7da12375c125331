"""Words by py3langid's naive Bayes model: 97 languages and more, numpy alone, the default."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from rewardkit_language.backends import Scorer
from rewardkit_language.languages import LANGUAGES
from rewardkit_language.rivals import NO_LANGUAGE

__all__ = ["load"]

# Likelihoods are whole numbers of 1/_UNIT nat: their sum is the same whatever is summed first.
_UNIT = 1024
_LONGEST = 200  # characters of a word, of which more say no more


class _Py3langid:
    """The tables of py3langid's model, read for many words at once."""

    def __init__(self) -> None:
        model = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._labels: Sequence[str] = model.nb_classes
        self._likelihoods: NDArray[np.float16] = model.nb_ptc
        self._automaton = _Automaton(
            np.frombuffer(model.tk_row, np.uint16).astype(np.intp) << 8,
            np.frombuffer(model.tk_nextmove, np.uint32),
            np.array(model.tk_output, dtype=np.intp),
        )
        self.languages = frozenset([*LANGUAGES, NO_LANGUAGE]) & frozenset(self._labels)

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """The logarithm of each language's likelihood, without the prior of the language."""
        # A language in two scripts has two columns; a word is scored by the better one.
        columns = [[i for i, label in enumerate(self._labels) if label == code] for code in codes]
        likelihoods = np.ascontiguousarray(self._likelihoods[:, list(chain(*columns))])
        firsts = np.cumsum([0, *map(len, columns[:-1])])

        def score(words: Sequence[str]) -> NDArray[np.float64]:
            sums = _sums(likelihoods, self._automaton.features(words), len(words))
            scores: NDArray[np.float64] = np.maximum.reduceat(sums, firsts, axis=1) / _UNIT
            return scores

        return score


class _Features(NamedTuple):
    """What stands in some words, as arrays of one length: which word, what, and how often.

    Those of one word are beside each other.
    """

    words: NDArray[np.intp]
    features: NDArray[np.intp]
    times: NDArray[np.intp]


class _Automaton(NamedTuple):
    """What finds the features of a text, byte by byte: py3langid's own, over arrays.

    Attributes:
        rows: Where the next states from each state begin in `next_states`, which are 256.
        next_states: The state that a byte leads to.
        outputs: The feature that ends in each state; -1 for none.
    """

    rows: NDArray[np.intp]
    next_states: NDArray[np.uint32]
    outputs: NDArray[np.intp]

    def features(self, words: Sequence[str]) -> _Features:
        """The features of each word, which is read between two blanks."""
        encoded = [_encoded(word) for word in words]
        letters = np.frombuffer(b"".join(encoded), np.uint8)
        lengths = np.array([len(word) for word in encoded])
        # All words are read at once, a byte of each in a step: the longest are the first, so that
        # those that have ended are the last.
        order = np.argsort(-lengths, kind="stable")
        starts = (lengths.cumsum() - lengths).take(order)
        left = len(words) - lengths[order[::-1]].searchsorted(np.arange(lengths.max()), "right")
        states = np.zeros(len(words), dtype=np.uint32)
        found = []
        for step, count in enumerate(left.tolist()):
            moves = self.rows.take(states[:count])
            moves += letters.take(starts[:count] + step)
            states = self.next_states.take(moves)
            found.append(self.outputs.take(states))
        features = np.concatenate(found)
        of_words = np.concatenate([order[:count] for count in left.tolist()])
        some = (features >= 0).nonzero()[0]
        keys = of_words.take(some) * len(self.outputs) + features.take(some)
        keys, times = np.unique(keys, return_counts=True)
        return _Features(*np.divmod(keys, len(self.outputs)), times)


def _encoded(word: str) -> bytes:
    if not word.isascii():
        word = unicodedata.normalize("NFC", word)
    return f" {word[:_LONGEST]} ".encode(errors="surrogatepass")


def _sums(likelihoods: NDArray[np.float16], found: _Features, count: int) -> NDArray[np.int64]:
    """(words, columns), in 1/_UNIT nat: what stands n times in a word counts as log2(1 + n)."""
    sums = np.zeros((count, likelihoods.shape[1]), dtype=np.int64)
    if found.words.size:
        rows = _in_units(likelihoods.take(found.features, axis=0))
        often = np.flatnonzero(found.times > 1)
        rows[often] = np.rint(rows[often] * np.log2(1.0 + found.times[often])[:, None])
        firsts = np.flatnonzero(np.diff(found.words, prepend=-1))
        sums[found.words[firsts]] = np.add.reduceat(rows, firsts, axis=0)
    return sums


def _in_units(likelihoods: NDArray[np.float16]) -> NDArray[np.int64]:
    """Of what stands once in a word: below the likeliest language, which alone matters."""
    nats = np.log(2.0) * likelihoods.astype(np.float32)
    nats -= nats.max(axis=1, keepdims=True)
    units: NDArray[np.int64] = np.rint(nats * _UNIT).astype(np.int64)
    return units


def load(_model: str | None) -> _Py3langid:
    """Read the model, which takes half a second."""
    return _Py3langid()
