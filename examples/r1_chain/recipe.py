"""The sizes of everything, as recipe.toml says them; a key that is not known here is an error."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """How many problems there are, and how bad the demonstrations are."""

    lowest: int
    highest: int
    test: int
    cold: int
    wrong_language: float
    malformed: float


@dataclass(frozen=True)
class Model:
    """The size of a Qwen2 model with random weights."""

    layers: int
    hidden: int
    heads: int


@dataclass(frozen=True)
class FineTuning:
    """Supervised training; the learning rate falls as a cosine."""

    steps: int
    batch: int
    learning_rate: float


@dataclass(frozen=True)
class Reinforcement:
    """GRPO: `prompts` prompts a step, a group of `samples` completions for each."""

    steps: int
    prompts: int
    samples: int
    learning_rate: float


@dataclass(frozen=True)
class Sampling:
    """How many completions are drawn of how many problems, at temperature 1."""

    problems: int
    samples: int


@dataclass(frozen=True)
class Recipe:
    """The whole chain's sizes; `seed` makes the problems, the models and what is drawn."""

    seed: int
    threads: int
    max_tokens: int
    task: Task
    teacher: Model
    student: Model
    teacher_sft: FineTuning
    student_sft: FineTuning
    grpo: Reinforcement
    rejection: Sampling
    test: Sampling


def load_recipe(path: Path) -> Recipe:
    """Read a recipe file.

    Raises:
        TypeError: A key is missing, or not known.
    """
    tables = tomllib.loads(path.read_text("utf-8"))
    kinds = {
        "task": Task,
        "teacher": Model,
        "student": Model,
        "teacher_sft": FineTuning,
        "student_sft": FineTuning,
        "grpo": Reinforcement,
        "rejection": Sampling,
        "test": Sampling,
    }
    for name, kind in kinds.items():
        tables[name] = kind(**tables[name])
    return Recipe(**tables)
