"""Estimates of the KL divergence to a reference policy, a token at a time, and their gradients."""

from __future__ import annotations

from typing import Literal, get_args

from rewardkit.errors import OptionError
from rewardkit.grpo.arrays import (
    Array,
    Namespace,
    as_float,
    check_choice,
    check_mask,
    check_positive,
    check_shape,
    namespace,
    stop_gradient,
)

__all__ = ["Estimator", "KLGradient", "capped_ratio", "estimate", "kl_divergence", "penalty"]

Estimator = Literal["k1", "k2", "k3", "abs"]
KLGradient = Literal["pathwise", "straight_through", "importance"]


def kl_divergence(
    logp: Array,
    ref_logp: Array,
    mask: Array | None = None,
    *,
    estimator: Estimator = "k3",
    gradient: KLGradient = "pathwise",
    old_logp: Array | None = None,
    ratio_cap: float | None = None,
    log_ratio_clip: float | None = 20.0,
    value_clip: float | None = None,
) -> Array:
    """The estimate of KL(policy || reference) at each sampled token, differentiable in `logp`.

    With x = ref_logp - logp (Schulman, "Approximating KL divergence", 2020):

    ========= ============= ==============================================================
    estimator value         expectation under the policy
    ========= ============= ==============================================================
    k1        -x            KL; a single value can be negative
    k2        x**2 / 2      not KL, but close to it for policies that are
    k3        exp(x)-1-x    KL, never negative (verl "low_var_kl"; GRPO, arXiv:2402.03300, eq. 4)
    abs       abs(x)        not KL
    ========= ============= ==============================================================

    A value that is right on average need not have a gradient that is. With w =
    exp(logp - old_logp) and sg for a constant, against the gradient of the true reverse KL (exact
    expectations over a small softmax; cosine, ratio of the norms):

    =================== ==================== ========== ============ ============================
    estimator           gradient             on-policy  off-policy   elsewhere
    =================== ==================== ========== ============ ============================
    k1                  pathwise             0, 0       0.40, 0.25   expectation 0: no penalty
    k3                  pathwise             0.95, 0.86 0.94, 0.71   TRL without, verl "k3"
    k2                  pathwise             1, 1       0.998, 0.89  verl "k2"
    any                 straight_through     1, 1       0.998, 0.89  verl "k1+", "k3+"
    k1, k3              importance           1, 1       1, 1         DeepSeek-V3.2; TRL's default
    any                 straight_through,    1, 1       1, 1         OpenRLHF unbiased_gradient
                        with old_logp
    k1 in the reward    (none)               1, 1       1, 1         verl, OpenRLHF, NeMo-RL
    =================== ==================== ========== ============ ============================

    "pathwise" differentiates the value. "straight_through" has the value of the estimator and the
    gradient of sg(w) * k2, w being 1 without `old_logp`. "importance" is w times the estimator,
    differentiated in both: `old_logp` None takes the policy itself, so that w is 1 and its
    gradient stays. (slime's is importance with k2.)

    Args:
        logp: (B, T) log-probabilities of the sampled tokens, or of any shape.
        ref_logp: The reference's, of the same shape; a constant.
        mask: Booleans of that shape, or None for all. What stands elsewhere can be anything, and
            has the value 0 and the gradient 0.
        estimator: A name of the first table.
        gradient: A name of the second.
        old_logp: Of the policy that sampled the tokens, of the same shape; a constant.
        ratio_cap: The most that w can be (OpenRLHF 10); None is exp(log_ratio_clip).
        log_ratio_clip: x is limited to plus or minus this, so that nothing overflows, and the
            gradient passes through as if it were the limit: a token that is far off is still
            pulled back. Where verl, OpenRLHF, NeMo-RL and ROLL clip k3 at 10 the gradient is 0
            from x = 2.6 on; TRL's overflows. None for no limit.
        value_clip: The value is limited to plus or minus this, without gradient beyond, as in
            those: 10 reproduces them.

    Returns:
        The shape of logp, in float32 at least. k3 is computed as expm1(x) - x, to the last digits
        where policies are close. Log-probabilities must be finite: minus infinity in `ref_logp`
        counts as the limit, while NaN, and infinity in `logp`, give NaN.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, arrays of two libraries.
        OptionError: A name or a number that cannot be; old_logp or ratio_cap without a use.
    """
    xp = namespace(logp=logp, ref_logp=ref_logp, mask=mask, old_logp=old_logp)
    _check_options(
        estimator, gradient, old_logp is not None, ratio_cap, log_ratio_clip, value_clip
    )
    check_shape("ref_logp", ref_logp, logp.shape)
    if mask is None:
        mask = xp.ones_like(logp, dtype=xp.bool)
    check_mask("mask", mask, logp.shape)
    logp = as_float("logp", logp)
    zeros = xp.zeros_like(logp)
    logp = xp.where(mask, logp, zeros)
    ref_logp = xp.where(mask, stop_gradient(as_float("ref_logp", ref_logp)), zeros)
    log_ratio = None
    if old_logp is not None:
        check_shape("old_logp", old_logp, logp.shape)
        old_logp = stop_gradient(as_float("old_logp", old_logp))
        log_ratio = xp.where(mask, logp - old_logp, zeros)
    elif gradient == "importance":
        log_ratio = logp - stop_gradient(logp)
    return penalty(
        xp, logp, ref_logp, log_ratio, estimator, gradient, ratio_cap, log_ratio_clip, value_clip
    )


