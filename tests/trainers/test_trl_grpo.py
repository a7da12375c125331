"""GRPO in TRL with a suite: twenty steps of a tiny model, with hostile completions among its own.

The model learns nothing here. What is shown is that nothing stops the run, that every component
is logged, and that TRL trains on the numbers of Suite.score.
"""

import itertools
import math

import datasets
import pytest
import torch
from trl import GRPOConfig, GRPOTrainer

import rewardkit as rk
from rewardkit.trainers.trl import reward_funcs, total

# TRL 1.16 itself uses names that transformers has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")

STEPS = 20
GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"
HOSTILE = [
    GOOD,
    "",
    "\x00\ud800\uffff",
    "<think>" * 2000,
    "\\boxed{" * 2000,
    r"<think>a</think>\boxed{9**9**9**9}",
    "```python\nwhile True: pass\n```",
    "boom",
    None,
    ["not a message"],
    7,
]


@rk.reward
def explosive(completion: str) -> float | None:
    """Breaks on "boom", abstains on what is empty."""
    if completion == "boom":
        raise RuntimeError("boom")
    return len(completion) / 1000 if completion else None


class Hostile(GRPOTrainer):
    """TRL's trainer, which makes the model have said worse things, and keeps what it scored."""

    def _calculate_rewards(self, inputs, prompts, completions, completion_ids_list):
        completions = list(completions)
        for place in range(0, len(completions), 2):
            text = HOSTILE[(self.state.global_step + place) % len(HOSTILE)]
            chat = isinstance(prompts[0], list) and isinstance(text, str)
            completions[place] = [{"role": "assistant", "content": text}] if chat else text
        found = super()._calculate_rewards(inputs, prompts, completions, completion_ids_list)
        rows = {
            "prompt": prompts,
            "completion": completions,
            "answer": [example["answer"] for example in inputs],
        }
        self.seen = [*getattr(self, "seen", []), (self.state.global_step, rows, found)]
        return found

    def _log_completion_extra(self, column, values):
        self.extra = getattr(self, "extra", {})
        self.extra.setdefault(column, []).append(values)
        super()._log_completion_extra(column, values)


def train(tokenizer, model, functions, folder, chat=False, **settings):
    prompts = [f"What is {a} plus {b}?" for a in range(4) for b in range(4)]
    rows = {
        "prompt": [[{"role": "user", "content": p}] for p in prompts] if chat else prompts,
        "answer": ["4", None] * 8,
    }
    arguments = GRPOConfig(
        output_dir=str(folder),
        max_steps=STEPS,
        per_device_train_batch_size=8,
        num_generations=4,
        max_completion_length=6,
        learning_rate=1e-3,
        logging_steps=1,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
        disable_tqdm=True,
        **settings,
    )
    trainer = Hostile(
        model=model,
        reward_funcs=functions,
        args=arguments,
        train_dataset=datasets.Dataset.from_dict(rows),
        processing_class=tokenizer,
    )
    trainer.train()
    return trainer


def same(theirs, ours):
    """Whether these are the same numbers, where TRL writes NaN for None."""
    ours = [math.nan if value is None else value for value in ours]
    return theirs == pytest.approx(ours, rel=1e-5, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("chat", [False, True], ids=["plain", "chat"])
def test_twenty_steps_with_a_function_a_term(tokenizer, model, tmp_path, chat):
    accuracy, form = rk.get_reward("accuracy"), rk.get_reward("format")
    suite = accuracy + 0.5 * form + rk.Schedule(0.0, 0.1, steps=10) * explosive
    functions, weights = reward_funcs(
        suite, max_completion_length=6, eos_token_id=tokenizer.eos_token_id
    )
    trainer = train(tokenizer, model, functions, tmp_path, chat, reward_weights=weights)
    assert trainer.state.global_step == STEPS
    assert len(trainer.seen) == STEPS
    scale = trainer.reward_weights
    for step, rows, found in trainer.seen:
        wanted = suite.score(rows, step=step)
        sums = (found * scale).nansum(dim=1)
        sums[found.isnan().all(dim=1)] = torch.nan
        assert same(sums.tolist(), wanted.totals)
        for column, name in zip(found.T.tolist()[:2], ("accuracy", "format"), strict=True):
            values = [score.value for score in wanted.scores[name]]
            assert same(column, values)
    logged = [entry for entry in trainer.state.log_history if "reward" in entry]
    assert len(logged) == STEPS
    for name in ("accuracy", "format", "explosive"):
        for what in ("mean", "failed", "abstained"):
            assert all(f"rewards/{name}/{what}" in entry for entry in logged), (name, what)
    assert any(entry["rewards/explosive/failed"] > 0 for entry in logged)
    assert any(entry["rewards/accuracy/mean"] > 0 for entry in logged)
    assert all(math.isfinite(entry["grad_norm"]) for entry in logged)
    assert trainer._logs["extra"].keys() == {f"reason_{name}" for name in suite.rewards}
    reasons = trainer.extra["reason_explosive"]
    assert [len(values) for values in reasons] == [8] * STEPS
    assert "failed: RuntimeError: boom" in itertools.chain.from_iterable(reasons)


def test_twenty_steps_with_one_function_for_a_gated_suite(tokenizer, model, tmp_path):
    accuracy, form = rk.get_reward("accuracy"), rk.get_reward("format")
    suite = (accuracy.on_failure("zero") + 0.2 * explosive).gated_by(form)
    trainer = train(tokenizer, model, total(suite), tmp_path)
    assert trainer.state.global_step == STEPS
    for _, rows, found in trainer.seen:
        assert same(found[:, 0].tolist(), suite.score(rows).totals)
    logged = [entry for entry in trainer.state.log_history if "reward" in entry]
    for name in ("total", "accuracy", "explosive", "format"):
        assert any(f"rewards/{name}/mean" in entry for entry in logged), name
