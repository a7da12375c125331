"""`rewardkit filter`: rows in, the good ones out, the others with the reason elsewhere."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any

import typer

from rewardkit.builder import Line
from rewardkit.builder.manifest import Counts
from rewardkit.builder.sources import in_batches
from rewardkit.builder.writers import open_writer
from rewardkit.cli.console import FAILED_ROWS, Problems, print_drops, progress, say_written
from rewardkit.cli.options import Columns, Files, PresetName, RecipeFile, open_files, read_recipe
from rewardkit.errors import ContractError
from rewardkit.filters import UNREADABLE, FilterChain
from rewardkit.rows import add_columns, read_batch
from rewardkit.types import Rejection

__all__ = ["filter"]

_BATCH = 1_000


def filter(
    files: Files,
    *,
    preset: PresetName = "",
    recipe: RecipeFile = None,
    out: Annotated[
        str, typer.Option("--out", "-o", help="Where the kept rows go; - is standard output.")
    ] = "-",
    dropped: Annotated[
        str, typer.Option("--dropped", "-d", help="Where the dropped rows go, with their reasons.")
    ] = "",
    columns: Columns,
) -> None:
    """Filter rows: drops those that a filter of the recipe rejects, and says why.

    For example: rewardkit filter rollouts.jsonl -p r1-rejection-sampling -o kept.jsonl
    """
    found = read_recipe(preset, recipe, columns)
    if not found.filters.filters:
        raise ContractError(f"Recipe {found.name} has no [filters].")
    source = open_files(files)
    counts, problems = Counts(), Problems()
    with (
        open_writer(out) as keep,
        open_writer(dropped) if dropped else nullcontext() as drop,
        progress("filtering") as update,
    ):
        for number, lines in enumerate(in_batches(source, _BATCH)):
            counts.read += len(lines)
            rejections = _judge(found.filters, lines, problems, first=number == 0)
            kept = [line.row for line, why in zip(lines, rejections, strict=True) if not why]
            counts.kept += len(kept)
            keep.write([row for row in kept if row is not None])
            gone = [pair for pair in zip(lines, rejections, strict=True) if pair[1]]
            for _, why in gone:
                counts.note_rejections(why)
                counts.note_drop(why[0])
            if drop is not None:
                drop.write(_dropped(gone))
            update(source, counts.read)
    problems.sum_up()
    title = f"{counts.read:,} rows: {counts.kept:,} kept, {counts.dropped:,} dropped"
    print_drops(title, counts.dropped_by, counts.would_drop, counts.examples)
    say_written(kept=out, dropped=dropped)
    if problems.count:
        raise typer.Exit(FAILED_ROWS)


def _judge(
    chain: FilterChain, lines: list[Line], problems: Problems, *, first: bool
) -> list[tuple[Rejection, ...]]:
    rows = [line.row for line in lines if line.row is not None]
    batch = read_batch(rows, chain.reading, strict=first)
    if first:
        chain.check_columns(batch.columns)
    judged = iter(chain.judge(batch))
    rejections = [
        (Rejection(line.problem, filter=UNREADABLE),) if line.row is None else next(judged)
        for line in lines
    ]
    for line, why in zip(lines, rejections, strict=True):
        if why and why[0].filter == UNREADABLE:
            problems.note(line, why[0].reason)
    return rejections


def _dropped(gone: list[tuple[Line, tuple[Rejection, ...]]]) -> list[dict[str, object]]:
    rows = [line.row if line.row is not None else {"text": line.text} for line, _ in gone]
    first = [why[0] for _, why in gone]
    notes: dict[str, list[Any]] = {
        "filter": [rejection.filter for rejection in first],
        "reason": [rejection.reason for rejection in first],
        "value": [rejection.value for rejection in first],
    }
    found: list[dict[str, object]] = add_columns(rows, notes)
    return found
