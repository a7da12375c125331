"""Words by py3langid's naive Bayes model: 97 languages and more, numpy alone, the default."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier, visit_counts

from rewardkit_language.languages import LANGUAGES
from rewardkit_language.rivals import NO_LANGUAGE

__all__ = ["load"]


class _Py3langid:
    """The tables of py3langid's model, read column by column."""

    def __init__(self) -> None:
        self._model = LanguageIdentifier.from_model_file(MODEL_FILE)
        self._starts = [row << 8 for row in self._model.tk_row]
        self.languages = frozenset([*LANGUAGES, NO_LANGUAGE]) & frozenset(self._model.nb_classes)

    def scorer(self, codes: Sequence[str]) -> Callable[[str], Sequence[float]]:
        """The logarithm of each language's likelihood, without the prior of the language."""
        model, starts = self._model, self._starts
        # A language in two scripts has two columns; a word is scored by the better one.
        labels = [label for label in model.nb_classes if label in codes]
        columns = [i for i, label in enumerate(model.nb_classes) if label in codes]
        table = model.nb_ptc[:, columns].astype(np.float64)
        places = [[i for i, label in enumerate(labels) if label == code] for code in codes]

        def score(word: str) -> Sequence[float]:
            padded = f" {unicodedata.normalize('NFC', word)} ".encode(errors="surrogatepass")
            counts = visit_counts(model.tk_nextmove, starts, model.tk_output, padded)
            if not counts:
                return [0.0] * len(codes)
            weights = np.log1p(np.fromiter(counts.values(), dtype=np.float64))
            summed = (weights[:, None] * table[list(counts)]).sum(axis=0).tolist()
            return [max(summed[i] for i in place) for place in places]

        return score


def load(_model: str | None) -> _Py3langid:
    """Read the model, which takes half a second."""
    return _Py3langid()
