"""Grouping answers that are the same, for majority voting and maj@k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rewardkit_math.verdict import verify

__all__ = ["group_answers"]


def group_answers(
    answers: Sequence[Any], *, policy: Any = "symmetric", deadline: float = 1.0, **policies: Any
) -> list[int]:
    """The class of each answer, numbered from 0 in order of appearance: equal answers share one.

    An answer joins the first class whose first member it equals under the policies of `verify`,
    which by default are symmetric. None and empty answers are each a class of their own, so that
    they never make a majority.

    Example:
        >>> group_answers(["1/2", "0.5", "2", r"\\frac12"])
        [0, 0, 1, 0]
    """
    classes: list[int] = []
    known: dict[str, int] = {}
    firsts: list[tuple[int, str]] = []
    count = 0
    for answer in answers:
        text = "" if answer is None else str(answer).strip()
        found = known.get(text) if text else None
        if text and found is None:
            found = next(
                (
                    at
                    for at, first in firsts
                    if verify(first, text, policy=policy, deadline=deadline, **policies).value
                    == 1.0
                ),
                None,
            )
        if found is None:
            found, count = count, count + 1
            if text:
                firsts.append((found, text))
        if text:
            known[text] = found
        classes.append(found)
    return classes
