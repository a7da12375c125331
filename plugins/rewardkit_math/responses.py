"""What of a completion may hold its answer: what follows all thinking, without end tokens."""

from __future__ import annotations

import rewardkit as rk
from rewardkit.end_tokens import without_end

__all__ = ["response_of"]


def response_of(completion: rk.Completion) -> str:
    """The response without further blocks of thinking, and without end tokens."""
    think, answer = completion.reading.think_tags, completion.reading.answer_tags
    return without_end(_without_thinking(completion.response, *think), (*think, *answer))


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
