"""What of a completion may hold its answer: what follows all thinking, without end tokens."""

from __future__ import annotations

import re

import rewardkit as rk

__all__ = ["response_of"]

_WINDOW = 400  # characters at the end in which end tokens may stand
# What tokenizers write where a turn ends: <|im_end|>, </s>, <end_of_turn>, <｜end▁of▁sentence｜>.
_END_TOKENS = re.compile(
    r"(?:\s{0,9}(?:<\|[^\s<>|]{1,40}\|>|<｜[^\s<>｜]{1,40}｜>|</?s>"
    r"|<(?:eos|pad|end_of_turn|end_of_text)>|\[(?:EOS|/?INST)\]))+\s*\Z"
)


def response_of(completion: rk.Completion) -> str:
    """The response without further blocks of thinking, and without end tokens."""
    response = _without_thinking(completion.response, *completion.reading.think_tags)
    if not response.endswith((">", "]")):
        return response
    end = _END_TOKENS.search(response, max(0, len(response) - _WINDOW))
    return response[: end.start()] if end else response


def _without_thinking(response: str, opening: str, closing: str) -> str:
    """What follows the last further block of thinking, or stands before it where nothing does.

    A block that is left open has no end: what was said before it is all that is said.
    """
    if opening not in response:
        return response
    said = ""
    at = 0
    while (start := response.find(opening, at)) >= 0:
        said = response[at:start].strip() or said
        end = response.find(closing, start)
        if end < 0:
            return said
        at = end + len(closing)
    return response[at:].strip() or said
