"""Words by langdetect's tables: 55 languages, naive Bayes without its random sampling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from langdetect.detector import Detector
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.utils.ngram import NGram
from numpy.typing import NDArray

from rewardkit_language.backends import Scorer
from rewardkit_language.languages import LANGUAGES

__all__ = ["load"]

# langdetect adds a random amount about this to each probability; here it is always the same.
_SMOOTHING = Detector.ALPHA_DEFAULT / Detector.BASE_FREQ

# A character is in n-grams of three lengths, which the model takes for independent. At .5 it calls
# twice as much English foreign, at .35 it misses three times as many mixes.
_OVERLAP = 0.4


class _Langdetect:
    """The probabilities of n-grams of one to three characters.

    langdetect itself draws n-grams of a text at random, so that its answers change from run to
    run; over a word, all of them are counted.
    """

    def __init__(self) -> None:
        factory = DetectorFactory()
        factory.load_profile(PROFILES_DIRECTORY)
        self._columns = {name.split("-")[0]: i for i, name in enumerate(factory.langlist)}
        self._probabilities = factory.word_lang_prob_map
        self.languages = frozenset(LANGUAGES) & frozenset(self._columns)

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """The logarithm of each language's likelihood."""
        columns = [self._columns[code] for code in codes]
        known = self._probabilities

        def score(word: str) -> NDArray[np.float64]:
            rows = [known[gram] for gram in _grams(word) if gram in known]
            if not rows:
                return np.zeros(len(codes))
            likelihoods: NDArray[np.float64] = np.log(_SMOOTHING + np.array(rows)).sum(axis=0)
            return _OVERLAP * likelihoods[columns]

        return lambda words: np.array([score(word) for word in words])


def _grams(word: str) -> list[str]:
    grams = NGram()
    found: list[str | None] = []
    for character in f"{word} ":
        grams.add_char(character)
        found.extend(grams.get(length) for length in (1, 2, 3))
    return [gram for gram in found if gram and gram != " "]


def load(_model: str | None) -> _Langdetect:
    """Read the profiles that langdetect brings."""
    return _Langdetect()
