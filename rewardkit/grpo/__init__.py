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
from rewardkit.grpo.gae import discounted_returns, gae
from rewardkit.grpo.groups import group_index
from rewardkit.grpo.masks import (
    constant_groups,
    dynamic_sampling_mask,
    high_entropy_mask,
    off_policy_mask,
    soft_overlong_penalty,
)
from rewardkit.grpo.presets import Preset, openrlhf, trl, verl
from rewardkit.grpo.scoring import Advantages

__all__ = [
    "Advantages",
    "Preset",
    "constant_groups",
    "discounted_returns",
    "dynamic_sampling_mask",
    "gae",
    "gdpo_advantages",
    "group_advantages",
    "group_index",
    "high_entropy_mask",
    "leader_advantages",
    "off_policy_mask",
    "openrlhf",
    "pass_at_k_advantages",
    "soft_overlong_penalty",
    "trl",
    "verl",
    "whiten",
]
