"""Stage: GRPO in TRL, rewarded by the suite of rejection.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback
from trl import GRPOConfig, GRPOTrainer

from r1_chain.problems import make_problems
from r1_chain.recipe import Recipe
from r1_chain.rewards import load_suite
from rewardkit.trainers.trl import reward_funcs

LOGGED_EVERY = 5


def reinforce(out: Path, base: Path, recipe: Recipe) -> dict[str, Any]:
    """Train the model `base` on the rewards of its own completions, and save it as `model`."""
    suite = load_suite()
    functions, weights = reward_funcs(suite)
    size = recipe.grpo
    arguments = GRPOConfig(
        output_dir=str(out / "checkpoints"),
        seed=recipe.seed,
        max_steps=size.steps,
        per_device_train_batch_size=size.prompts * size.samples,
        num_generations=size.samples,
        max_completion_length=recipe.max_tokens,
        temperature=1.0,
        learning_rate=size.learning_rate,
        lr_scheduler_type="constant_with_warmup",
        warmup_steps=5,
        beta=0.0,
        reward_weights=weights,
        logging_steps=LOGGED_EVERY,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        disable_tqdm=True,
    )
    trainer = GRPOTrainer(
        model=str(base),
        args=arguments,
        reward_funcs=functions,
        train_dataset=Dataset.from_list(
            [p.row for p in make_problems(recipe.task, recipe.seed).rl]
        ),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    trainer.save_model(str(out / "model"))
    return {"steps": size.steps, "curve": _curve(trainer.state.log_history, list(suite.rewards))}


def _curve(log: list[dict[str, Any]], rewards: list[str]) -> list[dict[str, float]]:
    """The mean reward of the last steps, in all and of each reward, as TRL logged them."""
    return [
        {
            "step": entry["step"],
            "reward": entry["reward"],
            **{name: entry[f"rewards/{name}/mean"] for name in rewards},
        }
        for entry in log
        if "reward" in entry
    ]
