"""The filter `code_block`, and where a text has blocks of code."""

from __future__ import annotations

import re
from typing import NamedTuple

import rewardkit as rk
from rewardkit.fences import code_blocks
from rewardkit_hygiene.quoting import quoted

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
    shown = quoted(reasoning[first.start : first.end])
    more = f", the first of {len(spans)}" if len(spans) > 1 else ""
    return rk.Rejection(f"{first.kind} in the {where}{more}: {shown}", float(len(spans)))


def code_spans(text: str) -> list[Span]:
    """The blocks of code in `text`, in their order, none inside another; in linear time."""
    spans: list[Span] = []
    # A character alone is found ten times as fast as what it begins.
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        spans = [Span(b.start, b.end, "a fenced block") for b in code_blocks(text)]
    if ("\\" in text and r"\begin{" in text) or ("<" in text and _ELEMENT.search(text)):
        spans = _outermost([*spans, *_marked_up(text)])
    return spans


_ELEMENT = re.compile("<(?:pre|PRE|code|CODE)")


# Inline code is taken first, so that a tag which it quotes opens nothing; it ends with as many
# backticks as it begins with, of which (?<!``) is the first. Ends of blocks are found by str.find:
# many openings cost no more than their length.
_OPENING = re.compile(
    r"`(?<!``)(`*+)[^\n]{1,300}?(?<!`)`\1(?!`)"
    r"|\\begin\{(?P<environment>(?:lstlisting|minted|[Vv]erbatim|alltt|algorithm(?:ic|2e)?)\*?)\}"
    r"|<(?P<element>pre|PRE|code|CODE)(?:\s[^<>\n]{0,200}+)?>"
)


def _marked_up(text: str) -> list[Span]:
    """Blocks in LaTeX's environments and HTML's elements; an unclosed one runs to the end."""
    spans: list[Span] = []
    unclosed: set[str] = set()
    at = 0
    while opening := _OPENING.search(text, at):
        at = opening.end()
        closing = _closing(opening)
        if not closing:
            continue
        end = -1 if closing in unclosed else text.find(closing, at)
        if end < 0:
            unclosed.add(closing)
        if _is_block(text, opening, end):
            end = end + len(closing) if end >= 0 else len(text)
            spans.append(Span(opening.start(), end, f"a block in {opening[0]}"))
            at = end
    return spans


def _closing(opening: re.Match[str]) -> str:
    """What closes this block; "" where it is inline code."""
    if opening["environment"]:
        return rf"\end{{{opening['environment']}}}"
    return f"</{opening['element']}>" if opening["element"] else ""


def _is_block(text: str, opening: re.Match[str], end: int) -> bool:
    if opening["element"] not in ("code", "CODE"):
        return True
    # A <code> that is never closed is a block when it ends its line: else prose speaks of the tag.
    # As far as that, and no further than a block is long, tells whether it has several lines.
    if end < 0:
        return _REST_OF_LINE.match(text, opening.end()) is not None
    return "\n" in text[opening.end() : end]


_REST_OF_LINE = re.compile(r"[ \t]*+\n")


def _outermost(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept
