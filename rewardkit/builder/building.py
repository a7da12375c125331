"""Building an SFT data set: rollouts in; kept rows, dropped rows with reasons, a manifest out."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rewardkit.builder.card import data_card
from rewardkit.builder.judging import Judge, Verdict
from rewardkit.builder.manifest import Counts, Manifest, manifest_of
from rewardkit.builder.partitions import (
    Numbered,
    Spill,
    partition,
    whole_prompts,
)
from rewardkit.builder.repeats import Repeat, Repeats
from rewardkit.builder.sources import Line, Source, in_batches, open_source
from rewardkit.builder.writers import dumps, open_writer
from rewardkit.completions import Completion
from rewardkit.errors import ContractError, OutputError, RowError
from rewardkit.recipes import Recipe, load_recipe
from rewardkit.rows import how_to_rename
from rewardkit.types import Rejection

__all__ = ["build"]

_BATCH = 1_000
_UNREADABLE = "unreadable"

Progress = Callable[[Source, int], None]


def build(
    source: Any,
    recipe: str | Path | Mapping[str, Any] | Recipe,
    out: str | Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Build an SFT data set from rollouts, in memory that does not grow with their number.

    Writes `kept/` (rows in the recipe's export format, in the input's order), `dropped/` (every
    other row with the filter that drops it, the reason and the measured value), `manifest.json`
    and `README.md`, a data card that lets `datasets.load_dataset` find the kept rows. All of it
    appears at once, when it is whole.

    Args:
        source: Files, a folder, a datasets.Dataset, or rows; see `open_source`.
        recipe: A recipe file, the name of a preset, a mapping, or a Recipe.
        out: The folder to make.
        overwrite: Replace a data set that an earlier build left in `out`.
        progress: Called with the source and the number of rows read so far, now and then.

    Returns:
        The manifest: counts of rows read, kept and dropped, by reason.

    Raises:
        RowError: The source cannot be read. A single row that cannot is dropped with its reason.
        RecipeError: Something in the recipe is wrong.
        ContractError: A column that the recipe needs is not there.
        OutputError: `out` cannot be written, or holds something.
    """
    recipe = load_recipe(recipe)
    opened = open_source(source)
    out = Path(out)
    _check_target(out, overwrite)
    work = out.with_name(f"{out.name}.partial")
    try:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        manifest = _Build(opened, recipe, work, progress or (lambda _source, _rows: None)).run()
        if out.exists():
            shutil.rmtree(out)
        work.rename(out)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{out} cannot be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _check_target(out: Path, overwrite: bool) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / "manifest.json").is_file():
        raise OutputError(
            f"{out} is there already and is no data set of rewardkit's. Name another folder."
        )
    if not overwrite:
        raise OutputError(
            f"{out} holds a data set already. Name another folder, or replace it with "
            "--overwrite (overwrite=True)."
        )


