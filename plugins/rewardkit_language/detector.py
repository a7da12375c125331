"""The language of each word of a text: how many are the target's, and the longest run of others.

Scripts tell most; words in the target's own script are told from its rivals by likelihood, over
the whole text at once.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rewardkit_language.languages import LANGUAGES, Target, commonest_language
from rewardkit_language.prose import prose
from rewardkit_language.rivals import NO_LANGUAGE
from rewardkit_language.viterbi import SWITCH, likeliest, stretches
from rewardkit_language.vocabulary import Sequenced, Vocabulary
from rewardkit_language.words import main_script, read_words

__all__ = ["Detector", "Words", "detector", "language_of"]

_PIECE = 1 << 18  # characters that are judged at once, which bounds the memory
_FEW = 6  # different words, from which no language is told where each stands there twice
_SNIPPET = 80  # characters of a run that are shown
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")

_SENTENCE = re.compile(r"[^\n。！？]*+(?:[\n。！？]++|\Z)")


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


class _Part(NamedTuple):
    """What one vocabulary reads of a text: where it stands, and how many words it has."""

    vocabulary: Vocabulary
    start: int
    end: int
    words: int


class _Judged(NamedTuple):
    """The words of a piece in their order: how many each is, and whether it is foreign.

    One that is in no language after all is 0 words.
    """

    weights: NDArray[np.float64]
    foreign: NDArray[np.bool_]


class Detector:
    """Counts the words of one target's language by one backend. Any thread may use it."""

    def __init__(self, target: Target, backend: str, model: str | None) -> None:
        self._target = target
        self._backend = backend
        self._model = model
        self._vocabularies: dict[bool, Vocabulary] = {}

    def count(self, text: str) -> Words:
        """Count the words of `text`, in linear time."""
        text = prose(text)
        parts: list[_Part] = []
        judged = [self._judge(text, *piece, parts) for piece in _pieces(text)]
        all_weights = np.concatenate([piece.weights for piece in judged])
        counted = np.flatnonzero(all_weights)
        weights = all_weights[counted]
        foreign = np.concatenate([piece.foreign for piece in judged])[counted]
        total = float(weights.sum())
        if not foreign.any():
            return Words(total, total)
        run, first, last = _longest_run(weights, foreign)
        (start, _), (_, end) = self._places(text, parts, int(counted[first]), int(counted[last]))
        target = float(weights[~foreign].sum())
        return Words(total, target, run, _snippet(text, start, end), start)

    def _judge(self, text: str, start: int, end: int, parts: list[_Part]) -> _Judged:
        """Judge a piece, and add its parts to `parts`."""
        read = []
        for vocabulary, a, b in self._parts(text, start, end):
            read.append(vocabulary.sequence(text[a:b].split()))
            parts.append(_Part(vocabulary, a, b, len(read[-1].ids)))
        if len(read) == 1 and read[0].rivalled:
            return self._by_likelihood(read[0])
        weights = np.concatenate([words.weights for words in read])
        return _Judged(weights, np.concatenate([words.foreign for words in read]))

    def _by_likelihood(self, words: Sequenced) -> _Judged:
        languages = likeliest(words.gains, words.scores)
        if not languages.any():
            return _Judged(words.weights, words.foreign)
        _withdraw_repetitions(words, languages)
        codes = self._vocabulary(kana=False).codes
        weights = words.weights
        if NO_LANGUAGE in codes:
            weights = np.where(languages == codes.index(NO_LANGUAGE), 0.0, weights)
        return _Judged(weights, words.foreign | (languages != 0))

    def _parts(self, text: str, start: int, end: int) -> Iterator[tuple[Vocabulary, int, int]]:
        """Where the parts of a piece stand, each with the vocabulary that reads it.

        Han characters are Japanese in a sentence with kana, and otherwise Chinese.
        """
        if "Han" not in self._target.scripts or not _KANA.search(text, start, end):
            yield self._vocabulary(kana=False), start, end
            return
        for sentence in _SENTENCE.finditer(text, start, end):
            kana = _KANA.search(text, *sentence.span()) is not None
            yield self._vocabulary(kana=kana), *sentence.span()

    def _vocabulary(self, *, kana: bool) -> Vocabulary:
        known = self._vocabularies.get(kana)
        if known is None or known.full:
            target = self._target
            if "Han" in target.scripts and ("Kana" in target.scripts) != kana:
                scripts = tuple(script for script in target.scripts if script != "Han")
                target = target._replace(scripts=scripts)
            known = self._vocabularies[kana] = Vocabulary(target, self._backend, self._model)
        return known

    def _places(self, text: str, parts: list[_Part], *words: int) -> list[tuple[int, int]]:
        """Where the words of these numbers, in rising order, begin and end in `text`."""
        places: list[tuple[int, int]] = []
        before = 0
        for part in parts:
            here = [word - before for word in words if 0 <= word - before < part.words]
            if here:
                places.extend(self._places_in(text, part, here))
            before += part.words
        return places

    def _places_in(self, text: str, part: _Part, words: list[int]) -> Iterator[tuple[int, int]]:
        tokens = text[part.start : part.end].split()
        upto = list(accumulate(part.vocabulary.lengths(tokens)))
        for word in words:
            number = bisect_right(upto, word)
            scripts = self._target.scripts
            left, right = _place_in_token(tokens[number], word - upto[number], scripts)
            # What the split leaves begins with the token, and is found faster so than by a regex.
            rest = text[part.start : part.end].split(None, number)[number]
            start = part.end - len(rest)
            yield start + left, start + right


