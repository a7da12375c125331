"""Calling a reward's function over a batch: by sample, batch or group; awaited, or in workers."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from rewardkit.background import OverranError, await_all
from rewardkit.errors import ContractError
from rewardkit.references import reduced
from rewardkit.results import as_score, as_scores, failure, from_outcome
from rewardkit.rows import Batch
from rewardkit.signatures import NO_DEFAULT, read_signature
from rewardkit.types import Score
from rewardkit.workers import shared_pool

__all__ = ["Call", "Limits", "begin"]

# What TRL gives to a reward besides columns. Rows have none of it; a function that lists these in
# its signature, as TRL's own examples do, is called all the same.
_TRL_EXTRAS = frozenset({"completion_ids", "trainer_state", "log_extra", "log_metric"})
_SINGULAR = {"completions": "completion", "prompts": "prompt"}

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


@dataclass(frozen=True, slots=True)
class Unit:
    """One call for several rows: columns in the signature's order, and the rest by name."""

    places: list[int]
    columns: list[list[Any]]
    rest: dict[str, list[Any]]
    step: int | None

    def part(self, start: int, stop: int) -> Unit:
        """The call for some of these rows."""
        return Unit(
            self.places[start:stop],
            [column[start:stop] for column in self.columns],
            {name: column[start:stop] for name, column in self.rest.items()},
            self.step,
        )


class Call:
    """A function with its options, and how it wants to be called. Worker processes run it pickled.

    Attributes:
        name: What its scores are called after.
        function: As its author wrote it.
        options: The options that differ from its defaults.
        group: Whether it gets all completions of one prompt at once.
        signature: Its columns and options.
    """

    def __init__(
        self, function: Callable[..., Any], name: str, options: Mapping[str, Any], group: bool
    ) -> None:
        self.function = function
        self.name = name
        self.options = dict(options)
        self.group = group
        self.signature = read_signature(function, "Reward", name)
        columns = self.signature.columns
        # TRL's rewards of lengths read token ids and no text.
        self.takes_ids_alone = "completion_ids" in columns and not (
            {"completion", "completions"} & columns.keys()
        )
        self.takes_batch = "completions" in columns or self.takes_ids_alone
        self._bound = functools.partial(function, **self.options)

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(Call, self.function, self.name, self.options, self.group)

    def missing(self, columns: Mapping[str, Any]) -> list[str]:
        """The columns that it needs and that are not among `columns`."""
        needs = [n for n, default in self.signature.columns.items() if default is NO_DEFAULT]
        if self.takes_batch:
            given = _TRL_EXTRAS - {"completion_ids"} if self.takes_ids_alone else _TRL_EXTRAS
            needs = [_SINGULAR.get(name, name) for name in needs if name not in given]
        missing = [name for name in needs if name not in columns]
        if self.group and not {"prompt", "prompt_id"} & columns.keys():
            missing.append("prompt")
        return missing

    def samples(self, batch: Batch) -> Iterable[tuple[Any, ...]]:
        """The arguments for each row that can be read; with `**kwargs`, the last is a dict."""
        columns = [
            batch.completions if name == "completion" else self._column(batch, name, default)
            for name, default in self.signature.columns.items()
        ]
        if self.signature.takes_rest:
            rest = self._rest(batch)
            names = list(rest)
            columns.append([dict(zip(names, c, strict=True)) for c in _rows_of(rest, batch.size)])
        if batch.problems:
            columns = [[column[i] for i in batch.readable] for column in columns]
        return zip(*columns, strict=True)

    def units(self, batch: Batch) -> list[Unit]:
        """The calls for several rows each: one a prompt where it scores groups, else one."""
        columns = [
            self._plural(batch, n, default) for n, default in self.signature.columns.items()
        ]
        rest = self._rest(batch) if self.signature.takes_rest else {}
        return [
            Unit(
                places,
                [[column[i] for i in places] for column in columns],
                {name: [column[i] for i in places] for name, column in rest.items()},
                batch.step,
            )
            for places in self._groups(batch)
        ]

    def _groups(self, batch: Batch) -> list[list[int]]:
        if not self.group:
            return [batch.readable] if batch.readable else []
        groups: dict[str, list[int]] = {}
        for place in batch.readable:
            key = batch.prompt_keys[place]
            if key is not None:
                groups.setdefault(key, []).append(place)
        return list(groups.values())

    def invoke(self, arguments: tuple[Any, ...]) -> Any:
        """Call the function for one sample."""
        if self.signature.takes_rest:
            return self._bound(*arguments[:-1], **arguments[-1])
        return self._bound(*arguments)

    def one(self, arguments: tuple[Any, ...]) -> Score:
        """Score one sample; what goes wrong is a failed Score."""
        try:
            return as_score(self.name, self.invoke(arguments))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  sys.exit() in a reward is its failure too
            return failure(error)

    def many(self, unit: Unit) -> list[Score]:
        """Score the rows of one call; what goes wrong is raised."""
        extras = _Extras(self, unit)
        returned = self._bound(*extras.columns, **unit.rest, **extras.rest)
        return extras.noted(as_scores(self.name, returned, len(unit.places)))

    async def one_awaited(self, arguments: tuple[Any, ...]) -> Score:
        """Score one sample with an async function; what goes wrong is raised."""
        return as_score(self.name, await self.invoke(arguments))

    async def many_awaited(self, unit: Unit) -> list[Score]:
        """Score the rows of one call of an async function; what goes wrong is raised."""
        extras = _Extras(self, unit)
        returned = await self._bound(*extras.columns, **unit.rest, **extras.rest)
        return extras.noted(as_scores(self.name, returned, len(unit.places)))

    def _column(self, batch: Batch, name: str, default: Any) -> list[Any]:
        column = batch.columns.get(name)
        value = None if default is NO_DEFAULT else default
        if column is None:
            return [value] * batch.size
        # A cell that is empty is one that the row does not have: Parquet knows no difference.
        if value is not None and any(cell is None for cell in column):
            return [value if cell is None else cell for cell in column]
        return column

    def _plural(self, batch: Batch, name: str, default: Any) -> list[Any]:
        if name == "completions" and self.signature.reads_completions:
            return list(batch.completions)
        return self._column(batch, _SINGULAR.get(name, name), default)

    def _rest(self, batch: Batch) -> dict[str, list[Any]]:
        listed = self.signature.columns
        taken = {"completion", *listed, *(_SINGULAR.get(name, name) for name in listed)}
        rest = {name: column for name, column in batch.columns.items() if name not in taken}
        if self.takes_batch and "prompt" in rest:
            rest["prompts"] = rest.pop("prompt")
        return {name: rest[name] for name in rest if name not in self.signature.options}


