"""GRPO's mathematics beside the trainers' own, on the same arrays in one run.

    python benchmarks/grpo.py

Every case is a function of ours and what a trainer does instead, at the sizes of a step. Libraries
and trainers that are not installed are left out: pip install torch 'jax[cpu]' trl verl. Times are
medians of the wall clock, one thread each, ours and the peers' calls taken in turn, so that what
else the machine does falls on all of them; only their ratios count.
"""

from __future__ import annotations

import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rewardkit import grpo

PROMPTS, SAMPLES = 1024, 16
Call = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """One thing to compute, and who computes it: the first is what the others are compared to."""

    title: str
    calls: dict[str, Call]


def installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


def rewards() -> np.ndarray:
    return np.random.default_rng(0).random(PROMPTS * SAMPLES).astype("float32")


def trl_advantages(r: Any) -> Call:
    """As GRPOTrainer._generate_and_score_completions, scale_rewards="group": equal groups."""
    import torch
    from trl.trainer.utils import nanstd

    def call() -> Any:
        mean = torch.nanmean(r.view(-1, SAMPLES), dim=1).repeat_interleave(SAMPLES, dim=0)
        std = nanstd(r.view(-1, SAMPLES), dim=1).repeat_interleave(SAMPLES, dim=0)
        return torch.nan_to_num((r - mean) / (std + 1e-4), nan=0.0)

    return call


def verl_advantages(r: Any, labels: np.ndarray, name: str) -> Call:
    import torch
    from verl.trainer.ppo import core_algos

    estimator = core_algos.ADV_ESTIMATOR_REGISTRY[name]
    mask = torch.ones_like(r)[:, None]
    return lambda: estimator(r[:, None].clone(), mask, labels)


def advantages() -> Case:
    """GRPO's advantages; ours of groups in any order and of any sizes, and NaN-safe."""
    order = np.random.default_rng(1).permutation(PROMPTS * SAMPLES)
    r, g = rewards()[order], np.repeat(np.arange(PROMPTS), SAMPLES)[order]
    calls: dict[str, Call] = {}
    if installed("torch", "trl"):
        import torch

        calls["TRL"] = trl_advantages(torch.tensor(rewards()))
    calls["rewardkit, NumPy"] = lambda: grpo.group_advantages(r, g, PROMPTS)
    if installed("torch"):
        calls.update(torch_advantages(r, g))
    if installed("jax"):
        calls["rewardkit, JAX jit"] = jax_advantages(r, g)
    if installed("torch", "verl"):
        import torch

        for name in ("grpo", "grpo_vectorized"):
            calls[f"verl {name}"] = verl_advantages(torch.tensor(r), g, name)
    return Case(f"advantages, {PROMPTS} x {SAMPLES}", calls)


def torch_advantages(r: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Call]]:
    import torch

    tr, tg = torch.tensor(r), torch.tensor(g)
    compiled = torch.compile(lambda r, g: grpo.group_advantages(r, g, PROMPTS))
    yield "rewardkit, torch", lambda: grpo.group_advantages(tr, tg, PROMPTS)
    yield "rewardkit, torch.compile", lambda: compiled(tr, tg)


def jax_advantages(r: np.ndarray, g: np.ndarray) -> Call:
    import jax

    jr, jg = jax.numpy.asarray(r), jax.numpy.asarray(g)
    compiled = jax.jit(lambda r, g: grpo.group_advantages(r, g, PROMPTS))
    return lambda: compiled(jr, jg).block_until_ready()


CASES = [advantages]


def medians(case: Case, seconds: float = 6.0, turn: float = 0.01) -> dict[str, float]:
    """Milliseconds a call, in turns of ten milliseconds, or of one call that takes longer.

    The first call of a turn is not counted if others follow: it finds the caches full of what a
    peer's loop left there.
    """
    for call in case.calls.values():
        call(), call()
    times: dict[str, list[float]] = {name: [] for name in case.calls}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or min(map(len, times.values())) < 5:
        for name, call in case.calls.items():
            taken, until = [], time.perf_counter() + turn
            while not taken or time.perf_counter() < until:
                begin = time.perf_counter()
                call()
                taken.append(time.perf_counter() - begin)
            times[name].extend(taken[1:] or taken)
    return {name: 1000 * statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false")  # before JAX is there
    if installed("torch"):
        import torch

        torch.set_num_threads(1)
    for make in CASES:
        case = make()
        found = medians(case)
        (first, base), *_ = found.items()
        print(f"{case.title} (compared to {first})")
        for name, milliseconds in found.items():
            print(f"  {name:28}{milliseconds:9.3f} ms{milliseconds / base:9.2f}")


if __name__ == "__main__":
    main()
