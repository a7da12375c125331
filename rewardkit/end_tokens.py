"""The special tokens that a tokenizer writes where a turn ends: no part of what is said."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["SPECIAL", "without_end"]

# One of the tokens that models put before, between and after turns; none is longer than this.
_LONGEST = 64
SPECIAL = (
    r"(?:<\|[^|<>\s]{1,48}\|>|<｜[^｜<>\s]{1,48}｜>|</?s>|\[(?:EOS|PAD|/?INST)\]"
    r"|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn|end_of_text)>)"
)
"""A pattern of such a token: `<|im_end|>`, `</s>`, `<｜end▁of▁sentence｜>`, `<end_of_turn>`."""
_END = re.compile(rf"\s*(?P<token>{SPECIAL})\s*\Z")
# What each of them ends in: nearly every text is told apart by it.
_LAST = ("|>", "｜>", "s>", "d>", "k>", "n>", "t>", "S]", "D]", "T]")


def without_end(text: str, keep: Collection[str] = ()) -> str:
    """The text without the special tokens that end a turn, or fill up the rest of it.

    Tokens in `keep` stay, and all that stands before them: a tag may look like such a token.
    """
    if not text[-_LONGEST:].rstrip().endswith(_LAST):
        return text
    # Only so much at a time is looked at: a pattern that may begin in any space of the whole text
    # takes quadratic time on long runs of them.
    end = len(text)
    while found := _END.search(text, max(0, end - _LONGEST), end):
        if found["token"] in keep:
            break
        end = found.start()
    return text[:end]
