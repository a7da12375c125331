"""Rows as they come (dicts, columns, a data set) read once into a batch of columns."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from rewardkit.completions import Completion, Reading
from rewardkit.errors import ContractError, RowError, nearest

__all__ = [
    "Batch",
    "Rows",
    "add_columns",
    "as_sequence",
    "how_to_rename",
    "prompt_key",
    "read_batch",
    "take_rows",
]

Rows = Any  # a sequence of mappings, a mapping of columns, a datasets.Dataset, a pyarrow.Table


class Batch:
    """n rows as columns, with their completions read.

    Attributes:
        size: n.
        columns: The columns by name, each of length n; a cell that a row lacks is None. None at
            all where there is no row that could show them.
        completions: The completions; where a row has none that can be read, None.
        problems: Why not, by the row's place.
        step: The trainer's step, where there is one.
    """

    def __init__(
        self, columns: dict[str, list[Any]], size: int, reading: Reading, step: int | None
    ) -> None:
        self.size = size
        self.columns = columns
        self.step = step
        self.problems: dict[int, str] = {}
        self.completions = self._read_completions(reading)

    def take(self, places: Sequence[int]) -> Batch:
        """The rows at `places` as a batch of their own; nothing is read again."""
        part = Batch.__new__(Batch)
        part.size = len(places)
        part.step = self.step
        part.columns = {n: [column[i] for i in places] for n, column in self.columns.items()}
        part.completions = [self.completions[i] for i in places]
        part.problems = {
            new: self.problems[old] for new, old in enumerate(places) if old in self.problems
        }
        return part

    def _read_completions(self, reading: Reading) -> list[Completion | None]:
        read, missing = Completion.read, [None] * self.size
        values = self.columns.get("completion", missing)
        prompts = self.columns.get("prompt", missing)
        finishes = self.columns.get("finish_reason", missing)
        completions: list[Completion | None] = []
        cells = zip(values, prompts, finishes, strict=True)
        for place, (value, prompt, finish) in enumerate(cells):
            try:
                completions.append(read(value, reading, prompt, finish))
            except RowError as error:
                self.problems[place] = str(error)
                completions.append(None)
        return completions

    @cached_property
    def readable(self) -> list[int]:
        """The places of the rows whose completion can be read."""
        return [i for i in range(self.size) if i not in self.problems]

    @property
    def prompts(self) -> list[Any]:
        """What tells each row's prompt: its `prompt_id`, else its prompt, else None."""
        missing = [None] * self.size
        ids = self.columns.get("prompt_id", missing)
        prompts = self.columns.get("prompt", missing)
        return [p if i is None else i for i, p in zip(ids, prompts, strict=True)]

    @cached_property
    def prompt_keys(self) -> list[str | None]:
        """Which prompt each row belongs to; None where the row does not say."""
        missing = [None] * self.size
        ids = self.columns.get("prompt_id", missing)
        prompts = self.columns.get("prompt", missing)
        return [prompt_key(i, p) for i, p in zip(ids, prompts, strict=True)]


