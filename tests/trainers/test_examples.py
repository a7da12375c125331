"""The examples run, and do what their first line says."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import datasets
import pytest

import rewardkit as rk
from rewardkit.registry import Registry

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"


def example(name):
    """The example as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"example_{Path(name).stem}", EXAMPLES / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore::FutureWarning")  # TRL uses what transformers deprecates
def test_trl_grpo_trains_with_the_suite(tokenizer, model, tmp_path, monkeypatch):
    model.save_pretrained(tmp_path / "model")
    tokenizer.save_pretrained(tmp_path / "model")
    sums = [{"question": f"{n} + 1?", "answer": f"Add. #### {n + 1}"} for n in range(8)]
    rows = datasets.Dataset.from_list(sums)
    monkeypatch.setattr(datasets, "load_dataset", lambda *args, **kwargs: rows)
    trainer = example("trl_grpo.py").main(
        model=str(tmp_path / "model"),
        length=5,
        max_steps=2,
        output_dir=str(tmp_path / "out"),
        per_device_train_batch_size=4,
        num_generations=4,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
        disable_tqdm=True,
    )
    logged = [entry for entry in trainer.state.log_history if "reward" in entry]
    assert len(logged) == 2
    assert {f"rewards/{n}/mean" for n in ("accuracy", "format", "language")} <= logged[0].keys()


def test_verl_reward_scores_behind_its_gate():
    compute_score = example("verl_reward.py").compute_score
    assert compute_score("sums", GOOD, "4", {})["score"] >= 1.0
    assert compute_score("sums", r"\boxed{4}", "4", {})["score"] == 0.0


def test_openrlhf_reward_scores_a_query():
    reward_func = example("openrlhf_reward.py").reward_func
    assert reward_func([f"2+2?{GOOD}</s>"], ["2+2?"], ["4"])["rewards"] == 1.5


def test_the_plugin_brings_a_reward_and_a_filter():
    plugin = example("plugin/certainty_plugin.py")
    registry = Registry(discover=False)
    registry.register(plugin, name="certainty")
    reward, reject = registry.reward("certainty"), registry.filter("hedged_answer")
    rows = [
        {"completion": "<answer>4</answer>"},
        {"completion": "Maybe 4. Perhaps 5. I guess 6. <answer>probably 4</answer>"},
    ]
    assert [score.value for score in reward.score(rows)] == [1.0, 1 / 3]
    assert rk.FilterChain((reject,)).filter(rows).kept == rows[:1]


def test_filter_dataset_keeps_what_is_right_and_readable(tmp_path):
    out = tmp_path / "kept.jsonl"
    command = [sys.executable, EXAMPLES / "filter_dataset.py", EXAMPLES / "rollouts.jsonl", out]
    env = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    subprocess.run(command, check=True, capture_output=True, env=env)
    kept = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert 0 < len(kept) < len((EXAMPLES / "rollouts.jsonl").read_text("utf-8").splitlines())
    assert all(row["reward_accuracy"] == 1.0 for row in kept)
