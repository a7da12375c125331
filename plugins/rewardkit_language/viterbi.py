"""Which words of a sequence are in other languages than the target: the likeliest path.

The model has one state a language. Passing to another costs SWITCH nats, so that a word which only
looks foreign stays with its neighbours, and a switched sentence does not. All scores are whole
numbers of 1/SCALE nat: sums are exact, and the same in every order, process and machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["SCALE", "SWITCH", "likeliest", "path", "stretches"]

SCALE = 64
SWITCH = 8 * SCALE
"""Eight nats, measured best on mixes of 17 languages."""
_START = 6 * SCALE  # what a text must have for beginning in another language
_WINDOW = 6  # words; a language that leads in no stretch as long as this takes no part

_Integers = NDArray[np.int32]


def likeliest(
    gains: _Integers, leads_of: Callable[[NDArray[np.intp]], _Integers]
) -> NDArray[np.intp]:
    """The language of each word by the likeliest path, as a column of the leads.

    gains: (words,), by how much each prefers its best other language to the target. `leads_of`
    gives it of words by their numbers for each language: (words, languages), in column 0 the
    target's, which are 0.
    """
    languages = np.zeros(len(gains), dtype=np.intp)
    doubtful = _doubtful(gains, 0, len(gains))
    if not doubtful:
        return languages
    numbers = np.concatenate([np.arange(*stretch) for stretch in doubtful])
    leads = leads_of(numbers)
    lengths = np.array([end - start for start, end in doubtful])
    starts = lengths.cumsum() - lengths
    best = _best_sums(leads, starts)
    for k in np.flatnonzero((best > SWITCH).any(axis=1)).tolist():
        start = doubtful[k][0]
        inside = leads[starts[k] : starts[k] + lengths[k]]
        contenders = _contenders(inside, best[k])
        if len(contenders) == 1:
            continue
        kept = inside[:, contenders]
        for first, last in _doubtful(kept[:, 1:].max(axis=1), start, len(gains)):
            rows = kept[first - start : last - start]
            languages[first:last] = contenders[path(rows, first == 0, last == len(gains))]
    return languages


def _doubtful(gains: _Integers, start: int, length: int) -> list[tuple[int, int]]:
    """The stretches in which the path may leave the target; outside them it need not be sought.

    gains: those of the words from `start` on, in a text of `length` words. A path that leaves the
    target over a stretch gains there its sum at most, and pays for its way out and back.
    """
    sums = np.zeros(len(gains) + 1, dtype=np.int32)
    gains.cumsum(out=sums[1:])
    lowest = np.minimum.accumulate(sums[:-1])
    highest = np.maximum.accumulate(sums[:0:-1])[::-1]
    # Of the stretches that hold a word, the one with the highest sum; ways at the ends are cheap.
    inside = highest - lowest > 2 * SWITCH
    if start == 0:
        inside |= highest > SWITCH + _START
    if start + len(gains) == length:
        inside |= sums[-1] - lowest > SWITCH
        if start == 0 and sums[-1] > _START:
            inside[:] = True
    if not inside.any():
        return []
    return [(first + start, last + start) for first, last in stretches(inside)]


def stretches(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where each stretch of True begins and ends."""
    padded = np.zeros(len(inside) + 2, dtype=np.bool_)
    padded[1:-1] = inside
    edges = np.flatnonzero(padded[1:] != padded[:-1]).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _best_sums(leads: _Integers, starts: NDArray[np.intp]) -> NDArray[np.int64]:
    """(stretches, languages), the highest sum of words in a row that each has in each stretch."""
    upto = leads.cumsum(axis=0, dtype=np.int64)
    before = upto - leads
    # Each stretch is judged as far below the one before it as no sum reaches, so that the lowest
    # sum so far is one of its own.
    number = np.zeros(len(leads), dtype=np.int64)
    number[starts[1:]] = np.int64(1) << 32
    number = number.cumsum()[:, None]
    before -= number
    np.minimum.accumulate(before, axis=0, out=before)
    upto -= number
    upto -= before
    highest: NDArray[np.int64] = np.maximum.reduceat(upto, starts, axis=0)
    return highest


def _contenders(leads: _Integers, best: NDArray[np.int64]) -> NDArray[np.intp]:
    """The target, and the languages that lead somewhere and gain enough there to be passed to."""
    over = np.zeros((len(leads) + 1, leads.shape[1]), dtype=np.int32)
    leads.cumsum(axis=0, out=over[1:])
    width = min(_WINDOW, len(leads))
    leaders = np.bincount((over[width:] - over[:-width]).argmax(axis=1), minlength=len(best))
    kept = (best > SWITCH) & (leaders > min(2, len(leads) // 16))
    kept[0] = True
    return np.flatnonzero(kept)


def path(leads: _Integers, at_start: bool, at_end: bool) -> list[int]:
    """Viterbi's path, a state for each row; the target is state 0, and stands at either side."""
    way_in = _START if at_start else SWITCH
    way_out = 0 if at_end else SWITCH
    if leads.shape[1] == 2:
        return _path_of_two(leads[:, 1].tolist(), way_in, way_out)
    return _path_of_many(leads.tolist(), way_in, way_out)


def _path_of_two(gains: list[int], way_in: int, way_out: int) -> list[int]:
    """The path between the target and one other language, by the other's lead alone.

    That is one number a word, and eight times as fast: most switches are between two languages.
    """
    lead = gains[0] - way_in
    leads = []
    for gain in gains[1:]:
        leads.append(lead)
        if lead > SWITCH:
            lead = SWITCH
        elif lead < -SWITCH:
            lead = -SWITCH
        lead += gain
    state = int(lead > way_out)
    path = [state]
    for lead in reversed(leads):
        if lead > SWITCH:
            state = 1
        elif lead < -SWITCH:
            state = 0
        path.append(state)
    path.reverse()
    return path


def _path_of_many(rows: list[list[int]], way_in: int, way_out: int) -> list[int]:
    ahead = [score - (way_in if i else 0) for i, score in enumerate(rows[0])]
    history = []
    for row in rows[1:]:
        floor = max(ahead) - SWITCH  # from the one ahead, by a switch
        history.append((ahead, floor))
        ahead = [
            (so_far if so_far > floor else floor) + score  # noqa: FURB136 - max is twice as slow
            for so_far, score in zip(ahead, row, strict=True)
        ]
    ahead[0] += way_out
    state = ahead.index(max(ahead))
    path = [state]
    for before, floor in reversed(history):
        if before[state] < floor:
            state = before.index(floor + SWITCH)
        path.append(state)
    path.reverse()
    return path
