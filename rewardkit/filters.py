"""The filter contract: a function that returns why it rejects a completion, or None.

::

    @rk.filter
    def shouting(completion: rk.Completion, *, share: float = 0.5) -> str | None:
        "Rejects completions in capitals."
        capitals = sum(c.isupper() for c in completion) / max(len(completion), 1)
        return f"{capitals:.0%} capitals" if capitals > share else None

Columns come before the star, options after it, as in a reward. A bool is an error: nobody can tell
from one why a row was dropped.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, ParamSpec, TypeVar, overload

from rewardkit.completions import Reading
from rewardkit.errors import ContractError, nearest
from rewardkit.references import reduced
from rewardkit.results import failure
from rewardkit.rows import Batch, Rows, add_columns, as_sequence, read_batch, take_rows
from rewardkit.signatures import NO_DEFAULT, checked_options, name_of, read_signature
from rewardkit.types import Rejection

__all__ = ["Filter", "FilterChain", "Filtered", "filter"]

P = ParamSpec("P")
R = TypeVar("R", bound="str | Rejection | None")

UNREADABLE = "unreadable"


class Filter(Generic[P, R]):
    """A named defect. Calling it calls the function as it was written.

    Args:
        function: Returns a reason, a Rejection with the value it measured, or None.
        name: By default the function's name.
        options: Those that differ from the function's defaults.
    """

    def __init__(
        self, function: Callable[P, R], name: str = "", options: Mapping[str, Any] | None = None
    ) -> None:
        if not callable(function):
            raise ContractError(f"A filter is a function, not {type(function).__name__}.")
        self.function = function
        self.name = name or name_of(function)
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        self._given = dict(options or {})
        self.signature = read_signature(function, "Filter", self.name)
        if "completion" not in self.signature.columns:
            raise ContractError(
                f"Filter {self.name!r} must take `completion`; it takes "
                f"{list(self.signature.columns)}. Options come after a `*`."
            )
        if self.signature.is_async:
            raise ContractError(
                f"Filter {self.name!r} is async; a filter is a plain function. What has to wait "
                "for something is better a reward."
            )
        self._bound: Callable[..., Any] = functools.partial(function, **self._given)

    def __repr__(self) -> str:
        options = "".join(f", {n}={v!r}" for n, v in self._given.items())
        return f"<Filter {self.name}({', '.join(self.signature.columns)}{options})>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Filter)
            and (self.function, self.name) == (other.function, other.name)
            and self.options == other.options
        )

    def __hash__(self) -> int:
        return hash((self.name, self.function))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(Filter, self.function, self.name, self._given)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as it was written."""
        return self.function(*args, **kwargs)

    @property
    def options(self) -> dict[str, Any]:
        """Every option with its value here."""
        return {**self.signature.defaults, **self._given}

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return next(iter((self.__doc__ or "").strip().splitlines()), "")

    def using(self, **options: Any) -> Filter[P, R]:
        """The same filter with other options.

        Raises:
            OptionError: An option does not exist, or has a wrong value.
        """
        owner = f"Filter {self.name!r}"
        checked = checked_options(self.function, self.signature, options, owner)
        return Filter(self.function, self.name, {**self._given, **checked})

    def named(self, name: str) -> Filter[P, R]:
        """The same filter under another name, so that a chain can hold it twice."""
        return Filter(self.function, name, self._given)

    def reject(
        self, row: Mapping[str, Any], *, reading: Reading | None = None
    ) -> Rejection | None:
        """Why this row is rejected, or None when it is kept.

        Raises:
            ContractError: The function returned what is neither a reason nor None.
            OptionError: An option without a default was never given.
            Exception: Whatever the function raises.
        """
        batch = read_batch([row], reading or Reading())
        self.check_columns(batch.columns)
        if batch.problems:
            return Rejection(batch.problems[0], filter=UNREADABLE)
        return self._judge(next(self._arguments(batch)))

    def judge(self, batch: Batch) -> list[Rejection | None]:
        """Why each row of a batch is rejected. A filter that breaks on a row rejects it as failed.

        A row that cannot be read is left to the chain.
        """
        verdicts: list[Rejection | None] = []
        for place, arguments in enumerate(self._arguments(batch)):
            if place in batch.problems:
                verdicts.append(None)
                continue
            try:
                verdicts.append(self._judge(arguments))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  one row's error is that row's
                verdicts.append(
                    Rejection(f"the filter failed: {failure(error).reason}", filter=self.name)
                )
        return verdicts

    def check_columns(self, columns: Mapping[str, Any]) -> None:
        """Raise a ContractError when a column that is needed is not among `columns`."""
        missing = [
            name
            for name, default in self.signature.columns.items()
            if default is NO_DEFAULT and name not in columns
        ]
        if missing and columns:
            raise ContractError(
                f"Filter {self.name!r} needs {missing}; the rows have {sorted(columns)}."
                f"{nearest(missing[0], columns)}"
            )

    def _arguments(self, batch: Batch) -> Iterator[tuple[Any, ...]]:
        self.signature.require(self._given, f"Filter {self.name!r}")
        columns: list[Sequence[Any]] = []
        for name, default in self.signature.columns.items():
            if name == "completion":
                columns.append(batch.completions)
                continue
            value = None if default is NO_DEFAULT else default
            column = batch.columns.get(name, [None] * batch.size)
            columns.append([value if cell is None else cell for cell in column])
        return zip(*columns, strict=True)

    def _judge(self, arguments: tuple[Any, ...]) -> Rejection | None:
        found = self._bound(*arguments)
        if found is None:
            return None
        if isinstance(found, Rejection):
            return replace(found, filter=self.name)
        if isinstance(found, str) and found:
            return Rejection(found, filter=self.name)
        raise ContractError(
            f"Filter {self.name!r} returned {found!r}; "
            "return a reason to reject, a rewardkit.Rejection, or None to keep."
        )


