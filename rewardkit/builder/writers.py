"""Writing rows to JSONL or Parquet, a batch at a time."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from rewardkit.builder.sources import kind_of
from rewardkit.errors import OutputError

__all__ = ["Writer", "dumps", "open_writer"]

_OPENERS: dict[str, Callable[..., IO[Any]]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}


class Writer(Protocol):
    """Where rows go."""

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows.

        Raises:
            OutputError: There is no room for them, or they do not fit into one table.
        """

    def close(self) -> None:
        """Finish what is written; a second time it does nothing."""


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


@contextmanager
def open_writer(target: str | Path, kind: str = "") -> Iterator[Writer]:
    """A file to write rows to, which takes its name when it is whole; "-" is standard output.

    Until then an earlier file of that name stays, so that one can be read and replaced in one go,
    and an error leaves none. Standard output, devices and pipes take rows as they come, as JSONL.

    Args:
        target: JSONL (.jsonl, .ndjson, .json; also compressed: .gz, .bz2, .xz) or .parquet.
        kind: "jsonl" or "parquet", where the name is not to decide.

    Raises:
        OutputError: The file cannot be made, or its name says another kind.
    """
    if str(target) == "-":
        stdout = _JsonlWriter(sys.stdout, "Standard output")
        yield stdout
        stdout.flush()
        return
    path = Path(target)
    # A folder, too, which then cannot be opened.
    straight = path.exists() and not path.is_file()
    kind = kind or ("jsonl" if straight else _kind_by_name(path))
    whole = path.resolve()  # a link stays, and what it leads to is replaced
    partial = path if straight else whole.with_name(f"{whole.name}.partial")
    with _told(path):
        whole.parent.mkdir(parents=True, exist_ok=True)
        file = _open(partial, kind, path.suffix)
    writer: Writer = (_ParquetWriter if kind == "parquet" else _JsonlWriter)(file, str(path))
    try:
        yield writer
        writer.close()
        if not straight:
            with _told(path):
                partial.replace(whole)
    finally:
        with suppress(OSError):  # of a full disk, for instance, which was told of before
            writer.close()
        if not straight:
            partial.unlink(missing_ok=True)


def _kind_by_name(path: Path) -> str:
    kind = kind_of(path)
    if kind is None:
        raise OutputError(
            f"{path} is of a kind that cannot be written. Name it .jsonl (also compressed: .gz, "
            ".bz2, .xz) or .parquet; - is standard output."
        )
    return kind


def _open(path: Path, kind: str, suffix: str) -> IO[Any]:
    if kind == "parquet":
        return path.open("wb")
    opened: IO[str] = _OPENERS.get(suffix, open)(path, "wt", encoding="utf-8", newline="\n")
    return opened


@contextmanager
def _told(name: str | Path) -> Iterator[None]:
    try:
        yield
    except (BrokenPipeError, OutputError):
        raise  # whoever reads has enough; or it is told already
    except OSError as error:
        raise OutputError(f"{name} cannot be written: {error.strerror or error}.") from error


# Made once: json.dumps makes one a call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=lambda v: _plain(v))


class _JsonlWriter:
    def __init__(self, file: IO[str], name: str) -> None:
        self._file = file
        self._name = name

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        with _told(self._name):
            self._file.writelines(f"{dumps(row)}\n" for row in rows)

    def flush(self) -> None:
        with _told(self._name):
            self._file.flush()

    def close(self) -> None:
        with _told(self._name):
            self._file.close()


class _ParquetWriter:
    """Parquet, with the schema of its first rows; later rows must fit it."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._schema: Any = None
        self._writer: Any = None

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not rows:
            return
        plain = [json.loads(dumps(row)) for row in rows]
        with _told(self._name):
            if self._schema is None:
                names = dict.fromkeys(name for row in plain for name in row)
                columns = {name: _array(plain, name) for name in names}
                self._schema = _schema(pa.table(columns).schema)
                self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
            columns = {f.name: _array(plain, f.name, f.type) for f in self._schema}
            self._writer.write_table(pa.table(columns, schema=self._schema))

    def close(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._file.closed:
            return
        with _told(self._name), self._file:
            if self._writer is not None:
                self._writer.close()
            else:
                pq.write_table(pa.table({}), self._file)


def _array(rows: Sequence[Mapping[str, Any]], name: str, kind: Any = None) -> Any:
    """A column of the rows."""
    import pyarrow as pa

    try:
        return pa.array([row.get(name) for row in rows], kind)
    except pa.ArrowException as error:
        raise OutputError(
            f"Rows do not fit into one Parquet table: column {name!r}: {error}. Write JSONL "
            'instead (file = "jsonl" under [export], or a name that ends in .jsonl).'
        ) from error


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
