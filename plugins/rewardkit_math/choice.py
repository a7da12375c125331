"""The reward `choice`: whether a completion names the right choice of several."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import rewardkit as rk
from rewardkit_math.extraction import Answer, extract
from rewardkit_math.layers import clip
from rewardkit_math.responses import response_of
from rewardkit_math.words import chosen

__all__ = ["choice"]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# The phrases that name a letter: "the answer is (B)", "I choose B", "option B".
_NAMED = re.compile(
    r"(?:[Aa]nswer(?:\s+is)?|ANSWER|[Cc]hoose|[Oo]ption|[Cc]hoice)\s*:?\s*(?:is\s+)?"
    r"[*(\[$\s]{0,4}([A-Z])(?![A-Za-z'])"
)


@rk.reward
def choice(completion: rk.Completion, answer: Any = None, choices: Any = None) -> rk.Score:
    """1.0 where the completion names the right choice, by its letter or by its text.

    `answer` is the right letter, its text, or its index from 0 where it is a whole number;
    `choices` are the texts, the first is A, or a mapping from letters. A completion that names
    several choices, or none, is 0.0; a missing answer, or one that is no choice, abstains.
    """
    offered = _offered(choices)
    right = _right(answer, offered)
    if right is None:
        return rk.Score.abstain(f"the reference names no choice: {clip(str(answer))}")
    given = _given(response_of(completion), offered)
    if given is None:
        return rk.Score(0.0, "no answer found: no single choice is named", {"reference": right})
    reason = f"choice {given}" if given == right else f"choice {given} is not {right}"
    return rk.Score(float(given == right), reason, {"reference": right, "answer": given})


def _offered(choices: Any) -> Mapping[str, Any]:
    """The choices by letter; without any, all letters."""
    if isinstance(choices, Mapping):
        if "text" in choices and "label" in choices:  # ARC's columns
            return dict(zip(map(str, choices["label"]), choices["text"], strict=False))
        return choices
    if isinstance(choices, Sequence) and not isinstance(choices, str) and choices:
        return dict(zip(_LETTERS, choices, strict=False))
    return {letter: f"choice {letter}" for letter in _LETTERS[:10]}


def _right(answer: Any, offered: Mapping[str, Any]) -> str | None:
    if isinstance(answer, int) and not isinstance(answer, bool):
        letters = list(offered)
        return letters[answer] if 0 <= answer < len(letters) else None
    return chosen(answer, offered) if isinstance(answer, str) and answer.strip() else None


def _given(response: str, offered: Mapping[str, Any]) -> str | None:
    found = extract(response)
    if isinstance(found, Answer):
        letter = chosen(found.text, offered)
        if letter is not None or found.source in ("box", "answer block"):
            return letter
    named = {match[1] for match in _NAMED.finditer(response[-1_000:])}
    if len(named) == 1:
        return chosen(named.pop(), offered)
    return chosen(response.strip(), offered) if not named and len(response) < 1_000 else None
