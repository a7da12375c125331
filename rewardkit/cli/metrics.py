"""`rewardkit metrics`: what scored rows say of the model that wrote them."""

from __future__ import annotations

import importlib
import json
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rewardkit.cli.console import FAILED_ROWS, Problems, print_table
from rewardkit.cli.options import Columns, Files, open_files, renamed
from rewardkit.completions import Completion, Reading
from rewardkit.errors import ContractError, RowError, nearest
from rewardkit.rows import prompt_key

if TYPE_CHECKING:  # numpy, for which no other command should wait
    from rewardkit.metrics import Estimate

__all__ = ["metrics"]

_PREFIX = "reward_"


def metrics(
    files: Files,
    *,
    k: Annotated[str, typer.Option("--k", help="The k of pass@k, with commas: 1,4,16.")] = "1",
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            "-m",
            help="Which metrics, with commas: mean, pass, pass^, g-pass, mg-pass, maj, wmaj, "
            "best. By default mean and pass, and maj where --answers or --group is given.",
            show_default=False,
        ),
    ] = "",
    reward: Annotated[
        str, typer.Option(help="The reward that says what is right; by default accuracy.")
    ] = "",
    threshold: Annotated[float, typer.Option(help="From which value on a row is right.")] = 1.0,
    unscored: Annotated[
        Literal["leave-out", "wrong"],
        typer.Option(help="Rows without that reward: as though not drawn, or with the value 0."),
    ] = "leave-out",
    answers: Annotated[
        str,
        typer.Option(
            help="For maj and wmaj: the column of each completion's answer; by default it is "
            "read from the completion.",
            show_default=False,
        ),
    ] = "",
    group: Annotated[
        str,
        typer.Option(
            help="For maj and wmaj: MODULE:FUNCTION that gives a list of answers their classes, "
            "such as my_package:same_answers; by default equal text is one answer.",
            show_default=False,
        ),
    ] = "",
    ties: Annotated[
        Literal["split", "first", "wrong"],
        typer.Option(help="For maj and wmaj: who wins a tie."),
    ] = "split",
    weights: Annotated[
        str, typer.Option(help="For wmaj and best: the reward that weighs.", show_default=False)
    ] = "",
    tau: Annotated[float, typer.Option(help="For g-pass: the share that is to be right.")] = 0.5,
    confidence: Annotated[float, typer.Option(help="Of the intervals over prompts.")] = 0.95,
    cluster: Annotated[
        str,
        typer.Option(
            help="A column whose value prompts that belong together share, such as the text that "
            "they ask about.",
            show_default=False,
        ),
    ] = "",
    columns: Columns,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on standard output.")] = False,
) -> None:
    """Metrics of scored rows, with intervals over prompts, and the mean of every reward.

    For example: rewardkit metrics scored.jsonl --k 1,8,64 --metric pass,pass^,maj
    """
    from rewardkit.metrics import Samples

    ks, wanted = _ks(k), _names(metric) or ["mean", "pass", *["maj"] * bool(answers or group)]
    votes = bool({"maj", "wmaj"} & set(wanted))
    grouped = _function(group) if group else None
    table = _Table(renamed(columns), answers, cluster, votes)
    problems = Problems()
    for line in open_files(files):
        if line.row is None:
            problems.note(line, line.problem)
        else:
            table.add(line.row)
    problems.sum_up()
    name = table.judged_by(reward)
    samples = Samples.from_columns(
        table.values[name],
        table.prompts,
        answers=table.classes(grouped) if votes else None,
        weights=table.values[table.judged_by(weights)] if weights else None,
        unscored=unscored,
    )
    found = samples.summary(
        ks,
        wanted,
        threshold=threshold,
        tau=tau,
        ties=ties,
        confidence=confidence,
        cluster=[table.clusters[prompt] for prompt in samples.problems] if cluster else None,
    )
    judged: dict[str, Any] = {
        "rows": len(table.prompts),
        "prompts": len(samples.problems),
        "reward": name,
        "threshold": threshold,
    }
    if as_json:
        _print_json({**judged, "confidence": confidence}, found, table.rewards())
    else:
        _print_tables(judged, confidence, found, table.rewards())
    if problems.count:
        raise typer.Exit(FAILED_ROWS)


