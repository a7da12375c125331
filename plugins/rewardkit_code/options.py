"""Types of options that are checked where they are given: a wrong one raises at construction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from rewardkit.option_types import Checked, PositiveFloat, PositiveInt

__all__ = ["Budget", "Bytes", "Seconds", "Tolerance", "Weights"]


def _tolerance(value: float) -> None:
    if not 0.0 <= value < 1.0:
        raise ValueError("a tolerance is from 0 to 1")


def _weights(value: Mapping[str, float]) -> None:
    if not all(0 <= weight < math.inf for weight in value.values()):
        raise ValueError("a weight is 0 or more")


Seconds = PositiveFloat | None
"""A number of seconds, more than 0; None for what the row says."""
Budget = PositiveFloat
"""A number of seconds, more than 0."""
Bytes = PositiveInt | None
"""A number of bytes, more than 0; None for what the row says."""
Tolerance = Annotated[float, Checked(_tolerance)]
"""By how much a float may be off."""
Weights = Annotated[Mapping[str, float], Checked(_weights)]
"""What a test of a group counts for."""
