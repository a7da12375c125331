"""A miniature of examples/r1_chain: every stage, in two minutes."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import rewardkit as rk

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "r1_chain"
SIZES = tomllib.loads((EXAMPLE / "recipe.toml").read_text("utf-8"))
TINY = {"layers": 2, "hidden": 48, "heads": 2}
# Enough training for a few right completions; the sums of small numbers are short.
SMALLER = {
    "max_tokens": 32,
    "task": {"lowest": 1, "highest": 12, "test": 8, "cold": 40},
    "teacher": TINY,
    "student": TINY,
    "teacher_sft": {"steps": 200, "batch": 24},
    "student_sft": {"steps": 60, "batch": 24},
    "grpo": {"steps": 5},
    "rejection": {"problems": 30, "samples": 40},
    "test": {"problems": 8, "samples": 4},
}
MODELS = ("cold", "grpo", "sft", "student", "sft_no_rl", "student_no_rl", "student_raw")


def run(recipe, out):
    return subprocess.run(
        [sys.executable, "-m", "r1_chain", "--recipe", str(recipe), "--out", str(out)],
        env=os.environ | {"PYTHONPATH": str(ROOT / "examples")},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )


def write_recipe(path, changes):
    """The example's recipe with other sizes."""
    lines, tables = [], []
    for name, said in SIZES.items():
        if isinstance(said, dict):
            tables.append(f"[{name}]")
            tables += [f"{key} = {value}" for key, value in (said | changes.get(name, {})).items()]
        else:
            lines.append(f"{name} = {changes.get(name, said)}")
    path.write_text("\n".join([*lines, *tables]), "utf-8")
    return path


def result(out, stage):
    return json.loads((out / stage / "result.json").read_text("utf-8"))


def read_rows(path):
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    """The chain's recipe with smaller sizes, and the folder that it has run in."""
    folder = tmp_path_factory.mktemp("chain")
    recipe = write_recipe(folder / "recipe.toml", SMALLER)
    done = run(recipe, folder / "out")
    assert done.returncode == 0, done.stderr[-3000:]
    return recipe, folder / "out"


@pytest.mark.parametrize("stage", MODELS)
def test_every_model_is_measured_and_its_intervals_hold_its_means(chain, stage):
    metrics = result(chain[1], stage)["metrics"]
    assert list(metrics) == ["pass@1", "pass@4", "maj@4", "format", "language"]
    for found in metrics.values():
        assert 0 <= found["mean"] <= 1
        assert found["low"] <= found["mean"] <= found["high"]
    assert metrics["pass@1"]["mean"] <= metrics["pass@4"]["mean"]


def test_the_cold_start_learns_the_form_of_its_demonstrations(chain):
    assert result(chain[1], "cold")["metrics"]["format"]["mean"] > 0.3


def test_grpo_logs_every_reward_and_their_weighted_sum(chain):
    [entry] = result(chain[1], "grpo")["curve"]
    # TRL's mean of a reward leaves out rows on which it abstains; the sum counts them as 0.
    least = entry["accuracy"] + 0.2 * entry["format"]
    assert least < entry["reward"] <= least + 0.3 * entry["language"] + 1e-4


@pytest.mark.parametrize("stage", ["rejection", "rejection_no_rl"])
def test_what_rejection_sampling_keeps_has_every_reward_in_full(chain, stage):
    out = chain[1] / stage
    rollouts = read_rows(out / "rollouts.jsonl")
    kept = [row for file in out.glob("data/kept/*") for row in read_rows(file)]
    assert 0 < len(kept) < len(rollouts)
    told = {(row["prompt_id"], row["completion"]): row for row in rollouts}
    rows = [told[row["prompt_id"], row["completion"][0]["content"]] for row in kept]
    scored = rk.load_recipe(EXAMPLE / "rejection.toml").suite.score(rows)
    assert scored.totals == pytest.approx([1.5] * len(kept))


def test_no_problem_of_the_test_is_trained_on(chain):
    def sums(path):
        ids = (row["prompt_id"].split("-")[1] for row in read_rows(path))
        return {tuple(sorted(found.split("+"))) for found in ids}

    _, out = chain
    trained = sums(out / "start" / "rollouts.jsonl") | sums(out / "rejection" / "rollouts.jsonl")
    assert not trained & sums(out / "cold" / "test.jsonl")


def test_run_again_it_does_only_what_is_not_done(chain):
    recipe, out = chain
    before = {stage: result(out, stage) for stage in MODELS}
    (out / "student_raw").rename(out / "student_raw.partial")  # as a stop in the midst leaves it
    done = run(recipe, out)
    assert done.returncode == 0, done.stderr[-3000:]
    said = done.stdout.splitlines()
    assert [line for line in said if line.endswith("...")] == ["student_raw ..."]
    assert {stage: result(out, stage)["metrics"] for stage in MODELS} == {
        stage: found["metrics"] for stage, found in before.items()
    }


def test_other_sizes_are_trained_anew_with_all_that_comes_after(chain):
    recipe, out = chain
    other = write_recipe(recipe.with_name("other.toml"), SMALLER | {"grpo": {"steps": 6}})
    done = run(other, out)
    assert done.returncode == 0, done.stderr[-3000:]
    redone = [line[:-4] for line in done.stdout.splitlines() if line.endswith(" ...")]
    assert redone == ["grpo", "rejection", "sft", "student"]


def test_a_size_that_is_not_known_is_an_error(tmp_path):
    recipe = write_recipe(tmp_path / "recipe.toml", {"task": {"colder": 7}})
    done = run(recipe, tmp_path / "out")
    assert done.returncode != 0
    assert "colder" in done.stderr
    assert not (tmp_path / "out").exists()
