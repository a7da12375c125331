"""Types of options that are checked where they are given: a wrong one raises at construction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from rewardkit_language.languages import known_language

__all__ = ["BackendName", "LanguageName", "Share", "Where", "WordCount"]


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


def _share(value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError("a share is from 0 to 1")


def _positive(value: float) -> None:
    if value <= 0:
        raise ValueError("it must be more than 0")


LanguageName = Annotated[str, _Checked(known_language)]
"""A code or name that `known_language` knows."""
BackendName = Literal["py3langid", "langdetect", "fasttext"]
"""What tells languages of one script apart."""
Where = Literal["thinking", "response", "both"]
"""Which part of a completion is measured."""
Share = Annotated[float, _Checked(_share)]
"""A number from 0 to 1."""
WordCount = Annotated[float, _Checked(_positive)]
"""A number of words, more than 0."""
