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

# The model's likelihoods have eleven binary digits; those of what stands in a word repeatedly are
# rounded to this part of one, so that sums are exact and the same whatever is summed first.
_PART = 1 / 1024
_NATS = np.log(2.0)
_LONGEST = 200  # characters of a word, of which more say no more
# The features are runs of bytes, and taken for independent; a letter of two or three bytes is in
# more of them. Without this Hindi was called Marathi or Nepali in every third text, and with .5
# instead one in 25 mixes of these was missed.
_OVERLAP_A_BYTE = 1 / 3


class _Py3langid:
    """The tables of py3langid's model, read for many words at once."""

    def __init__(self) -> None:
        self._model = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._labels: list[str] = self._model.nb_classes
        self._starts = [row << 8 for row in self._model.tk_row]
        self.languages = frozenset([*LANGUAGES, NO_LANGUAGE]) & frozenset(self._labels)

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """The logarithm of each language's likelihood, without the prior of the language."""
        # A language in two scripts has two columns; a word is scored by the better one.
        columns = [[i for i, label in enumerate(self._labels) if label == code] for code in codes]
        likelihoods = np.ascontiguousarray(self._model.nb_ptc[:, list(chain(*columns))])
        firsts = np.cumsum([0, *map(len, columns[:-1])])

        def score(words: Sequence[str]) -> NDArray[np.float64]:
            sums = _sums(likelihoods, self._features(words), len(words))
            scores: NDArray[np.float64] = np.maximum.reduceat(sums, firsts, axis=1)
            scores *= np.array([_NATS * _evidence(word) for word in words])[:, None]
            return scores

        return score

    def _features(self, words: Sequence[str]) -> _Features:
        """What the model's automaton finds in each word, which is read between two blanks."""
        starts, moves, outputs = self._starts, self._model.tk_nextmove, self._model.tk_output
        found: list[int] = []
        upto = [0]
        for word in words:
            state = 0
            for letter in _encoded(word):
                state = moves[starts[state] + letter]
                feature = outputs[state]
                if feature >= 0:
                    found.append(feature)
            upto.append(len(found))
        of_words = np.arange(len(words)).repeat(np.diff(upto))
        keys = of_words * len(outputs) + np.array(found, dtype=np.intp)
        keys, times = np.unique(keys, return_counts=True)
        return _Features(*np.divmod(keys, len(outputs)), times)


class _Features(NamedTuple):
    """What stands in some words, as arrays of one length: which word, what, and how often.

    Those of one word are beside each other.
    """

    words: NDArray[np.intp]
    features: NDArray[np.intp]
    times: NDArray[np.intp]


def _evidence(word: str) -> float:
    """By how much a word says less than its features do together."""
    if word.isascii():
        return 1.0
    more_bytes = len(word.encode(errors="surrogatepass")) / len(word) - 1
    return 1 / (1 + _OVERLAP_A_BYTE * more_bytes)


def _encoded(word: str) -> bytes:
    word = word[:_LONGEST]  # first: to bring a letter's thousands of marks in order takes long
    if not word.isascii():
        word = unicodedata.normalize("NFC", word)
    return f" {word} ".encode(errors="surrogatepass")


def _sums(likelihoods: NDArray[np.float16], found: _Features, count: int) -> NDArray[np.float64]:
    """(words, columns), as binary logarithms: what stands n times in a word counts log2(1 + n)."""
    sums = np.zeros((count, likelihoods.shape[1]))
    if found.words.size:
        rows = likelihoods.take(found.features, axis=0).astype(np.float64)
        often = np.flatnonzero(found.times > 1)
        repeated = rows[often] * np.log2(1.0 + found.times[often])[:, None]
        rows[often] = np.rint(repeated / _PART) * _PART
        firsts = np.flatnonzero(np.diff(found.words, prepend=-1))
        sums[found.words[firsts]] = np.add.reduceat(rows, firsts, axis=0)
    return sums


def load(_model: str | None) -> _Py3langid:
    """Read the model, which takes half a second."""
    return _Py3langid()
