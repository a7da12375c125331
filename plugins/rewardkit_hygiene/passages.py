"""What of a completion a filter looks at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import rewardkit as rk
from rewardkit_hygiene.code import code_spans

__all__ = ["Part", "Passage", "passages", "without_code"]

Part = Literal["thinking", "response", "both"]
"""The thinking, the response, or each of them; where there are no think tags, the whole text."""


class Passage(NamedTuple):
    """A part of a completion: "thinking", "response" or "text", and what stands in it."""

    name: str
    text: str


def passages(completion: rk.Completion, part: Part) -> Iterator[Passage]:
    """The parts of `completion` that `part` names."""
    if not completion.has_thinking_tags:
        yield Passage("text", completion.response)
        return
    if part != "response":
        yield Passage("thinking", completion.thinking)
    if part != "thinking":
        yield Passage("response", completion.response)


def without_code(text: str) -> str:
    """`text` without blocks of code and drawings, each of which ends the paragraph before it."""
    spans = code_spans(text, drawings=True)
    if not spans:
        return text
    kept = []
    end = 0
    for span in spans:
        kept.append(text[end : span.start])
        end = span.end
    return "\n\n".join([*kept, text[end:]])
