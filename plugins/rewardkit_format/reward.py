"""The reward `format`: whether a completion has the form that it was asked for."""

from __future__ import annotations

import rewardkit as rk
from rewardkit_format.forms import FORMS, Fault, Style, blocks_of, first_fault

__all__ = ["fault_of", "format"]


@rk.reward
def format(completion: rk.Completion, *, style: Style = "strict") -> rk.Score:
    """1.0 for one think block, then one answer block, both with content, and nothing else.

    Anything else is 0.0, with what is wrong first in the text. White space and characters that
    cannot be seen are no content; special tokens that end the turn may follow. Tags are those of
    the reading, and tags wherever they stand: a parser does not know that one in the thinking was
    quoted. Where the prompt has written the opening think tag, the completion must not write it
    again. Styles:

    - "strict": as above, with any white space around and between the blocks.
    - "open-r1": the same, each tag on a line of its own and no further white space.
    - "trl": a think block at the very start, then anything but another think tag.
    - "think": a think block, then a response with content; answer tags are ordinary text.
    """
    fault = fault_of(completion, style)
    if fault is None:
        return rk.Score(1.0, FORMS[style].description)
    return rk.Score(0.0, fault.reason, {"style": style, "position": fault.position})


def fault_of(completion: rk.Completion, style: Style) -> Fault | None:
    """The first thing in a completion that is not as `style` asks, or None."""
    form = FORMS[style]
    think, answer = blocks_of(completion.reading)
    blocks = (think, answer) if form.answer else (think,)
    return first_fault(completion, blocks, completion.prefilled, form)
