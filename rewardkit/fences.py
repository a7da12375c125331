"""Fenced code blocks of a Markdown text, by CommonMark's rules, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["CodeBlock", "code_blocks"]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A fenced block of Markdown: its language tag, its text, and where it stands."""

    language: str
    text: str
    closed: bool
    start: int
    end: int


def code_blocks(text: str) -> tuple[CodeBlock, ...]:
    """The fenced code blocks of a Markdown text, by CommonMark's rules, in linear time.

    A fence is three backticks or tildes or more at the start of a line, after list or quote
    markers; one that is not closed runs to the end of the text.
    """
    blocks: list[CodeBlock] = []
    opened: re.Match[str] | None = None
    for run in _fence_runs(text):
        if opened is None:
            if _opens(text, run):
                opened = run
        elif _closes(text, run, opened):
            blocks.append(_block(text, opened, run))
            opened = None
    if opened is not None:
        blocks.append(_block(text, opened, None))
    return tuple(blocks)


# Only the first run of a line can be a fence. What stands before it is bounded, so that no line is
# read twice.
_LONGEST_LEAD = 80
_FENCE_RUN = re.compile(
    rf"(?m)^(?P<lead>[^\n`~]{{0,{_LONGEST_LEAD}}}?)(?P<fence>`{{3,}}|~{{3,}})(?P<info>[^\n]*)"
)
_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*")


def _fence_runs(text: str) -> Iterator[re.Match[str]]:
    """The lines that could be a fence, in their order."""
    end = 0
    # To find the marks and then their line is many times as fast as to search line by line.
    for mark in sorted([*_places(text, "```"), *_places(text, "~~~")]):
        if mark < end:
            continue
        earliest = max(0, mark - _LONGEST_LEAD - 1)
        before = text.rfind("\n", earliest, mark)
        if before < 0 < earliest:
            continue
        run = _FENCE_RUN.match(text, before + 1)
        if run is not None:
            yield run
            end = run.end()


def _places(text: str, mark: str) -> Iterator[int]:
    """Where `mark` stands, one time after another."""
    place = text.find(mark)
    while place >= 0:
        yield place
        place = text.find(mark, place + len(mark))


def _opens(text: str, run: re.Match[str]) -> bool:
    info = run["info"]
    return _LEAD.fullmatch(run["lead"]) is not None and not (
        run["fence"][0] == "`" and "`" in info
    )


def _closes(text: str, run: re.Match[str], opened: re.Match[str]) -> bool:
    fence = opened["fence"]
    return (
        run["fence"].startswith(fence)
        and not run["lead"].strip(" \t>")
        and not run["info"].strip()
    )


def _block(text: str, opened: re.Match[str], closing: re.Match[str] | None) -> CodeBlock:
    words = opened["info"].split(maxsplit=1)
    start = min(opened.end() + 1, len(text))
    end = closing.start() if closing else len(text)
    body = text[start:end]
    indent = len(opened["lead"]) if not opened["lead"].strip() else 0
    if indent:
        body = re.sub(rf"(?m)^[ \t]{{1,{indent}}}", "", body)
    return CodeBlock(
        words[0].strip("{}.").lower() if words else "",
        body,
        closing is not None,
        opened.start("fence"),
        closing.end() if closing else len(text),
    )
