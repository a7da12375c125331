"""The filter `long_paragraph`."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

    Paragraphs are parted by blank lines; blocks of code are no part of them, and a displayed
    formula is one of its own. `max_chars` is the limit in characters and `max_words` in words
    between spaces; `max_cjk_chars` is the limit for Chinese, Japanese, Korean and Thai characters,
    which say more each.
    """
    limits = (max_chars, max_words, max_cjk_chars)
    # n words are 2n - 1 characters at the least, so that shorter paragraphs are within all limits.
    harmless = min(max_chars, 2 * max_words, max_cjk_chars)
    reasoning = completion.reasoning
    worst = _worst(reasoning, harmless, limits)
    if worst is not None:
        # Paragraphs are no longer without their code: it is looked for in doubt alone.
        worst = _worst(without_code(reasoning), harmless, limits)
    if worst is None:
        return None
    shown = quoted(worst.paragraph)
    return rk.Rejection(
        f"a paragraph of {worst.length:,} {worst.unit}, more than {worst.limit:,}: {shown}",
        float(worst.length),
    )


def _worst(text: str, harmless: int, limits: tuple[int, int, int]) -> _Excess | None:
    """The paragraph that is beyond a limit by most; None where none is."""
    found = [
        _excess(paragraph.strip(), *limits)
        for stretch in _stretches(text, harmless)
        if _excess(stretch, *limits).times > 1.0
        for paragraph in _BREAK.split(stretch)
    ]
    return max((excess for excess in found if excess.times > 1.0), default=None)


# Blank lines, zero-width characters in them or not, and what displays a formula.
_BREAK = re.compile(
    r"(?:\n|\r(?!\n))[\s\u200b-\u200f\u2060\ufeff]*(?:\n|\r(?!\n))|\u2029|\$\$|(?<!\\)\\[\[\]]"
    r"|\\(?:begin|end)\{(?:align|alignat|displaymath|eqnarray|equation|flalign|gather|multline)\*?\}"
)


def _stretches(text: str, harmless: int) -> Iterator[str]:
    """What of `text` has more than `harmless` characters without two line breaks in a row.

    Where two line breaks stand within so many characters, what is before them has no more: most of
    a text is jumped over, at many times the speed of splitting it.
    """
    at = 0
    while len(text) - at > harmless:
        end = text.rfind("\n\n", at, at + harmless)
        if end < 0:
            end = text.find("\n\n", at + harmless - 1)
            end = len(text) if end < 0 else end
            yield text[at:end]
        at = end + 2


def _excess(paragraph: str, max_chars: int, max_words: int, max_cjk_chars: int) -> _Excess:
    measures = (
        (len(paragraph), max_chars, "characters"),
        (len(paragraph.split()), max_words, "words"),
        (_cjk_characters(paragraph), max_cjk_chars, "CJK or Thai characters"),
    )
    return max(
        _Excess(length / limit, length, limit, unit, paragraph) for length, limit, unit in measures
    )


# Han, kana (of half width too), Hangul, Thai, and Lao, Burmese and Khmer, as dense as Thai.
_CJK = re.compile(
    "[\u0e01-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u3105-\u318e"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003ffff]+"
)


def _cjk_characters(paragraph: str) -> int:
    return 0 if paragraph.isascii() else sum(map(len, _CJK.findall(paragraph)))
