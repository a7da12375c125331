"""The trainers' own losses, as keyword arguments of `policy_loss`."""

from __future__ import annotations

from typing import Any, Literal, get_args

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import check_choice

__all__ = ["openrlhf_loss", "trl_loss", "verl_loss"]

TRLLoss = Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo", "sapo", "luspo", "vespo"]
VerlLoss = Literal[
    "vanilla",
    "gspo",
    "sapo",
    "cispo",
    "geo_mean",
    "gpg",
    "dppo_tv",
    "dppo_kl",
    "dro",
    "clip_cov",
    "kl_cov",
]

_TRL_REDUCTIONS = {
    "grpo": "seq-mean-token-mean",
    "sapo": "seq-mean-token-mean",
    "dr_grpo": "seq-mean-token-sum-norm",
    "luspo": "seq-mean-token-sum",
}


def trl_loss(
    loss_type: TRLLoss = "dapo",
    *,
    rows: int,
    importance_sampling_level: Literal["token", "sequence"] = "token",
    epsilon: float = 0.2,
    epsilon_high: float | None = None,
    delta: float | None = None,
    beta: float = 0.0,
    use_bias_correction_kl: bool = True,
    max_completion_length: int | None = None,
) -> dict[str, Any]:
    """TRL 1.16's GRPOTrainer, of one batch: add num_items_in_batch as the `denominator` of a step.

    >>> policy_loss(logp, old_logp, advantages, mask, **trl_loss("grpo", rows=len(logp)))

    Args:
        loss_type: As in GRPOConfig.
        rows: B. TRL divides by all rows, those without a live token included.
        importance_sampling_level, epsilon, epsilon_high, delta, beta: As there.
        use_bias_correction_kl: As there.
        max_completion_length: As there, for "dr_grpo".

    Raises:
        OptionError: No such loss, or "dr_grpo" without max_completion_length.
    """
    check_choice("loss_type", loss_type, get_args(TRLLoss))
    options: dict[str, Any] = {"reduction": _TRL_REDUCTIONS.get(loss_type, "token-mean")}
    if loss_type in _TRL_REDUCTIONS:
        options["denominator"] = rows
    if loss_type == "dr_grpo":
        if max_completion_length is None:
            raise OptionError("The loss 'dr_grpo' divides by max_completion_length: give it.")
        options["horizon"] = max_completion_length
    high = epsilon if epsilon_high is None else epsilon_high
    if loss_type in ("cispo", "sapo", "vespo"):
        options["loss"] = loss_type
    else:
        options |= {"clip": (epsilon, high), "delta": delta}
    if loss_type == "cispo":
        options["ratio_cap"] = (0.0, high)
    if loss_type != "vespo":
        options["level"] = importance_sampling_level
    gradient = "importance" if use_bias_correction_kl else "pathwise"
    return options | {"beta": beta, "kl_gradient": gradient}


