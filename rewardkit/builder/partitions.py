"""Bringing each prompt's rows together, on disk: memory does not grow with the input."""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rewardkit.builder.sources import Line
from rewardkit.builder.writers import dumps

__all__ = ["Numbered", "Spill", "partition", "whole_prompts"]

_MOST_PARTS = 64
_MOST_BYTES = 2**20
_MOST_LEVELS = 4
_MOST_OPEN_FILES = 200


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line of the input with its place in the whole of it, from 0."""

    index: int
    line: Line


class Spill:
    """Records in several files, each in order of their index, to be merged in that order."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._open: dict[int, IO[str]] = {}

    def write(self, part: int, index: int, record: Mapping[str, Any]) -> None:
        """Add a record to one of the files, after those of a lower index."""
        file = self._open.get(part)
        if file is None:
            file = self._open[part] = self._path(part).open("a", encoding="utf-8", newline="\n")
        file.write(f"{index}\t{dumps(record)}\n")

    def finish(self) -> None:
        """Close the files that are being written."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def parts(self) -> list[int]:
        """The files that there are."""
        found = self._folder.glob(f"{self._name}-*.jsonl")
        return sorted(int(path.stem.rpartition("-")[2]) for path in found)

    def size(self, part: int) -> int:
        """How many bytes one of the files has."""
        return self._path(part).stat().st_size

    def take(self, part: int) -> Iterator[tuple[int, dict[str, Any]]]:
        """The records of one file, which is removed after the last."""
        for index, record in self._read(part):
            yield index, json.loads(record)
        self._path(part).unlink()

    def merged(self) -> Iterator[dict[str, Any]]:
        """All records, in the order of their index."""
        parts = self.parts()
        while len(parts) > _MOST_OPEN_FILES:
            merging, parts = parts[:_MOST_OPEN_FILES], parts[_MOST_OPEN_FILES:]
            parts.append(self._merge(merging, parts[-1] + 1))
        for _, record in self._in_order(parts):
            yield json.loads(record)

    def _merge(self, parts: list[int], into: int) -> int:
        """Make one file of several."""
        with self._path(into).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{index}\t{record}" for index, record in self._in_order(parts))
        for part in parts:
            self._path(part).unlink()
        return into

    def _in_order(self, parts: list[int]) -> Iterator[tuple[int, str]]:
        return heapq.merge(*map(self._read, parts), key=lambda pair: pair[0])

    def _read(self, part: int) -> Iterator[tuple[int, str]]:
        with self._path(part).open(encoding="utf-8", newline="\n") as file:
            for line in file:
                index, _, record = line.partition("\t")
                yield int(index), record

    def _path(self, part: int) -> Path:
        return self._folder / f"{self._name}-{part:04d}.jsonl"


def partition(
    lines: Iterable[Numbered],
    folder: Path,
    prompt_of: Callable[[Mapping[str, Any]], str],
    *,
    level: int = 0,
    count: int = _MOST_PARTS,
) -> Iterator[list[Numbered]]:
    """Yield the lines anew in parts that fit into memory, every prompt's whole in one of them.

    A part that is still too large is divided again, by other bits of the prompts' hashes; only a
    single prompt with more completions than that stays large.

    Args:
        lines: Lines that hold a row.
        folder: Where to keep them meanwhile.
        prompt_of: Gives the key of a row's prompt.
        level: How often they have been divided already.
        count: Into how many parts they are divided now.
    """
    spill = Spill(folder, f"rows{level}")
    try:
        for numbered in lines:
            line = numbered.line
            row = line.row or {}
            record = {"file": line.file, "number": line.number, "row": row}
            key = f"{level}:{prompt_of(row)}".encode("utf-8", "surrogatepass")
            spill.write(zlib.crc32(key) % count, numbered.index, record)
    finally:
        spill.finish()
    for part in spill.parts():
        times_too_large = spill.size(part) // _MOST_BYTES
        rows = (
            Numbered(index, Line(record["file"], record["number"], record["row"]))
            for index, record in spill.take(part)
        )
        if times_too_large and level < _MOST_LEVELS:
            parts = min(times_too_large + 1, _MOST_PARTS)
            yield from partition(rows, folder, prompt_of, level=level + 1, count=parts)
        else:
            yield list(rows)


def whole_prompts(
    rows: Iterable[Numbered], size: int, prompt_of: Callable[[Mapping[str, Any]], str]
) -> Iterator[list[Numbered]]:
    """The rows of one part in lists of about `size`, no prompt divided between two of them."""
    groups: dict[str, list[Numbered]] = {}
    for row in rows:
        groups.setdefault(prompt_of(row.line.row or {}), []).append(row)
    batch: list[Numbered] = []
    for group in groups.values():
        batch += group
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
