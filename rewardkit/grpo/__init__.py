"""GRPO's mathematics on arrays of NumPy, PyTorch or JAX: advantages, KL and policy losses.

One source for the three libraries: arrays go in, arrays of the same library come out, and
gradients flow through them. bfloat16 and float16 are computed in float32. Masks are boolean.
"""

from __future__ import annotations

from rewardkit.grpo.advantages import (
    gdpo_advantages,
    group_advantages,
    leader_advantages,
    pass_at_k_advantages,
    whiten,
)
from rewardkit.grpo.aggregation import aggregate
from rewardkit.grpo.covariance import clip_cov_mask, kl_cov_mask
from rewardkit.grpo.distillation import distillation_loss
from rewardkit.grpo.gae import discounted_returns, gae
from rewardkit.grpo.gradients import policy_loss_and_grad
from rewardkit.grpo.groups import group_index
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
from rewardkit.grpo.masks import (
    constant_groups,
    dynamic_sampling_mask,
    high_entropy_mask,
    off_policy_mask,
    soft_overlong_penalty,
)
from rewardkit.grpo.presets import Preset, openrlhf, trl, verl
from rewardkit.grpo.scoring import Advantages
from rewardkit.grpo.values import value_loss, value_loss_and_grad

__all__ = [
    "Advantages",
    "ClipFractions",
    "Preset",
    "aggregate",
    "clip_cov_mask",
    "clip_fractions",
    "constant_groups",
    "discounted_returns",
    "distillation_loss",
    "divergence_mask",
    "dynamic_sampling_mask",
    "gae",
    "gdpo_advantages",
    "group_advantages",
    "group_index",
    "high_entropy_mask",
    "importance_weights",
    "kl_cov_mask",
    "kl_divergence",
    "leader_advantages",
    "off_policy_mask",
    "openrlhf",
    "openrlhf_loss",
    "pass_at_k_advantages",
    "policy_loss",
    "policy_loss_and_grad",
    "rejection_mask",
    "soft_overlong_penalty",
    "trl",
    "trl_loss",
    "value_loss",
    "value_loss_and_grad",
    "verl",
    "verl_loss",
    "whiten",
]
