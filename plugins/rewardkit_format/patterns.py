"""The reward `regex`: whether a completion matches the user's pattern."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal

import rewardkit as rk
from rewardkit.option_types import Checked, PositiveFloat

if TYPE_CHECKING:
    from regex import Pattern

__all__ = ["Part", "PatternText", "compiled", "regex"]

Part = Literal["completion", "thinking", "response", "answer"]


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Pattern[str]:
    """The pattern, compiled; a ValueError where it is none."""
    import regex as engine  # it takes as long to import as the rest of rewardkit

    try:
        return engine.compile(pattern)
    except engine.error as error:
        raise ValueError(f"no regular expression: {error}") from error


PatternText = Annotated[str, Checked(compiled)]
"""A pattern as the package `regex` reads it."""


@rk.reward
def regex(
    completion: rk.Completion,
    *,
    pattern: PatternText,
    where: Part = "completion",
    whole: bool = True,
    seconds: PositiveFloat = 1.0,
) -> rk.Score:
    r"""1.0 when `pattern` matches the completion, or the part of it that `where` names.

    The pattern is the package `regex`'s: `re`'s syntax and `\p{Han}`, possessive quantifiers, ...;
    a dot is no line break unless the pattern begins with `(?s)`. It must match all of the part,
    or with `whole=False` something in it. A match that takes more than `seconds` is a failed
    score: it says as much of the pattern as of the completion.
    """
    part = completion if where == "completion" else getattr(completion, where)
    if part is None:
        return rk.Score(0.0, "the completion has no answer")
    engine = compiled(pattern)
    matches = engine.fullmatch if whole else engine.search
    try:
        # Without Python's lock: other threads go on while a match takes its time.
        found = matches(str(part), timeout=seconds, concurrent=True)
    except TimeoutError:
        return rk.Score.fail(f"the pattern took more than {seconds:g} s on the {where}")
    if found is None:
        return rk.Score(0.0, f"the {where} does not match")
    return rk.Score(1.0, f"the {where} matches", {"span": found.span()})
