"""Stage: a tokenizer, an untrained teacher and student, and imperfect demonstrations as rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rewardkit as rk
from r1_chain.jsonl import write_rows
from r1_chain.models import make_model, make_tokenizer
from r1_chain.problems import imperfect_demonstrations, make_problems
from r1_chain.recipe import Recipe

COLD_START = Path(__file__).with_name("cold_start.toml")


def start(out: Path, recipe: Recipe) -> dict[str, Any]:
    """Write `teacher`, `student` and, built by rewardkit, `data`."""
    problems = make_problems(recipe.task, recipe.seed)
    tokenizer = make_tokenizer(problems.cold)
    sizes = {
        name: make_model(size, tokenizer, out / name, recipe.seed)
        for name, size in (("teacher", recipe.teacher), ("student", recipe.student))
    }
    rows = imperfect_demonstrations(problems.cold, recipe.task, recipe.seed)
    write_rows(rows, out / "rollouts.jsonl")
    manifest = rk.build(out / "rollouts.jsonl", COLD_START, out / "data")
    return {"rows": manifest["rows"], "parameters": sizes, "vocabulary": len(tokenizer)}