class _Extras:
    """What TRL gives besides columns. What a function logs goes into its scores' evidence."""

    def __init__(self, call: Call, unit: Unit) -> None:
        self._logged: dict[str, list[Any]] = {}
        self._metrics: dict[str, Any] = {}
        offered: dict[str, Any] = {
            "completion_ids": [None] * len(unit.places),
            "trainer_state": SimpleNamespace(global_step=unit.step or 0),
            "log_extra": self._log_extra,
            "log_metric": self._metrics.__setitem__,
        }
        listed = call.signature.columns
        self.columns = [
            column if name not in offered or _has_values(column) else offered[name]
            for name, column in zip(listed, unit.columns, strict=True)
        ]
        self.rest = {
            name: value
            for name, value in offered.items()
            if call.signature.takes_rest and name not in listed and name not in unit.rest
        }

    def _log_extra(self, column: str, values: Iterable[Any]) -> None:
        self._logged[column] = list(values)

    def noted(self, scores: list[Score]) -> list[Score]:
        whole = {c: v for c, v in self._logged.items() if len(v) == len(scores)}
        if not whole and not self._metrics:
            return scores
        logged = [{c: v[i] for c, v in whole.items()} for i in range(len(scores))]
        return [
            replace(score, evidence={**score.evidence, **self._metrics, **extra})
            for score, extra in zip(scores, logged, strict=True)
        ]


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


def _rows_of(columns: Mapping[str, list[Any]], size: int) -> Iterable[tuple[Any, ...]]:
    return zip(*columns.values(), strict=True) if columns else [()] * size


def _has_values(column: list[Any]) -> bool:
    return any(cell is not None for cell in column)