def verl_loss(
    loss_mode: VerlLoss = "vanilla",
    *,
    loss_agg_mode: str = "token-mean",
    clip_ratio: float = 0.2,
    clip_ratio_low: float | None = None,
    clip_ratio_high: float | None = None,
    clip_ratio_c: float = 3.0,
    dro_beta: float | None = None,
    ppo_kl_coef: float = 0.1,
    kl_loss_coef: float = 0.0,
    kl_loss_type: str = "low_var_kl",
) -> dict[str, Any]:
    """verl 0.9's policy loss of this name, with its KL loss.

    verl's "geo_mean" divides by rows without live tokens, too: add `denominator=B` for that. What
    "clip_cov" and "kl_cov" choose is to be added:

    >>> policy_loss(*batch, **verl_loss("clip_cov"), token_mask=clip_cov_mask(*batch))
    >>> held = kl_cov_mask(logp, advantages, mask)
    >>> policy_loss(*batch, **verl_loss("kl_cov"), ref_logp=old_logp, kl_weights=held)

    Args:
        loss_mode: As in actor.policy_loss.loss_mode.
        loss_agg_mode, clip_ratio, clip_ratio_low, clip_ratio_high, clip_ratio_c: As in its actor.
        dro_beta: As in actor.policy_loss.
        ppo_kl_coef: As there, of "kl_cov".
        kl_loss_coef, kl_loss_type: As in its actor: "k1" to "k3", "abs", their older names, and
            with "+" the gradient of k2.

    Raises:
        OptionError: No such loss, or a KL loss beside "kl_cov", which has one.
    """
    check_choice("loss_mode", loss_mode, get_args(VerlLoss))
    low = clip_ratio if clip_ratio_low is None else clip_ratio_low
    high = clip_ratio if clip_ratio_high is None else clip_ratio_high
    cap = (0.0, clip_ratio_c)
    own: dict[str, dict[str, Any]] = {
        "vanilla": {"clip": (low, high), "dual_clip": clip_ratio_c},
        "gspo": {"level": "sequence_token", "clip": (low, high)},
        "sapo": {"loss": "sapo"},
        "cispo": {"loss": "cispo", "ratio_cap": (max(1.0 - low, 0.0), 1.0 + high)},
        "geo_mean": {"loss": "gmpo", "clip": (low, high)},
        "gpg": {"loss": "reinforce"},
        "dppo_tv": {"loss": "dppo_tv", "clip": (low, high), "ratio_cap": cap},
        "dppo_kl": {"loss": "dppo_kl", "clip": (low, high), "ratio_cap": cap},
        "dro": {"loss": "dro", "dro_beta": dro_beta},
        "clip_cov": {"clip": (low, high)},
        "kl_cov": {"clip": None} | _verl_kl(ppo_kl_coef, "abs"),
    }
    if loss_mode == "kl_cov" and kl_loss_coef != 0.0:
        raise OptionError(
            "The loss 'kl_cov' has a KL to the old policy: add kl_divergence to the reference's."
        )
    fixed = loss_mode in ("sapo", "geo_mean")  # whatever loss_agg_mode says
    reduction = "seq-mean-token-mean" if fixed else loss_agg_mode
    return own[loss_mode] | {"reduction": reduction} | _verl_kl(kl_loss_coef, kl_loss_type)


def _verl_kl(coefficient: float, kind: str) -> dict[str, Any]:
    if coefficient == 0.0:
        return {}
    name = kind.removesuffix("+")
    estimator = {"kl": "k1", "mse": "k2", "low_var_kl": "k3"}.get(name, name)
    options: dict[str, Any] = {"beta": coefficient, "kl": estimator}
    if kind.endswith("+"):
        options["kl_gradient"] = "straight_through"
    if estimator == "k3":
        options["kl_value_clip"] = 10.0
    else:  # only k3's log-ratio is limited
        options["kl_log_ratio_clip"] = None
    return options


def openrlhf_loss(
    policy_loss_type: Literal["ppo", "gspo"] = "ppo",
    *,
    eps_clip_low_high: tuple[float, float] = (0.2, 0.2),
    dual_clip: float | None = None,
    token_level_loss: bool = True,
) -> dict[str, Any]:
    """OpenRLHF 0.11's PolicyLoss.

    Its corrections are `importance_weights` with mode="truncate" ("clip"), or without bounds and
    `rejection_mask` for the token_mask ("mask").

    Args:
        policy_loss_type: As there; "gspo" is a mean over sequences.
        eps_clip_low_high: clip_eps_low and clip_eps_high.
        dual_clip, token_level_loss: As there.

    Raises:
        OptionError: No such loss.
    """
    check_choice("policy_loss_type", policy_loss_type, get_args(Literal["ppo", "gspo"]))
    sequences = policy_loss_type == "gspo"
    by_token = token_level_loss and not sequences
    return {
        "level": "sequence" if sequences else "token",
        "clip": eps_clip_low_high,
        "dual_clip": dual_clip,
        "reduction": "token-mean" if by_token else "seq-mean-token-mean",
    }
