"""The type of an option that names a language: an unknown one raises at construction."""

from __future__ import annotations

from typing import Annotated

from rewardkit.option_types import Checked
from rewardkit_language.languages import known_language

__all__ = ["LanguageName"]

LanguageName = Annotated[str, Checked(known_language)]
"""A code or name that `known_language` knows."""
