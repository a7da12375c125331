"""Which words of a sequence are in other languages than the target: the likeliest path.

The model has one state a language. Passing to another costs SWITCH nats, so that a word which only
looks foreign stays with its neighbours, and a switched sentence does not. All scores are whole
numbers of 1/SCALE nat: sums are exact, and the same in every order, process and machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALE", "SWITCH", "may_leave", "outside"]

SCALE = 64
SWITCH = 8 * SCALE
"""Eight nats, measured best on mixes of 17 languages."""
_START = 2 * SCALE  # what the first word must have for another language, beside its own score
_WINDOW = 6  # words; a language that leads in no stretch as long as this takes no part


def may_leave(gains: NDArray[np.int64]) -> bool:
    """Whether the likeliest path may leave the target; if not, it need not be sought.

    gains: (words,), by how much each word prefers its best other language to the target. The sum
    over a stretch bounds what any path gains there, which pays for its way out and back.
    """
    sums = np.cumsum(gains)
    whole, after_start = int(sums[-1]), int(sums.max())
    before = np.minimum.accumulate(np.concatenate(([0], sums[:-1])))
    return (
        whole > _START
        or after_start > SWITCH + _START
        or whole - int(before.min()) > SWITCH
        or int((sums - before).max()) > 2 * SWITCH
    )


def outside(scores: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which words the likeliest path has in other languages than the target.

    scores: (words, languages), the target in column 0.
    """
    rows = scores[:, _contenders(scores)].tolist()
    return np.asarray(_likeliest(rows)) != 0


def _contenders(scores: NDArray[np.int64]) -> NDArray[np.intp]:
    """The target, and the languages that lead somewhere and gain enough there to be passed to."""

    over = np.zeros((len(scores) + 1, scores.shape[1]), dtype=np.int64)
    np.cumsum(scores - scores[:, :1], axis=0, out=over[1:])
    best = (over - np.minimum.accumulate(over, axis=0)).max(axis=0)
    width = min(_WINDOW, len(scores))
    leaders = np.bincount((over[width:] - over[:-width]).argmax(axis=1), minlength=len(best))
    least = SWITCH if len(scores) > _WINDOW else 0
    kept = (best > least) & (leaders > 0)
    kept[0] = True
    return np.flatnonzero(kept)


def _likeliest(rows: list[list[int]]) -> list[int]:
    """Viterbi's path: a state for each row; the target is 0."""
    states = range(len(rows[0]))
    ahead = [score - (_START if i else 0) for i, score in enumerate(rows[0])]
    came_from = []
    for row in rows[1:]:
        best = max(ahead)
        leader = ahead.index(best)
        floor = best - SWITCH
        came_from.append([i if ahead[i] >= floor else leader for i in states])
        ahead = [
            (so_far if so_far >= floor else floor) + score
            for so_far, score in zip(ahead, row, strict=True)
        ]
    state = ahead.index(max(ahead))
    path = [state]
    for back in reversed(came_from):
        state = back[state]
        path.append(state)
    path.reverse()
    return path
