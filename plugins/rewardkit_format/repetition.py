"""The reward `repetition`: a penalty for runs of words that come again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Literal

import rewardkit as rk
from rewardkit.option_types import NonNegativeFloat, PositiveInt
from rewardkit.wordcount import count_words, split_words, word_ngrams

__all__ = ["repetition"]

# Characters of a word, and signs in a row: more of them than a line has are no word and no ruled
# line, and are looked at one by one.
_LINE = 120
# Tells quickly where no word is as long: no blank, no ASCII sign, none of the scripts without
# blanks. The look behind it keeps it linear.
_LETTER = (
    r"[^\s!-/:-@\[-^`{-~\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff"
    r"\uff00-\uff9f\U00020000-\U0003ffff]"
)
_LONG = re.compile(rf"(?<!{_LETTER}){_LETTER}{{{_LINE}}}")
_SHOWN = 60  # characters of an n-gram that a reason quotes

# Marks, signs and emoji without a word between them.
_SIGNS = re.compile(r"(?:[^\w\s]\s*+)++")


@rk.reward
def repetition(
    completion: rk.Completion,
    completion_ids: Sequence[int] | None = None,
    *,
    n: PositiveInt = 3,
    penalty: NonNegativeFloat = 1.0,
    unit: Literal["words", "tokens"] = "words",
) -> rk.Score:
    """-`penalty` x the share of n-grams that have come before: 0.0 at best.

    -penalty x (1 - different n-grams / n-grams); "Demystifying Long Chain-of-Thought",
    arXiv:2502.03373, appendix C.2, there of tokens, as with `unit="tokens"` of the column
    `completion_ids`. Words are compared without case and invisible characters; in Chinese,
    Japanese and Thai an n-gram is as many characters as `n` words are on average. 120 signs or
    more without a word between them, and words of as many characters, count by the character, so
    that an endless "!!!" or "aaa" is a repetition too. Abstains where there is no word or token.
    """
    if unit == "words":
        counts = Counter(_ngrams(str(completion), n))
        size = counts.total() or count_words(completion)
    elif completion_ids is None:
        return rk.Score.abstain("no token ids: give a column `completion_ids`")
    else:
        # They may come as an array, whose elements' hashes do not tell which are equal.
        ids = [int(token) for token in completion_ids]
        counts, size = Counter(_windows(ids, n)), len(ids)
    if not size:
        return rk.Score.abstain(f"no {unit}")
    total = counts.total()
    repeated = total - len(counts)
    if not repeated:
        found = f"no {n} {unit} come twice" if total else f"fewer than {n} {unit}, none repeated"
        return rk.Score(0.0, found, {"share": 0.0})
    [(most, times)] = counts.most_common(1)
    shown = " ".join(map(str, most))
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
    reason = f"{repeated} of {total} runs of {n} {unit} have come before: {shown!r} {times} times"
    # Without a penalty it is 0.0 and not -0.0.
    return rk.Score(0.0 - penalty * repeated / total, reason, {"share": repeated / total})


def _ngrams(text: str, n: int) -> Iterable[Sequence[str]]:
    signs = ("".join(run.split()) for run in _SIGNS.findall(text) if len(run) >= _LINE)
    long_words = split_words(text) if _LONG.search(text) else ()
    by_character = (_windows(run, n) for run in chain(signs, long_words) if len(run) >= _LINE)
    return chain(word_ngrams(text, n), chain.from_iterable(by_character))


def _windows(sequence: Sequence[Any], n: int) -> Iterator[Sequence[Any]]:
    return zip(*(sequence[i:] for i in range(n)), strict=False)
