"""What a model wrote, out of text that still has its prompt or its special tokens."""

from __future__ import annotations

import re
from collections.abc import Collection

from rewardkit.end_tokens import SPECIAL, without_end

__all__ = ["response"]

_BEGIN = re.compile(rf"(?:\s*{SPECIAL})+")
# A query that was decoded from tokens may not begin with its prompt letter for letter: its end is
# then looked for.
_TAIL_CHARACTERS = 48


def response(query: str, prompt: str, keep: Collection[str] = ()) -> str:
    """What the model wrote: the query after its prompt, without the tokens that end it.

    Those in `keep` are none, whatever they look like: the tags that it is read by.
    """
    bare = _without_begin(query)
    for asked, given in ((query, prompt), (bare, prompt), (bare, _without_begin(prompt))):
        if asked.startswith(given):
            return without_end(asked[len(given) :], keep)
    tail = prompt[-_TAIL_CHARACTERS:]
    # A prompt of several turns may hold what it ends in more than once.
    return without_end(query.split(tail, prompt.count(tail))[-1], keep)


def _without_begin(text: str) -> str:
    found = _BEGIN.match(text)
    return text[found.end() :] if found else text
