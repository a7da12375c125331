"""Running a row's tests on a program, and judging in this process what came back."""

from __future__ import annotations

from rewardkit_code.judging.job import Job, Settings, UnsplitError
from rewardkit_code.judging.judge import judge

__all__ = ["Job", "Settings", "UnsplitError", "judge"]
