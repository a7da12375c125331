"""What a plugin may implement. Every hook is optional.

A plugin is a module, named by an entry point of the group `rewardkit`:

.. code-block:: toml

    [project.entry-points.rewardkit]
    mine = "my_package.rewards"

Hooks that provide something are called once, when a thing of their kind is first looked up.
`rewardkit plugins` shows what a plugin brings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from rewardkit.types import Language, Scored

if TYPE_CHECKING:
    from rewardkit.composition import Reward
    from rewardkit.filters import Filter
    from rewardkit.selectors import Selector
    from rewardkit.suites import Suite

__all__ = ["hookimpl", "hookspec"]

hookspec = pluggy.HookspecMarker("rewardkit")
hookimpl = pluggy.HookimplMarker("rewardkit")


@hookspec
def rewardkit_rewards() -> Iterable[Reward]:
    """The rewards that this plugin provides."""
    raise NotImplementedError


@hookspec
def rewardkit_filters() -> Iterable[Filter[..., Any]]:
    """The rejection filters that this plugin provides."""
    raise NotImplementedError


@hookspec
def rewardkit_selectors() -> Iterable[Selector]:
    """The ways to choose among one prompt's completions that this plugin provides."""
    raise NotImplementedError


@hookspec
def rewardkit_presets() -> Mapping[str, Path]:
    """The recipes that this plugin ships: `{"r1": Path(__file__).with_name("r1.toml")}`."""
    raise NotImplementedError


@hookspec
def rewardkit_languages() -> Iterable[Language]:
    """The programming languages that this plugin can compile and run solutions in."""
    raise NotImplementedError


@hookspec
def rewardkit_exporters() -> Mapping[str, Callable[..., Mapping[str, Any]]]:
    """Formats of SFT rows, by name: functions of a row and its completion to the row written."""
    raise NotImplementedError


@hookspec
def rewardkit_commands() -> Mapping[str, Callable[..., Any]]:
    """Commands for the `rewardkit` command line, by name: functions as typer takes them."""
    raise NotImplementedError


@hookspec
def rewardkit_scored(suite: Suite, scored: Scored) -> None:
    """Called after a suite has scored rows, to observe them; what it raises is logged, no more."""
