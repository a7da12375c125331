"""`rewardkit plugins`: what is installed, what each thing does, and what is broken."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from rewardkit.cli.console import console, print_table
from rewardkit.errors import RewardkitError, UnknownNameError
from rewardkit.recipes import load_recipe
from rewardkit.registry import Registry, installed

__all__ = ["plugins"]


def plugins(
    show: Annotated[
        str,
        typer.Option(
            "--show",
            help="Print one preset, to copy and change; or what one reward, filter or selector "
            "does, its columns and options.",
        ),
    ] = "",
) -> None:
    """Show the installed plugins: their rewards, filters, selectors and presets.

    To start a recipe of your own: rewardkit plugins --show r1 > my.toml
    """
    registry = installed()
    if show:
        _show(registry, show)
        return
    _print_kind("rewards", registry.rewards)
    _print_kind("filters", registry.filters)
    _print_kind("selectors", registry.selectors)
    _print_presets(registry)
    _print_plugins(registry)


def _show(registry: Registry, name: str) -> None:
    if name in registry.presets:
        print(registry.presets[name].read_text(encoding="utf-8"), end="")
        return
    kinds: list[Mapping[str, Any]] = [registry.rewards, registry.filters, registry.selectors]
    found = [things[name] for things in kinds if name in things]  # length is a reward and a filter
    if not found:
        known = {*registry.presets, *(name for things in kinds for name in things)}
        raise UnknownNameError.among("preset, reward, filter or selector", name, known)
    print("\n\n".join(_told(thing) for thing in found))


def _told(thing: Any) -> str:
    options: Mapping[str, Any] = getattr(thing, "options", {})
    listed = [f"  {option} = {value!r}" for option, value in options.items()]
    return "\n".join([repr(thing), "", inspect.getdoc(thing) or "", *listed])


def _print_kind(kind: str, things: Mapping[str, Any]) -> None:
    rows = [(name, thing.summary) for name, thing in sorted(things.items())]
    print_table(kind, ("<name", "<what it does"), rows, stderr=False)


def _print_presets(registry: Registry) -> None:
    rows = [(name, _description(path)) for name, path in sorted(registry.presets.items())]
    print_table("presets", ("<name", "<what it is"), rows, stderr=False)


def _description(path: Path) -> str:
    try:
        return load_recipe(path).tables.description
    except RewardkitError as error:
        return f"broken: {error}"


def _print_plugins(registry: Registry) -> None:
    rows = [(name, registry.origins.get(name, "registered by hand")) for name in registry.plugins]
    print_table("plugins", ("<name", "<from"), rows, stderr=False)
    target = console(stderr=False)
    for name in registry.disabled:
        target.print(f"disabled: {escape(name)} (REWARDKIT_DISABLE_PLUGINS)")
    for name, cause in registry.broken.items():
        target.print(f"[bold red]broken:[/] {escape(name)}: {escape(cause)}", soft_wrap=True)
