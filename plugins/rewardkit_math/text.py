"""The reward `text`: whether a completion's answer is the reference, as text or as a number."""

from __future__ import annotations

from typing import Any, Literal

import rewardkit as rk
from rewardkit_math.exact import Long, read_number
from rewardkit_math.extraction import NoAnswer, extract
from rewardkit_math.layers import clip
from rewardkit_math.normalise import normalise
from rewardkit_math.reading import UnreadableError, read_references
from rewardkit_math.responses import response_of
from rewardkit_math.words import plain_words

__all__ = ["text"]


@rk.reward
def text(
    completion: rk.Completion,
    answer: Any = None,
    *,
    match: Literal["exact", "normalised", "contains"] = "normalised",
    tolerance: float = 0.0,
) -> rk.Score:
    """1.0 where the answer that the completion declares is the reference's text.

    Exactly; once normalised, which leaves out case, marks, articles and LaTeX's commands for text;
    or where its words contain the reference's. Two numbers are compared as numbers, and may differ
    by `tolerance` times the reference. A list of references is one of several correct answers. A
    missing reference abstains; no answer is 0.0.
    """
    try:
        references = read_references(answer)
    except UnreadableError as error:
        return rk.Score.abstain(f"the reference cannot be read: {error}")
    response = response_of(completion)
    found = extract(response)
    given = response.strip() if isinstance(found, NoAnswer) else found.text
    if not given:
        return rk.Score(0.0, "no answer found: the response is empty")
    evidence = {"reference": clip(references[0]), "answer": clip(given)}
    for reference in references:
        if _matches(reference, given, match, tolerance):
            return rk.Score(1.0, f"{match}: {clip(reference)}", evidence)
    return rk.Score(0.0, f"{clip(given)} is not {clip(references[0])}", evidence)


def _matches(reference: str, given: str, match: str, tolerance: float) -> bool:
    if reference == given:
        return True
    if match == "exact":
        return False
    one, other = read_number(normalise(reference)), read_number(normalise(given))
    if one is not None and other is not None:
        return _near(one.value, other.value, tolerance)
    ours, theirs = plain_words(reference), plain_words(given)
    if match == "contains":
        return bool(ours) and f" {' '.join(ours)} " in f" {' '.join(theirs)} "
    return bool(ours) and ours == theirs


def _near(one: Any, other: Any, tolerance: float) -> bool:
    if isinstance(one, Long) or isinstance(other, Long):
        return bool(one == other)
    return bool(abs(one - other) <= abs(one) * tolerance)
