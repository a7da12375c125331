"""The language of each word of a text: how many are the target's, and the longest run of others.

Scripts tell most; words in the target's own script are told from its rivals by likelihood, over
the whole text at once.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.languages import LANGUAGES, Target, commonest_language
from rewardkit_language.prose import prose
from rewardkit_language.rivals import NO_LANGUAGE
from rewardkit_language.segments import WIDE, Segments, read_segments
from rewardkit_language.viterbi import SWITCH, likeliest, stretches
from rewardkit_language.vocabulary import Sequenced, Vocabulary
from rewardkit_language.words import Word, main_script, read_words

__all__ = ["Detector", "Words", "detector", "language_of"]

_PIECE = 1 << 18  # characters that are judged at once, which bounds the memory
_FEW = 6  # different words, from which no language is told where each stands there twice
_SNIPPET = 80  # characters of a run that are shown
_END_OF_SENTENCE = re.compile("[\n。！？]")


class Words(NamedTuple):
    """What was counted. Numbers of words are not whole where a script does not part words.

    Attributes:
        total: All words.
        target: Those in the target's language.
        run: Words in the longest run of others, which only words of the target interrupt.
        run_text: That run, its beginning at least; "" where there is none.
        run_start: Where it begins in the text, in characters; -1 where there is none.
    """

    total: float
    target: float
    run: float = 0.0
    run_text: str = ""
    run_start: int = -1

    @property
    def share(self) -> float:
        """The proportion of words that are in the target's language; 1.0 where there are none."""
        return self.target / self.total if self.total else 1.0


class _Judged(NamedTuple):
    """The words of a piece in their order: how many each is, and whether it is foreign.

    One that is in no language after all is 0 words. `of_segments` tells which of the piece's
    segments each is in; the piece begins at `start` in the text.
    """

    start: int
    segments: Segments
    of_segments: NDArray[np.intp]
    weights: NDArray[np.float64]
    foreign: NDArray[np.bool_]


class Detector:
    """Counts the words of one target's language by one backend. Any thread may use it."""

    def __init__(self, target: Target, backend: str, model: str | None) -> None:
        self._target = target
        self._backend = backend
        self._model = model
        self._known: Vocabulary | None = None
        self._foreign_kinds = np.array(
            [False, False, *(script not in target.scripts for script in WIDE)]
        )

    def count(self, text: str) -> Words:
        """Count the words of `text`, in linear time."""
        text = prose(text)
        pieces = [self._judge(text[start:end], start) for start, end in _pieces(text)]
        weights = np.concatenate([piece.weights for piece in pieces])
        foreign = np.concatenate([piece.foreign for piece in pieces])
        total = float(weights.sum())
        if not foreign.any():
            return Words(total, total)
        counted = weights.nonzero()[0]
        weights, foreign = weights.take(counted), foreign.take(counted)
        run, first, last = _longest_run(weights, foreign)
        start, _ = self._place(text, pieces, int(counted[first]))
        _, end = self._place(text, pieces, int(counted[last]))
        target = float(weights[~foreign].sum())
        return Words(total, target, run, _snippet(text, start, end), start)

    def _judge(self, text: str, start: int) -> _Judged:
        segments = read_segments(text)
        vocabulary = self.vocabulary()
        words = vocabulary.sequence(segments, self._foreign_runs(text, segments))
        weights, foreign = words.weights, words.foreign
        if words.rivalled:
            languages = likeliest(words.gains, words.leads)
            if languages.any():
                _withdraw_repetitions(words, languages)
                if NO_LANGUAGE in vocabulary.codes:
                    none = languages == vocabulary.codes.index(NO_LANGUAGE)
                    weights[none], languages[none] = 0.0, 0
                foreign = foreign | (languages != 0)
        return _Judged(start, segments, words.segments, weights, foreign)

    def _foreign_runs(self, text: str, segments: Segments) -> NDArray[np.bool_]:
        """Which runs of scripts that do not part words are foreign."""
        foreign: NDArray[np.bool_] = self._foreign_kinds.take(segments.kinds)
        if segments.wide.size and "Han" in self._target.scripts:
            foreign |= self._foreign_han(text, segments)
        return foreign

    def _foreign_han(self, text: str, segments: Segments) -> NDArray[np.bool_]:
        """Which runs are Han characters of the other language.

        They are Japanese in a sentence with kana, and otherwise Chinese.
        """
        han, kana = (segments.kinds == WIDE[script] for script in ("Han", "Kana"))
        sentences = _sentence_numbers(text, segments.wide_starts)
        with_kana = np.zeros(len(text) + 1, dtype=np.bool_)
        with_kana[sentences[kana]] = True
        foreign: NDArray[np.bool_] = with_kana[sentences] != ("Kana" in self._target.scripts)
        foreign &= han
        return foreign

    def vocabulary(self) -> Vocabulary:
        """What it has learnt of words so far; a new one where that is too much."""
        known = self._known
        if known is None or known.full:
            known = self._known = Vocabulary(self._target, self._backend, self._model)
        return known

    def _place(self, text: str, pieces: list[_Judged], word: int) -> tuple[int, int]:
        """Where the word of this number begins and ends in `text`."""
        for piece in pieces:
            if word < len(piece.weights):
                break
            word -= len(piece.weights)
        number = int(piece.of_segments[word])
        start, end = (piece.start + place for place in piece.segments.place(number))
        if number in piece.segments.wide:
            return start, end
        token = text[start:end]
        first, after = piece.of_segments.searchsorted([number, number + 1]).tolist()
        if after - first == 1:
            return start, start + (len(token.rstrip(string.punctuation)) or len(token))
        words = next(read_words([token], self._target.scripts))
        left, right = _place_in_token(token, words, word - first)
        return start + left, start + right