class _Build:
    """One build, in the folder `work`."""

    def __init__(self, source: Source, recipe: Recipe, work: Path, progress: Progress) -> None:
        self.source = source
        self.recipe = recipe
        self.work = work
        self.progress = progress
        self.counts = Counts()
        self.judge = Judge(recipe, self.counts)
        self.scratch = work / "scratch"
        self.kept = Spill(self.scratch, "kept")
        self.dropped = Spill(self.scratch, "dropped")
        self.repeats = Repeats(self.scratch) if recipe.tables.select.unique else None

    def run(self) -> Manifest:
        """Judge every row, write what was kept and dropped, and say how much of each."""
        self.scratch.mkdir()
        try:
            for part, verdicts in self._judged():
                kept_of = Counter(v.prompt_id for v in verdicts if not v.rejections)
                for verdict in verdicts:
                    self._place(part, verdict, kept_of[verdict.prompt_id])
                self._finish_part()
        finally:
            self._finish_part()
        return self._finish()

    def _finish_part(self) -> None:
        # Few files stay open, whatever the number of parts.
        self.kept.finish()
        self.dropped.finish()

    def _judged(self) -> Iterator[tuple[int, list[Verdict]]]:
        """Verdicts in lists, with the part of the output that each list goes to, in its order."""
        if not self.recipe.needs_whole_prompts:
            for batch in in_batches(self._readable(), _BATCH):
                yield 1, self.judge.judge(batch)
            return
        prompt_of = self.judge.prompt_of
        lines = self._with_prompts(self._readable())
        for part, rows in enumerate(partition(lines, self.scratch, prompt_of), 1):
            batches = whole_prompts(rows, _BATCH, prompt_of)
            verdicts = [verdict for batch in batches for verdict in self.judge.judge(batch)]
            yield part, sorted(verdicts, key=lambda verdict: verdict.source.index)

    def _readable(self) -> Iterator[Numbered]:
        """The lines that hold a row; the others are dropped."""
        for index, line in enumerate(self.source):
            self.counts.read += 1
            if self.counts.read % _BATCH == 0:
                self.progress(self.source, self.counts.read)
            if line.row is None:
                self._drop_unreadable(index, line, line.problem)
            else:
                yield Numbered(index, line)
        self.progress(self.source, self.counts.read)

    def _with_prompts(self, lines: Iterable[Numbered]) -> Iterator[Numbered]:
        """The lines whose prompt can be told; where not even the first one's can, an error."""
        found = False
        for numbered in lines:
            row = numbered.line.row or {}
            if self.judge.prompt_of(row):
                found = True
                yield numbered
            elif not found:
                raise ContractError(
                    "Selecting among a prompt's completions needs `prompt_id` or `prompt`; "
                    f"{numbered.line.place} has {sorted(row)}. {how_to_rename('prompt')}"
                )
            else:
                problem = "the row has neither prompt_id nor prompt: its group cannot be told"
                self._drop_unreadable(numbered.index, numbered.line, problem)

    def _drop_unreadable(self, index: int, line: Line, problem: str) -> None:
        rejection = Rejection(problem, filter=_UNREADABLE)
        self.counts.note_rejections([rejection])
        self.counts.note_drop(rejection)
        self.dropped.write(0, index, _dropped_record(line, "", None, (rejection,)))

    def _place(self, part: int, verdict: Verdict, kept_of_prompt: int) -> None:
        """Write a row to where its verdict sends it."""
        index, line = verdict.source.index, verdict.source.line
        rejections = verdict.rejections
        if not rejections and verdict.completion is not None:
            try:
                record = self._kept_record(verdict, verdict.completion)
                if self.repeats is not None:
                    self.repeats.note(index, str(verdict.completion), line.place)
                    record = _pending_record(record, verdict, kept_of_prompt)
                self.kept.write(part, index, record)
            except RowError as error:
                rejections = (Rejection(str(error), filter="export"),)
            else:
                self.counts.kept += 1
                return
        self.counts.note_drop(rejections[0])
        record = _dropped_record(line, verdict.prompt_id, verdict.total, rejections)
        self.dropped.write(part, index, record)

    def _kept_record(self, verdict: Verdict, completion: Completion) -> dict[str, Any]:
        row = dict(verdict.source.line.row or {})
        ours = {name: row.get(theirs) for name, theirs in self.recipe.reading.columns.items()}
        exported = self.recipe.exporter({**row, **ours}, completion)
        carried = {name: {**row, **ours}.get(name) for name in self.recipe.tables.export.columns}
        return {**exported, "prompt_id": verdict.prompt_id, "reward": verdict.total, **carried}

    def _kept_records(self) -> Iterator[dict[str, Any]]:
        """What is kept in the end: a text that is there twice is dropped the second time."""
        if self.repeats is None:
            yield from self.kept.merged()
            return
        part = max(self.dropped.parts(), default=0) + 1
        gone: Counter[str] = Counter()
        repeats = self.repeats.found()
        repeat = next(repeats, None)
        for pending in self.kept.merged():
            if repeat is None or pending["index"] != repeat.row:
                yield pending["kept"]
                continue
            self._drop_repeat(part, pending, repeat, gone)
            repeat = next(repeats, None)
        self.dropped.finish()

    def _drop_repeat(
        self, part: int, pending: Mapping[str, Any], repeat: Repeat, gone: Counter[str]
    ) -> None:
        """Drop what was kept until now; `gone` counts by prompt, as long as others of it stay."""
        rejection = Rejection(f"the same text as {repeat.first}", 1.0, "select:unique")
        line = Line(pending["file"], pending["number"], pending["row"])
        prompt, total = pending["kept"]["prompt_id"], pending["kept"]["reward"]
        self.dropped.write(part, repeat.row, _dropped_record(line, prompt, total, (rejection,)))
        self.counts.kept -= 1
        self.counts.note_drop(rejection)
        gone[prompt] += 1
        if self.counts.prompts and gone[prompt] == pending["kept_of_prompt"]:
            self.counts.prompts_kept -= 1
            del gone[prompt]

    def _finish(self) -> Manifest:
        kind = self.recipe.tables.export.file
        files = [f"kept/00000.{kind}", f"dropped/00000.{kind}"]
        # The kept ones first: what they repeat is dropped meanwhile.
        _write(self.work / files[0], kind, self._kept_records())
        _write(self.work / files[1], kind, self.dropped.merged())
        shutil.rmtree(self.scratch)
        manifest = manifest_of(self.counts, self.source, self.recipe, files)
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (self.work / "manifest.json").write_text(f"{text}\n", encoding="utf-8")
        (self.work / "README.md").write_text(data_card(manifest), encoding="utf-8")
        return manifest


def _dropped_record(
    line: Line, prompt_id: str, total: float | None, rejections: tuple[Rejection, ...]
) -> dict[str, Any]:
    first = rejections[0]
    return {
        "file": line.file,
        "line": line.number,
        "prompt_id": prompt_id,
        "filter": first.filter,
        "reason": first.reason,
        "value": first.value,
        "reward": total,
        "rejections": [
            {"filter": r.filter, "reason": r.reason, "value": r.value} for r in rejections
        ],
        # As text, for rows of any shape to fit into one table.
        "row": line.text if line.row is None else dumps(line.row),
    }


def _pending_record(kept: dict[str, Any], verdict: Verdict, kept_of_prompt: int) -> dict[str, Any]:
    """A row that is kept unless its text is found to stand before it, with what it is then."""
    source = verdict.source
    return {
        "index": source.index,
        "kept": kept,
        "file": source.line.file,
        "number": source.line.number,
        "row": source.line.row,
        "kept_of_prompt": kept_of_prompt,
    }


def _write(path: Path, kind: str, rows: Iterable[dict[str, Any]]) -> None:
    with open_writer(path, kind) as writer:
        for records in in_batches(rows, _BATCH):
            writer.write(records)
