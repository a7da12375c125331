"""Words by py3langid's naive Bayes model: 97 languages and more, numpy alone, the default."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

from rewardkit_language.backends import Scorer
from rewardkit_language.languages import LANGUAGES
from rewardkit_language.rivals import NO_LANGUAGE

__all__ = ["load"]

# Likelihoods are whole numbers of 1/_UNIT nat: their sum is the same whatever is summed first.
_UNIT = 1024
_LONGEST = 200  # characters of a word, of which more say no more


class _Py3langid:
    """The tables of py3langid's model, read column by column."""

    def __init__(self) -> None:
        self._model = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._starts = [row << 8 for row in self._model.tk_row]
        self.languages = frozenset([*LANGUAGES, NO_LANGUAGE]) & frozenset(self._model.nb_classes)

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """The logarithm of each language's likelihood, without the prior of the language."""
        # A language in two scripts has two columns; a word is scored by the better one.
        labels = [i for i, label in enumerate(self._model.nb_classes) if label in codes]
        places = [codes.index(self._model.nb_classes[label]) for label in labels]
        table = _in_units(self._model.nb_ptc[:, labels])

        def score(words: Sequence[str]) -> NDArray[np.float64]:
            counts = [self._features(word) for word in words]
            sums = _sums(table, counts)
            scores = np.full((len(words), len(codes)), -np.inf)
            for column, place in enumerate(places):
                np.maximum(scores[:, place], sums[:, column], out=scores[:, place])
            return scores / _UNIT

        return score

    def _features(self, word: str) -> Counter[int]:
        """What the model knows of the word's bytes, and how often each stands in it."""
        model = self._model
        if not word.isascii():
            word = unicodedata.normalize("NFC", word)
        padded = f" {word[:_LONGEST]} ".encode(errors="surrogatepass")
        found: Counter[int] | None = visit_counts(
            model.tk_nextmove, self._starts, model.tk_output, padded
        )
        return found or Counter()


def _in_units(likelihoods: NDArray[np.float16]) -> NDArray[np.int16]:
    """Of what stands once in a word: below the likeliest language, which alone matters."""
    nats = np.log(2.0) * likelihoods.astype(np.float32, order="C")
    nats -= nats.max(axis=1, keepdims=True)
    below: NDArray[np.int16] = np.rint(nats * _UNIT).astype(np.int16)
    return below


def _sums(table: NDArray[np.int16], counts: list[Counter[int]]) -> NDArray[np.int64]:
    """(words, columns), in 1/_UNIT nat: what stands n times in a word counts as log2(1 + n)."""
    lengths = np.array([len(found) for found in counts])
    times = np.fromiter(chain.from_iterable(found.values() for found in counts), dtype=np.intp)
    features = np.fromiter(chain.from_iterable(counts), dtype=np.intp)
    rows = table.take(features, axis=0).astype(np.int64)
    often = np.flatnonzero(times > 1)
    rows[often] = np.rint(rows[often] * np.log2(1.0 + times[often])[:, None])
    upto = np.zeros((len(rows) + 1, table.shape[1]), dtype=np.int64)
    rows.cumsum(axis=0, out=upto[1:])
    ends = lengths.cumsum()
    sums: NDArray[np.int64] = upto[ends] - upto[ends - lengths]
    return sums


def load(_model: str | None) -> _Py3langid:
    """Read the model, which takes half a second."""
    return _Py3langid()