def _sentence_numbers(text: str, places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of each place in the text, how many sentences end before it."""
    ends = np.array([end.start() for end in _END_OF_SENTENCE.finditer(text)], dtype=np.intp)
    return ends.searchsorted(places)


def _withdraw_repetitions(words: Sequenced, languages: NDArray[np.intp]) -> None:
    """Give back to the target each stretch that is foreign by the repetition of few words.

    Likelihood takes words for independent: "enqueue 1, enqueue 2, enqueue 3" would be more and
    more French.
    """
    foreign = languages.nonzero()[0]
    number = np.zeros(len(foreign), dtype=np.intp)  # of the stretch that each is in
    np.cumsum(foreign[1:] != foreign[:-1] + 1, out=number[1:])
    ids, columns = words.ids.take(foreign), languages.take(foreign)
    height, width = words.table.shape
    _, firsts = np.unique((number * height + ids) * width + columns, return_index=True)
    lengths = np.bincount(number)
    different = np.bincount(number.take(firsts))
    gains = words.table[ids.take(firsts), columns.take(firsts)]
    gained = np.bincount(number.take(firsts), gains)
    few = (different <= _FEW) & (2 * different <= lengths)
    withdrawn = (lengths > 2) & (different < lengths) & (few | (gained < 2 * SWITCH))
    if withdrawn.any():
        languages[foreign[withdrawn.take(number)]] = 0


def _place_in_token(token: str, words: Sequence[Word], number: int) -> tuple[int, int]:
    """Where its word of this number stands; that is the whole where it is spelt otherwise."""
    lowered = token.lower()
    start = end = 0
    for word in words[: number + 1]:
        start = lowered.find(word.text, end)
        if start < 0 or len(lowered) != len(token):
            return 0, len(token)
        end = start + len(word.text)
    return start, end


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the pieces of `text` begin and end: at a line's end or a blank, if there is one."""
    start = 0
    while len(text) - start > _PIECE:
        end = start + _PIECE
        cut = max(text.rfind(blank, start, end) for blank in "\n ") + 1
        yield start, cut or end
        start = cut or end
    yield start, len(text)


def _longest_run(
    weights: NDArray[np.float64], foreign: NDArray[np.bool_]
) -> tuple[float, int, int]:
    """Of the heaviest run of foreign words: its weight, its first and its last word."""
    starts, ends = stretches(foreign)
    upto = np.append(0.0, weights.cumsum())
    runs = (upto.take(ends) - upto.take(starts)).round(6)
    longest = int(runs.argmax())
    return float(runs[longest]), int(starts[longest]), int(ends[longest]) - 1


def _snippet(text: str, start: int, end: int) -> str:
    """What stands there, in one line, without characters that cannot be shown or stored."""
    shown = " ".join(text[start : min(end, start + _SNIPPET)].split())
    if not shown.isprintable():
        shown = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    return shown + ("..." if end - start > _SNIPPET else "")


def language_of(text: str, backend: str, model: str | None) -> Target | None:
    """The likeliest language of the script that most words are in; None where there are none.

    A script's commonest language is chosen unless another one is clearly likelier.
    """
    text = prose(text)
    script = main_script(text)
    if script is None:
        return None
    commonest = commonest_language(script)
    known = detector(commonest._replace(scripts=(script,)), backend, model).vocabulary()
    if not known.codes:
        return commonest
    words = known.sequence(read_segments(text))
    leads = words.table.take(words.ids, axis=0).sum(axis=0)
    leads[0] += SWITCH
    return LANGUAGES[known.codes[int(leads.argmax())]]


@lru_cache(maxsize=32)
def detector(target: Target, backend: str, model: str | None = None) -> Detector:
    """The detector of this target, with what it has learnt of words so far."""
    return Detector(target, backend, model)
