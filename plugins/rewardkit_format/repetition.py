"""The reward `repetition`: a penalty for runs of words that come again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Literal

import rewardkit as rk
from rewardkit.option_types import NonNegativeFloat, PositiveInt
from rewardkit.wordcount import split_words, word_ngrams

__all__ = ["repetition"]

_LONG_WORD = 40  # characters; a longer one is no word, and its characters are looked at
# Tells quickly where there is none: no blank, no ASCII sign, none of the scripts without blanks.
_LONG = re.compile(
    r"[^\s!-/:-@\[-^`{-~\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff"
    rf"\uff00-\uff9f\U00020000-\U0003ffff]{{{_LONG_WORD}}}"
)
_SHOWN = 60  # characters of an n-gram that a reason quotes

# Marks, signs and emoji without a word between them.
_SIGNS = re.compile(r"(?:[^\w\s]\s*+){8,}+")


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
    Japanese and Thai an n-gram is as many characters as `n` words are on average. Eight signs or
    more without a word between them, and words of over 40 characters, count by the character, so
    that an endless "!!!" or "aaa" is a repetition too. Abstains where there is no n-gram.
    """
    if unit == "tokens" and completion_ids is None:
        return rk.Score.abstain("no token ids: give a column `completion_ids`")
    ngrams: Iterable[Sequence[Any]]
    ngrams = _windows(completion_ids or (), n) if unit == "tokens" else _ngrams(str(completion), n)
    counts = Counter(ngrams)
    total = counts.total()
    if not total:
        return rk.Score.abstain(f"fewer than {n} {unit}")
    repeated = total - len(counts)
    if not repeated:
        return rk.Score(0.0, f"no {n} {unit} come twice")
    [(most, times)] = counts.most_common(1)
    shown = " ".join(map(str, most))
    shown = shown if len(shown) <= _SHOWN else shown[:_SHOWN] + "..."
    reason = f"{repeated} of {total} runs of {n} {unit} have come before: {shown!r} {times} times"
    return rk.Score(-penalty * repeated / total, reason, {"share": repeated / total})


def _ngrams(text: str, n: int) -> Iterable[Sequence[str]]:
    signs = ("".join(run.split()) for run in _SIGNS.findall(text))
    long_words = (
        (w for w in split_words(text) if len(w) > _LONG_WORD) if _LONG.search(text) else ()
    )
    by_character = (_windows(run, n) for run in chain(signs, long_words))
    return chain(word_ngrams(text, n), chain.from_iterable(by_character))


def _windows(sequence: Sequence[Any], n: int) -> Iterator[Sequence[Any]]:
    return zip(*(sequence[i:] for i in range(n)), strict=False)
