"""How long completions are, in the unit asked for, and whether they are right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import rewardkit as rk
from rewardkit.option_types import Checked
from rewardkit.tokencount import count_tokens
from rewardkit.wordcount import count_words

__all__ = ["NO_TOKENS", "Unit", "Verifier", "length_of", "verdicts"]

Unit = Literal["characters", "words", "tokens"]

_SHOWN = 60  # characters of a value that a reason quotes

NO_TOKENS = "no length in tokens: give a column `completion_ids` or the option `tokenizer`"


def length_of(
    completion: str, ids: Sequence[int] | None, unit: Unit, tokenizer: str | None
) -> float | None:
    """How many characters, words (in any script) or tokens a completion is, its thinking included.

    Tokens are the row's ids, else they are counted by `tokenizer`; None where there is neither.
    """
    if unit == "characters":
        return len(completion)
    if unit == "words":
        return count_words(completion)
    if ids is not None:
        return len(ids)
    return None if tokenizer is None else count_tokens(completion, tokenizer)


def _require_verifier(name: str) -> None:
    try:
        reward = rk.get_reward(name)
    except rk.RewardkitError as error:
        raise ValueError(str(error)) from error
    if name in ("cosine", "length") or reward.scores_groups:
        raise ValueError(f"{name} does not say whether one completion is right")


Verifier = Annotated[str, Checked(_require_verifier)]
"""The name of a reward that says whether an answer is right: it scores 1.0 or more."""


def verdicts(
    completions: list[rk.Completion],
    correct: Sequence[Any] | None,
    columns: dict[str, Any],
    verifier: str,
) -> list[rk.Score]:
    """A Score for each completion: of `correct` where the row says it, else of the verifier.

    `columns` are the rows' other columns, lists of the same length.
    """
    given = [None] * len(completions) if correct is None else map(_verdict, correct)
    found = {i: verdict for i, verdict in enumerate(given) if verdict is not None}
    asked = [i for i in range(len(completions)) if i not in found]
    if asked:
        rows = _rows(completions, columns, asked)
        scores = rk.get_reward(verifier).score(rows, reading=completions[0].reading)
        found.update(zip(asked, scores, strict=True))
    return [found[i] for i in range(len(completions))]


def _verdict(value: Any) -> rk.Score | None:
    """What a row's `correct` says; None where it says nothing: tables have NaN for that."""
    try:
        number = math.nan if value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        shown = repr(value)[:_SHOWN]
        return rk.Score.fail(f"the column `correct` is {shown}, neither true, false nor a number")
    if math.isnan(number):
        return None
    return rk.Score(float(number >= 1.0), "the column `correct`")


def _rows(
    completions: list[rk.Completion], columns: dict[str, Any], places: list[int]
) -> dict[str, list[Any]]:
    # Beside columns, trainers give functions and states.
    rows = {name: column for name, column in columns.items() if isinstance(column, list)}
    if "prompts" in rows:
        rows["prompt"] = rows.pop("prompts")
    rows["completion"] = list(completions)
    return {name: [column[i] for i in places] for name, column in rows.items()}
