"""Types of options that are checked where they are given: a wrong one raises at construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

__all__ = ["Count"]


class _Positive:
    """Tells pydantic that a number is more than 0; pydantic is not imported for it here."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(_positive, handler(source))


def _positive(value: int) -> int:
    if value <= 0:
        raise ValueError("it must be more than 0")
    return value


Count = Annotated[int, _Positive()]
"""A number of characters or words, more than 0."""
