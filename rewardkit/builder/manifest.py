"""What a build did: how many rows were read, kept and dropped, by what, from what, with what."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points, version
from typing import Any

from rewardkit.builder.sources import Source
from rewardkit.recipes import Recipe
from rewardkit.types import Rejection, Scored

__all__ = ["Counts", "Manifest", "manifest_of"]

Manifest = dict[str, Any]


class Counts:
    """Counters that grow as rows go by; none of them holds rows."""

    def __init__(self) -> None:
        self.read = 0
        self.kept = 0
        self.prompts = 0
        self.prompts_kept = 0
        self.dropped_by: Counter[str] = Counter()
        self.would_drop: Counter[str] = Counter()
        self.examples: dict[str, str] = {}
        self._rewards: dict[str, Counter[str]] = {}
        self._sums: dict[str, float] = {}

    @property
    def dropped(self) -> int:
        """How many rows were dropped."""
        return self.dropped_by.total()

    @property
    def failed(self) -> int:
        """How many scores failed."""
        return sum(counts["failed"] for counts in self._rewards.values())

    def note_scores(self, scored: Scored) -> None:
        """Count the scores of a batch."""
        for name, scores in scored.scores.items():
            counts = self._rewards.setdefault(name, Counter())
            for score in scores:
                counts[_kind(score.value, score.failed)] += 1
            said = sum(score.value for score in scores if score.value is not None)
            self._sums[name] = self._sums.get(name, 0.0) + said

    def note_rejections(self, rejections: Iterable[Rejection]) -> None:
        """Count each filter that rejects a row, whichever of them is the first."""
        self.would_drop.update(rejection.filter for rejection in rejections)

    def note_drop(self, by: Rejection) -> None:
        """Count a dropped row under what dropped it first."""
        self.dropped_by[by.filter] += 1
        self.examples.setdefault(by.filter, by.reason)

    def rewards(self) -> dict[str, dict[str, float | int | None]]:
        """For each reward how many rows it scored, how many not, and the mean of those it did."""
        return {
            name: {
                "scored": counts["scored"],
                "abstained": counts["abstained"],
                "failed": counts["failed"],
                "mean": self._sums[name] / counts["scored"] if counts["scored"] else None,
            }
            for name, counts in self._rewards.items()
        }


def manifest_of(counts: Counts, source: Source, recipe: Recipe, files: Sequence[str]) -> Manifest:
    """The manifest as plain data, the same for the same input, recipe and versions."""
    return {
        "recipe": {"name": recipe.name, **recipe.resolved()},
        "input": {"files": source.names, "bytes": source.total_bytes},
        "output": {"files": list(files)},
        "rows": {"read": counts.read, "kept": counts.kept, "dropped": counts.dropped},
        "prompts": {"read": counts.prompts, "with_kept_rows": counts.prompts_kept},
        "dropped_by": dict(counts.dropped_by.most_common()),
        "examples": counts.examples,
        "rejected_by_each_filter": dict(counts.would_drop.most_common()),
        "rewards": counts.rewards(),
        "versions": _versions(),
    }


def _versions() -> Mapping[str, Any]:
    plugins = {
        entry.name: f"{entry.dist.name} {entry.dist.version}" if entry.dist else "unknown"
        for entry in sorted(entry_points(group="rewardkit"), key=lambda e: e.name)
    }
    return {
        "rewardkit": version("rewardkit"),
        "python": platform.python_version(),
        "plugins": plugins,
    }


def _kind(value: float | None, failed: bool) -> str:
    if failed:
        return "failed"
    return "abstained" if value is None else "scored"
