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
    limits = _Limits(max_chars, max_words, max_cjk_chars)
    reasoning = completion.reasoning
    # Paragraphs are no longer without their code: it is looked for in doubt alone.
    if next(_long_paragraphs(reasoning, limits), None) is None:
        return None
    excesses = (_excess(p, limits) for p in _long_paragraphs(without_code(reasoning), limits))
    worst = max(excesses, default=None)
    if worst is None:
        return None
    shown = quoted(worst.paragraph)
    return rk.Rejection(
        f"a paragraph of {worst.length:,} {worst.unit}, more than {worst.limit:,}: {shown}",
        float(worst.length),
    )


class _Limits(NamedTuple):
    """What is allowed of a paragraph, by each measure."""

    chars: int
    words: int
    cjk_chars: int

    def let_pass(self, paragraph: str) -> bool:
        """Whether the paragraph is beyond none of them; the quickest to tell is asked first."""
        return (
            len(paragraph) <= self.chars
            and len(paragraph.split()) <= self.words
            and _cjk_characters(paragraph) <= self.cjk_chars
        )


def _long_paragraphs(text: str, limits: _Limits) -> Iterator[str]:
    """The paragraphs that are beyond a limit."""
    # n words are 2n - 1 characters at the least, so that shorter paragraphs are within all limits.
    harmless = min(limits.chars, 2 * limits.words, limits.cjk_chars)
    for stretch in _stretches(text, harmless):
        if not limits.let_pass(stretch):
            paragraphs = map(str.strip, _BREAK.split(stretch))
            yield from (p for p in paragraphs if not limits.let_pass(p))


# Blank lines, zero-width characters in them or not, and what displays a formula. Each begins with
# a character of its own, which `re` looks for first.
_BLANKS = r"[\s\u200b-\u200f\u2060\ufeff]*(?:\n|\r(?!\n))"
_BREAK = re.compile(
    rf"\n{_BLANKS}|\r(?!\n){_BLANKS}|\u2029|\$\$|\\(?<!\\\\)[\[\]]|\\(?:begin|end)"
    r"\{(?:align|alignat|displaymath|eqnarray|equation|flalign|gather|multline)\*?\}"
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


def _excess(paragraph: str, limits: _Limits) -> _Excess:
    measures = (
        (len(paragraph), limits.chars, "characters"),
        (len(paragraph.split()), limits.words, "words"),
        (_cjk_characters(paragraph), limits.cjk_chars, "CJK or Thai characters"),
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
