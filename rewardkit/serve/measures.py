"""What a server counts, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Measures"]

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64)


class Measures:
    """Requests and how long they took, the queue, units of rows, and what each reward did."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        r = self._registry
        self._requests = Counter(
            "rewardkit_requests", "Requests answered.", ["route", "status"], registry=r
        )
        self._seconds = Histogram(
            "rewardkit_request_seconds",
            "From a request's first byte to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=r,
        )
        self._sizes = Histogram(
            "rewardkit_batch_rows", "Rows scored in one call.", buckets=_ROWS, registry=r
        )
        self._scores = Counter(
            "rewardkit_scores",
            "Scores by reward: scored, abstained or failed.",
            ["reward", "outcome"],
            registry=r,
        )
        self._unscored = Counter("rewardkit_unscored_rows", "Rows without a total.", registry=r)
        self._replaced = Counter(
            "rewardkit_workers_replaced", "Processes that ended or never did.", registry=r
        )
        self._depth = Gauge("rewardkit_queue_rows", "Rows that wait to be scored.", registry=r)
        self._workers = Gauge("rewardkit_workers", "Processes that score.", registry=r)

    def watch(self, waiting: Callable[[], int], workers: Callable[[], int]) -> None:
        """Say how to learn how many rows wait, and how many processes there are."""
        self._depth.set_function(waiting)
        self._workers.set_function(workers)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def began(self, rows: int) -> None:
        """Count a unit of rows."""
        self._sizes.observe(rows)

    def scored(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Count what each reward said of rows."""
        tally: dict[tuple[str, str], int] = {}
        for row in rows:
            self._unscored.inc(row["total"] is None)
            for name, score in row["scores"].items():
                key = name, _outcome(score)
                tally[key] = tally.get(key, 0) + 1
        for key, count in tally.items():
            self._scores.labels(*key).inc(count)

    def replaced(self) -> None:
        """Count a process that had to be replaced."""
        self._replaced.inc()

    def exposition(self) -> bytes:
        """Everything, in Prometheus's text format."""
        return generate_latest(self._registry)


def _outcome(score: Mapping[str, Any]) -> str:
    if score["failed"]:
        return "failed"
    return "abstained" if score["value"] is None else "scored"
