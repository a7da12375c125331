"""What tells languages of one script apart, word by word: a small interface, a file for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rewardkit.errors import OptionError

__all__ = ["BACKENDS", "Backend", "Scorer", "load_backend"]

BACKENDS = ("py3langid", "langdetect", "fasttext")
"""By the names that the option `backend` takes; the first is the default."""


Scorer = Callable[[Sequence[str]], NDArray[np.float64]]


class Backend(Protocol):
    """A model of languages that scores single words.

    Attributes:
        languages: The codes of `LANGUAGES` that it knows.
    """

    languages: frozenset[str]

    def scorer(self, codes: Sequence[str]) -> Scorer:
        """A function from words in lower case to their log-likelihoods in these languages.

        The array is (words, languages). Only the differences in a row matter: a word that says
        nothing has the same for all. It is called from any thread, and gives a word the same
        numbers in every process, whatever words are beside it.
        """


@lru_cache(maxsize=8)
def load_backend(name: str, model: str | None = None) -> Backend:
    """The backend of this name; `model` is the path of fastText's model.

    Raises:
        OptionError: There is none of this name, what it needs is not installed, or it takes no
            model.
    """
    if name not in BACKENDS:
        raise OptionError(f"No backend {name!r} for languages: give one of {', '.join(BACKENDS)}.")
    if model is not None and name != "fasttext":
        raise OptionError(f"The backend {name} takes no model: that is for fasttext.")
    module = import_module(f"rewardkit_language.backends.{name}_words")
    backend: Backend = module.load(model)
    return backend
