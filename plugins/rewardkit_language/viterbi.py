"""Which words of a sequence are in other languages than the target: the likeliest path.

The model has one state a language. Passing to another costs SWITCH nats, so that a word which only
looks foreign stays with its neighbours, and a switched sentence does not. All scores are whole
numbers of 1/SCALE nat: sums are exact, and the same in every order, process and machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

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
    doubtful = _doubtful(gains)
    if doubtful is None:
        return languages
    leads = leads_of(doubtful.nonzero()[0])
    firsts, ends = stretches(doubtful)
    lengths = ends - firsts
    starts = lengths.cumsum() - lengths
    contending = _contending(leads, starts, lengths)
    for k in np.flatnonzero(contending.any(axis=1)).tolist():
        contenders = np.append(0, contending[k].nonzero()[0])
        rows = leads[starts[k] : starts[k] + lengths[k]].take(contenders, axis=1)
        first, end = int(firsts[k]), int(ends[k])
        languages[first:end] = contenders.take(path(rows, first == 0, end == len(gains)))
    return languages


def _doubtful(gains: _Integers) -> NDArray[np.bool_] | None:
    """Where the path may leave the target, if anywhere; elsewhere it need not be sought.

    A path that leaves the target over a stretch gains there its sum at most, and pays for its way
    out and back.
    """
    sums = np.zeros(len(gains) + 1, dtype=np.int32)
    gains.cumsum(out=sums[1:])
    total = int(sums[-1])
    lowest = np.minimum.accumulate(sums[:-1])
    highest = np.maximum.accumulate(sums[:0:-1])[::-1]
    # Of the stretches that hold a word, the one with the highest sum; ways at the ends are cheap.
    inside = highest - lowest > 2 * SWITCH
    inside |= highest > SWITCH + _START
    inside |= lowest < total - SWITCH
    if total > _START:
        inside[:] = True
    return inside if inside.any() else None


def stretches(inside: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each stretch of True begins, and where it ends."""
    padded = np.zeros(len(inside) + 2, dtype=np.bool_)
    padded[1:-1] = inside
    edges = (padded[1:] != padded[:-1]).nonzero()[0]
    return edges[::2], edges[1::2]


def _contending(
    leads: _Integers, starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """(stretches, languages), which of them may be passed to in each stretch; never the target.

    They lead somewhere, and gain enough there for it.
    """
    leading = _leaders(leads, starts, lengths) > np.minimum(2, lengths // 16)[:, None]
    leading[:, 0] = False
    columns = np.flatnonzero(leading.any(axis=0))
    if columns.size:
        leading[:, columns] &= _best_sums(leads.take(columns, axis=1), starts) > SWITCH
    return leading


def _leaders(
    leads: _Integers, starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> NDArray[np.intp]:
    """(stretches, languages), in how many windows of each stretch each has the highest sum.

    A stretch that is shorter than a window is one.
    """
    count, languages = len(starts), leads.shape[1]
    counts = np.zeros(count * languages, dtype=np.intp)
    short = (lengths < _WINDOW).nonzero()[0]
    if short.size:
        totals = np.add.reduceat(leads, starts, axis=0)[short]
        counts[short * languages + totals.argmax(axis=1)] = 1
    if short.size < count:
        pairs = leads[:-1] + leads[1:]
        sums = pairs[:-4] + pairs[2:-2]
        sums += pairs[4:]  # of six words: _WINDOW
        leaders = sums.argmax(axis=1)
        if count > 1:  # a window that reaches into the next stretch is none
            stretch = np.arange(count).repeat(lengths)
            leaders += stretch[: len(leaders)] * languages
            leaders = leaders[stretch[: len(leaders)] == stretch[_WINDOW - 1 :]]
        counts += np.bincount(leaders, minlength=len(counts))
    return counts.reshape(count, languages)


def _best_sums(leads: _Integers, starts: NDArray[np.intp]) -> NDArray[np.int64]:
    """(stretches, languages), the highest sum of words in a row that each has in each stretch."""
    columns = np.ascontiguousarray(leads.T)  # sums along contiguous rows are four times as fast
    upto = columns.cumsum(axis=1, dtype=np.int64)
    before = upto - columns
    # Each stretch is judged as far below the one before it as no sum reaches, so that the lowest
    # sum so far is one of its own.
    number = np.zeros(len(leads), dtype=np.int64)
    number[starts[1:]] = np.int64(1) << 32
    number = number.cumsum()
    before -= number
    np.minimum.accumulate(before, axis=1, out=before)
    upto -= number
    upto -= before
    highest: NDArray[np.int64] = np.maximum.reduceat(upto, starts, axis=1).T
    return highest


def path(leads: _Integers, at_start: bool, at_end: bool) -> list[int]:
    """Viterbi's path, a state for each row.

    leads: (words, states). State 0 is the target, which stands at either side; its leads are 0.
    """
    way_in = _START if at_start else SWITCH
    way_out = 0 if at_end else SWITCH
    others = leads[:, 1:].T.tolist()
    if len(others) == 1:
        return _path_of_two(others[0], way_in, way_out)
    search: Callable[..., list[int]] = _path_among(len(others))
    return search(zip(*others, strict=True), way_in, way_out)


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


@cache
def _path_among(others: int) -> Callable[[Iterator[tuple[int, ...]], int, int], list[int]]:
    """The path's search between the target and so many others, its loop over them unrolled.

    That is three to four times as fast as a loop, and most of the time of a mixed text.
    """
    ahead = [f"ahead{state}" for state in range(1, others + 1)]
    scores = [f"score{state}" for state in range(1, others + 1)]
    pairs = list(zip(ahead, scores, strict=True))
    source = _PATH.format(
        ahead=", ".join(ahead),
        scores=", ".join(scores),
        first="\n    ".join(f"{one} = {score} - way_in" for one, score in pairs),
        by_switch="\n        ".join(f"if {one} > best: best = {one}" for one in ahead),
        steps="\n        ".join(
            f"{one} = ({one} if {one} > floor else floor) + {score}" for one, score in pairs
        ),
    )
    names: dict[str, Any] = {"SWITCH": SWITCH}
    exec(source, names)  # noqa: S102 - of the template below and numbers alone
    search: Callable[[Iterator[tuple[int, ...]], int, int], list[int]] = names["search"]
    return search


# `floor` is what a state has that is passed to from the one ahead.
_PATH = """
def search(words, way_in, way_out):
    {scores}, = next(words)
    ahead0 = 0
    {first}
    history = []
    for {scores}, in words:
        best = ahead0
        {by_switch}
        floor = best - SWITCH
        history.append((ahead0, {ahead}, floor))
        if ahead0 < floor: ahead0 = floor
        {steps}
    last = [ahead0 + way_out, {ahead}]
    state = last.index(max(last))
    path = [state]
    for before in reversed(history):
        if before[state] < before[-1]:
            state = before.index(before[-1] + SWITCH)
        path.append(state)
    path.reverse()
    return path
"""
