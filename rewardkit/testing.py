"""What a plugin author runs on a reward or filter of their own.

::

    from rewardkit.testing import check_reward


    def test_brevity_keeps_the_contract():
        check_reward(brevity, [{"completion": "short"}, {"completion": "long " * 999}])

Each check takes rows as the author expects them, puts completions into them that nobody expects,
and raises one AssertionError that lists every problem found.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rewardkit.completions import Reading
from rewardkit.composition import FirstOf, Reward
from rewardkit.errors import ContractError
from rewardkit.filters import Filter
from rewardkit.rewards import FunctionReward
from rewardkit.rows import read_batch
from rewardkit.types import Rejection, Score

__all__ = ["HOSTILE_COMPLETIONS", "check_filter", "check_reward"]

Row = Mapping[str, Any]

# What models, and those who train them, come up with.
HOSTILE_COMPLETIONS: Mapping[str, Any] = {
    "empty": "",
    "blank": " \n\t\u00a0\u200b\n",
    "huge": "the same words again and again " * 10_000,
    "one long word": "a" * 100_000,
    "a number too long for int()": "9" * 5_000,
    "unclosed thinking": "<think>" * 1_000 + "why",
    "closed thinking that was never opened": "why</think>" * 1_000,
    "empty tags": "<think></think><answer></answer>",
    "unclosed answers": "<think>why</think>" + "<answer>" * 1_000,
    "unclosed boxes": r"\boxed{" * 1_000,
    "unbalanced braces": "}{" * 1_000 + r"\boxed{}}",
    "unclosed fences": "```python\n" * 1_000,
    "backslashes": "\\" * 1_000,
    "Chinese": "<think>因为一加一等于二。</think><answer>二</answer>",
    "Arabic, right to left": "<think>\u202eلأن\u202c</think><answer>٢</answer>",
    "combining marks and emoji": "e\u0301\u0301\u0301 👩\u200d👩\u200d👧 𝟙𝟚",
    "a lone surrogate": "<think>\ud800</think><answer>\udfff</answer>",
    "NUL and control characters": "\x00\x01\x1b[31m\x7f<answer>\x00</answer>",
    "a message": [{"role": "assistant", "content": "<think>why</think>4"}],
    "thinking in a field of its own": [
        {"role": "assistant", "reasoning_content": "why", "content": "4"}
    ],
    "a message without content": [{"role": "assistant", "content": None, "tool_calls": []}],
    "no message": [],
}


def check_reward(reward: Reward, rows: Sequence[Row], *, reading: Reading | None = None) -> None:
    """Check that a reward keeps the contract, on `rows` and on hostile completions put into them.

    It has a docstring; it pickles and comes back equal; it scores the same twice and, unless it
    scores groups, whatever stands beside a row; it changes no row; it never fails; and every
    number and every abstention has a reason.

    Args:
        reward: What `@rewardkit.reward` makes, or a fallback of such.
        rows: A few of the rows that it is made for, as dicts.
        reading: How they are read, where that differs from the defaults.

    Raises:
        AssertionError: It does not; the message lists every problem.
        ContractError: This is no reward, or these are no rows.
    """
    if not isinstance(reward, Reward):
        raise ContractError(
            f"check_reward takes a reward, not {type(reward).__name__}: "
            "decorate it with @rk.reward."
        )
    reading = reading or Reading()

    def judge(given: Sequence[Row]) -> list[tuple[Any, ...]]:
        return [(s.value, s.failed) for s in reward.score(given, reading=reading)]

    def faults(given: Sequence[Row]) -> list[str]:
        return [_fault_of_score(s) for s in reward.score(given, reading=reading)]

    _check("Reward", reward, rows, reading, judge, faults)


def check_filter(
    filter: Filter[..., Any], rows: Sequence[Row], *, reading: Reading | None = None
) -> None:
    """Check that a filter keeps the contract, on `rows` and on hostile completions put into them.

    It has a docstring; it pickles and comes back equal; it judges the same twice and whatever
    stands beside a row; it changes no row; it never raises, and returns a reason or None.

    Args:
        filter: What `@rewardkit.filter` makes.
        rows: A few of the rows that it is made for, as dicts.
        reading: How they are read, where that differs from the defaults.

    Raises:
        AssertionError: It does not; the message lists every problem.
        ContractError: This is no filter, or these are no rows.
    """
    if not isinstance(filter, Filter):
        raise ContractError(
            f"check_filter takes a filter, not {type(filter).__name__}: "
            "decorate it with @rk.filter."
        )
    reading = reading or Reading()

    def judge(given: Sequence[Row]) -> list[Rejection | None]:
        batch = read_batch(given, reading)
        filter.check_columns(batch.columns)
        return filter.judge(batch)

    def faults(given: Sequence[Row]) -> list[str]:
        return [_fault_of_filter(filter, row, reading) for row in given]

    _check("Filter", filter, rows, reading, judge, faults)


def _check(
    kind: str,
    subject: Reward | Filter[..., Any],
    rows: Sequence[Row],
    reading: Reading,
    judge: Callable[[Sequence[Row]], list[Any]],
    faults: Callable[[Sequence[Row]], list[str]],
) -> None:
    if not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ContractError("Give a list of at least one row, each a dict.")
    given = _named_rows(subject, rows, reading)
    problems = [*_problems_of_itself(subject)]
    try:
        problems += _problems_on_rows(given, judge, faults, alone=not _scores_groups(subject))
    except Exception as error:  # noqa: BLE001  it is the author's code that is on trial
        problems.append(f"scores no row at all: {type(error).__name__}: {error}")
    if problems:
        listed = "\n".join(f"- {problem}" for problem in problems)
        raise AssertionError(f"{kind} {subject.name!r} breaks its contract:\n{listed}")


def _problems_of_itself(subject: Reward | Filter[..., Any]) -> Iterator[str]:
    if not subject.summary:
        yield "has no docstring, or an empty first line: that line is its help"
    try:
        back = pickle.loads(pickle.dumps(subject))  # noqa: S301  it was packed one line before
    except Exception as error:  # noqa: BLE001  as above
        yield (
            f"cannot be pickled, for instance to other processes: {error}. Define the function "
            "at the top of a module"
        )
    else:
        if back != subject:
            yield "comes back from pickling as another one: give its parts an __eq__"


def _problems_on_rows(
    given: Mapping[str, Row],
    judge: Callable[[Sequence[Row]], list[Any]],
    faults: Callable[[Sequence[Row]], list[str]],
    *,
    alone: bool,
) -> Iterator[str]:
    names, rows = list(given), list(given.values())
    before = copy.deepcopy(rows)
    verdicts = judge(rows)
    yield from _where(names, faults(rows))
    yield from _where(
        names, ["changes its row" if a != b else "" for a, b in _pairs(before, rows)]
    )
    again = judge(before)
    yield from _where(names, _differences(verdicts, again, "judges otherwise the second time"))
    if alone:
        backwards = judge(before[::-1])[::-1]
        yield from _where(names, _differences(again, backwards, "depends on the rows' order"))
        single = [judge([row])[0] for row in before]
        yield from _where(names, _differences(again, single, "depends on the rows beside it"))


def _named_rows(
    subject: Reward | Filter[..., Any], rows: Sequence[Row], reading: Reading
) -> dict[str, Row]:
    column = reading.columns.get("completion", "completion")
    named: dict[str, Row] = {f"row {i}": copy.deepcopy(row) for i, row in enumerate(rows)}
    for name, completion in HOSTILE_COMPLETIONS.items():
        for i, row in enumerate(rows):
            hostile = completion
            if _takes_raw(subject):
                # It gets completions as they are, so that they are of one kind.
                hostile = _alike(completion, row.get(column))
            if hostile is not None:
                named[f"row {i} with another completion, {name}"] = {
                    **copy.deepcopy(row),
                    column: hostile,
                }
    return named


def _alike(completion: Any, own: Any) -> Any:
    """A hostile completion as text or messages, whichever the author's own is; None if neither."""
    if isinstance(own, str):
        return completion if isinstance(completion, str) else None
    if isinstance(completion, str):
        return [{"role": "assistant", "content": completion}]
    return completion


