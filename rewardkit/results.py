"""What a reward's function returned, or raised, as Scores."""

from __future__ import annotations

import functools
import inspect
import math
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from rewardkit.errors import ContractError
from rewardkit.types import Score
from rewardkit.workers import Outcome

__all__ = ["as_score", "as_scores", "failure", "from_outcome"]

_WANTED = "expected a float, a bool, None (abstains) or a rewardkit.Score"
_TRACEBACK_CHARACTERS = 4_000
_REASON_CHARACTERS = 500


def as_score(name: str, result: Any) -> Score:
    """The Score that reward `name` meant by `result`.

    Raises:
        ContractError: It is none of what a reward may return, NaN and infinity included.
    """
    if type(result) is float or type(result) is bool or result is None:
        return _plain(name, result)
    if isinstance(result, Score):
        return result
    return _plain(name, _as_float(name, result))


def as_scores(name: str, returned: Any, size: int) -> list[Score]:
    """The Scores that reward `name` meant by what it returned for `size` rows.

    Raises:
        ContractError: It is no list, or one of another length.
    """
    if hasattr(returned, "tolist"):  # an array or a tensor
        returned = returned.tolist()
    if isinstance(returned, str | bytes | Mapping | Score) or not isinstance(returned, Iterable):
        raise _wrong(name, returned, f"expected a list of {size} scores")
    results = list(returned)
    if len(results) != size:
        raise ContractError(f"{name} returned {len(results)} scores for {size} completions")
    return [_as_score_or_failure(name, result) for result in results]


def failure(error: BaseException) -> Score:
    """The failed Score for what a reward raised, with the traceback as evidence."""
    lines = traceback.format_exception(error)
    message = _message(error)
    reason = message if isinstance(error, ContractError) else f"{type(error).__name__}: {message}"
    return Score.fail(
        reason.rstrip(": ")[:_REASON_CHARACTERS],
        traceback="".join(lines)[-_TRACEBACK_CHARACTERS:],
    )


def from_outcome(outcome: Outcome) -> Score:
    """The Score that a worker computed, or a failed one that says what became of the worker."""
    if outcome.kind == "ok":
        score: Score = outcome.value
        return score
    evidence = {"traceback": outcome.traceback} if outcome.traceback else {}
    return Score.fail(outcome.error[:_REASON_CHARACTERS], **evidence)


@functools.lru_cache(maxsize=4096)
def _plain(name: str, value: float | None) -> Score:
    # Most rewards return few different numbers: their Scores are made once. bool is a float here.
    if value is None:
        return Score.abstain(f"{name} returned None")
    if not math.isfinite(value):
        raise ContractError(f"{name} returned {value}; {_WANTED}, and numbers that are finite")
    value += 0.0  # -0.0 becomes the 0.0 that it equals
    return Score(value, f"{name} returned {value:g}")


def _as_float(name: str, result: Any) -> float:
    try:
        if hasattr(result, "__float__"):
            return float(result)
    except Exception as error:
        raise _wrong(name, result, _WANTED) from error
    raise _wrong(name, result, _WANTED)


def _wrong(name: str, returned: Any, wanted: str) -> ContractError:
    if inspect.iscoroutine(returned):
        returned.close()
        wanted = "a function that returns one must be `async def` to be awaited"
    return ContractError(f"{name} returned {_shown(returned)}; {wanted}")


def _as_score_or_failure(name: str, result: Any) -> Score:
    try:
        return as_score(name, result)
    except ContractError as error:
        return failure(error)


def _shown(result: Any) -> str:
    try:
        text = repr(result)
    except Exception:  # noqa: BLE001  a reward may return anything
        text = "…"
    return f"{type(result).__name__} {text if len(text) <= 80 else text[:79] + '…'}"


def _message(error: BaseException) -> str:
    try:
        return next(iter(str(error).splitlines()), "")
    except (Exception, SystemExit):  # noqa: BLE001  an exception may have a broken __str__
        return ""
