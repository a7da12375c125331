"""Types of options that are checked where they are given: a wrong one raises at construction."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

__all__ = ["Budget", "Bytes", "Seconds", "Tolerance", "Weights"]


class _Checked:
    """Tells pydantic to call `check`, which raises a ValueError; pydantic is not imported here."""

    def __init__(self, check: Callable[[Any], object]) -> None:
        self.check = check

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        def validate(value: Any) -> Any:
            self.check(value)
            return value

        return core_schema.no_info_after_validator_function(validate, handler(source))


def _positive(value: float | None) -> None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise ValueError("it must be more than 0")


def _share(value: float) -> None:
    if not 0.0 <= value < 1.0:
        raise ValueError("a tolerance is from 0 to 1")


def _weights(value: Mapping[str, float]) -> None:
    if not all(0 <= weight < math.inf for weight in value.values()):
        raise ValueError("a weight is 0 or more")


Seconds = Annotated[float | None, _Checked(_positive)]
"""A number of seconds, more than 0; None for what the row says."""
Budget = Annotated[float, _Checked(_positive)]
"""A number of seconds, more than 0."""
Bytes = Annotated[int | None, _Checked(_positive)]
"""A number of bytes, more than 0; None for what the row says."""
Tolerance = Annotated[float, _Checked(_share)]
"""By how much a float may be off."""
Weights = Annotated[Mapping[str, float], _Checked(_weights)]
"""What a test of a group counts for."""
