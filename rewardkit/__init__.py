"""Rewards and rejection sampling for LLM reasoning training, with a reason for every number."""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import TYPE_CHECKING, Any

from rewardkit.completions import Completion, Reading
from rewardkit.composition import FirstOf, Reward
from rewardkit.errors import RewardkitError
from rewardkit.filters import Filter, FilterChain, Filtered, filter
from rewardkit.hookspecs import hookimpl, hookspec
from rewardkit.registry import (
    Registry,
    filter_chain,
    get_filter,
    get_reward,
    get_selector,
    suite,
)
from rewardkit.rewards import reward
from rewardkit.selectors import Candidate, Selection, Selector, selector
from rewardkit.suites import Schedule, Suite
from rewardkit.types import Language, Rejection, Score, Scored

if TYPE_CHECKING:
    from rewardkit.builder import build
    from rewardkit.recipes import Recipe, load_recipe, preset

__all__ = [
    "Candidate",
    "Completion",
    "Filter",
    "FilterChain",
    "Filtered",
    "FirstOf",
    "Language",
    "Reading",
    "Recipe",
    "Registry",
    "Rejection",
    "Reward",
    "RewardkitError",
    "Schedule",
    "Score",
    "Scored",
    "Selection",
    "Selector",
    "Suite",
    "build",
    "filter",
    "filter_chain",
    "get_filter",
    "get_reward",
    "get_selector",
    "hookimpl",
    "hookspec",
    "load_recipe",
    "preset",
    "reward",
    "selector",
    "suite",
]


# These need pydantic, which takes as long to import as all the rest: they are imported when used.
_LATER = {
    "Recipe": "rewardkit.recipes",
    "build": "rewardkit.builder",
    "load_recipe": "rewardkit.recipes",
    "preset": "rewardkit.recipes",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    if name == "__version__":
        return importlib.metadata.version("rewardkit")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
