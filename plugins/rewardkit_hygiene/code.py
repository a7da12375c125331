"""The filter `code_block`, and where a text has blocks of code."""

from __future__ import annotations

import re
from typing import NamedTuple

import rewardkit as rk
from rewardkit.fences import code_blocks
from rewardkit_hygiene.quoting import counted, quoted

__all__ = ["Span", "code_block", "code_spans"]


class Span(NamedTuple):
    """Where a block of code stands, and what kind of block it is."""

    start: int
    end: int
    kind: str


@rk.filter
def code_block(completion: rk.Completion) -> rk.Rejection | None:
    r"""Rejects thinking that contains a block of code; the value is how many.

    A block is fenced by three backticks or tildes or more at the start of a line, after list or
    quote markers, closed or not; or an environment lstlisting, minted, verbatim or algorithm; or
    `<pre>`, or `<code>` over several lines. Inline code and indented text are none.
    """
    reasoning = completion.reasoning
    spans = code_spans(reasoning)
    if not spans:
        return None
    first = spans[0]
    where = "thinking" if completion.has_thinking_tags else "text"
    shown = f"{first.kind}, {quoted(reasoning[first.start : first.end])}"
    places = f"block of code in the {where}", f"blocks of code in the {where}"
    return rk.Rejection(counted(len(spans), *places, shown), float(len(spans)))


def code_spans(text: str, *, drawings: bool = False) -> list[Span]:
    """The blocks of code in `text`, in their order, none inside another; in linear time.

    With `drawings` also pictures that are written as programs: `[asy]`, as in MATH's problems,
    and the environments asy, tikzpicture, pgfpicture and pspicture.
    """
    spans: list[Span] = []
    # A character alone is found ten times as fast as what it begins.
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        spans = [Span(b.start, b.end, "a fenced block") for b in code_blocks(text)]
    if ("\\" in text and _LISTING.search(text)) or ("<" in text and _ELEMENT.search(text)):
        spans = [*spans, *_marked_up(text, _OPENING)]
    if drawings and (r"\begin{" in text or "[asy]" in text):
        spans = [*spans, *_marked_up(text, _DRAWING)]
    return _outermost(spans)


_LISTING = re.compile(r"\\begin\{(?:lst|minted|[Vv]erb|allt|algo)")
_ELEMENT = re.compile("<(?:pre|code)", re.IGNORECASE)


# Inline code is taken first, so that a tag which it quotes opens nothing; it ends with as many
# backticks as it begins with, of which (?<!``) is the first.
_INLINE = r"`(?<!``)(`*+)[^\n]{1,300}?(?<!`)`\1(?!`)"
_OPENING = re.compile(
    rf"{_INLINE}"
    r"|\\begin\{(?P<environment>(?:lstlisting|minted|[Vv]erbatim|alltt|algorithm(?:ic|2e)?)\*?)\}"
    r"|<(?P<element>(?i:pre|code))(?:\s[^<>\n]{0,200}+)?>"
)
_DRAWING = re.compile(
    rf"{_INLINE}|\\begin\{{(?P<environment>asy|tikzpicture|pgfpicture|pspicture)\}}"
    r"|\[(?P<bracket>asy)\]"
)
_CLOSINGS = {"environment": r"\end{%s}", "element": "</%s>", "bracket": "[/%s]"}


def _marked_up(text: str, opens: re.Pattern[str]) -> list[Span]:
    """Blocks in LaTeX's environments and in elements; an unclosed one runs to the end."""
    spans: list[Span] = []
    ends, line_ends = _Occurrences(text), _Occurrences(text)
    at = 0
    while opening := opens.search(text, at):
        at = opening.end()
        kind = opening.lastgroup
        if kind is None:
            continue  # inline code
        closing = _CLOSINGS[kind] % opening[kind]
        end = ends.after(at, closing)
        line_end = line_ends.after(at, "\n")
        if opening[kind].lower() != "code" or _is_block(text, at, end, line_end):
            end = min(end + len(closing), len(text))
            spans.append(Span(opening.start(), end, f"a block in {opening[0]}"))
            at = end
    return spans


class _Occurrences:
    """Where in a text things come next; many questions in order cost no more than its length."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[str, int] = {}

    def after(self, at: int, wanted: str) -> int:
        """The first place of `wanted` from `at` on, or the length of the text."""
        known = self._known.get(wanted, -1)
        if known < at:
            known = self._text.find(wanted, at)
            self._known[wanted] = known = len(self._text) if known < 0 else known
        return known


def _is_block(text: str, start: int, end: int, line_end: int) -> bool:
    """Whether a `<code>` whose content is from `start` to `end` is one of several lines."""
    # One that is never closed is a block when it ends its line: else prose speaks of the tag.
    if end == len(text):
        return _REST_OF_LINE.match(text, start) is not None
    return line_end < end


_REST_OF_LINE = re.compile(r"[ \t]*+\n")


def _outermost(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
