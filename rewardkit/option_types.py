"""Types of options that are checked where they are given: a wrong one raises at construction."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated, Any

__all__ = ["Checked", "NonNegativeFloat", "NotAbove", "PositiveFloat", "PositiveInt", "Share"]


class Checked:
    """Marks an option's type with a check of its values, for types of your own.

    `Even = Annotated[int, Checked(require_even)]`, where `require_even` raises a ValueError that
    says what is wanted; what it returns is not looked at.
    """

    def __init__(self, check: Callable[[Any], object]) -> None:
        self.check = check

    # pydantic asks for this; it is not imported here, for it takes as long as all of rewardkit.
    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """What pydantic runs: its own validation of the type, then `check`."""
        from pydantic_core import core_schema

        def validate(value: Any) -> Any:
            self.check(value)
            return value

        return core_schema.no_info_after_validator_function(validate, handler(source))


class NotAbove:
    """Marks a number that may not be above another option, given with or before it or by default.

    `least: Annotated[int, NotAbove("most")] = 1`. Where either is None there is no bound.
    """

    def __init__(self, other: str) -> None:
        self.other = other

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        """What pydantic runs; the context that it is given holds all options, by name."""
        from pydantic_core import core_schema

        def validate(value: Any, info: Any) -> Any:
            bound = (info.context or {}).get(self.other)
            known = isinstance(value, int | float) and isinstance(bound, int | float)
            if known and value > bound:
                raise ValueError(f"it must not be above {self.other}, which is {bound:g}")
            return value

        return core_schema.with_info_after_validator_function(validate, handler(source))


def _positive(value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError("it must be more than 0")


def _not_negative(value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError("it must be 0 or more")


def _share(value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError("a share is from 0 to 1")


PositiveInt = Annotated[int, Checked(_positive)]
"""A whole number, more than 0."""
PositiveFloat = Annotated[float, Checked(_positive)]
"""A number, more than 0 and finite."""
NonNegativeFloat = Annotated[float, Checked(_not_negative)]
"""A number, 0 or more and finite."""
Share = Annotated[float, Checked(_share)]
"""A number from 0 to 1."""
