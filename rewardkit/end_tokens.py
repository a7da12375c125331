"""The special tokens that a tokenizer writes where a turn ends: no part of what is said."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["SPECIAL", "without_end"]

_LONGEST = 64  # characters; none of these tokens is longer
_WINDOW = 512  # characters at the end that are looked at in one go
SPECIAL = (
    r"(?:<\|[^|<>\s]{1,48}\|>|<｜[^｜<>\s]{1,48}｜>|</?s>|\[(?:EOS|PAD|/?INST)\]"
    r"|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn|end_of_text)>)"
)
"""A pattern of such a token: `<|im_end|>`, `</s>`, `<｜end▁of▁sentence｜>`, `<end_of_turn>`."""
_END = re.compile(rf"(?:\s*+{SPECIAL})++\s*\Z")
# What each of them ends in: nearly every text is told apart by it.
_LAST = ("|>", "｜>", "s>", "d>", "k>", "n>", "t>", "S]", "D]", "T]")


def without_end(text: str, keep: Collection[str] = ()) -> str:
    """The text without the special tokens that end a turn, or fill up the rest of it.

    Those in `keep` stay, and all that stands before them: a tag may look like such a token.
    """
    if not text[-_LONGEST:].rstrip().endswith(_LAST):
        return text
    # Only so much at a time is looked at: a pattern that may begin in any space of the whole text
    # takes quadratic time on long runs of them.
    end = len(text)
    while found := _END.search(text, max(0, end - _WINDOW), end):
        kept = max((found[0].rfind(tag) + len(tag) for tag in keep if tag in found[0]), default=0)
        end = found.start() + kept
        if kept:
            break
    return text[:end]
