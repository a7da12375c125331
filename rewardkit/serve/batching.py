"""Rows of many requests, scored together in several processes, none of which holds up the rest."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

from rewardkit.errors import RewardkitError, WorkerError
from rewardkit.serve.lanes import MOST_ROWS, Job, Lane, Unit
from rewardkit.serve.measures import Measures
from rewardkit.serve.scorers import Scorer, packed
from rewardkit.serve.scoring import UNITS_AT_ONCE
from rewardkit.serve.settings import Settings
from rewardkit.suites import Suite

__all__ = ["Batcher", "QueueFullError", "ScoringError"]

# A process is given another unit while it has less than this many that it may soon be done with.
_FRESH_UNITS = 2
_FRESH_SECONDS = 0.02
# Who ends processes cannot be told from who was only there: each is given so many chances.
_MOST_TRIES = 5
# With so many lost, a job is a suspect: it has a process to itself, for its sake and the others'.
_SUSPECT_TRIES = 2
_MOST_LANES = 256
# Each row is given all of them: where every row had one of its own, cells would be the square.
_MOST_COLUMNS = 1_000
_RESTART_SECONDS = 1.0

_log = logging.getLogger(__name__)


class QueueFullError(RewardkitError, RuntimeError):
    """More rows wait than may."""


class ScoringError(RewardkitError, RuntimeError):
    """Rows could not be scored; `of_the_request` says whether the request is to blame."""

    def __init__(self, message: str, *, of_the_request: bool = False) -> None:
        super().__init__(message)
        self.of_the_request = of_the_request


class Batcher:
    """Scores rows of many requests in several processes.

    Rows with the same columns are scored together, in units that grow while all is quick. A
    process that ends is replaced, and what it was scoring is scored elsewhere; one that is still
    at work on a unit after the deadline gets nothing more, and is killed when the rest is done.

    Args:
        suite: What to score with.
        settings: How many processes, how long a queue, and so on.
        measures: What is counted.
    """

    def __init__(self, suite: Suite, settings: Settings, measures: Measures) -> None:
        self._suite = packed(suite)
        self._whole = suite.scores_groups
        self._settings = settings
        self._measures = measures
        self._lanes: OrderedDict[Any, Lane] = OrderedDict()
        self._waiting: OrderedDict[Lane, None] = OrderedDict()
        self._scorers: dict[Scorer, dict[int, Unit]] = {}
        self._leaving: dict[Scorer, dict[int, Unit]] = {}
        self._suspects: deque[tuple[Lane, Job]] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._units = 0
        self._rows = 0
        self._ticking: asyncio.TimerHandle | None = None
        self._stopped = False
        measures.watch(lambda: self._rows, lambda: len(self._scorers))

    async def start(self) -> None:
        """Start the processes.

        Raises:
            WorkerError: They do not start.
        """
        await asyncio.gather(*(self._add() for _ in range(self._settings.processes)))

    async def stop(self) -> None:
        """End the processes, whatever they are doing."""
        self._stopped = True
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for scorer in [*self._scorers, *self._leaving]:
            scorer.kill()

    @property
    def ready(self) -> bool:
        """Whether there is a process to score."""
        return bool(self._scorers)

    @property
    def pending(self) -> int:
        """How many rows wait or are being scored."""
        held = [*self._scorers.values(), *self._leaving.values()]
        units = [unit for of_one in held for unit in of_one.values()]
        return self._rows + sum(job.size for unit in units for job in unit.jobs)

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes."""
        return [scorer.pid for scorer in self._scorers]

    def submit(
        self, rows: Sequence[dict[str, Any]], step: int | None, *, explain: bool
    ) -> list[asyncio.Future[list[dict[str, Any]]]]:
        """Have rows scored: futures of one mapping a row each, together in the rows' order.

        Raises:
            QueueFullError: Too many rows wait.
            ScoringError: The rows have too many columns.
        """
        # What waits when nothing else does is always taken, however much it is.
        if self._rows and self._rows + len(rows) > self._settings.queue:
            raise QueueFullError(f"{self._rows:,} rows wait to be scored.")
        columns = sorted({name for row in rows for name in row})
        if len(columns) > _MOST_COLUMNS:
            said = f"The rows have {len(columns):,} columns, more than {_MOST_COLUMNS:,}."
            raise ScoringError(said, of_the_request=True)
        lane = self._lane(columns, step, explain)
        size = len(rows) if self._whole else MOST_ROWS
        jobs = [_job(rows[start : start + size]) for start in range(0, len(rows), size)]
        for job in jobs:
            self._put(lane, job)
        self._dispatch()
        return [job.scores for job in jobs]

    def _lane(self, columns: list[str], step: int | None, explain: bool) -> Lane:
        # Rows with other columns would change what a row lacks.
        key = (tuple(columns), step, explain)
        lane = self._lanes.get(key)
        if lane is None:
            prefix = f"{json.dumps([step, explain, columns])[1:-1]},[".encode()
            lane = self._lanes[key] = Lane(prefix, self._whole)
        self._lanes.move_to_end(key)
        if len(self._lanes) > _MOST_LANES:
            idle = (k for k, old in self._lanes.items() if not (old.jobs or old.running))
            if (oldest := next(idle, None)) is not None:
                del self._lanes[oldest]
        return lane

    def _put(self, lane: Lane, job: Job, *, first: bool = False) -> None:
        if not lane.jobs and lane.most > 1:
            lane.gathering = True
            asyncio.get_running_loop().call_later(self._settings.window, self._gathered, lane)
        lane.put(job, first=first)
        self._rows += job.size
        self._waiting[lane] = None

    def _gathered(self, lane: Lane) -> None:
        lane.gathering = False
        self._dispatch()

    def _dispatch(self) -> None:
        """Give processes that are free what waits, of each lane in turn."""
        now = time.monotonic()
        self._send_suspects(now)
        for lane in list(self._waiting):
            self._waiting.move_to_end(lane)
            while self._may_begin(lane) and (scorer := self._free(now)):
                before = lane.rows
                jobs = lane.take()
                self._rows -= before - lane.rows
                if jobs:
                    self._send(scorer, lane, jobs, now)
            if not lane.jobs:
                del self._waiting[lane]
        if self._ticking is None and any(self._scorers.values()):
            loop = asyncio.get_running_loop()
            self._ticking = loop.call_later(_FRESH_SECONDS, self._tick)

    def _send_suspects(self, now: float) -> None:
        while self._suspects:
            lane, job = self._suspects[0]
            empty = next((scorer for scorer, units in self._scorers.items() if not units), None)
            if empty is None and not job.scores.done():
                break
            self._suspects.popleft()
            self._rows -= job.size
            if empty is not None and not job.scores.done():
                self._send(empty, lane, [job], now)

    def _may_begin(self, lane: Lane) -> bool:
        if not lane.jobs or (lane.gathering and lane.rows < lane.most):
            return False
        # Room is left for rows of another kind, which may be quicker.
        return lane.running < max(1, len(self._scorers) * UNITS_AT_ONCE * 3 // 4)

    def _free(self, now: float) -> Scorer | None:
        free = [
            (len(units), place, scorer)
            for place, (scorer, units) in enumerate(self._scorers.items())
            if len(units) < UNITS_AT_ONCE
            and not (place == 0 and self._suspects)  # it is to become empty
            and not any(unit.jobs[0].tries >= _SUSPECT_TRIES for unit in units.values())
            and sum(now - u.began < _FRESH_SECONDS for u in units.values()) < _FRESH_UNITS
        ]
        return min(free)[2] if free else None

    def _send(self, scorer: Scorer, lane: Lane, jobs: list[Job], now: float) -> None:
        self._units += 1
        unit = self._scorers[scorer][self._units] = Unit(self._units, lane, jobs, now)
        lane.running += 1
        self._measures.began(sum(job.size for job in jobs))
        rows = b",".join(job.rows for job in jobs)
        scorer.send(b"[%d,%b%b]]" % (unit.number, lane.prefix, rows))

    def _answered(self, scorer: Scorer, answer: dict[str, Any]) -> None:
        units = self._scorers.get(scorer) or self._leaving[scorer]
        unit = units.pop(answer["number"])
        now = time.monotonic()
        unit.lane.running -= 1
        unit.lane.note(now - unit.began, now)
        if "rows" in answer:
            self._settle(unit, answer["rows"])
        elif len(unit.jobs) > 1:
            for job in unit.jobs:
                job.tries += 1
            self._again(unit)
        else:
            blame = answer.get("of_the_request", False)
            _fail(unit.jobs, ScoringError(answer["error"], of_the_request=blame))
        if scorer in self._leaving and not units:
            scorer.kill()
        self._dispatch()

    def _settle(self, unit: Unit, rows: list[dict[str, Any]]) -> None:
        self._measures.scored(rows)
        start = 0
        for job in unit.jobs:
            if not job.scores.done():
                job.scores.set_result(rows[start : start + job.size])
            start += job.size

    def _again(self, unit: Unit) -> None:
        for job in reversed(unit.jobs):
            if job.scores.done():
                continue
            if job.tries < _SUSPECT_TRIES:
                self._put(unit.lane, job, first=True)
            else:
                self._suspects.append((unit.lane, job))
                self._rows += job.size

    def _tick(self) -> None:
        """Look at what is being scored: lanes learn who is slow, and who never ends is left."""
        self._ticking = None
        now = time.monotonic()
        for scorer, units in list(self._scorers.items()):
            for unit in units.values():
                unit.lane.note_running(now - unit.began, now)
            if any(now - unit.began > self._settings.deadline for unit in units.values()):
                self._leave(scorer)
        self._dispatch()

    def _leave(self, scorer: Scorer) -> None:
        """Replace a process that does not come to an end."""
        _log.warning("a row is still being scored after the deadline: its process is replaced")
        units = self._leaving[scorer] = self._scorers.pop(scorer)
        late = time.monotonic() - self._settings.deadline
        if all(unit.began <= late for unit in units.values()):
            scorer.kill()
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(self._settings.deadline, scorer.kill)
        self._replace()

    def _ended(self, scorer: Scorer) -> None:
        """What a process was scoring when it ended is scored again, by itself."""
        left = self._leaving.pop(scorer, None)
        units = self._scorers.pop(scorer, None) if left is None else left
        for unit in (units or {}).values():
            unit.lane.running -= 1
            for job in unit.jobs:
                job.tries += 1
            gone = [job for job in unit.jobs if job.tries >= _MOST_TRIES]
            _fail(gone, ScoringError(f"{_MOST_TRIES} processes ended that were scoring this."))
            self._again(unit)
        if left is None and not self._stopped:
            _log.warning("process %d, which scored, has ended: it is replaced", scorer.pid)
            self._replace()
        if not self._stopped:
            self._dispatch()

    def _replace(self) -> None:
        self._measures.replaced()
        task = asyncio.create_task(self._add_in_the_end())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add_in_the_end(self) -> None:
        while not self._stopped:
            try:
                await self._add()
                break
            except (WorkerError, OSError) as error:
                _log.error("no process in its place: %s", error)
                await asyncio.sleep(_RESTART_SECONDS)

    async def _add(self) -> None:
        scorer = Scorer(self._suite, self._answered, self._ended)
        await scorer.start()
        self._scorers[scorer] = {}
        self._dispatch()


def _job(rows: Sequence[dict[str, Any]]) -> Job:
    text = json.dumps(rows)[1:-1].encode()
    return Job(text, len(rows), asyncio.get_running_loop().create_future())


def _fail(jobs: Sequence[Job], error: ScoringError) -> None:
    for job in jobs:
        if not job.scores.done():
            job.scores.set_exception(error)
