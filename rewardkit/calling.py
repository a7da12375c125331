"""Calling a reward's function over a batch: by sample, batch or group; awaited, or in workers."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rewardkit.background import OverranError, await_all
from rewardkit.calls import Call, Unit
from rewardkit.errors import ContractError
from rewardkit.results import failure, from_outcome
from rewardkit.rows import Batch
from rewardkit.types import Score
from rewardkit.workers import shared_pool

__all__ = ["Limits", "begin"]

# A batch function that raises is asked again in halves, to find the rows that it cannot take.
# Where so many calls in a row have failed and that has taken so long, rows that fail together
# share the error: a service that is down is not asked for every row.
_MOST_FAILING_CALLS = 64
_MOST_FAILING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Where and for how long a reward may run.

    Attributes:
        deadline: Seconds a sample. The function then runs in worker processes that can be killed;
            an async one is cancelled.
        workers: On how many processes. None: in this one or, with a deadline, one a core.
        memory: Bytes that a worker process may take.
        concurrency: How many calls of an async function are under way at once. None: all.
    """

    deadline: float | None = None
    workers: int | None = None
    memory: int | None = None
    concurrency: int | None = None

    def __post_init__(self) -> None:
        for name in ("deadline", "workers", "memory", "concurrency"):
            value = getattr(self, name)
            if value is None:
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not value > 0 or (name != "deadline" and value != int(value)):
                kind = "a number of seconds" if name == "deadline" else "a whole number"
                raise ContractError(f"`{name}` is {kind} above 0, not {value!r}.")

    @property
    def in_workers(self) -> bool:
        """Whether a function that is not async runs in worker processes."""
        return any((self.deadline, self.workers, self.memory))


def begin(call: Call, limits: Limits, batch: Batch) -> Callable[[], list[Score]]:
    """Start scoring a batch; what is returned waits for the scores, one a row, in order."""
    if call.signature.is_async:
        return _awaited(call, limits, batch)
    if limits.in_workers:
        return lambda: _in_workers(call, limits, batch)
    if call.takes_batch:
        return lambda: _placed(
            batch, [(unit, _isolated(call, unit)) for unit in call.units(batch)]
        )
    return lambda: _in_order(batch, map(call.one, call.samples(batch)))


def _awaited(call: Call, limits: Limits, batch: Batch) -> Callable[[], list[Score]]:
    if not call.takes_batch:
        tasks = [functools.partial(call.one_awaited, sample) for sample in call.samples(batch)]
        one = await_all(tasks, deadline=limits.deadline, concurrency=limits.concurrency)
        return lambda: _in_order(batch, (_settled(r, limits) for r in one.results()))
    units = call.units(batch)
    deadline = _deadline(limits, units)
    many = await_all(
        [functools.partial(_isolated_awaited, call, unit) for unit in units],
        deadline=deadline,
        concurrency=limits.concurrency,
    )
    return lambda: _placed(
        batch,
        [
            (unit, [_settled(result, limits)] * len(unit.places))
            if isinstance(result, BaseException)
            else (unit, result)
            for unit, result in zip(units, many.results(), strict=True)
        ],
    )


def _settled(result: Any, limits: Limits) -> Score:
    if isinstance(result, OverranError):
        return Score.fail(f"ran out of time: over {limits.deadline:g} s")
    return failure(result) if isinstance(result, BaseException) else result


def _in_workers(call: Call, limits: Limits, batch: Batch) -> list[Score]:
    pool = shared_pool(limits.workers, memory=limits.memory)
    if not call.takes_batch:
        samples = list(call.samples(batch))
        outcomes = pool.map(call.one, samples, deadline=limits.deadline)
        return _in_order(batch, (from_outcome(o) for o in outcomes))
    units = call.units(batch)
    if not call.group:
        # A deadline holds for a sample, so each is a call of its own.
        units = [u.part(i, i + 1) for u in units for i in range(len(u.places))]
    outcomes = pool.map(call.many, units, deadline=_deadline(limits, units))
    return _placed(
        batch,
        [
            (unit, o.value if o.kind == "ok" else [from_outcome(o)] * len(unit.places))
            for unit, o in zip(units, outcomes, strict=True)
        ],
    )


def _deadline(limits: Limits, units: Sequence[Unit]) -> float | None:
    """Seconds for a call that scores several rows: as many as its largest unit has samples."""
    if limits.deadline is None:
        return None
    return limits.deadline * max((len(unit.places) for unit in units), default=1)


def _isolated(call: Call, unit: Unit) -> list[Score]:
    """Score a unit; where the function raises, only the rows that make it raise fail."""
    halves = _in_halves(call, unit)
    part = next(halves)
    while True:
        answer: list[Score] | BaseException
        try:
            answer = call.many(part)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  sys.exit() in a reward is its failure too
            answer = error
        try:
            part = halves.send(answer)
        except StopIteration as end:
            scores: list[Score] = end.value
            return scores


async def _isolated_awaited(call: Call, unit: Unit) -> list[Score]:
    """The same for an async function; a cancelled call is not asked again."""
    halves = _in_halves(call, unit)
    part = next(halves)
    while True:
        answer: list[Score] | BaseException
        try:
            answer = await call.many_awaited(part)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001  as above
            answer = error
        try:
            part = halves.send(answer)
        except StopIteration as end:
            scores: list[Score] = end.value
            return scores


def _in_halves(
    call: Call, unit: Unit
) -> Generator[Unit, list[Score] | BaseException, list[Score]]:
    """Yields the calls to make, is sent what each returned or raised, and returns the scores."""
    scores: list[Score] = []
    waiting, failing, since = [unit], 0, time.monotonic()
    while waiting:
        part = waiting.pop()
        answer = yield part
        if not isinstance(answer, BaseException):
            scores += answer
            failing, since = 0, time.monotonic()
            continue
        failing += 1
        size = len(part.places)
        patient = failing < _MOST_FAILING_CALLS or time.monotonic() - since < _MOST_FAILING_SECONDS
        if size > 1 and patient and not call.group and not isinstance(answer, ContractError):
            waiting += [part.part(size // 2, size), part.part(0, size // 2)]
        else:
            scores += [failure(answer)] * size
    return scores


def _in_order(batch: Batch, scores: Iterable[Score]) -> list[Score]:
    """Scores of the readable rows, with a failed one for each of the others."""
    if not batch.problems:
        return list(scores)
    return _placed_at(batch, zip(batch.readable, scores, strict=True))


def _placed(batch: Batch, scored: Iterable[tuple[Unit, Sequence[Score]]]) -> list[Score]:
    return _placed_at(
        batch,
        (pair for unit, scores in scored for pair in zip(unit.places, scores, strict=True)),
    )


def _placed_at(batch: Batch, scored: Iterable[tuple[int, Score]]) -> list[Score]:
    no_prompt = Score.fail("scores groups of completions, and the row has no prompt or prompt_id")
    scores = [no_prompt] * batch.size
    for place, problem in batch.problems.items():
        scores[place] = Score.fail(problem)
    for place, score in scored:
        scores[place] = score
    return scores
