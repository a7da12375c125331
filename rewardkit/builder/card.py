"""The data card: a README that tells what is in the data set, and `datasets` where to find it."""

from __future__ import annotations

from typing import Any

__all__ = ["data_card"]


def data_card(manifest: dict[str, Any]) -> str:
    """The card of a built data set, in the form that the Hugging Face hub and `datasets` read."""
    rows, recipe = manifest["rows"], manifest["recipe"]
    kept, dropped = manifest["output"]["files"]
    lines = [
        "---",
        "configs:",
        "- config_name: default",
        f"  data_files: {kept}",
        "- config_name: dropped",
        f"  data_files: {dropped}",
        "---",
        "",
        f"# {recipe['name']}",
        "",
        f"{rows['kept']:,} of {rows['read']:,} rows were kept. The {rows['dropped']:,} others are",
        "in the configuration `dropped`, with the filter, the reason and the measured value.",
        "",
        "| dropped by | rows |",
        "|---|---|",
        *(f"| {name} | {count:,} |" for name, count in manifest["dropped_by"].items()),
        "",
        f"Made with rewardkit {manifest['versions']['rewardkit']}. `manifest.json` holds the",
        "whole recipe, all counts, and the versions of the plugins.",
        "",
    ]
    return "\n".join(lines)
