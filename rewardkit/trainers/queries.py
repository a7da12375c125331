"""What a model wrote, out of text that still has its prompt or its special tokens."""

from __future__ import annotations

import re

__all__ = ["response", "without_end"]

# One of the tokens that models put before, between and after turns; none is longer than this.
_LONGEST = 64
_SPECIAL = (
    r"(?:<\|[^|<>\s]{1,48}\|>|<｜[^｜<>\s]{1,48}｜>|</?s>"
    r"|<(?:bos|eos|pad|unk|start_of_turn|end_of_turn)>)"
)
_BEGIN = re.compile(rf"(?:\s*{_SPECIAL})+")
_END = re.compile(rf"\s*{_SPECIAL}\s*\Z")
# A query that was decoded from tokens may not begin with its prompt letter for letter: its end is
# then looked for.
_TAIL_CHARACTERS = 48


def response(query: str, prompt: str) -> str:
    """What the model wrote: the query after its prompt, without the tokens that end it."""
    bare = _without_begin(query)
    for asked, given in ((query, prompt), (bare, prompt), (bare, _without_begin(prompt))):
        if asked.startswith(given):
            return without_end(asked[len(given) :])
    tail = prompt[-_TAIL_CHARACTERS:]
    # A prompt of several turns may hold what it ends in more than once.
    return without_end(query.split(tail, prompt.count(tail))[-1])


def without_end(text: str) -> str:
    """The text without the special tokens that end a turn, or fill up the rest of it."""
    # Only so much at a time is looked at: a pattern that may begin in any space of the whole text
    # takes quadratic time on long runs of them.
    end = len(text)
    while found := _END.search(text, max(0, end - _LONGEST), end):
        end = found.start()
    return text[:end]


def _without_begin(text: str) -> str:
    found = _BEGIN.match(text)
    return text[found.end() :] if found else text
