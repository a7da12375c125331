"""The selector `near_duplicate`: of a prompt's completions that are almost the same, one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import rewardkit as rk
from rewardkit.option_types import PositiveInt, Share
from rewardkit_hygiene.shingles import shingles

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]

__all__ = ["near_duplicate"]

_FEWEST_RUNS = 20  # of less a single word is too much
_BINS = 256  # 2^8, by the highest 8 bits of a hash
_BITS = 64 - 8


@rk.selector
def near_duplicate(
    candidates: Sequence[rk.Candidate], *, threshold: Share = 0.7, words: PositiveInt = 3
) -> rk.Selection:
    """All completions but those that another one before them nearly equals, in their order.

    The similarity of two is the share of their runs of `words` words that both have (Jaccard's
    index); from `threshold` on the later one goes. Case and punctuation are no matter. Of Chinese,
    Japanese, Thai, Lao, Khmer and Burmese, so many characters are taken as make `words` words on
    average. Texts of fewer than 20 different runs go only where they are equal. Completions of
    different prompts are never compared.
    """
    before = _Before(threshold)
    reasons: dict[int, str | rk.Rejection] = {}
    every = shingles([str(candidate.completion) for candidate in candidates], words)
    for candidate, runs in zip(candidates, every, strict=True):
        text = _Text(candidate, runs, _sketch(runs))
        rejection = before.rejection(text)
        if rejection is None:
            before.add(text)
        else:
            reasons[candidate.index] = rejection
    return rk.Selection(before.candidates, reasons)


class _Text(NamedTuple):
    candidate: rk.Candidate
    runs: Hashes
    sketch: Hashes

    @property
    def is_short(self) -> bool:
        return self.runs.size < _FEWEST_RUNS

    @property
    def place(self) -> str:
        return self.candidate.place or f"row {self.candidate.index}"


class _Before:
    """The completions that stay, to compare the next one with.

    All are compared by sketches: of each 256th of the hashes the lowest, which is MinHash of one
    permutation (Li, Owen and Zhang, NIPS 2012). Those that may be similar are compared run by run,
    so that what is said of two texts is their similarity and no estimate.
    """

    def __init__(self, threshold: float) -> None:
        import numpy as np

        self.candidates: list[rk.Candidate] = []
        self._threshold = threshold
        self._equal: dict[str, _Text] = {}
        self._long: list[_Text] = []
        self._sketches = np.empty((4, _BINS), np.uint64)

    def add(self, text: _Text) -> None:
        import numpy as np

        self.candidates.append(text.candidate)
        self._equal[str(text.candidate.completion)] = text
        if text.is_short:
            return
        if len(self._long) == len(self._sketches):
            self._sketches = np.concatenate((self._sketches, np.empty_like(self._sketches)))
        self._sketches[len(self._long)] = text.sketch
        self._long.append(text)

    def rejection(self, text: _Text) -> rk.Rejection | None:
        """Why this one goes, if it equals one of them or nearly so."""
        twin = self._equal.get(str(text.candidate.completion))
        if twin is not None:
            return rk.Rejection(f"the same text as {twin.place}", 1.0)
        if text.is_short or not self._long:
            return None
        for twin in self._likely(text.sketch):
            similarity = _similarity(text.runs, twin.runs)
            if similarity >= self._threshold:
                said = f"a similarity of {similarity:.3f} to {twin.place}"
                return rk.Rejection(f"{said}, {self._threshold:g} or more", similarity)
        return None

    def _likely(self, sketch: Hashes) -> Iterator[_Text]:
        """Which may be similar enough, the likeliest first; those left out are not."""
        import numpy as np

        filled = sketch != 0
        equal = self._sketches[: len(self._long)] == sketch
        used = _BINS - equal[:, ~filled].sum(axis=1)
        estimates = equal[:, filled].sum(axis=1) / used
        # Four standard errors, which are at most 1 / (2 sqrt(n)) each.
        likely = np.flatnonzero(estimates >= self._threshold - 2 / np.sqrt(used))
        for place in likely[np.argsort(-estimates[likely], kind="stable")]:
            yield self._long[place]


def _sketch(runs: Hashes) -> Hashes:
    """The lowest hash in each bin, 0 where there is none; shape (bins,)."""
    import numpy as np

    bins = _bins()
    lowest = np.append(runs, np.uint64(0))[runs.searchsorted(bins << _BITS)]
    return np.where(lowest >> _BITS == bins, lowest, np.uint64(0))


@lru_cache(maxsize=1)
def _bins() -> Hashes:
    import numpy as np

    return np.arange(_BINS, dtype=np.uint64)


def _similarity(some: Hashes, others: Hashes) -> float:
    import numpy as np

    both = np.intersect1d(some, others, assume_unique=True).size
    return both / (some.size + others.size - both)
