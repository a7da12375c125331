"""The trainers' own settings, as keyword arguments of the functions here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rewardkit.grpo.arrays import check_choice

__all__ = ["Preset", "openrlhf", "trl", "verl"]

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Preset:
    """What one trainer passes on.

    >>> preset = verl("reinforce_plus_plus_baseline")
    >>> advantages = group_advantages(rewards, groups, **preset.advantages)[:, None]
    >>> advantages = whiten(advantages * ones, mask, **preset.whiten)

    Attributes:
        advantages: Of `group_advantages`. With baseline="length" or an array, `lengths` and that
            array are still to be given.
        whiten: Of `whiten`, or None where advantages are not whitened.
    """

    advantages: Arguments = field(default_factory=dict)
    whiten: Arguments | None = None


_TRL_SCALES = {"group": "std", "batch": "batch_std", "none": "none"}


def trl(*, scale_rewards: str = "group") -> Preset:
    """TRL 1.16's GRPOTrainer.

    Args:
        scale_rewards: "group", "batch" or "none" (Dr. GRPO). Several rewards with
            "normalize_then_sum" are `gdpo_advantages`, whose defaults are TRL's.
    """
    check_choice("scale_rewards", scale_rewards, _TRL_SCALES)
    return Preset({"scale": _TRL_SCALES[scale_rewards], "eps": 1e-4})


_VERL = MappingProxyType(
    {
        "grpo": Preset({"eps": 1e-6, "singleton": "raw"}),
        "grpo_vectorized": Preset({"eps": 1e-6, "singleton": "raw"}),
        "rloo": Preset({"baseline": "loo", "scale": "none", "singleton": "raw"}),
        "rloo_vectorized": Preset({"baseline": "loo", "scale": "none"}),
        "opo": Preset({"baseline": "length", "scale": "none", "singleton": "raw"}),
        "gpg": Preset({"scale": "nonzero", "singleton": "raw"}),
        "reinforce_plus_plus_baseline": Preset(
            {"scale": "none", "singleton": "raw"}, {"ddof": 1, "eps": 1e-8}
        ),
        "reinforce_plus_plus": Preset(
            {"baseline": "none", "scale": "none"}, {"ddof": 1, "eps": 1e-8}
        ),
    }
)


def verl(adv_estimator: str = "grpo", *, norm_adv_by_std_in_grpo: bool = True) -> Preset:
    """verl 0.9's estimator of this name.

    Args:
        adv_estimator: As in `algorithm.adv_estimator`.
        norm_adv_by_std_in_grpo: False is Dr. GRPO; of "grpo" and "grpo_vectorized" only.
    """
    check_choice("adv_estimator", adv_estimator, _VERL)
    preset = _VERL[adv_estimator]
    if norm_adv_by_std_in_grpo or not adv_estimator.startswith("grpo"):
        return preset
    return Preset({**preset.advantages, "scale": "none"})


_OPENRLHF_WHITEN = MappingProxyType({"ddof": 0, "eps": 1e-8, "floor": True})
_OPENRLHF = MappingProxyType(
    {
        "reinforce": Preset({"baseline": "none", "scale": "none"}, _OPENRLHF_WHITEN),
        "reinforce_baseline": Preset({"scale": "none"}, _OPENRLHF_WHITEN),
        "rloo": Preset({"baseline": "loo", "scale": "none"}),
        "group_norm": Preset({"eps": 1e-9}),
        "dr_grpo": Preset({"scale": "none"}),
        "flash_reinforce": Preset({"baseline": "batch", "scale": "none"}),
    }
)


def openrlhf(estimator: str = "reinforce") -> Preset:
    """OpenRLHF 0.11's estimator of this name.

    Args:
        estimator: As in `algo.advantage.estimator`: "group_norm" is GRPO.
    """
    check_choice("estimator", estimator, _OPENRLHF)
    return _OPENRLHF[estimator]
