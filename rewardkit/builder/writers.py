"""Writing rows to JSONL or Parquet, a batch at a time."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from rewardkit.errors import OutputError

__all__ = ["Writer", "dumps", "open_writer"]


class Writer(Protocol):
    """Where rows go."""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows."""

    def close(self) -> None:
        """Finish the file."""


def dumps(row: Mapping[str, Any]) -> str:
    """The row as one line of JSON that any reader takes.

    What JSON has no form for (an array, a date, bytes) becomes text, and a number that is not
    finite null; a lone surrogate, which UTF-8 cannot hold, is escaped.
    """
    try:
        text = _ENCODER.encode(row)
    except ValueError:
        text = json.dumps(_finite(row), ensure_ascii=False, default=_plain)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(_finite(row), ensure_ascii=True, default=_plain)
    return text


def open_writer(target: str | Path, kind: str = "") -> Writer:
    """Open a file to write to; "-" is JSONL on standard output.

    Args:
        target: Where to; a name that ends in .parquet is written as Parquet, any other as JSONL.
        kind: "jsonl" or "parquet", where the name is not to decide.

    Raises:
        OutputError: The file cannot be made.
    """
    if str(target) == "-":
        return _JsonlWriter(sys.stdout, ours=False)
    path = Path(target)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if (kind or path.suffix.lstrip(".")) == "parquet":
            return _ParquetWriter(path)
        return _JsonlWriter(path.open("w", encoding="utf-8", newline="\n"), ours=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


# Made once: json.dumps makes one a call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=lambda v: _plain(v))


class _JsonlWriter:
    def __init__(self, file: IO[str], *, ours: bool) -> None:
        self._file = file
        self._ours = ours

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._file.writelines(f"{dumps(row)}\n" for row in rows)

    def close(self) -> None:
        if self._ours:
            self._file.close()
        else:
            self._file.flush()


class _ParquetWriter:
    """Parquet, with the schema of its first rows; later rows must fit it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._schema: Any = None
        self._writer: Any = None

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not rows:
            return
        plain = [json.loads(dumps(row)) for row in rows]
        try:
            if self._schema is None:
                names = dict.fromkeys(name for row in plain for name in row)
                columns = {name: [row.get(name) for row in plain] for name in names}
                self._schema = _schema(pa.table(columns).schema)
                self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
            self._writer.write_table(pa.Table.from_pylist(plain, schema=self._schema))
        except pa.ArrowException as error:
            raise OutputError(
                f"Rows do not fit into one Parquet table: {error}. Write JSONL instead "
                '(file = "jsonl" under [export], or a name that ends in .jsonl).'
            ) from error

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            pq.write_table(pa.table({}), self._file)
        self._file.close()


def _schema(schema: Any) -> Any:
    """The schema with a type for columns that were all empty so far: text."""
    import pyarrow as pa

    types = [pa.string() if pa.types.is_null(f.type) else f.type for f in schema]
    return pa.schema([pa.field(f.name, t) for f, t in zip(schema, types, strict=True)])


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # an array or one of its numbers
        return _finite(value.tolist())
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return list(value)
    return str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value
