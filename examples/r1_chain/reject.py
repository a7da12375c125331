"""Stage: rejection sampling, by rewardkit's builder, from what a model writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rewardkit as rk
from r1_chain.jsonl import write_rows
from r1_chain.models import sample
from r1_chain.problems import make_problems
from r1_chain.recipe import Recipe
from r1_chain.rewards import REJECTION


def reject(out: Path, model: Path, recipe: Recipe) -> dict[str, Any]:
    """Write `rollouts.jsonl`, and as `data` those of them that the builder keeps."""
    problems = make_problems(recipe.task, recipe.seed).rl[: recipe.rejection.problems]
    rows = sample(model, problems, recipe.rejection.samples, recipe.max_tokens, recipe.seed)
    write_rows(rows, out / "rollouts.jsonl")
    manifest = rk.build(out / "rollouts.jsonl", REJECTION, out / "data")
    return {key: manifest[key] for key in ("rows", "prompts", "dropped_by")}
