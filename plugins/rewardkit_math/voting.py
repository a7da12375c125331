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

    An answer joins a class if it equals each of its members under the policies of `verify`, which
    by default are symmetric: "1, 2" is (1, 2) and \\{1, 2\\}, but these differ. The classes don't
    depend on the order of the answers: the shortest texts are placed first. None and empty answers
    are each a class of their own, so that they never make a majority.

    Example:
        >>> group_answers(["1/2", "0.5", "2", r"\\frac12"])
        [0, 0, 1, 0]
    """
    texts = ["" if answer is None else str(answer).strip() for answer in answers]

    def equal(one: str, other: str) -> bool:
        return verify(one, other, policy=policy, deadline=deadline, **policies).value == 1.0

    groups: list[list[str]] = []
    for text in sorted({text for text in texts if text}, key=lambda text: (len(text), text)):
        group = next((g for g in groups if all(equal(member, text) for member in g)), None)
        if group is None:
            groups.append([text])
        else:
            group.append(text)
    places = {text: at for at, group in enumerate(groups) for text in group}
    numbers: dict[object, int] = {}
    return [
        numbers.setdefault(places[text] if text else ("empty", at), len(numbers))
        for at, text in enumerate(texts)
    ]
