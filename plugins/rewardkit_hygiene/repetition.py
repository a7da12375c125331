"""The filters `repetition`, `word_repetition` and `repeated_lines`: text that goes in circles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import rewardkit as rk
from rewardkit.option_types import Checked, PositiveInt, Share
from rewardkit.wordcount import Runs, hash_runs, word_runs
from rewardkit_hygiene.passages import Part, passages, without_code
from rewardkit_hygiene.quoting import quoted

if TYPE_CHECKING:
    from rewardkit.wordcount import Hashes

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
            shown = quoted(" ".join(runs.words[found.first : runs.ends[found.first]]))
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


class _Frequent(NamedTuple):
    times: int
    first: int


# Scripts that do not part words by blanks; the marks that go with their letters are in the ranges.
_UNSPACED = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)


def _runs(text: str, words: int) -> Runs:
    """The runs of `words` words in `text`, in any case of letters."""
    import numpy as np

    if not text.isascii() and _UNSPACED.search(text):
        return word_runs(text, words)
    tokens = text.lower().split()  # three times as fast as telling words from marks
    ends = np.arange(words, len(tokens) + 1)
    return Runs(tokens, ends, hash_runs(tokens, ends))


def _most_frequent(hashes: Hashes, times: int) -> _Frequent | None:
    """The hash that is there most often, if `times` times or more; of several, the first."""
    import numpy as np

    if hashes.size < times:
        return None
    ordered = np.sort(hashes)
    if not (ordered[times - 1 :] == ordered[: 1 - times]).any():
        return None
    values, counts = np.unique(ordered, return_counts=True)
    most = counts.max()
    return _Frequent(int(most), int(np.isin(hashes, values[counts == most]).argmax()))
