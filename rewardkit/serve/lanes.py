"""Rows that may be scored together, and how many of them at once."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

__all__ = ["MOST_ROWS", "Job", "Lane", "Unit"]

MOST_ROWS = 64
"""Most rows in a unit; a request with more is divided, unless its rewards score groups."""

_QUICK_SECONDS = 0.02
_SLOW_SECONDS = 0.1
_CALM_SECONDS = 10.0


@dataclass(eq=False, slots=True)
class Job:
    """Rows of one request, and where their scores are awaited.

    Attributes:
        rows: The rows as JSON, with commas between.
        size: How many there are.
        scores: One mapping a row, or a ScoringError.
        tries: How often it was being scored when its process ended.
    """

    rows: bytes
    size: int
    scores: asyncio.Future[list[dict[str, Any]]]
    tries: int = 0


@dataclass(eq=False, slots=True)
class Unit:
    """Jobs that are scored in one call."""

    number: int
    lane: Lane
    jobs: list[Job]
    began: float


@dataclass(eq=False, slots=True)
class Lane:
    """Jobs whose rows have the same columns, in the order in which they came.

    One slow row holds up all that it is scored with, so lanes begin with a job at a time. While
    all is quick, units grow; once one is slow, jobs are scored alone until all is calm again.

    Attributes:
        prefix: What begins the frame of a unit, but for its number: the step, and so on.
        whole: Whether a job is always scored alone, because its rewards compare rows.
        jobs: What waits.
        rows: How many rows wait.
        running: How many units are being scored.
        gathering: Whether the jobs that wait are waiting for others to be scored with.
    """

    prefix: bytes
    whole: bool
    jobs: deque[Job] = field(default_factory=deque)
    rows: int = 0
    running: int = 0
    gathering: bool = False
    _most: int = 1
    _calm_from: float | None = None

    @property
    def most(self) -> int:
        """Most rows of a unit of several jobs, as things are."""
        return 1 if self.whole else self._most

    def put(self, job: Job, *, first: bool = False) -> None:
        """Have a job wait."""
        self.rows += job.size
        if first:
            self.jobs.appendleft(job)
        else:
            self.jobs.append(job)

    def take(self) -> list[Job]:
        """The jobs of the next unit; those that nobody waits for any more are left out."""
        taken: list[Job] = []
        room = self.most
        while self.jobs and (not taken or self.jobs[0].size <= room):
            job = self.jobs.popleft()
            self.rows -= job.size
            if job.scores.done():
                continue
            room -= job.size
            taken.append(job)
            if job.tries:  # whoever ends processes does so alone
                break
        return taken

    def note(self, seconds: float, now: float) -> None:
        """Learn from a unit that took so long."""
        self.note_running(seconds, now)
        if self._calm_from is None:
            self._calm_from = now + _SLOW_SECONDS
        if seconds <= _QUICK_SECONDS and now >= self._calm_from:
            self._most = min(2 * self._most, MOST_ROWS)
            # Not again before one that began meanwhile would have been found slow.
            self._calm_from = now + _SLOW_SECONDS

    def note_running(self, seconds: float, now: float) -> None:
        """Learn from a unit that has taken so long and is not done."""
        if seconds >= _SLOW_SECONDS:
            self._most = 1
            self._calm_from = now + _CALM_SECONDS
