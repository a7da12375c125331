"""The policy losses of PPO, GRPO and what came after them, on one signature."""

from __future__ import annotations

from rewardkit.errors import ArrayError
from rewardkit.grpo.aggregation import Reduction, check_reduction, reduce_rows
from rewardkit.grpo.arrays import Array
from rewardkit.grpo.batches import Batch, read_batch
from rewardkit.grpo.kl import Estimator, KLGradient, penalty
from rewardkit.grpo.ratios import Level
from rewardkit.grpo.surrogates import SURROGATES, Loss, Objective

__all__ = ["check_reference", "per_token_loss", "policy_loss"]


def policy_loss(
    logp: Array,
    old_logp: Array | None,
    advantages: Array,
    mask: Array,
    *,
    loss: Loss = "ppo",
    level: Level = "token",
    clip: tuple[float, float] | None = (0.2, 0.2),
    ratio_cap: tuple[float, float] | None = None,
    dual_clip: float | None = None,
    delta: float | None = None,
    sapo_temperature: tuple[float, float] = (1.0, 1.05),
    vespo_shape: tuple[tuple[float, float], tuple[float, float]] = ((2.0, 3.0), (3.0, 2.0)),
    dro_beta: float | None = None,
    weights: Array | None = None,
    token_mask: Array | None = None,
    ref_logp: Array | None = None,
    beta: float = 0.0,
    kl: Estimator = "k3",
    kl_gradient: KLGradient = "pathwise",
    kl_ratio_cap: float | None = None,
    kl_log_ratio_clip: float | None = 20.0,
    kl_value_clip: float | None = None,
    kl_weights: Array | None = None,
    reduction: Reduction = "token-mean",
    denominator: float | Array | None = None,
    horizon: float | None = None,
) -> Array:
    """The loss to minimise, differentiable in `logp`; everything else is a constant.

    With w = exp(logp - old_logp), A the advantage, sg for a constant, c for `ratio_cap`:

    ========== ============================================ =====================================
    loss       a token                                      source; what the peers do otherwise
    ========== ============================================ =====================================
    ppo        -min(w A, clip(w, 1-low, 1+high) A)          PPO, arXiv:1707.06347, eq. 7; GRPO,
                                                            arXiv:2402.03300, eq. 3; DAPO's high
                                                            is 0.28 (arXiv:2503.14476)
    cispo      -sg(clip(w, c)) A logp                       arXiv:2506.13585. TRL's epsilon_high
                                                            is c's upper bound, verl's is 1 less
    sapo       -A sigmoid(tau (w - 1)) 4 / tau              arXiv:2511.20347
    gmpo       -A exp(mean_t of log w, clipped one-sided)   arXiv:2507.20673; clip bounds log w
    reinforce  -A logp                                      verl "gpg", OpenRLHF's REINFORCE
    dppo_tv    -sg(min(w, c)) A logp, and 0 where p - q     arXiv:2602.04879; prime-rl has w in
               is past clip on the side that A pushes to    place of sg(w) logp: the same gradient
    dppo_kl    the same by KL of "this token or another"    verl
    vespo      -sg(e^a W^k e^(-a W)) A logp, W = prod_t w   TRL; vespo_shape: (k, a) of positive
                                                            A, and (k, a) of negative
    dro        -(A logp - dro_beta / 2 (log w)^2)           arXiv:2405.19107, verl
    ========== ============================================ =====================================

    GSPO (arXiv:2507.18071, eq. 5) is "ppo" with level="sequence", its token form
    level="sequence_token"; LUSPO is level="sequence" with reduction="seq-mean-token-sum".

    Args:
        logp: (B, T) log-probabilities of the sampled tokens.
        old_logp: (B, T), of the policy that sampled them; None takes logp itself, so that w is 1
            and its gradient stays.
        advantages: (B,), (B, 1) or (B, T).
        mask: (B, T) booleans, true at live tokens. What stands elsewhere can be anything.
        loss: A name of the table.
        level: What w is: a "token"'s ratio; the geometric mean over a "sequence"; or
            "sequence_token", the value of the latter with the gradient of each token's own.
        clip: (low, high), as in the table; None clips nothing. GSPO wants about 3e-4.
        ratio_cap: (low, high) of the weight of cispo, absolute, (0, 5) unless given; of dppo,
            where none is given no cap.
        dual_clip: ppo's loss is at most -dual_clip A where A is negative (arXiv:1912.09729, eq. 5;
            verl 3).
        delta: The most w can be in ppo's unclipped branch (INTELLECT-2, arXiv:2505.07291; TRL).
        sapo_temperature: tau where A is positive, and where it is not.
        vespo_shape: As in the table.
        dro_beta: As in the table.
        weights: (B,), (B, 1) or (B, T), of `importance_weights`: they multiply the loss, not the
            KL; vespo multiplies W with them.
        token_mask: Booleans of such a shape: tokens without a policy loss, but with KL and with a
            share in the denominator, as in TRL.
        ref_logp: (B, T), of the reference policy; wanted where beta is not 0.
        beta: The weight of the KL to the reference.
        kl: Its estimator, and
        kl_gradient: its gradient, as in `kl_divergence`, which says which are right; "importance"
            is, and takes w at `level`, as TRL's use_bias_correction_kl.
        kl_ratio_cap, kl_log_ratio_clip, kl_value_clip: As in `kl_divergence`.
        kl_weights: (B,), (B, 1) or (B, T): multiply the KL, or choose its tokens if booleans.
        reduction, denominator, horizon: As in `aggregate`.

    Returns:
        A number, or (B, T) where reduction is "none", in float32 at least (bfloat16 is widened
        first). Log-ratios are limited to plus or minus 20, without gradient beyond. Rows without
        live tokens count for nothing, and a batch of them has the loss 0 and the gradient 0.
        Finite arguments never give NaN; a live NaN does, and infinity may.

    Raises:
        ArrayError: Shapes that do not match, a mask that is not boolean, arrays of two libraries
            or devices, or no ref_logp where beta wants it.
        OptionError: A name or number that cannot be, or an option that the loss has no use for.
    """
    check_reduction(reduction, denominator, horizon)
    objective = Objective(
        loss=loss,
        level=level,
        clip=clip,
        ratio_cap=ratio_cap,
        dual_clip=dual_clip,
        delta=delta,
        sapo_temperature=sapo_temperature,
        vespo_shape=vespo_shape,
        dro_beta=dro_beta,
        beta=beta,
        kl=kl,
        kl_gradient=kl_gradient,
        kl_ratio_cap=kl_ratio_cap,
        kl_log_ratio_clip=kl_log_ratio_clip,
        kl_value_clip=kl_value_clip,
    )
    batch = read_batch(logp, old_logp, advantages, mask, weights, token_mask, ref_logp, kl_weights)
    check_reference(batch, objective)
    values = per_token_loss(batch, objective)
    return reduce_rows(batch.xp, values, mask, reduction, denominator, horizon)


def check_reference(batch: Batch, objective: Objective) -> None:
    """Raise ArrayError where the KL has no reference."""
    if batch.ref_logp is None and objective.beta != 0.0:
        raise ArrayError(f"beta is {objective.beta}: the KL wants ref_logp, and it is None.")


def per_token_loss(batch: Batch, objective: Objective) -> Array:
    """The loss of each token, (B, T), or of each sequence, (B, 1), that is then aggregated."""
    xp = batch.xp
    tokens = batch.tokens(objective.level)
    values = SURROGATES[objective.loss](tokens, objective)
    if tokens.weights is not None and objective.loss != "vespo":
        values = values * tokens.weights
    if batch.token_mask is not None:
        values = xp.where(batch.token_mask, values, xp.zeros_like(values))
    if objective.beta == 0.0:
        return values
    return values + objective.beta * tokens.kl_weights * penalty(
        xp,
        tokens.logp,
        batch.reference(),
        None if objective.kl_gradient == "pathwise" else tokens.level_log_ratio,
        objective.kl,
        objective.kl_gradient,
        objective.kl_ratio_cap,
        objective.kl_log_ratio_clip,
        objective.kl_value_clip,
    )
