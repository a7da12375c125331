"""Boxes: the content of the last complete `\\boxed` or `\\fbox`, and of those joined to it."""

from __future__ import annotations

import re

from rewardkit_math.answers import Answer, NoAnswer, Span, joined

__all__ = ["EMPTY_BOX", "last_boxes"]

EMPTY_BOX = NoAnswer("the box is empty")
_ENOUGH = 400  # characters in which something that is not blank must stand


# Two backslashes: a response that was escaped once too often.
_BRACE = re.compile(
    r"\\{1,2}(?:boxed|fbox|framebox)\s*+(?:\{([^{}\\]*+)\}|(\{)|([0-9]+|(?<=\s)[A-Za-z](?![A-Za-z])))"
    r"|\\.|[{}]",
    re.DOTALL,
)
_NESTED = re.compile(r"\\{1,2}(?:boxed|fbox|framebox)\s*(?=\{)")
_OPENED = 2  # its group for a box with braces in it, of which only the beginning is matched
_FLAT = r"[^{}\\]++|\\."
# A whole box, with two levels of braces in it: most boxes.
_WHOLE = re.compile(
    r"\\(?:boxed|fbox|framebox)\s*+"
    rf"\{{((?:{_FLAT}|\{{(?:{_FLAT}|\{{(?:{_FLAT})*+\}})*+\}})*+)\}}",
    re.DOTALL,
)


def last_boxes(text: str) -> Answer | NoAnswer | None:
    r"""The content of the last complete boxes of a text, joined with commas; None: it has no box.

    Boxes joined by nothing but commas, "and" or "or" are one answer in several boxes: of two boxes
    side by side, neither alone is what the model answers.
    """
    first = text.find("box")
    if first < 0:
        return None
    if text.find("box", first + 1) < 0:
        # The only one: no box is in it or joined to it.
        whole = _WHOLE.search(text, max(0, first - len(r"\frame")))
        if whole and whole[1][:_ENOUGH].strip():
            return Answer(whole[1].strip(), "box", whole.end())
    spans, unclosed = _boxes(text, first)
    filled = (span for span in reversed(spans) if _content(text, span))
    last = next(filled, None)
    if last is not None:
        found = joined(text, last, filled, "box")
        # Of a box beside other things in a box, the outer one is the answer.
        return found._replace(text=_NESTED.sub("", found.text)) if "box" in found.text else found
    if unclosed:
        return NoAnswer("the box is not closed")
    return EMPTY_BOX if spans else None


def _boxes(text: str, first: int) -> tuple[list[Span], bool]:
    """The outermost complete boxes, and whether a box is left open: one pass over the braces."""
    spans: list[Span] = []
    opened: list[re.Match[str] | None] = []  # None: a brace that is no box
    open_boxes = 0
    last = text.rfind("box")
    for brace in _BRACE.finditer(text, max(0, first - len(r"\frame"))):
        kind = brace.lastindex
        if kind == _OPENED:
            opened.append(brace)
            open_boxes += 1
            continue
        if kind:
            spans.append(Span._make(brace.span() + brace.span(kind)))
        elif brace[0] == "{":
            opened.append(None)
        elif brace[0] == "}" and opened:
            box = opened.pop()
            if box is not None:
                _close(text, spans, box, brace)
                open_boxes -= 1
        if brace.end() > last and spans and not open_boxes:
            break  # what follows has no box
    return spans, open_boxes > 0


def _close(text: str, spans: list[Span], box: re.Match[str], brace: re.Match[str]) -> None:
    """Add a box to `spans` in place of those inside it; a box around a box is that box."""
    inner: Span | None = None
    while spans and spans[-1].start > box.start():
        inner = spans.pop()
    content = (box.end(), brace.start())
    if inner and not _gap(text, box.end(), inner.start) and not _gap(text, inner.end, content[1]):
        content = (inner.inner_start, inner.inner_end)
    spans.append(Span(box.start(), brace.end(), *content))


def _gap(text: str, start: int, end: int) -> str:
    """What stands between two places: enough of it to tell whether it is blank."""
    return text[start : min(end, start + _ENOUGH)].strip()


def _content(text: str, span: Span) -> bool:
    _, _, start, end = span
    return bool(text[start : min(end, start + _ENOUGH)].strip())
