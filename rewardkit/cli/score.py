"""`rewardkit score`: rows in, rows with rewards and reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

import typer

from rewardkit.builder import Line
from rewardkit.builder.manifest import Counts
from rewardkit.builder.sources import in_batches
from rewardkit.builder.writers import open_writer
from rewardkit.cli.console import FAILED_ROWS, Problems, print_table, progress, say_written
from rewardkit.cli.options import Columns, Files, PresetName, RecipeFile, open_files, read_recipe
from rewardkit.errors import ContractError, RowError
from rewardkit.rows import add_columns, prompt_key, read_batch
from rewardkit.suites import Suite
from rewardkit.types import Scored

__all__ = ["print_rewards", "score"]

_BATCH = 1_000


def score(
    files: Files,
    *,
    preset: PresetName = "",
    recipe: RecipeFile = None,
    out: Annotated[
        str, typer.Option("--out", "-o", help="Where to: a .jsonl or .parquet file; - is stdout.")
    ] = "-",
    columns: Columns,
    step: Annotated[
        int | None, typer.Option(help="The trainer's step, for weights that are schedules.")
    ] = None,
) -> None:
    """Score rows: adds `reward`, and `reward_NAME` and `reason_NAME` for every reward.

    For example: rewardkit score rollouts.jsonl --preset r1-zero --out scored.jsonl
    """
    found = read_recipe(preset, recipe, columns)
    if found.suite is None:
        raise ContractError(f"Recipe {found.name} has no [rewards] to score with.")
    source = open_files(files)
    counts, problems, totals = Counts(), Problems(), _Mean()
    with open_writer(out) as writer, progress("scoring") as update:
        readable = _readable(source, counts, problems)
        batches = (
            _by_prompt(readable, found.reading.columns)
            if found.scores_groups
            else in_batches(readable, _BATCH)
        )
        for number, lines in enumerate(batches):
            scored = _score(found.suite, lines, step, first=number == 0)
            counts.note_scores(scored)
            totals.add(scored)
            _note_failures(scored, lines, problems)
            writer.write(add_columns([line.row for line in lines], scored.columns()))
            update(source, counts.read)
    problems.sum_up()
    print_rewards(counts, f"{counts.read:,} rows, mean total reward {totals.shown}")
    say_written(scored=out)
    if problems.count:
        raise typer.Exit(FAILED_ROWS)


def print_rewards(counts: Counts, title: str) -> None:
    """Print for each reward how many rows it scored, how many not, and the mean."""
    rows = [
        (name, _mean(r["mean"]), f"{r['scored']:,}", f"{r['abstained']:,}", f"{r['failed']:,}")
        for name, r in counts.rewards().items()
    ]
    print_table(title, ("<reward", "mean", "scored", "abstained", "failed"), rows)


class _Mean:
    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0

    def add(self, scored: Scored) -> None:
        said = [total for total in scored.totals if total is not None]
        self._sum += sum(said)
        self._count += len(said)

    @property
    def shown(self) -> str:
        return _mean(self._sum / self._count if self._count else None)


def _mean(value: float | int | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _readable(source: Iterable[Line], counts: Counts, problems: Problems) -> Iterator[Line]:
    for line in source:
        counts.read += 1
        if line.row is None:
            problems.note(line, line.problem)
        else:
            yield line


def _score(suite: Suite, lines: list[Line], step: int | None, *, first: bool) -> Scored:
    batch = read_batch([line.row for line in lines], suite.reading, step, strict=first)
    if first:
        suite.check_columns(batch.columns)
    return suite.score_batch(batch)


def _note_failures(scored: Scored, lines: list[Line], problems: Problems) -> None:
    for place, line in enumerate(lines):
        mine = {name: scores[place] for name, scores in scored.scores.items()}
        failed = [f"{name} failed: {score.reason}" for name, score in mine.items() if score.failed]
        if failed:
            problems.note(line, "; ".join(failed))


def _by_prompt(lines: Iterator[Line], columns: Mapping[str, str]) -> Iterator[list[Line]]:
    """Batches that divide no prompt, for rewards that score groups."""
    batch: list[Line] = []
    seen: set[str | None] = set()
    current: str | None = None
    for line in lines:
        row = line.row or {}
        cells = [row.get(columns.get(name, name)) for name in ("prompt_id", "prompt")]
        key = prompt_key(*cells)
        if key != current and batch:
            seen.add(current)
            if key in seen:
                raise RowError(
                    f"{line.place}: its prompt came up before, with others in between. A reward "
                    "of this recipe scores a prompt's completions together: sort by prompt."
                )
            if len(batch) >= _BATCH:
                yield batch
                batch = []
        current = key
        batch.append(line)
    if batch:
        yield batch
