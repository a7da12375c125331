"""Worker processes that can be killed: hard deadlines a sample, memory caps."""

from __future__ import annotations

from rewardkit.workers.outcomes import Outcome
from rewardkit.workers.packing import packing
from rewardkit.workers.pool import WorkerPool, shared_pool

__all__ = ["Outcome", "WorkerPool", "packing", "shared_pool"]
