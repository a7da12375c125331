"""Run the chain: `python -m r1_chain --out FOLDER`. Run again, it goes on where it stopped."""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace
from pathlib import Path

import datasets
import torch
from transformers import logging

from r1_chain.chain import run_chain
from r1_chain.recipe import load_recipe


def main() -> None:
    """Read the recipe and run every stage that is not done."""
    arguments = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).with_name("recipe.toml")
    arguments.add_argument("--recipe", type=Path, default=default, help="the sizes")
    arguments.add_argument("--out", type=Path, default=Path("out/r1_chain"), help="the folder")
    arguments.add_argument("--seed", type=int, help="instead of the recipe's")
    given = arguments.parse_args()
    recipe = load_recipe(given.recipe)
    if given.seed is not None:
        recipe = replace(recipe, seed=given.seed)
    torch.set_num_threads(recipe.threads)
    warnings.filterwarnings("ignore", category=FutureWarning)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    run_chain(recipe, given.out, say=lambda text: print(text, flush=True))
    print((given.out / "report.md").read_text("utf-8"))


if __name__ == "__main__":
    main()
