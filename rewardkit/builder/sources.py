"""Reading rows from files and data sets, one at a time, each with where it stands."""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import json
import lzma
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

from rewardkit.errors import RowError

__all__ = ["Line", "Source", "in_batches", "kind_of", "open_source"]

T = TypeVar("T")

JSONL_SUFFIXES = (".jsonl", ".ndjson")
_OPENERS: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {
    ".gz": lambda file: gzip.GzipFile(fileobj=file),  # type: ignore[dict-item,return-value]  # it is one but in name
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
_PARQUET_BATCH = 1_000
_PROBLEM_TEXT_CHARACTERS = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a source, or why there is none.

    Attributes:
        file: The file, or what the rows came as.
        number: The line of a JSONL file from 1, or the row of another source from 0.
        row: The row, where it could be read.
        problem: Why not, where it could not.
        text: What stood there then.
    """

    file: str
    number: int
    row: Mapping[str, Any] | None
    problem: str = ""
    text: str = ""

    @property
    def place(self) -> str:
        """Where it stands, as a message names it."""
        return f"{self.file}:{self.number}"


class Source:
    """Rows that can be gone through once.

    Attributes:
        names: The files, or what the rows came as.
        total_bytes: The files' size, or None where it is not known.
        bytes_read: How much of it has been read.
    """

    def __init__(
        self, names: list[str], lines: Callable[[Source], Iterator[Line]], total_bytes: int | None
    ) -> None:
        self.names = names
        self.total_bytes = total_bytes
        self.bytes_read = 0
        self._lines = lines

    def __iter__(self) -> Iterator[Line]:
        return self._lines(self)


def open_source(source: Any) -> Source:
    """Open rows to read.

    Args:
        source: A JSONL or Parquet file (JSONL may be compressed: .gz, .bz2, .xz), a folder or a
            pattern of such files, a list of them, "-" for JSONL on standard input, a
            datasets.Dataset, or anything that yields rows.

    Raises:
        RowError: There is no such file, it is empty, or of a kind that cannot be read.
    """
    if isinstance(source, Source):
        return source
    if isinstance(source, str) and source == "-":
        return Source(["standard input"], lambda _: _stdin_lines(), None)
    if isinstance(source, str | Path):
        return _from_files([source])
    if isinstance(source, Sequence) and source and all(isinstance(s, str | Path) for s in source):
        return _from_files(source)
    if isinstance(source, Mapping):
        raise RowError(
            "A source is rows one after another, not a mapping of columns or splits: give a list "
            "of dicts, one split of a DatasetDict, or datasets.Dataset.from_dict(columns)."
        )
    if not isinstance(source, Iterable):
        raise RowError(f"A source is a file or rows, not {type(source).__name__}.")
    name = type(source).__name__
    return Source([name], lambda _: _row_lines(name, source), None)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _from_files(given: Sequence[str | Path]) -> Source:
    try:
        paths = [path for one in given for path in _expanded(one)]
        for path in paths:
            _check_file(path)
        total = sum(path.stat().st_size for path in paths)
    except OSError as error:
        raise RowError(f"{error.filename} cannot be read: {error.strerror}.") from error

    def lines(source: Source) -> Iterator[Line]:
        for path in paths:
            yield from _file_lines(path, source)

    return Source([str(path) for path in paths], lines, total)


def _expanded(given: str | Path) -> list[Path]:
    path = Path(given)
    if path.is_dir():
        found = sorted(p for p in path.iterdir() if p.is_file() and kind_of(p))
        if not found:
            raise RowError(f"The folder {path} holds no JSONL or Parquet file.")
        return found
    if path.exists():
        return [path]
    found = sorted(Path(p) for p in glob.glob(str(given)))  # noqa: PTH207  may be absolute
    if not found:
        raise RowError(f"There is no file {str(given)!r}.")
    return found


def _check_file(path: Path) -> None:
    if kind_of(path) is None:
        raise RowError(
            f"{path} is of a kind that cannot be read. Give JSONL (.jsonl, .ndjson, .json; also "
            "compressed: .gz, .bz2, .xz) or Parquet (.parquet)."
        )
    if path.stat().st_size == 0:
        raise RowError(f"{path} is empty: there are no rows in it.")


def kind_of(path: Path) -> str | None:
    """What a file's name says it holds: "jsonl", "parquet", or None."""
    suffixes = path.suffixes[:-1] if path.suffix in _OPENERS else path.suffixes
    last = suffixes[-1] if suffixes else ""
    if last in (*JSONL_SUFFIXES, ".json"):
        return "jsonl"
    return "parquet" if last == ".parquet" and path.suffix == ".parquet" else None


def _file_lines(path: Path, source: Source) -> Iterator[Line]:
    before = source.bytes_read
    if kind_of(path) == "parquet":
        yield from _parquet_lines(path)
    else:
        with _opened(path) as raw:
            opener = _OPENERS.get(path.suffix)
            for line in _jsonl_lines(str(path), opener(raw) if opener else raw):
                source.bytes_read = before + raw.tell()
                yield line
    source.bytes_read = before + path.stat().st_size


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise RowError(f"{path} cannot be read: {error.strerror or error}.") from error


def _stdin_lines() -> Iterator[Line]:
    yield from _jsonl_lines("standard input", sys.stdin.buffer)


def _jsonl_lines(name: str, file: IO[bytes]) -> Iterator[Line]:
    found = False
    try:
        for number, raw in enumerate(file, 1):
            content = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if number == 1 and content.lstrip().startswith(b"[") and not _is_json(content):
                yield from _array_rows(name, io.BytesIO(content + file.read()))
                return
            if content.strip():
                found = True
                yield _line(name, number, content)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise RowError(f"{name} cannot be read to its end: {error}.") from error
    if not found:
        raise RowError(f"{name} is empty: there are no rows in it.")


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _array_rows(name: str, file: IO[bytes]) -> Iterator[Line]:
    """The rows of a JSON array that goes over several lines, as `.json` files often are."""
    try:
        rows = json.load(file)
    except ValueError as error:
        raise RowError(f"{name} begins as a JSON array and is none: {error}.") from error
    yield from _row_lines(name, rows)


def _line(name: str, number: int, content: bytes) -> Line:
    try:
        row = json.loads(content)
    except UnicodeDecodeError as error:
        problem = f"invalid UTF-8 at byte {error.start} of the line"
    except json.JSONDecodeError as error:
        problem = f"invalid JSON at column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        problem = f"JSON that cannot be read: {error}"
    else:
        if isinstance(row, Mapping):
            return Line(name, number, row)
        problem = f"a JSON {type(row).__name__}, where an object is needed"
    text = content.decode("utf-8", "replace").rstrip("\r\n")
    return Line(name, number, None, problem, text[:_PROBLEM_TEXT_CHARACTERS])


def _row_lines(name: str, rows: Iterable[Any]) -> Iterator[Line]:
    for number, row in enumerate(rows):
        if isinstance(row, Mapping):
            yield Line(name, number, row)
        else:
            problem = f"the row is {type(row).__name__}, not a mapping"
            yield Line(name, number, None, problem, repr(row)[:_PROBLEM_TEXT_CHARACTERS])


def _parquet_lines(path: Path) -> Iterator[Line]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        number = 0
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_PARQUET_BATCH):
                for row in batch.to_pylist():
                    yield Line(str(path), number, row)
                    number += 1
    except (pa.ArrowException, OSError) as error:
        raise RowError(f"{path} cannot be read as Parquet: {error}") from error
    if not number:
        raise RowError(f"{path} is empty: there are no rows in it.")
