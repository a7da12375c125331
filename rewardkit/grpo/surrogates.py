"""What each policy loss makes of a token's ratio and advantage, before anything is added up.

Every function takes a `Tokens` and returns the loss a token, (B, T), or a sequence, (B, 1). Outside
the mask its value means nothing, but is finite, and so is its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from rewardkit.errors import OptionError, nearest
from rewardkit.grpo.arrays import Array, Namespace, stop_gradient
from rewardkit.grpo.batches import Tokens
from rewardkit.grpo.kl import Estimator, KLGradient
from rewardkit.grpo.options import check_choice, check_positive
from rewardkit.grpo.ratios import LOG_RATIO_LIMIT, Level, by_sign, clip_bounds, row_means

__all__ = ["SURROGATES", "Loss", "Objective", "binary_kl", "within_divergence"]

Loss = Literal[
    "ppo", "cispo", "sapo", "gmpo", "reinforce", "dppo_tv", "dppo_kl", "vespo", "dro"
]

# Of a sequence that became impossible, VESPO's weight takes this for its ratio (as TRL's does).
VESPO_LEAST_RATIO = 1e-8


@dataclass(frozen=True)
class Objective:
    """The options of a policy loss that hold for every token; `policy_loss` describes them."""

    loss: Loss = "ppo"
    level: Level = "token"
    clip: tuple[float, float] | None = (0.2, 0.2)
    ratio_cap: tuple[float, float] | None = None
    dual_clip: float | None = None
    delta: float | None = None
    sapo_temperature: tuple[float, float] = (1.0, 1.05)
    vespo_shape: tuple[tuple[float, float], tuple[float, float]] = ((2.0, 3.0), (3.0, 2.0))
    dro_beta: float | None = None
    beta: float = 0.0
    kl: Estimator = "k3"
    kl_gradient: KLGradient = "pathwise"
    kl_ratio_cap: float | None = None
    kl_log_ratio_clip: float | None = 20.0
    kl_value_clip: float | None = None

    def __post_init__(self) -> None:
        check_choice("loss", self.loss, Loss)
        check_choice("level", self.level, Level)
        check_choice("kl", self.kl, Estimator)
        check_choice("kl_gradient", self.kl_gradient, KLGradient)
        for name in ("dual_clip", "delta", "dro_beta", *_KL_LIMITS):
            check_positive(name, getattr(self, name))
        if not self.beta >= 0:
            raise OptionError(f"beta is {self.beta}, and should be 0 or a positive number.")
        for temperature in self.sapo_temperature:
            check_positive("sapo_temperature", temperature)
        self._check_clip()
        self._check_use()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Objective:
        """The objective of these options.

        Raises:
            OptionError: There is no such option.
        """
        known = [field.name for field in fields(cls)]
        for name in options:
            if name not in known:
                raise OptionError(
                    f"A policy loss has no option {name!r}.{nearest(name, known)} "
                    f"There are: {', '.join(known)}."
                )
        return cls(**options)

    @property
    def caps(self) -> tuple[float, float]:
        """The least and the greatest ratio that weighs a token."""
        if self.ratio_cap is not None:
            return self.ratio_cap
        return (0.0, 5.0) if self.loss == "cispo" else (0.0, math.inf)

    def _check_clip(self) -> None:
        for name, bounds in (("clip", self.clip), ("ratio_cap", self.ratio_cap)):
            if bounds is None:
                continue
            if not (isinstance(bounds, tuple | list) and len(bounds) == 2):
                raise OptionError(f"{name} is {bounds!r}, and should be two numbers: (low, high).")
            if not (bounds[0] >= 0 and bounds[1] >= 0):
                raise OptionError(f"{name} is {bounds!r}, and should have no negative number.")
        if self.ratio_cap is not None and not self.ratio_cap[0] <= self.ratio_cap[1]:
            raise OptionError(f"ratio_cap is {self.ratio_cap!r}: the lower bound comes first.")
        if self.dual_clip is not None and not self.dual_clip > 1:
            raise OptionError(f"dual_clip is {self.dual_clip}, and should be greater than 1.")

    def _check_use(self) -> None:
        for name, users in _USERS.items():
            if getattr(self, name) is not None and self.loss not in users:
                raise OptionError(
                    f"{name} belongs to the loss {' or '.join(users)}, not to {self.loss!r}."
                )
        if self.loss == "dro" and self.dro_beta is None:
            raise OptionError("The loss 'dro' needs dro_beta, the weight of its quadratic term.")
        if self.level != "token" and self.loss not in ("ppo", "cispo", "sapo"):
            raise OptionError(
                f"The loss {self.loss!r} has no level: leave it at 'token', not {self.level!r}."
            )


_KL_LIMITS = ("kl_ratio_cap", "kl_log_ratio_clip", "kl_value_clip")
_USERS = {
    "dual_clip": ("ppo",),
    "delta": ("ppo",),
    "dro_beta": ("dro",),
    "ratio_cap": ("cispo", "dppo_tv", "dppo_kl"),
}


def ppo(tokens: Tokens, objective: Objective) -> Array:
    """-min(w A, clip(w) A) (PPO, arXiv:1707.06347, eq. 7), dual clip and delta included."""
    low, high = clip_bounds(
        tokens.xp, tokens.advantages, objective.clip, objective.dual_clip, objective.delta
    )
    return -tokens.advantages * tokens.xp.exp(tokens.level_log_ratio.clip(low, high))


def sapo(tokens: Tokens, objective: Objective) -> Array:
    """-A sigmoid(tau (w - 1)) 4 / tau (SAPO, arXiv:2511.20347)."""
    tau = by_sign(tokens.xp, tokens.advantages, *objective.sapo_temperature)
    gate = 1.0 / (1.0 + tokens.xp.exp(-tau * (tokens.ratio - 1.0)))
    return -tokens.advantages * gate * (4.0 / tau)


def gmpo(tokens: Tokens, objective: Objective) -> Array:
    """-A exp(mean of log w, clipped on the side that A's sign opens) (GMPO, arXiv:2507.20673)."""
    low, high = gmpo_bounds(tokens, objective)
    mean = row_means(tokens.xp, tokens.log_ratio.clip(low, high), tokens.counts)
    return -tokens.advantages * tokens.xp.exp(mean)


def gmpo_bounds(tokens: Tokens, objective: Objective) -> tuple[Array, Array]:
    """The bounds of the log-ratio: `clip` bounds log w itself, other than PPO's."""
    low, high = (LOG_RATIO_LIMIT, LOG_RATIO_LIMIT) if objective.clip is None else objective.clip
    return (
        by_sign(tokens.xp, tokens.advantages, -LOG_RATIO_LIMIT, -low),
        by_sign(tokens.xp, tokens.advantages, high, LOG_RATIO_LIMIT),
    )


def dro(tokens: Tokens, objective: Objective) -> Array:
    """-(A logp - beta / 2 (log w)^2) (DRO, arXiv:2405.19107), as in verl."""
    quadratic = 0.5 * objective.dro_beta * tokens.log_ratio * tokens.log_ratio
    return quadratic - tokens.advantages * tokens.logp


def weighted(tokens: Tokens, objective: Objective) -> Array:
    """-sg(c) A logp: REINFORCE with a weight c that each of the losses has of its own."""
    return -stop_gradient(COEFFICIENTS[objective.loss](tokens, objective)) * (
        tokens.advantages * tokens.logp
    )


def cispo_coefficient(tokens: Tokens, objective: Objective) -> Array:
    """The ratio, within absolute bounds (MiniMax-M1, arXiv:2506.13585, eq. 4)."""
    return tokens.ratio.clip(*objective.caps)


def reinforce_coefficient(tokens: Tokens, objective: Objective) -> Array:
    """1."""
    return tokens.xp.ones_like(tokens.advantages)


def dppo_coefficient(tokens: Tokens, objective: Objective) -> Array:
    """The ratio, and 0 of a token past the bound on the wrong side (arXiv:2602.04879)."""
    divergence: Literal["tv", "kl"] = "tv" if objective.loss == "dppo_tv" else "kl"
    keep = within_divergence(
        tokens.xp, tokens.logp, tokens.old_logp, tokens.advantages, divergence, objective.clip
    )
    ratio = tokens.ratio.clip(*objective.caps)
    return tokens.xp.where(keep, ratio, tokens.xp.zeros_like(ratio))


def within_divergence(
    xp: Namespace,
    logp: Array,
    old_logp: Array,
    advantages: Array,
    divergence: Literal["tv", "kl"],
    clip: tuple[float, float] | None,
) -> Array:
    """Whether a token's gradient would not take its probability further past the bound.

    The divergence is that of the two outcomes "this token" and "another".
    """
    low, high = (math.inf, math.inf) if clip is None else clip
    p, q = xp.exp(logp), xp.exp(old_logp)
    if divergence == "tv":
        return xp.where(advantages > 0, p - q <= high, p - q >= -low)
    far = binary_kl(xp, old_logp, logp)
    return xp.where(advantages > 0, (far <= high) | (p <= q), (far <= low) | (p >= q))


def binary_kl(xp: Namespace, logp: Array, other_logp: Array) -> Array:
    """KL between the two outcomes "this token" and "another" under two policies."""
    p = xp.exp(logp)
    rest, other_rest = ((-xp.expm1(each)).clip(1e-8, 1.0) for each in (logp, other_logp))
    return p * (logp - other_logp) + (1.0 - p) * xp.log(rest / other_rest)


def vespo_coefficient(tokens: Tokens, objective: Objective) -> Array:
    """exp(lambda) W^k exp(-lambda W), W the sequence's ratio, the product over its tokens."""
    xp = tokens.xp
    floor = math.log(VESPO_LEAST_RATIO)
    log_ratio = tokens.log_ratio.clip(-LOG_RATIO_LIMIT, LOG_RATIO_LIMIT)
    total = xp.sum(log_ratio, axis=1, keepdims=True)
    if tokens.weights is not None:  # the correction is part of W, and not a factor of its own
        logs = xp.log(tokens.weights.clip(VESPO_LEAST_RATIO, math.exp(LOG_RATIO_LIMIT)))
        total = total + xp.sum(logs, axis=1, keepdims=True)
    total = total.clip(floor, LOG_RATIO_LIMIT)
    (k_positive, rate_positive), (k_negative, rate_negative) = objective.vespo_shape
    negative = -tokens.advantages  # an advantage of 0 has the shape of the positive ones
    k = by_sign(xp, negative, k_negative, k_positive)
    rate = by_sign(xp, negative, rate_negative, rate_positive)
    return xp.exp(rate + k * total - rate * xp.exp(total))


COEFFICIENTS: dict[str, Callable[[Tokens, Objective], Array]] = {
    "cispo": cispo_coefficient,
    "reinforce": reinforce_coefficient,
    "dppo_tv": dppo_coefficient,
    "dppo_kl": dppo_coefficient,
    "vespo": vespo_coefficient,
}

SURROGATES: dict[str, Callable[[Tokens, Objective], Array]] = {
    "ppo": ppo,
    "sapo": sapo,
    "gmpo": gmpo,
    "dro": dro,
    **dict.fromkeys(COEFFICIENTS, weighted),
}