def _takes_raw(subject: object) -> bool:
    if isinstance(subject, FirstOf):
        return any(_takes_raw(member) for member in subject.members)
    if not isinstance(subject, FunctionReward):
        return False
    return subject.call.takes_batch and not subject.call.signature.reads_completions


def _scores_groups(subject: object) -> bool:
    if isinstance(subject, FirstOf):
        return any(_scores_groups(member) for member in subject.members)
    return isinstance(subject, FunctionReward) and subject.call.group


def _fault_of_score(score: Score) -> str:
    if score.failed:
        return f"fails: {score.reason}"
    if not score.reason:
        what = "abstains" if score.value is None else f"scores {score.value:g}"
        return f"{what} without a reason"
    return ""


def _fault_of_filter(filter: Filter[..., Any], row: Row, reading: Reading) -> str:
    try:
        found = filter.reject(row, reading=reading)
    except Exception as error:  # noqa: BLE001  as above
        return f"fails: {type(error).__name__}: {error}"
    return "rejects without a reason" if found is not None and not found.reason else ""


def _differences(some: Sequence[Any], others: Sequence[Any], problem: str) -> list[str]:
    return [problem if a != b else "" for a, b in _pairs(some, others)]


def _pairs(some: Sequence[Any], others: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(some, others, strict=True)


def _where(names: Sequence[str], faults: Sequence[str]) -> Iterator[str]:
    """Each fault once, with the rows that show it."""
    shown: dict[str, list[str]] = {}
    for name, fault in zip(names, faults, strict=True):
        if fault:
            shown.setdefault(fault, []).append(name)
    for fault, where in shown.items():
        more = f", and {len(where) - 3} more" if len(where) > 3 else ""
        yield f"{fault} ({'; '.join(where[:3])}{more})"
