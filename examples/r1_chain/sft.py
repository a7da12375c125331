"""Stage: supervised fine-tuning, in TRL, on a data set that rewardkit built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from r1_chain.jsonl import read_rows
from r1_chain.models import CONTEXT
from r1_chain.recipe import FineTuning


def fine_tune(out: Path, base: Path, data: Path, size: FineTuning, seed: int) -> dict[str, Any]:
    """Train the model `base` on the kept rows of `data`, and save it as `model`."""
    rows = _kept(data)
    arguments = SFTConfig(
        output_dir=str(out / "checkpoints"),
        seed=seed,
        max_steps=size.steps,
        per_device_train_batch_size=size.batch,
        learning_rate=size.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=size.steps // 20,
        max_length=CONTEXT,
        completion_only_loss=True,
        save_strategy="no",
        report_to="none",
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        disable_tqdm=True,
    )
    trainer = SFTTrainer(model=str(base), args=arguments, train_dataset=rows)
    trainer.remove_callback(PrinterCallback)
    loss = trainer.train().training_loss
    trainer.save_model(str(out / "model"))
    return {"rows": len(rows), "steps": size.steps, "mean_loss": loss}


def _kept(data: Path) -> Dataset:
    rows = [row for file in sorted(data.glob("kept/*.jsonl")) for row in read_rows(file)]
    if not rows:
        raise ValueError(f"{data} kept no row: the model that wrote them must be trained longer.")
    return Dataset.from_list(rows).select_columns(["prompt", "completion"])
