"""The filters `repetition`, `word_repetition` and `repeated_lines`: text that goes in circles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import rewardkit as rk
from rewardkit.option_types import Checked, PositiveInt, Share
from rewardkit.wordcount import count_words, split_words
from rewardkit_hygiene.passages import Part, passages, without_code
from rewardkit_hygiene.quoting import quoted

if TYPE_CHECKING:
    import numpy as np

__all__ = ["repeated_lines", "repetition", "word_repetition"]


def _at_least_two(value: int) -> None:
    if value < 2:
        raise ValueError("what stands there once is not repeated: it must be 2 or more")


Times = Annotated[int, Checked(_at_least_two)]
"""How often, 2 or more."""


@rk.filter
def repetition(
    completion: rk.Completion,
    *,
    words: PositiveInt = 20,
    times: Times = 4,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects text in which the same `words` words in a row stand `times` times or more.

    The value is how often. Thinking and response are looked at apart: what is thought first and
    said then is not repeated. Of Chinese, Japanese, Thai, Lao, Khmer and Burmese, so many
    characters are taken as make `words` words on average.
    """
    for name, text in passages(completion, part):
        runs = _runs(text, words)
        found = _most_frequent(runs.hashes, times)
        if found is not None:
            shown = quoted(" ".join(runs.tokens[found.first : found.first + runs.length]))
            return rk.Rejection(
                f"the same {words} words {found.times} times in the {name}: {shown}",
                float(found.times),
            )
    return None


@rk.filter
def word_repetition(
    completion: rk.Completion,
    *,
    words: PositiveInt = 10,
    max_share: Share = 0.5,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects text of whose runs of `words` words more than `max_share` stand there repeatedly.

    The value is that share: as Data-Juicer's word_repetition_filter has it, in every script.
    Thinking and response are looked at apart.
    """
    import numpy as np

    for name, text in passages(completion, part):
        hashes = _runs(text, words).hashes
        if not hashes.size:
            continue
        counts = np.unique(hashes, return_counts=True)[1]
        share = float(counts[counts > 1].sum() / hashes.size)
        if share > max_share:
            return rk.Rejection(
                f"{share:.1%} of the runs of {words} words in the {name} stand there more than "
                f"once, more than {max_share:.1%}",
                share,
            )
    return None


@rk.filter
def repeated_lines(
    completion: rk.Completion, *, max_share: Share = 0.3, part: Part = "both"
) -> rk.Rejection | None:
    """Rejects text of whose characters more than `max_share` are in lines that were there before.

    The value is that share. Blocks of code are left out, and of lines the blanks around them.
    Source: Gopher's rules, arXiv:2112.11446, table A1, where a fifth is too much for a web page.
    """
    for name, text in passages(completion, part):
        lines = [line for line in map(str.strip, without_code(text).splitlines()) if line]
        total = sum(map(len, lines))
        again = total - sum(map(len, set(lines)))
        if again > max_share * total:
            share = again / total
            return rk.Rejection(
                f"{share:.1%} of the {name} is in lines that were there before, more than "
                f"{max_share:.1%}",
                share,
            )
    return None


class _Runs(NamedTuple):
    """Every run of `length` tokens, as a hash by its first token."""

    tokens: list[str]
    length: int
    hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]


class _Frequent(NamedTuple):
    times: int
    first: int


# Scripts that do not part words by blanks; the marks that go with their letters are in the ranges.
_UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def _runs(text: str, words: int) -> _Runs:
    """The runs of `words` words in `text`, case folded."""
    import numpy as np

    tokens, length = _tokens(text, words)
    if len(tokens) < length:
        return _Runs(tokens, length, np.empty(0, np.uint64))
    values = np.fromiter(map(hash, tokens), np.int64, len(tokens)).view(np.uint64)
    # H(i) = sum of value[i + k] * BASE^k, modulo 2^64, from differences of one running sum. Equal
    # runs have equal hashes; others do by chance alone, once in 2^64 pairs.
    powers = np.full(len(tokens), _BASE, np.uint64).cumprod(dtype=np.uint64)
    sums = np.concatenate(([np.uint64(0)], (values * powers).cumsum(dtype=np.uint64)))
    back = np.full(len(tokens), _INVERSE, np.uint64).cumprod(dtype=np.uint64)
    return _Runs(tokens, length, (sums[length:] - sums[:-length]) * back[: len(sums) - length])


_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse
_INVERSE = pow(_BASE, -1, 2**64)


def _tokens(text: str, words: int) -> tuple[list[str], int]:
    """The tokens of a text, and of how many tokens a run of `words` words is on average."""
    if text.isascii() or not _UNSPACED.search(text):
        return text.lower().split(), words  # three times as fast as telling words from marks
    tokens = split_words(text)
    return tokens, max(words, round(words * len(tokens) / max(count_words(text), 1.0)))


def _most_frequent(
    hashes: np.ndarray[tuple[int], np.dtype[np.uint64]], times: int
) -> _Frequent | None:
    """The hash that is there most often, if `times` times or more."""
    import numpy as np

    if hashes.size < times:
        return None
    ordered = np.sort(hashes)
    if not (ordered[times - 1 :] == ordered[: 1 - times]).any():
        return None
    values, counts = np.unique(ordered, return_counts=True)
    most = counts.argmax()
    return _Frequent(int(counts[most]), int((hashes == values[most]).argmax()))