def penalty(
    xp: Namespace,
    logp: Array,
    ref_logp: Array,
    log_ratio: Array | None,
    estimator: Estimator,
    gradient: KLGradient,
    ratio_cap: float | None,
    log_ratio_clip: float | None,
    value_clip: float | None,
) -> Array:
    """`kl_divergence` of what has been checked and masked; log_ratio is the logarithm of w."""
    x = ref_logp - logp
    if log_ratio_clip is not None:
        moved = logp - stop_gradient(logp)  # 0, with logp's gradient
        x = stop_gradient(x.clip(-log_ratio_clip, log_ratio_clip)) - moved
    value = estimate(xp, x, estimator)
    if value_clip is not None:
        value = value.clip(-value_clip, value_clip)
    if gradient == "pathwise":
        return value
    ratio = None if log_ratio is None else capped_ratio(xp, log_ratio, ratio_cap, log_ratio_clip)
    if gradient == "importance":
        return value * ratio
    surrogate = estimate(xp, x, "k2")
    if ratio is not None:
        surrogate = surrogate * stop_gradient(ratio)
    return stop_gradient(value) + (surrogate - stop_gradient(surrogate))


def estimate(xp: Namespace, x: Array, estimator: Estimator) -> Array:
    """The estimator's value of x = ref_logp - logp."""
    if estimator == "k1":
        return -x
    if estimator == "k2":
        return 0.5 * x * x
    if estimator == "k3":
        return xp.expm1(x) - x
    return x * stop_gradient(xp.sign(x))  # |x|, whose gradient at 0 JAX takes for 1


def capped_ratio(
    xp: Namespace, log_ratio: Array, ratio_cap: float | None, log_ratio_clip: float | None
) -> Array:
    """exp(log_ratio), without overflow, and at most `ratio_cap`."""
    if log_ratio_clip is not None:
        log_ratio = log_ratio.clip(-log_ratio_clip, log_ratio_clip)
    ratio = xp.exp(log_ratio)
    return ratio if ratio_cap is None else xp.clip(ratio, max=ratio_cap)


def _check_options(
    estimator: str,
    gradient: str,
    has_old: bool,
    ratio_cap: float | None,
    log_ratio_clip: float | None,
    value_clip: float | None,
) -> None:
    check_choice("estimator", estimator, get_args(Estimator))
    check_choice("gradient", gradient, get_args(KLGradient))
    for name, value in (
        ("ratio_cap", ratio_cap),
        ("log_ratio_clip", log_ratio_clip),
        ("value_clip", value_clip),
    ):
        check_positive(name, value)
    if gradient == "pathwise" and (has_old or ratio_cap is not None):
        raise OptionError(
            "old_logp and ratio_cap weigh the gradients 'importance' and 'straight_through': "
            "'pathwise' has no use for them."
        )
