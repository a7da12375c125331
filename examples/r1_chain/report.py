"""The report: a page of tables over the results of the stages so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Results = Mapping[str, Mapping[str, Any]]


def write_report(results: Results, path: Path) -> None:
    """Write what the stages that are done have measured, as Markdown."""
    parts = [_models(results), _rejections(results), _learning(results)]
    path.write_text("# The chain\n\n" + "\n".join(part for part in parts if part), "utf-8")


def in_short(result: Mapping[str, Any]) -> str:
    """What a stage took, and what came of it, on one line."""
    said = [f"{result['seconds']:.0f} s"]
    if "dropped_by" in result:
        said.append("{kept} of {read} completions kept".format(**result["rows"]))
    if "curve" in result:
        first, last = result["curve"][0], result["curve"][-1]
        said.append(f"reward {first['reward']:.2f} to {last['reward']:.2f}")
    said += [f"{name} {found['mean']:.3f}" for name, found in result.get("metrics", {}).items()]
    return ", ".join(said)


def _models(results: Results) -> str:
    measured = {name: r for name, r in results.items() if "metrics" in r}
    if not measured:
        return ""
    metrics = list(next(iter(measured.values()))["metrics"])
    rows = [
        [name, *_times(r), *(_interval(r["metrics"][m]) for m in metrics)]
        for name, r in measured.items()
    ]
    return _table("Models, on the test problems", ["model", "s", "CPU s", *metrics], rows)


def _rejections(results: Results) -> str:
    built = {name: r for name, r in results.items() if "dropped_by" in r}
    rows = [
        [
            name,
            *_times(r),
            *(str(r["rows"][part]) for part in ("read", "kept")),
            ", ".join(f"{by} {count}" for by, count in r["dropped_by"].items()),
        ]
        for name, r in built.items()
    ]
    heads = ["stage", "s", "CPU s", "completions", "kept", "dropped by"]
    return _table("Rejection sampling", heads, rows) if rows else ""


def _learning(results: Results) -> str:
    curve = results.get("grpo", {}).get("curve", [])
    rows = [[f"{value:.3g}" for value in entry.values()] for entry in curve]
    return _table("GRPO, mean over the last steps", list(curve[0]), rows) if rows else ""


def _times(result: Mapping[str, Any]) -> list[str]:
    """Seconds by the clock, and of CPU time, which other programs do not lengthen."""
    return [f"{result[key]:.0f}" for key in ("seconds", "cpu_seconds")]


def _interval(found: Mapping[str, float]) -> str:
    return f"{found['mean']:.3f} ± {found['high'] - found['mean']:.3f}"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return f"## {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
