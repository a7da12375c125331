"""The types of options of what measures language: a wrong one raises at construction."""

from __future__ import annotations

from typing import Annotated, Literal

from rewardkit.option_types import Checked
from rewardkit_language.languages import known_language

__all__ = ["BackendName", "LanguageName", "Where"]

LanguageName = Annotated[str, Checked(known_language)]
"""A code or name that `known_language` knows."""
BackendName = Literal["py3langid", "langdetect", "fasttext"]
"""What tells languages of one script apart."""
Where = Literal["thinking", "response", "both"]
"""Which part of a completion is measured."""