@dataclass(frozen=True, slots=True)
class Filtered:
    """What a chain kept and dropped.

    Attributes:
        kept: The rows that no filter rejects, in their order and in the form that they came in.
        dropped: The others, with the columns `filter`, `reason` and `value` of the first filter
            that rejects each.
        rejections: For each row all the rejections, in the filters' order; empty when it is kept.
    """

    kept: Any
    dropped: Any
    rejections: list[tuple[Rejection, ...]]


@dataclass(frozen=True)
class FilterChain:
    """Filters in order. Every one judges every row, so that each can be counted on its own.

    Args:
        filters: No two of one name.
        reading: Tag names, prefilled tags, and other names for columns.
    """

    filters: tuple[Filter[..., Any], ...]
    reading: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        names = [f.name for f in self.filters]
        for name in names:
            if names.count(name) > 1:
                raise ContractError(
                    f"Two filters are named {name!r}: give one another name with named()."
                )

    def check_columns(self, columns: Mapping[str, Any]) -> None:
        """Raise a ContractError when a filter needs a column that is not among `columns`."""
        for one in self.filters:
            one.check_columns(columns)

    def judge(self, batch: Batch) -> list[tuple[Rejection, ...]]:
        """For each row of a batch the rejections, in the filters' order."""
        verdicts = [f.judge(batch) for f in self.filters]
        judged = [tuple(v for v in row if v is not None) for row in zip(*verdicts, strict=True)]
        judged = judged or [()] * batch.size
        for place, problem in batch.problems.items():
            judged[place] = (Rejection(problem, filter=UNREADABLE),)
        return judged

    def filter(self, rows: Rows) -> Filtered:
        """Divide rows into those to keep and those to drop, with every reason.

        Args:
            rows: A list of dicts, a dict of columns, or a datasets.Dataset.

        Raises:
            ContractError: These are not rows, or no row has a column that a filter needs.
        """
        rows = as_sequence(rows)
        batch = read_batch(rows, self.reading)
        self.check_columns(batch.columns)
        rejections = self.judge(batch)
        kept = [i for i, found in enumerate(rejections) if not found]
        dropped = [i for i, found in enumerate(rejections) if found]
        first = [rejections[i][0] for i in dropped]
        notes: dict[str, list[Any]] = {
            "filter": [r.filter for r in first],
            "reason": [r.reason for r in first],
            "value": [r.value for r in first],
        }
        return Filtered(
            take_rows(rows, kept), add_columns(take_rows(rows, dropped), notes), rejections
        )


@overload
def filter(function: Callable[P, R], /) -> Filter[P, R]: ...


@overload
def filter(*, name: str = "") -> Callable[[Callable[P, R]], Filter[P, R]]: ...


def filter(function: Callable[..., Any] | None = None, /, *, name: str = "") -> Any:
    """Turn a function into a rejection filter.

    Args:
        function: Returns why it rejects, or None; see this module's docstring.
        name: What the filter is called; by default as the function is.

    Raises:
        ContractError: The function does not take `completion`.
    """
    if function is None:
        return lambda decorated: Filter(decorated, name)
    return Filter(function, name)
