"""The filter `long_paragraph`."""

from __future__ import annotations

import re
from typing import NamedTuple

import rewardkit as rk
from rewardkit.option_types import PositiveInt
from rewardkit_hygiene.passages import without_code
from rewardkit_hygiene.quoting import quoted

__all__ = ["long_paragraph"]


class _Excess(NamedTuple):
    """How long a paragraph is by one measure, as a multiple of what is allowed."""

    times: float
    length: int
    limit: int
    unit: str
    paragraph: str


@rk.filter
def long_paragraph(
    completion: rk.Completion,
    *,
    max_chars: PositiveInt = 1500,
    max_words: PositiveInt = 300,
    max_cjk_chars: PositiveInt = 600,
) -> rk.Rejection | None:
    """Rejects thinking with a paragraph of too many characters or words; the value is how many.

    Paragraphs are parted by blank lines; blocks of code are no part of them. `max_chars` is the
    limit in characters and `max_words` in words between spaces; `max_cjk_chars` is the limit for
    Chinese, Japanese, Korean and Thai characters, which say more each.
    """
    limits = (max_chars, max_words, max_cjk_chars)
    # n words are 2n - 1 characters at the least, so that shorter paragraphs are within all limits.
    harmless = min(max_chars, 2 * max_words, max_cjk_chars)
    reasoning = completion.reasoning
    if len(reasoning) <= harmless:
        return None
    paragraphs = _BLANK_LINES.split(without_code(reasoning))
    worst = max(
        (_excess(p.strip(), *limits) for p in paragraphs if len(p) > harmless), default=None
    )
    if worst is None or worst.times <= 1.0:
        return None
    shown = quoted(worst.paragraph)
    return rk.Rejection(
        f"a paragraph of {worst.length:,} {worst.unit}, more than {worst.limit:,}: {shown}",
        float(worst.length),
    )


_BLANK_LINES = re.compile(r"\n\s*\n")


def _excess(paragraph: str, max_chars: int, max_words: int, max_cjk_chars: int) -> _Excess:
    measures = (
        (len(paragraph), max_chars, "characters"),
        (len(paragraph.split()), max_words, "words"),
        (_cjk_characters(paragraph), max_cjk_chars, "CJK or Thai characters"),
    )
    return max(
        _Excess(length / limit, length, limit, unit, paragraph) for length, limit, unit in measures
    )


# Han, kana, Hangul, Thai, and Lao, Burmese and Khmer, which are as dense as Thai.
_CJK = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def _cjk_characters(paragraph: str) -> int:
    return 0 if paragraph.isascii() else sum(map(len, _CJK.findall(paragraph)))
