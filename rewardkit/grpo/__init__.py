"""GRPO's mathematics on arrays of NumPy, PyTorch or JAX: advantages, KL and policy losses.

One source for the three libraries: arrays go in, arrays of the same library come out, and
gradients flow through them. bfloat16 and float16 are computed in float32. Masks are boolean.
"""

from __future__ import annotations

from rewardkit.grpo.aggregation import aggregate
from rewardkit.grpo.distillation import distillation_loss
from rewardkit.grpo.gradients import policy_loss_and_grad
from rewardkit.grpo.importance import (
    ClipFractions,
    clip_fractions,
    divergence_mask,
    importance_weights,
    rejection_mask,
)
from rewardkit.grpo.kl import kl_divergence
from rewardkit.grpo.loss_presets import openrlhf_loss, trl_loss, verl_loss
from rewardkit.grpo.losses import policy_loss

__all__ = [
    "ClipFractions",
    "aggregate",
    "clip_fractions",
    "distillation_loss",
    "divergence_mask",
    "importance_weights",
    "kl_divergence",
    "openrlhf_loss",
    "policy_loss",
    "policy_loss_and_grad",
    "rejection_mask",
    "trl_loss",
    "verl_loss",
]