def prompt_key(prompt_id: Any, prompt: Any) -> str | None:
    """The row's `prompt_id`, else a hash of its prompt, else None."""
    if prompt_id is not None:
        return str(prompt_id)
    if prompt is None:
        return None
    if not isinstance(prompt, str):
        try:
            prompt = json.dumps(prompt, sort_keys=True, ensure_ascii=False, default=str)
        except (TypeError, ValueError, RecursionError):  # keys of several types, circles
            prompt = repr(prompt)
    return hashlib.blake2b(prompt.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def read_batch(
    rows: Rows, reading: Reading, step: int | None = None, *, strict: bool = True
) -> Batch:
    """Read rows in any of their forms.

    Without `strict`, for a piece of a data set that another piece has shown to be in order, a
    column that no row has is one of empty cells.

    Raises:
        ContractError: These are not rows, or none has a completion column.
    """
    columns, size, broken = _columns(rows)
    if not strict:
        for name in ("completion", *reading.columns.values()):
            columns.setdefault(name, [None] * size)
    if columns or size > len(broken):
        _rename(columns, reading.columns)
        if "completion" not in columns:
            raise ContractError(_no_completion(columns))
    batch = Batch(columns, size, reading, step)
    batch.problems.update(broken)
    return batch


def _columns(rows: Rows) -> tuple[dict[str, list[Any]], int, dict[int, str]]:
    if hasattr(rows, "column_names"):  # datasets.Dataset, pyarrow.Table; a DatasetDict is a dict
        return _from_columns(_table_columns(rows))
    if isinstance(rows, Mapping):
        return _from_columns(rows)
    if hasattr(rows, "to_dict") and hasattr(rows, "columns"):  # pandas.DataFrame
        # What is missing in a frame is NaN, of which a reward knows nothing.
        return _from_columns(rows.astype(object).where(rows.notna(), None).to_dict("list"))
    if isinstance(rows, str | bytes) or not isinstance(rows, Iterable):
        raise ContractError(
            "Rows are a list of dicts, a dict of columns or a data set, not "
            f"{type(rows).__name__}."
        )
    return _from_rows(list(rows))


def _table_columns(table: Any) -> Mapping[str, Sequence[Any]]:
    if isinstance(table.column_names, Mapping):
        splits = ", ".join(map(repr, table.column_names))
        raise ContractError(f"This is a DatasetDict: give one of its splits ({splits}).")
    if hasattr(table, "to_pydict"):
        found: Mapping[str, Sequence[Any]] = table.to_pydict()
    elif hasattr(table, "__len__"):
        found = table.with_format(None)[:]  # plain values, whatever format it is set to
    else:
        raise ContractError("A streamed data set is scored in pieces: give lists of its rows.")
    return found


def _from_columns(
    columns: Mapping[str, Sequence[Any]],
) -> tuple[dict[str, list[Any]], int, dict[int, str]]:
    for name, column in columns.items():
        if isinstance(column, str | bytes | Mapping) or not isinstance(column, Iterable):
            raise ContractError(
                f"Column {name!r} is {type(column).__name__}, not a list. "
                "For a single row give a list of one dict."
            )
    lists = {str(name): list(column) for name, column in columns.items()}
    lengths = {name: len(column) for name, column in lists.items()}
    if len(set(lengths.values())) > 1:
        raise ContractError(f"Columns differ in length: {lengths}.")
    return lists, next(iter(lengths.values()), 0), {}


def _from_rows(rows: list[Any]) -> tuple[dict[str, list[Any]], int, dict[int, str]]:
    broken = {
        i: f"the row is {type(row).__name__}, not a mapping"
        for i, row in enumerate(rows)
        if type(row) is not dict and not isinstance(row, Mapping)
    }
    if broken:
        rows = [{} if i in broken else row for i, row in enumerate(rows)]
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    columns = {str(name): [row.get(name) for row in rows] for name in names}
    return columns, len(rows), broken


def _rename(columns: dict[str, list[Any]], mapping: Mapping[str, str]) -> None:
    found = {}
    for ours, theirs in mapping.items():
        if theirs not in columns:
            hint = nearest(theirs, columns)
            raise ContractError(
                f"No row has the column {theirs!r}, which is to be read as {ours!r}.{hint} "
                f"The rows have: {_listed(columns)}."
            )
        found[ours] = columns[theirs]
    columns.update(found)


def _no_completion(columns: Mapping[str, Any]) -> str:
    likely = next(
        (c for c in ("response", "output", "generation", "generations", "text") if c in columns),
        "response",
    )
    return (
        f"No row has a `completion`; the rows have: {_listed(columns)}."
        f"{nearest('completion', columns)} {how_to_rename('completion', likely)}"
    )


def how_to_rename(ours: str, theirs: str = "...") -> str:
    """A sentence for errors: where to say that a column has another name."""
    return (
        f"Where it has another name, say so: --column {ours}={theirs} on the command line, "
        f'columns = {{{ours} = "{theirs}"}} in a recipe, or '
        f'rk.Reading(columns={{"{ours}": "{theirs}"}}).'
    )


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(sorted(columns)) or "nothing"


def as_sequence(rows: Rows) -> Rows:
    """The rows in a form that can be gone through twice: a generator becomes a list."""
    known = isinstance(rows, Sequence | Mapping) or hasattr(rows, "columns")
    return rows if known or hasattr(rows, "column_names") else list(rows)


def take_rows(rows: Rows, places: Sequence[int]) -> Rows:
    """The rows at `places`, in the form that `rows` have."""
    if isinstance(rows, Mapping):
        return {name: [column[i] for i in places] for name, column in rows.items()}
    if hasattr(rows, "select") and hasattr(rows, "column_names") and hasattr(rows, "features"):
        return rows.select(places)  # datasets.Dataset
    if hasattr(rows, "take"):  # pyarrow.Table, pandas.DataFrame
        return rows.take(places)
    return [rows[i] for i in places]


def add_columns(rows: Rows, columns: Mapping[str, Sequence[Any]]) -> Rows:
    """The rows with more columns, in the form that they have.

    Columns of the rows' own that bear one of the names are kept as `row_<name>`.
    """
    if isinstance(rows, Mapping):
        return {**_moved(rows, columns), **columns}
    if hasattr(rows, "column_names"):
        return _add_to_table(rows, columns)
    if hasattr(rows, "assign"):  # pandas.DataFrame
        return rows.rename(columns=_new_names(rows.columns, columns)).assign(**columns)
    added = zip(*columns.values(), strict=True)
    return [
        {**_moved(_cells(row), columns), **dict(zip(columns, new, strict=True))}
        for row, new in zip(rows, added, strict=True)
    ]


def _add_to_table(table: Any, columns: Mapping[str, Sequence[Any]]) -> Any:
    names = _new_names(table.column_names, columns)
    if any(old != new for old, new in names.items()):
        table = table.rename_columns(names)
    for name, column in columns.items():
        if hasattr(table, "append_column"):  # pyarrow.Table
            table = table.append_column(name, [list(column)])
        else:
            table = table.add_column(name, list(column))
    return table


def _moved(row: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
    names = _new_names(row, columns)
    return {names[name]: cell for name, cell in row.items()}


def _new_names(own: Iterable[str], added: Mapping[str, Any]) -> dict[str, str]:
    """What each column of the rows' own is called beside the added ones."""
    names = {name: name for name in own}
    for name in names.keys() & added.keys():
        new = f"row_{name}"
        while new in names or new in added:
            new = f"row_{new}"
        names[name] = new
    return names


def _cells(row: Any) -> Mapping[str, Any]:
    return row if isinstance(row, Mapping) else {"row": row}
