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

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ParamSpec, TypeVar, overload

from rewardkit.completions import Reading
from rewardkit.errors import ContractError, nearest
from rewardkit.functions import NamedFunction
from rewardkit.results import failure
from rewardkit.rows import Batch, Rows, add_columns, as_sequence, read_batch, take_rows
from rewardkit.signatures import NO_DEFAULT
from rewardkit.types import Rejection

__all__ = ["Filter", "FilterChain", "Filtered", "filter"]

P = ParamSpec("P")
R = TypeVar("R", bound="str | Rejection | None")

UNREADABLE = "unreadable"


class Filter(NamedFunction[P, R]):
    """A named defect; its function returns a reason, a Rejection, or None."""

    kind = "Filter"

    def __init__(
        self, function: Callable[P, R], name: str = "", options: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(function, name, options)
        if "completion" not in self.signature.columns:
            raise ContractError(
                f"{self.owner} must take `completion`; it takes {list(self.signature.columns)}. "
                "Options come after a `*`."
            )

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
        self.require_options()
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
        found = self.bound(*arguments)
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