class _Table:
    """The columns of the scored rows that metrics are made of."""

    def __init__(
        self, names: Mapping[str, str], answers: str, cluster: str, keeps_answers: bool
    ) -> None:
        self._names, self._answers, self._cluster = names, answers, cluster
        self._keeps_answers = keeps_answers
        self.prompts: list[str] = []
        self.values: dict[str, list[float | None]] = {}
        self.answers: list[Any] = []
        self.clusters: dict[str, str] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        cells = [self._cell(row, name) for name in ("prompt_id", "prompt")]
        prompt = prompt_key(*cells) or f"row {len(self.prompts) + 1}"
        for column, value in row.items():
            if column.startswith(_PREFIX):
                values = self.values.setdefault(column.removeprefix(_PREFIX), [])
                values.extend([None] * (len(self.prompts) - len(values)))
                there = isinstance(value, int | float) and not math.isnan(value)
                values.append(value if there else None)
        self.prompts.append(prompt)
        if self._keeps_answers:
            self.answers.append(self._answer(row))
        if self._cluster:
            self.clusters.setdefault(prompt, repr(self._known(row, self._cluster)))

    def judged_by(self, reward: str) -> str:
        """The reward of this name, by default the one that says what is right."""
        if not self.values:
            raise RowError(
                "No row has a reward: score them first, with rewardkit score. (Scored rows have "
                "columns called reward_NAME.)"
            )
        for values in self.values.values():
            values.extend([None] * (len(self.prompts) - len(values)))
        from rewardkit.metrics.samples import judged_by

        return judged_by(reward, self.values)

    def classes(self, grouped: Callable[[list[Any]], Sequence[Any]] | None) -> list[Any]:
        """Each row's answer, or what `grouped` says of it among its prompt's."""
        if grouped is None:
            return self.answers
        places: dict[str, list[int]] = {}
        for place, prompt in enumerate(self.prompts):
            places.setdefault(prompt, []).append(place)
        classes: list[Any] = [None] * len(self.prompts)
        for mine in places.values():
            found = list(grouped([self.answers[place] for place in mine]))
            if len(found) != len(mine):
                raise ContractError(
                    f"--group gave {len(found)} classes for {len(mine)} answers: give one each."
                )
            for place, label in zip(mine, found, strict=True):
                classes[place] = label
        return classes

    def rewards(self) -> dict[str, dict[str, Any]]:
        """Of each reward the mean, how many rows it scored, and how many not."""
        rewards = {}
        for name, values in self.values.items():
            said = [value for value in values if value is not None]
            rewards[name] = {
                "mean": sum(said) / len(said) if said else math.nan,
                "scored": len(said),
                "not_scored": len(values) - len(said),
            }
        return rewards

    def _answer(self, row: Mapping[str, Any]) -> Any:
        if self._answers:
            return self._known(row, self._answers)
        names = ("completion", "prompt", "finish_reason")
        completion, prompt, finish = (self._cell(row, name) for name in names)
        try:
            return Completion.read(completion, Reading(), prompt, finish).answer
        except RowError:
            return None  # there is nothing to read: no answer, and no vote

    def _cell(self, row: Mapping[str, Any], name: str) -> Any:
        return row.get(self._names.get(name, name))

    def _known(self, row: Mapping[str, Any], column: str) -> Any:
        if column not in row:
            raise RowError(f"A row has no column {column!r}.{nearest(column, row)}")
        return row[column]


def _ks(text: str) -> list[int]:
    try:
        found = [int(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise ContractError(f"--k {text!r}: give whole numbers above 0, with commas: 1,4,16.")
    return found


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


def _function(reference: str) -> Callable[[list[Any]], Sequence[Any]]:
    module, _, name = reference.partition(":")
    try:
        found = operator.attrgetter(name)(importlib.import_module(module))
    except (ImportError, AttributeError, ValueError) as error:
        raise ContractError(
            f"--group {reference!r} cannot be found ({error}): say MODULE:FUNCTION."
        ) from error
    if not callable(found):
        raise ContractError(f"--group {reference!r} is no function.")
    return found  # type: ignore[no-any-return]  # what it returns is checked where it is called


def _print_tables(
    judged: Mapping[str, Any],
    confidence: float,
    found: Mapping[str, Estimate],
    rewards: Mapping[str, Mapping[str, Any]],
) -> None:
    title = (
        f"{judged['rows']:,} rows, {judged['prompts']:,} prompts; "
        f"right is {judged['reward']} >= {judged['threshold']:g}"
    )
    rows = [(name, _number(e.mean), _interval(e), f"{e.problems:,}") for name, e in found.items()]
    print_table(
        title, ("<metric", "value", f"{confidence:.0%} interval", "prompts"), rows, stderr=False
    )
    means = [
        (name, _number(r["mean"]), f"{r['scored']:,}", f"{r['not_scored']:,}")
        for name, r in rewards.items()
    ]
    print_table("rewards", ("<reward", "mean", "scored", "not scored"), means, stderr=False)


def _print_json(
    judged: Mapping[str, Any],
    found: Mapping[str, Estimate],
    rewards: Mapping[str, Mapping[str, Any]],
) -> None:
    tables = {
        "metrics": {name: _plain(asdict(e)) for name, e in found.items()},
        "rewards": {name: _plain(mean) for name, mean in rewards.items()},
    }
    print(json.dumps({**judged, **tables}, indent=2, ensure_ascii=False))


def _plain(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no NaN."""
    return {
        name: None if isinstance(n, float) and math.isnan(n) else n for name, n in numbers.items()
    }


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}"


def _interval(found: Estimate) -> str:
    return "-" if math.isnan(found.stderr) else f"{found.low:.4f} to {found.high:.4f}"
