"""A reward's function with its options, and the arguments of its calls over a batch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from rewardkit.references import reduced
from rewardkit.results import as_score, as_scores, failure
from rewardkit.rows import Batch
from rewardkit.signatures import NO_DEFAULT, read_signature
from rewardkit.types import Score

__all__ = ["Call", "Unit"]

# What TRL gives to a reward besides columns. Rows have none of it; a function that lists these in
# its signature, as TRL's own examples do, is called all the same.
_TRL_EXTRAS = frozenset({"completion_ids", "trainer_state", "log_extra", "log_metric"})
_SINGULAR = {"completions": "completion", "prompts": "prompt"}


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


def _rows_of(columns: Mapping[str, list[Any]], size: int) -> Iterable[tuple[Any, ...]]:
    return zip(*columns.values(), strict=True) if columns else [()] * size


def _has_values(column: list[Any]) -> bool:
    return any(cell is not None for cell in column)
