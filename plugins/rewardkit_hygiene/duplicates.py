"""The selector `near_duplicate`: of a prompt's completions that are almost the same, one."""

from __future__ import annotations

from collections.abc import Sequence
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
_FEW = 8  # texts that are compared run by run at once
_BINS = 128  # 2^7, by the highest 7 bits of a hash
_BITS = 64 - 7


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
        text = _Text(candidate, runs)
        rejection = before.rejection(text)
        if rejection is None:
            before.add(text)
        else:
            reasons[candidate.index] = rejection
    return rk.Selection(before.candidates, reasons)


class _Text(NamedTuple):
    candidate: rk.Candidate
    runs: Hashes

    @property
    def place(self) -> str:
        return self.candidate.place or f"row {self.candidate.index}"


class _Before:
    """The completions that stay, to compare the next one with."""

    def __init__(self, threshold: float) -> None:
        self.candidates: list[rk.Candidate] = []
        self._threshold = threshold
        self._equal: dict[str, _Text] = {}
        self._long: list[_Text] = []
        self._sketches = _Sketches()

    def add(self, text: _Text) -> None:
        self.candidates.append(text.candidate)
        self._equal[str(text.candidate.completion)] = text
        if text.runs.size >= _FEWEST_RUNS:
            self._long.append(text)

    def rejection(self, text: _Text) -> rk.Rejection | None:
        """Why this one goes, if it equals one of them or nearly so."""
        twin = self._equal.get(str(text.candidate.completion))
        if twin is not None:
            return rk.Rejection(f"the same text as {twin.place}", 1.0)
        if text.runs.size < _FEWEST_RUNS:
            return None
        for twin in self._likely(text.runs):
            similarity = _similarity(text.runs, twin.runs)
            if similarity >= self._threshold:
                said = f"a similarity of {similarity:.3f} to {twin.place}"
                return rk.Rejection(f"{said}, {self._threshold:g} or more", similarity)
        return None

    def _likely(self, runs: Hashes) -> Sequence[_Text]:
        """Which may be similar enough, in their order; those left out are not."""
        if len(self._long) <= _FEW:
            return self._long
        for text in self._long[len(self._sketches) :]:
            self._sketches.add(text.runs)
        return [self._long[place] for place in self._sketches.likely(runs, self._threshold)]


class _Sketches:
    """What tells at little cost that texts are not similar, so that few are compared run by run.

    MinHash of one permutation (Li, Owen and Zhang, NIPS 2012), a byte of each minimum (b-bit
    minwise hashing, Li and König, WWW 2010).
    """

    def __init__(self) -> None:
        import numpy as np

        self._count = 0
        self._columns = np.empty((_BINS, 2 * _FEW), np.uint8)  # a column is a text
        self._filled = np.empty(2 * _FEW)

    def __len__(self) -> int:
        return self._count

    def add(self, runs: Hashes) -> None:
        import numpy as np

        if self._count == self._filled.size:
            self._columns = np.concatenate((self._columns, self._columns), axis=1)
            self._filled = np.concatenate((self._filled, self._filled))
        sketch = _sketch(runs)
        self._columns[:, self._count] = sketch
        self._filled[self._count] = np.count_nonzero(sketch)
        self._count += 1

    def likely(self, runs: Hashes, threshold: float) -> list[int]:
        """The places of those whose similarity may be `threshold` or more."""
        import numpy as np

        sketch = _sketch(runs)
        # What is empty in both tells nothing: no text has 255.
        wanted = np.where(sketch == 0, np.uint8(255), sketch)
        equal = self._columns[:, : self._count] == wanted[:, np.newaxis]
        matches = np.add.reduce(equal.view(np.uint8), axis=0, dtype=np.uint8)
        filled = np.maximum(self._filled[: self._count], np.count_nonzero(sketch))
        # Four standard errors, which are at most 1 / (2 sqrt(n)) each.
        enough = threshold - 2 / np.sqrt(filled)
        return list(np.flatnonzero(matches / filled >= enough).tolist())


def _sketch(runs: Hashes) -> NDArray[np.uint8]:
    """A byte of the lowest hash in each bin, 0 where there is none; shape (bins,)."""
    import numpy as np

    bins = np.arange(_BINS, dtype=np.uint64)
    lowest = np.append(runs, np.uint64(0))[runs.searchsorted(bins << _BITS)]
    is_there = lowest >> _BITS == bins
    return np.where(is_there, lowest % np.uint64(254) + np.uint64(1), 0).astype(np.uint8)


def _similarity(some: Hashes, others: Hashes) -> float:
    """Jaccard's index of two sets, each in ascending order."""
    import numpy as np

    every = np.concatenate((some, others))
    every.sort(kind="stable")  # which finds that both halves are sorted
    both = np.count_nonzero(every[1:] == every[:-1])
    return float(both / (every.size - both))
