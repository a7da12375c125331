"""Verifying an answer: the layers in order, and the first verdict as a score."""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_math.layers import LAYERS, Text, Verdict, clip
from rewardkit_math.reading import UnreadableError, read_answer, read_references

__all__ = ["verify"]


def verify(reference: Any, answer: Any) -> rk.Score:
    r"""1.0 where the answer is the reference, 0.0 where it is not; abstains where it cannot tell.

    Both are answers, not completions: bare LaTeX, `$...$`, `\boxed{...}`, `#### 42`, a number. A
    list of references is one of several correct answers. Symmetric, except that an empty answer is
    wrong and an empty reference abstains.

    Example:
        >>> verify("1/2", r"\frac{2}{4}").value
        1.0
    """
    try:
        references = read_references(reference)
    except UnreadableError as error:
        return rk.Score.abstain(f"the reference cannot be read: {error}", layer="reading")
    try:
        text = read_answer(answer)
    except UnreadableError as error:
        return rk.Score(0.0, f"no answer: {error}", {"layer": "reading"})
    return _best([_score(one, text) for one in references])


def _best(scores: list[rk.Score]) -> rk.Score:
    """Right if any is right, wrong if all are wrong, undecided otherwise."""
    for score in scores:
        if score.value == 1.0:
            return score
    return next((score for score in scores if score.value is None), scores[0])


def _score(reference: str, answer: str) -> rk.Score:
    verdict = _decide(Text(reference), Text(answer))
    evidence = {"layer": verdict.layer, "reference": clip(reference), "answer": clip(answer)}
    value = None if verdict.right is None else float(verdict.right)
    return rk.Score(value, verdict.reason, evidence)


def _decide(reference: Text, answer: Text) -> Verdict:
    for layer in LAYERS:
        verdict = layer(reference, answer)
        if verdict is not None:
            return verdict
    reason = f"cannot decide whether {answer} is {reference}: needs the symbolic layer"
    return Verdict(None, "none", reason)
