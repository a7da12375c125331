"""`rewardkit build`: rollouts in, an SFT data set out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from rewardkit.builder import build as build_data_set
from rewardkit.cli.console import FAILED_ROWS, console, print_drops, progress
from rewardkit.cli.options import Columns, Files, PresetName, RecipeFile, open_files, read_recipe

__all__ = ["build"]


def build(
    files: Files,
    *,
    preset: PresetName = "",
    recipe: RecipeFile = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to make.")],
    columns: Columns,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a data set that is there already.")
    ] = False,
) -> None:
    """Build an SFT data set: scores, filters, selects per prompt, and exports what is left.

    Writes OUT/kept, OUT/dropped (every other row, with filter, reason and value), a manifest with
    all counts, and a data card. For example:

    rewardkit build rollouts.jsonl --preset r1-rejection-sampling --out sft
    """
    found = read_recipe(preset, recipe, columns)
    source = open_files(files)
    with progress("building") as update:
        manifest = build_data_set(source, found, out, overwrite=overwrite, progress=update)
    _print(manifest, out)
    failed = sum(reward["failed"] for reward in manifest["rewards"].values())
    if failed or manifest["dropped_by"].get("unreadable"):
        raise typer.Exit(FAILED_ROWS)


def _print(manifest: dict[str, Any], out: Path) -> None:
    rows, prompts = manifest["rows"], manifest["prompts"]
    title = f"{rows['read']:,} rows: {rows['kept']:,} kept, {rows['dropped']:,} dropped"
    if prompts["read"]:
        title += f"; {prompts['with_kept_rows']:,} of {prompts['read']:,} prompts have kept rows"
    print_drops(
        title, manifest["dropped_by"], manifest["rejected_by_each_filter"], manifest["examples"]
    )
    console().print(
        f"\n{out}/kept     the data set:  datasets.load_dataset({str(out)!r})\n"
        f"{out}/dropped  every other row, with filter, reason and value\n"
        f"{out}/manifest.json",
        soft_wrap=True,
        markup=False,
    )
