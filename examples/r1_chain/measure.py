"""What a model can do: metrics, by rewardkit, of what it writes on the test problems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rewardkit as rk
from r1_chain.jsonl import write_rows
from r1_chain.models import sample
from r1_chain.problems import make_problems
from r1_chain.recipe import Recipe
from r1_chain.rewards import load_suite
from rewardkit.metrics import Samples


def measure(model: Path, recipe: Recipe, out: Path) -> dict[str, Any]:
    """Write scored rollouts on the test problems; each metric as a mean with its interval."""
    problems = make_problems(recipe.task, recipe.seed).test[: recipe.test.problems]
    rows = sample(model, problems, recipe.test.samples, recipe.max_tokens, recipe.seed)
    scored = load_suite().score(rows)
    columns = scored.columns()
    cells = (
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    )
    write_rows([row | told for row, told in zip(rows, cells, strict=True)], out)
    return metrics_of(scored, [rk.Completion(row["completion"]).answer for row in rows])


def metrics_of(scored: rk.Scored, answers: list[str | None]) -> dict[str, dict[str, float]]:
    """pass@1, pass@k and maj@k of the right answers, and the means of format and language.

    A score that abstains counts as 0: thinking without words is in no language.
    """
    accuracy = Samples.from_scored(scored, "accuracy", answers=answers, unscored="wrong")
    k = accuracy.scores.shape[1]
    table = {"pass@1": accuracy.summary([1], ["pass"])["pass@1"]}
    table |= accuracy.summary([k], ["pass", "maj"])
    for reward in ("format", "language"):
        samples = Samples.from_scored(scored, reward, unscored="wrong")
        table[reward] = samples.summary([], ["mean"])["mean"]
    return {
        name: {"mean": found.mean, "low": found.low, "high": found.high}
        for name, found in table.items()
    }