def _withdraw_repetitions(words: Sequenced, languages: NDArray[np.intp]) -> None:
    """Give back to the target each stretch that is foreign by the repetition of few words.

    Likelihood takes words for independent: "enqueue 1, enqueue 2, enqueue 3" would be more and
    more French.
    """
    for start, end in stretches(languages != 0):
        if end - start <= 2:
            continue
        pairs = zip(words.ids[start:end].tolist(), languages[start:end].tolist(), strict=True)
        different = np.array(list(set(pairs)))
        if len(different) < end - start:
            ids, columns = different.T
            gained = int((words.table[ids, columns] - words.table[ids, 0]).sum())
            few = len(different) <= _FEW and 2 * len(different) <= end - start
            if few or gained < 2 * SWITCH:
                languages[start:end] = 0


def _place_in_token(token: str, number: int, scripts: tuple[str, ...]) -> tuple[int, int]:
    """Where its word of this number, counted from the end, stands.

    That is the whole where the word is spelt otherwise.
    """
    words = read_words(token, scripts)
    if len(words) == 1:
        return 0, len(token.rstrip(string.punctuation)) or len(token)
    lowered = token.lower()
    end = 0
    for word in words[: len(words) + number + 1]:
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
    starts, ends = np.array(stretches(foreign)).T
    upto = np.concatenate(([0.0], np.cumsum(weights)))
    runs = np.round(upto[ends] - upto[starts], 6)
    longest = int(runs.argmax())
    return float(runs[longest]), int(starts[longest]), int(ends[longest]) - 1


def _snippet(text: str, start: int, end: int) -> str:
    """What stands there, in one line, without characters that cannot be shown or stored."""
    shown = text[start : min(end, start + _SNIPPET)]
    shown = "".join(c if c.isprintable() else " " for c in shown)
    return " ".join(shown.split()) + ("..." if end - start > _SNIPPET else "")


def language_of(text: str, backend: str, model: str | None) -> Target | None:
    """The likeliest language of the script that most words are in; None where there are none.

    A script's commonest language is chosen unless another one is clearly likelier.
    """
    text = prose(text)
    script = main_script(text)
    if script is None:
        return None
    commonest = commonest_language(script)
    known = Vocabulary(commonest._replace(scripts=(script,)), backend, model)
    if not known.codes:
        return commonest
    scores = known.sequence(text.split()).scores(slice(None)).sum(axis=0)
    scores[0] += SWITCH
    return LANGUAGES[known.codes[int(scores.argmax())]]


@lru_cache(maxsize=32)
def detector(target: Target, backend: str, model: str | None = None) -> Detector:
    """The detector of this target, with what it has learnt of words so far."""
    return Detector(target, backend, model)
