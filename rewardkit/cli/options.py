"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rewardkit.builder import Source, open_source
from rewardkit.errors import ContractError
from rewardkit.recipes import Recipe, load_recipe
from rewardkit.registry import installed

__all__ = ["Columns", "Files", "PresetName", "RecipeFile", "open_files", "read_recipe", "renamed"]

Files = Annotated[
    list[str],
    typer.Argument(
        help="JSONL or Parquet files, folders or patterns of them; - is standard input.",
        show_default=False,
    ),
]
PresetName = Annotated[
    str, typer.Option("--preset", "-p", help="A recipe that a plugin ships, such as r1-zero.")
]
RecipeFile = Annotated[
    Path | None, typer.Option("--recipe", "-r", help="A recipe of your own (.toml or .yaml).")
]
Columns = Annotated[
    list[str],
    typer.Option(
        "--column",
        "-c",
        help="Another name for a column, as OURS=THEIRS: answer=solution. May be repeated.",
        default_factory=list,
        show_default=False,
    ),
]


def open_files(files: list[str]) -> Source:
    """Open the files given, or standard input for a dash."""
    if files == ["-"]:
        return open_source("-")
    if "-" in files:
        raise ContractError("Standard input (-) is read alone, not beside files.")
    return open_source(files)


def read_recipe(preset: str, recipe: Path | None, columns: list[str]) -> Recipe:
    """The recipe that the options name."""
    if bool(preset) == (recipe is not None):
        presets = ", ".join(sorted(installed().presets)) or "none installed"
        raise ContractError(
            f"Give either --preset ({presets}) or --recipe FILE. To start a recipe from a preset: "
            "rewardkit plugins --show r1 > my.toml"
        )
    found = load_recipe(recipe if recipe is not None else installed().preset(preset))
    return found.with_columns(renamed(columns))


def renamed(columns: list[str]) -> dict[str, str]:
    """Our names for columns, and what the files call them."""
    return dict(_pair(column) for column in columns)


def _pair(column: str) -> tuple[str, str]:
    ours, equals, theirs = column.partition("=")
    if not (ours and equals and theirs):
        raise ContractError(f"--column {column!r}: say OURS=THEIRS, for instance answer=solution.")
    return ours.strip(), theirs.strip()
