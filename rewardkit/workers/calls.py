"""One call of `WorkerPool.map`: which items wait, which are done, how many to hand out at once."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rewardkit.workers.outcomes import Outcome

__all__ = ["Call", "Chunk"]

_CHUNK_SECONDS = 0.02  # as long as a chunk should take: its cost is then lost in it
_WORTHWHILE_SECONDS = 0.001  # less than this is not worth dividing
_FIRST = 8  # items of a chunk while nobody knows how long one takes
_MOST = 512


class Call:
    """The items of one call of `map`, and what became of them. Its engine's lock guards it."""

    def __init__(
        self,
        key: bytes,
        packed: bytes,
        path: list[str],
        items: Sequence[Any],
        deadline: float | None,
        finished: threading.Condition,
        until: float = math.inf,
    ) -> None:
        self.key = key
        self.packed = packed
        self.path = path
        self.items = items
        self.deadline = deadline
        self.finished = finished
        self.until = until  # by time.monotonic(); what is not done then has run out of time
        self.outcomes: list[Outcome | None] = [None] * len(items)
        self.left = len(items)
        self.pending = deque(range(len(items)))
        self.failures = 0  # workers in a row that could not be started or load the function
        self.mishaps = 0  # workers that died, and no item can be blamed
        self._pace: float | None = None  # seconds an item

    def settle(self, index: int, outcome: Outcome) -> None:
        """Note what became of an item; only the first outcome counts."""
        if self.outcomes[index] is not None:
            return
        self.outcomes[index] = outcome
        self.left -= 1
        if not self.left:
            self.finished.notify_all()

    def fail(self, outcome: Outcome) -> None:
        """Every item that is not done ends like this."""
        self.pending.clear()
        for index in range(len(self.items)):
            self.settle(index, outcome)

    def take(self, workers: int) -> list[int]:
        """The next items for one of so many workers: a fair share, but not too long a work."""
        waiting = len(self.pending)
        count = -(-waiting // workers)
        if self._pace is None:
            count = min(count, _FIRST)
        else:
            count = max(count, int(_WORTHWHILE_SECONDS / self._pace))
            count = min(count, int(_CHUNK_SECONDS / self._pace), _MOST)
        return [self.pending.popleft() for _ in range(min(max(count, 1), waiting))]

    def give_back(self, indices: Sequence[int]) -> None:
        """Let items wait again, before the others; those that are done don't."""
        self.pending.extendleft(i for i in reversed(indices) if self.outcomes[i] is None)

    def clocked(self, items: int, seconds: float) -> None:
        """Learn how long items take, from a chunk that went through."""
        pace = max(seconds / items, 1e-7)
        self._pace = pace if self._pace is None else (self._pace + pace) / 2


@dataclass(slots=True, eq=False)
class Chunk:
    """Items on their way to a worker, or in it.

    Attributes:
        indices: Of the items, in the call.
        owned: How many of them the worker still has to answer for: the rest was taken back.
        sent: When it was sent, by time.monotonic(); None before that.
    """

    call: Call
    indices: list[int]
    owned: int = field(init=False)
    sent: float | None = None

    def __post_init__(self) -> None:
        self.owned = len(self.indices)

    def take_back(self, position: int) -> None:
        """Give the items from this position on back to the call, for another worker."""
        self.call.give_back(self.indices[position : self.owned])
        self.owned = position
