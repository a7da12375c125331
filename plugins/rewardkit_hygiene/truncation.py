"""The filter `truncated`."""

from __future__ import annotations

import rewardkit as rk

__all__ = ["truncated"]


@rk.filter
def truncated(completion: rk.Completion, *, require_answer: bool = False) -> str | None:
    """Rejects completions that are cut off.

    That is where `finish_reason` is "length" or what another server says for it, where the
    thinking is not closed, where its tags have nothing visible between them, and, with
    `require_answer`, where the response has no answer block with content and no box.
    """
    if completion.cut_off:
        return f"cut off at the limit of length (finish_reason {completion.finish_reason!r})"
    if not completion.thinking_closed:
        return "the thinking is not closed"
    if completion.has_thinking_tags and not completion.thinking.strip(_INVISIBLE):
        return "the thinking is empty"
    if require_answer and not (completion.answer or "").strip(_INVISIBLE):
        return "no answer: neither an answer block with content nor a box"
    return None


# White space and zero-width characters that a text may begin with.
_INVISIBLE = (
    " \t\n\r\f\v\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u2060\u3000\ufeff\x00"
)
