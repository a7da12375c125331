"""`rewardkit metrics`: what scored rows say of the model that wrote them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from rewardkit.cli.console import FAILED_ROWS, Problems, print_table
from rewardkit.cli.options import Columns, Files, open_files
from rewardkit.errors import ContractError, RowError, nearest
from rewardkit.metrics import pass_at_k
from rewardkit.rows import prompt_key

__all__ = ["metrics"]

_PREFIX = "reward_"


def metrics(
    files: Files,
    columns: Columns,
    k: Annotated[str, typer.Option("--k", help="The k of pass@k, with commas: 1,4,16.")] = "1",
    reward: Annotated[
        str, typer.Option(help="The reward that says what is right; by default accuracy.")
    ] = "",
    threshold: Annotated[float, typer.Option(help="From which value on a row is right.")] = 1.0,
) -> None:
    """Metrics of scored rows: pass@k over prompts, and the mean of every reward.

    For example: rewardkit metrics scored.jsonl --k 1,4
    """
    renamed = dict(column.partition("=")[::2] for column in columns)
    ks = _ks(k)
    problems, tallies = Problems(), _Tallies(renamed)
    for line in open_files(files):
        if line.row is None:
            problems.note(line, line.problem)
        else:
            tallies.add(line.row)
    problems.sum_up()
    name = tallies.judged_by(reward)
    _print_pass(tallies, name, threshold, ks)
    _print_rewards(tallies)
    if problems.count:
        raise typer.Exit(FAILED_ROWS)


class _Tallies:
    """The values that were seen of each reward, in all and by prompt."""

    def __init__(self, renamed: Mapping[str, str]) -> None:
        self.rows = 0
        self._renamed = renamed
        self.values: dict[str, list[float]] = {}
        self.silent: Counter[str] = Counter()
        self.prompts: dict[str, dict[str, list[float]]] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        self.rows += 1
        cells = [row.get(self._renamed.get(name, name)) for name in ("prompt_id", "prompt")]
        prompt = self.prompts.setdefault(prompt_key(*cells) or f"row {self.rows}", {})
        for column, value in row.items():
            if not column.startswith(_PREFIX):
                continue
            name = column.removeprefix(_PREFIX)
            self.values.setdefault(name, [])
            if value is None:
                self.silent[name] += 1
            elif isinstance(value, int | float):
                self.values[name].append(value)
                prompt.setdefault(name, []).append(value)

    def judged_by(self, reward: str) -> str:
        """The reward that says what is right."""
        if not self.values:
            raise RowError(
                "No row has a reward: score them first, with rewardkit score. (Scored rows have "
                "columns called reward_NAME.)"
            )
        name = reward or ("accuracy" if "accuracy" in self.values else next(iter(self.values)))
        if name not in self.values:
            known = ", ".join(self.values)
            raise ContractError(
                f"No row has {_PREFIX}{name}.{nearest(name, self.values)} There are: {known}."
            )
        return name


def _ks(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise ContractError(f"--k {text!r}: give whole numbers above 0, with commas: 1,4,16.")
    return found


def _print_pass(tallies: _Tallies, name: str, threshold: float, ks: Iterable[int]) -> None:
    judged = [values[name] for values in tallies.prompts.values() if name in values]
    counted = [(len(values), sum(v >= threshold for v in values)) for values in judged]
    rows = []
    for k in ks:
        rates = [r for n, right in counted if not math.isnan(r := pass_at_k(n, right, k))]
        mean = f"{sum(rates) / len(rates):.4f}" if rates else "-"
        rows.append((f"pass@{k}", mean, f"{len(rates):,}"))
    counted_in = f"{tallies.rows:,} rows, {len(tallies.prompts):,} prompts"
    title = f"{counted_in}; right is {name} >= {threshold:g}"
    print_table(title, ("<metric", "value", "prompts"), rows)


def _print_rewards(tallies: _Tallies) -> None:
    rows = [
        (
            name,
            f"{sum(values) / len(values):.4f}" if values else "-",
            f"{len(values):,}",
            f"{tallies.silent[name]:,}",
        )
        for name, values in tallies.values.items()
    ]
    print_table("rewards", ("<reward", "mean", "scored", "not scored"), rows)
