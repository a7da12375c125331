"""Policy losses beside TRL's own, forward and backward, in one run.

    .venv-trainers/bin/python benchmarks/grpo_losses.py [rows] [tokens]

TRL's function is the trainer's `_compute_loss` with a model that returns the log-probabilities, so
that its metrics are in its time; "TRL, loss alone" is the same lines without them. Medians of
interleaved rounds; JAX and the compiled forms are called once before.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import torch

from rewardkit.grpo import policy_loss, policy_loss_and_grad

ROUNDS = 9


def batch(rows, length):
    draw = np.random.default_rng(0)
    logp = -draw.exponential(1.0, (rows, length)).astype("float32")
    old = logp + draw.normal(0.0, 0.1, (rows, length)).astype("float32")
    lengths = draw.integers(length // 4, length + 1, rows)
    mask = np.arange(length)[None] < lengths[:, None]
    return logp, old, draw.normal(0.0, 1.0, rows).astype("float32"), mask


def trl_trainer():
    return SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda logp, *_, **__: (logp, logp.detach(), None),
        _entropy_bonus_enabled=False,
        _metrics=defaultdict(lambda: defaultdict(list)),
        accelerator=SimpleNamespace(num_processes=1, reduce=lambda x, **_: x, gather=lambda x: x),
        args=SimpleNamespace(delta=None, steps_per_generation=1),
        aux_loss_enabled=False,
        beta=0.0,
        current_gradient_accumulation_steps=1,
        epsilon_high=0.2,
        epsilon_low=0.2,
        importance_sampling_level="token",
        loss_type="dapo",
        model=SimpleNamespace(training=True),
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_vllm=False,
    )


def trl_loss(old, advantages, mask):
    from trl import GRPOTrainer

    trainer, ids = trl_trainer(), mask.long()
    inputs = {
        "prompt_ids": ids[:, :1],
        "prompt_mask": ids[:, :1],
        "completion_ids": ids,
        "completion_mask": mask.float(),
        "advantages": advantages,
        "old_per_token_logps": old,
        "num_items_in_batch": mask.sum(),
    }
    return lambda logp: GRPOTrainer._compute_loss(trainer, logp, inputs)  # noqa: SLF001 - its loss


def trl_loss_alone(old, advantages, mask):
    mask, advantages = mask.float(), advantages[:, None]

    def loss(logp):
        ratio = torch.exp(logp - old)
        clipped = torch.clamp(ratio, 0.8, 1.2)
        token = -torch.min(ratio * advantages, clipped * advantages)
        return (token * mask).sum() / mask.sum().clamp(min=1.0)

    return loss


def torch_case(loss, logp):
    leaf = torch.tensor(logp, requires_grad=True)

    def run():
        leaf.grad = None
        loss(leaf).backward()

    return run


def saved_bytes(loss, logp):
    """Bytes a token that autograd keeps until the backward pass, a storage counted once."""
    seen = {}

    def pack(tensor):
        seen[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        value = loss(torch.tensor(logp, requires_grad=True))
    del value
    return sum(seen.values()) / logp.size


def jax_case(arrays):
    import jax

    logp, *rest = map(jax.numpy.asarray, arrays)
    step = jax.jit(jax.value_and_grad(lambda logp: policy_loss(logp, *rest)))
    return lambda: jax.block_until_ready(step(logp))


def median_times(cases):
    times = defaultdict(list)
    for run in cases.values():
        run()
    for _ in range(ROUNDS):
        for name, run in cases.items():
            start = time.perf_counter()
            run()
            times[name].append(1000 * (time.perf_counter() - start))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main():
    rows, length = map(int, sys.argv[1:3] or (512, 4096))
    arrays = batch(rows, length)
    logp, *rest = arrays
    tensors = [torch.tensor(array) for array in rest]
    losses = {
        "TRL": trl_loss(*tensors),
        "TRL, loss alone": trl_loss_alone(*tensors),
        "torch eager": lambda logp: policy_loss(logp, *tensors),
        "torch compiled": torch.compile(lambda logp: policy_loss(logp, *tensors)),
    }
    cases = {name: torch_case(loss, logp) for name, loss in losses.items()}
    cases["NumPy, by hand"] = lambda: policy_loss_and_grad(*arrays)
    cases["torch, by hand"] = lambda: policy_loss_and_grad(torch.tensor(logp), *tensors)
    cases["JAX jit"] = jax_case(arrays)
    times = median_times(cases)
    print(f"{rows} x {length}, forward and backward, {torch.get_num_threads()} threads")
    for name, taken in times.items():
        kept = f"{saved_bytes(losses[name], logp):5.1f} bytes a token" if name in losses else ""
        print(f"{name:18} {taken:8.2f} ms  {taken / times['TRL']:.2f} of TRL's  {kept}")


if __name__ == "__main__":
    main()
