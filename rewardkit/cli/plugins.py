"""`rewardkit plugins`: what is installed, what each thing does, and what is broken."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from rewardkit.cli.console import console, print_table
from rewardkit.errors import RewardkitError, UnknownNameError
from rewardkit.recipes import load_recipe
from rewardkit.registry import Registry, installed
from rewardkit.rewards import FunctionReward

__all__ = ["plugins"]


def plugins(
    show: Annotated[
        str,
        typer.Option("--show", help="Print one preset, to copy and change, or one reward's help."),
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
    things: dict[str, Any] = {**registry.selectors, **registry.filters, **registry.rewards}
    if name not in things:
        known = [*registry.presets, *things]
        raise UnknownNameError.among("preset, reward, filter or selector", name, known)
    thing = things[name]
    print(f"{thing!r}\n\n{(thing.__doc__ or '').strip()}")
    for option, value in _options(thing).items():
        print(f"  {option} = {value!r}")


def _options(thing: Any) -> Mapping[str, Any]:
    options: Mapping[str, Any] = getattr(thing, "options", {})
    return options


def _print_kind(kind: str, things: Mapping[str, Any]) -> None:
    rows = [
        (name, thing.summary, ", ".join(_columns(thing)), ", ".join(_options(thing)))
        for name, thing in sorted(things.items())
    ]
    print_table(kind, ("<name", "<what it does", "<columns", "<options"), rows)


def _columns(thing: Any) -> list[str]:
    if isinstance(thing, FunctionReward):
        return list(thing.call.signature.columns)
    signature = getattr(thing, "signature", None)
    return list(signature.columns) if signature else list(getattr(thing, "member_names", []))


def _print_presets(registry: Registry) -> None:
    rows = [(name, _description(path)) for name, path in sorted(registry.presets.items())]
    print_table("presets", ("<name", "<what it is"), rows)


def _description(path: Path) -> str:
    try:
        return load_recipe(path).tables.description
    except RewardkitError as error:
        return f"broken: {error}"


def _print_plugins(registry: Registry) -> None:
    rows = [(name, registry.origins.get(name, "registered by hand")) for name in registry.plugins]
    print_table("plugins", ("<name", "<from"), rows)
    target = console()
    for name in registry.disabled:
        target.print(f"disabled: {escape(name)} (REWARDKIT_DISABLE_PLUGINS)")
    for name, cause in registry.broken.items():
        target.print(f"[bold red]broken:[/] {escape(name)}: {escape(cause)}", soft_wrap=True)
