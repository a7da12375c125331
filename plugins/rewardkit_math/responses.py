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
    """The response without further blocks of thinking at its start, and without end tokens."""
    response = _after_thinking(completion.response, *completion.reading.think_tags)
    if not response.endswith((">", "]")):
        return response
    end = _END_TOKENS.search(response, max(0, len(response) - _WINDOW))
    return response[: end.start()] if end else response


def _after_thinking(response: str, opening: str, closing: str) -> str:
    """What follows the blocks of thinking at the start of a response; one left open has no end."""
    at = 0
    while response.startswith(opening, at):
        end = response.find(closing, at)
        if end < 0:
            return ""
        at = end + len(closing)
        while at < len(response) and response[at].isspace():
            at += 1
    return response[at:] if at else response
