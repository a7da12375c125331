"""Judging rows: filters, rewards, then the selection among each prompt's completions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rewardkit.builder.manifest import Counts
from rewardkit.builder.partitions import Numbered
from rewardkit.completions import Completion
from rewardkit.recipes import Recipe
from rewardkit.rows import Batch, prompt_key, read_batch
from rewardkit.selectors import Candidate
from rewardkit.types import Rejection, Score, Scored

__all__ = ["Judge", "Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one row: it is kept where `rejections` is empty.

    Attributes:
        source: The line that it stood on.
        prompt_id: Which prompt it belongs to.
        completion: Its completion, where it can be read.
        total: Its total reward.
        scores: By the reward's name.
        rejections: Why it is dropped; the first is what drops it.
    """

    source: Numbered
    prompt_id: str
    completion: Completion | None
    total: float | None
    scores: dict[str, Score]
    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class _Samples:
    """What was drawn of one prompt, and of that what no filter rejects."""

    drawn: list[Candidate]
    candidates: list[Candidate]

    def add(self, sample: Candidate, rejected: bool) -> None:
        self.drawn.append(sample)
        if not rejected:
            self.candidates.append(sample)


class Judge:
    """Judges rows by a recipe, and counts.

    The first rows show whether the columns that the recipe needs are there at all; after them a
    row that lacks one is that row's affair.
    """

    def __init__(self, recipe: Recipe, counts: Counts) -> None:
        self._recipe = recipe
        self._counts = counts
        self._columns_seen = False

    def prompt_of(self, row: Mapping[str, Any]) -> str:
        """The key of a row's prompt; "" where it has neither `prompt_id` nor `prompt`."""
        renamed = self._recipe.reading.columns
        cells = [row.get(renamed.get(name, name)) for name in ("prompt_id", "prompt")]
        return prompt_key(*cells) or ""

    def judge(self, rows: Sequence[Numbered]) -> list[Verdict]:
        """The verdicts on rows that hold every completion of their prompts, in their order."""
        batch = self._read(rows)
        rejections = self._recipe.filters.judge(batch)
        scored = self._score(batch)
        verdicts = [
            self._verdict(row, place, batch, scored, rejected)
            for place, (row, rejected) in enumerate(zip(rows, rejections, strict=True))
        ]
        for rejected in rejections:
            self._counts.note_rejections(rejected)
        return self._selected(verdicts)

    def _read(self, rows: Sequence[Numbered]) -> Batch:
        recipe = self._recipe
        batch = read_batch(
            [row.line.row for row in rows], recipe.reading, strict=not self._columns_seen
        )
        if not self._columns_seen:
            if recipe.suite is not None:
                recipe.suite.check_columns(batch.columns)
            recipe.filters.check_columns(batch.columns)
            self._columns_seen = True
        return batch

    def _score(self, batch: Batch) -> Scored | None:
        if self._recipe.suite is None:
            return None
        scored = self._recipe.suite.score_batch(batch)
        self._counts.note_scores(scored)
        return scored

    def _verdict(
        self,
        row: Numbered,
        place: int,
        batch: Batch,
        scored: Scored | None,
        rejections: tuple[Rejection, ...],
    ) -> Verdict:
        return Verdict(
            source=row,
            prompt_id=batch.prompt_keys[place] or "",
            completion=batch.completions[place],
            total=scored.totals[place] if scored else None,
            scores={n: s[place] for n, s in scored.scores.items()} if scored else {},
            rejections=rejections,
        )

    def _selected(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        recipe = self._recipe
        if not recipe.selectors and recipe.per_prompt is None:
            return list(verdicts)
        by_prompt: dict[str, _Samples] = {}
        for verdict in verdicts:
            samples = by_prompt.setdefault(verdict.prompt_id, _Samples([], []))
            if verdict.completion is not None:
                samples.add(_candidate(verdict, verdict.completion), bool(verdict.rejections))
        reasons: dict[int, Rejection] = {}
        for samples in by_prompt.values():
            kept = self._choose(samples, reasons)
            self._counts.prompts += 1
            self._counts.prompts_kept += bool(kept)
        return [_with_reason(v, reasons.get(v.source.index)) for v in verdicts]

    def _choose(self, samples: _Samples, reasons: dict[int, Rejection]) -> Sequence[Candidate]:
        """The samples of one prompt that stay; why the candidates go is added to `reasons`."""
        candidates: Sequence[Candidate] = samples.candidates
        for selector in self._recipe.selectors:
            if not candidates:
                break
            selection = selector.select(candidates, samples.drawn)
            for index, reason in selection.reasons.items():
                found = Rejection(reason) if isinstance(reason, str) else reason
                reasons[index] = replace(found, filter=f"select:{selector.name}")
            candidates = selection.kept
        most = self._recipe.per_prompt
        if most is None:
            return candidates
        order = " by " + ", ".join(s.name for s in self._recipe.selectors)
        for rank, candidate in enumerate(candidates[most:], most + 1):
            reason = f"number {rank}{order.removesuffix(' by ')}; {most} a prompt are kept"
            reasons[candidate.index] = Rejection(reason, float(rank), "select:per_prompt")
        return candidates[:most]


def _candidate(verdict: Verdict, completion: Completion) -> Candidate:
    source = verdict.source
    return Candidate(
        source.index,
        verdict.prompt_id,
        completion,
        verdict.total,
        verdict.scores,
        source.line.place,
    )


def _with_reason(verdict: Verdict, rejection: Rejection | None) -> Verdict:
    if rejection is None:
        return verdict
    return Verdict(
        verdict.source,
        verdict.prompt_id,
        verdict.completion,
        verdict.total,
        verdict.scores,
        (*verdict.rejections, rejection),
    )
