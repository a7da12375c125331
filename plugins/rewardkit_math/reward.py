"""The reward `math`: whether a completion's answer is the reference."""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_math.extraction import Answer, NoAnswer, extract
from rewardkit_math.layers import clip
from rewardkit_math.reading import UnreadableError, read_references
from rewardkit_math.verdict import verify

__all__ = ["math"]


@rk.reward
def math(completion: rk.Completion, answer: Any = None) -> rk.Score:
    """1.0 where the answer that the completion declares is the reference, 0.0 where it is not.

    The answer is looked for after the thinking only. `answer` is the reference: text, a number, or
    a list of several correct ones. No answer is 0.0; a missing or unreadable reference abstains,
    and so does a pair that cannot be decided.
    """
    try:
        references = read_references(answer)
    except UnreadableError as error:
        return rk.Score.abstain(f"the reference cannot be read: {error}", layer="reading")
    found = extract(completion.response)
    if isinstance(found, NoAnswer):
        evidence = {"layer": "extraction", "reference": clip(references[0])}
        return rk.Score(0.0, f"no answer found: {found.reason}", evidence)
    score = _best_form(references, found)
    return rk.Score(score.value, score.reason, {**score.evidence, "found": found.source})


def _best_form(references: list[str], found: Answer) -> rk.Score:
    """The verdict on an answer; one given in several forms is right where each of them is."""
    score = verify(references, found.text)
    if score.value != 1.0 and found.forms:
        forms = [verify(references, form) for form in found.forms]
        if all(form.value == 1.0 for form in forms):
            return forms[-1]
    return score
