"""The chain: its stages, in order, each done once for what it depends on."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from r1_chain.grpo import reinforce
from r1_chain.measure import measure
from r1_chain.recipe import Recipe
from r1_chain.reject import reject
from r1_chain.report import in_short, write_report
from r1_chain.sft import fine_tune
from r1_chain.start import start

RECIPES = ("cold_start.toml", "rejection.toml")
RESULT = "result.json"


@dataclass(frozen=True)
class Stage:
    """A stage: what it does in its folder, the stages it needs, and the sizes it goes by."""

    name: str
    after: tuple[str, ...]
    sizes: tuple[str, ...]
    run: Callable[[Path], dict[str, Any]]


def stages(recipe: Recipe, out: Path) -> list[Stage]:
    """The chain of R1, then its controls."""

    def sft(name: str, data: str, student: bool = False) -> Stage:
        base = out / "start" / ("student" if student else "teacher")
        sizes = "student_sft" if student else "teacher_sft"
        return Stage(
            name,
            (data,),
            (sizes,),
            lambda folder: fine_tune(
                folder, base, out / data / "data", getattr(recipe, sizes), recipe.seed
            ),
        )

    def rejection(name: str, model: str) -> Stage:
        return Stage(
            name,
            (model,),
            ("rejection",),
            lambda folder: reject(folder, out / model / "model", recipe),
        )

    return [
        Stage("start", (), ("task", "teacher", "student"), lambda f: start(f, recipe)),
        sft("cold", "start"),
        Stage("grpo", ("cold",), ("grpo",), lambda f: reinforce(f, out / "cold/model", recipe)),
        rejection("rejection", "grpo"),
        sft("sft", "rejection"),
        sft("student", "rejection", student=True),
        rejection("rejection_no_rl", "cold"),
        sft("sft_no_rl", "rejection_no_rl"),
        sft("student_no_rl", "rejection_no_rl", student=True),
        sft("student_raw", "start", student=True),
    ]


def run_chain(recipe: Recipe, out: Path, say: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Run every stage that is not done yet; the result of each by its name.

    A stage is done when its folder holds a result for the same sizes, recipes and earlier stages.
    A folder takes its name when it is whole. `report.md` tells what is done so far.
    """
    results: dict[str, dict[str, Any]] = {}
    for stage in stages(recipe, out):
        key = _key(stage, recipe, [results[name]["key"] for name in stage.after])
        found = _result(out / stage.name)
        if found.get("key") == key:
            say(f"{stage.name}: done before")
            results[stage.name] = found
        else:
            say(f"{stage.name} ...")
            results[stage.name] = _run(stage, recipe, out, key)
            say(f"{stage.name}: {in_short(results[stage.name])}")
        write_report(results, out / "report.md")
    return results


def _run(stage: Stage, recipe: Recipe, out: Path, key: str) -> dict[str, Any]:
    folder, work = out / stage.name, out / f"{stage.name}.partial"
    for old in (folder, work):
        shutil.rmtree(old, ignore_errors=True)
    work.mkdir(parents=True)
    began, cpu_began = time.monotonic(), time.process_time()
    result = {"key": key, **stage.run(work)}
    result["seconds"] = time.monotonic() - began
    result["cpu_seconds"] = time.process_time() - cpu_began
    if (work / "model").exists():
        result["metrics"] = measure(work / "model", recipe, work / "test.jsonl")
    (work / RESULT).write_text(json.dumps(result, indent=1), "utf-8")
    work.rename(folder)
    return result


def _key(stage: Stage, recipe: Recipe, before: list[str]) -> str:
    """The same for as long as the stage would do the same."""
    sizes = asdict(recipe)
    read = ("seed", "max_tokens", "task", "test", *stage.sizes)
    texts = [Path(__file__).with_name(name).read_text("utf-8") for name in RECIPES]
    said = json.dumps([stage.name, {name: sizes[name] for name in read}, texts, before])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _result(folder: Path) -> dict[str, Any]:
    path = folder / RESULT
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
