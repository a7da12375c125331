"""Advantages: how much better each completion is than others of its prompt.

A reward of NaN is an abstention: it takes no part in any mean or deviation, and its advantage is
0. Groups may be of any sizes, in any order. Notation: r reward, mu and sigma the mean and the
standard deviation of its group, n the group's size.

====================  ======================================================================
name                  here
====================  ======================================================================
GRPO                  ``group_advantages(r, g)``
Dr. GRPO              ``group_advantages(r, g, scale="none")``
REINFORCE++           ``whiten(discounted_returns(token_rewards, mask), mask)``
REINFORCE++-baseline  ``whiten(group_advantages(r, g, scale="none")[:, None] * ones, mask)``
RLOO                  ``group_advantages(r, g, baseline="loo", scale="none")``
OPO                   ``group_advantages(r, g, baseline="length", scale="none", lengths=...)``
GPG                   ``group_advantages(r, g, scale="nonzero")``
ReMax                 ``group_advantages(r, g, baseline=greedy_rewards, scale="none")``
MaxRL                 ``group_advantages(r, g, scale="mean")``
GDPO                  ``gdpo_advantages(rewards, g)``
leader                ``leader_advantages(r, g)``
pass@k training       ``pass_at_k_advantages(correct, g, num_groups, k)``
====================  ======================================================================
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo.arrays import (
    Array,
    as_float,
    as_tensor,
    check_choice,
    check_mask,
    check_shape,
    is_concrete,
    is_plain,
    namespace,
    namespace_of,
)
from rewardkit.grpo.groups import Grouped
from rewardkit.grpo.moments import deviations, inverse_root, mean_square

__all__ = [
    "gdpo_advantages",
    "group_advantages",
    "leader_advantages",
    "pass_at_k_advantages",
    "whiten",
]

Baseline = Literal["mean", "loo", "length", "batch", "none"]
Scale = Literal["std", "loo_std", "batch_std", "centred_std", "mean", "nonzero", "none"]

_BASELINES = ("mean", "loo", "length", "batch", "none")
_SCALES = ("std", "loo_std", "batch_std", "centred_std", "mean", "nonzero", "none")
_OF_THE_GROUP = ("mean", "loo", "length")


def group_advantages(
    rewards: Array,
    groups: Array,
    num_groups: int | None = None,
    *,
    baseline: Baseline | Array = "mean",
    scale: Scale = "std",
    ddof: int = 1,
    eps: float = 1e-6,
    singleton: float | Literal["raw"] = 0.0,
    lengths: Array | None = None,
) -> Array:
    """(r - baseline) / scale, for every completion; by default GRPO's (r - mu) / (sigma + eps).

    GRPO: arXiv:2402.03300, section 4.1.2. Dr. GRPO: arXiv:2503.20783. RLOO: arXiv:2402.14740.
    OPO: arXiv:2505.23585. GPG: arXiv:2504.02546. ReMax: arXiv:2310.10505.

    The greatest reward of a group is subtracted from it first, and the mean of what is left then,
    so that a group of equal rewards has advantages of exactly 0 whatever the rewards. Where the
    peers subtract a mean that is rounded, the rest is divided by eps: eight rewards of 0.1 in
    float32 give up to 0.95 in OpenRLHF (eps 1e-9), 0.1 in verl (1e-6), 0.001 in TRL (1e-4).

    Args:
        rewards: (N,) finite, or NaN for an abstention, whose advantage is 0. (verl makes its whole
            group NaN.)
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order. (TRL needs equal ones
            one after another; slime normalises uneven ones as a single group.)
        num_groups: G; needed only where `groups` is traced by `jax.jit` or `torch.compile`.
        baseline: What is subtracted. "mean": mu. "loo": the mean of the others, so that r - mu
            becomes (r - mu) n / (n - 1). "length": sum(len r) / sum(len), which needs `lengths`.
            "batch": the mean of all. "none": nothing. Or (N,) an array, for instance the rewards
            of greedy completions.
        scale: What is divided by; where it is 0, so is the advantage. "std": sigma + eps.
            "loo_std": the deviation of the others, + eps (NeMo-RL, whose groups are leave-one-out
            throughout); where the others are all equal, nothing is divided by. "batch_std": the
            deviation of all rewards, + eps (TRL's "batch"). "centred_std": that of all
            r - baseline, + eps (ROLL). "mean": mu, and 0 where mu <= 0 (MaxRL, prime-rl).
            "nonzero": the share of rewards that are not 0 (GPG). "none": nothing.
        ddof: What is subtracted from the count under a deviation: 1 everywhere but in a few.
        eps: 1e-6 in verl, NeMo-RL, slime and ROLL; 1e-4 in TRL; 1e-9 in OpenRLHF. Outside the
            root.
        singleton: The advantage of a group of one, abstentions not counted, if the baseline is of
            the group: 0, or "raw": the reward is neither centred nor divided by a deviation, but
            for eps (verl). Plain code gives NaN.
        lengths: (N,) tokens of each completion.

    Returns:
        (N,) of the rewards' library, in float32 or float64: bfloat16 is widened.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or a reward is infinite.
        OptionError: An option has a wrong value.
    """
    named = baseline if isinstance(baseline, str) else "array"
    given = None if isinstance(baseline, str) else baseline
    namespace(rewards=rewards, groups=groups, baseline=given, lengths=lengths)
    _check_options(named, scale, singleton, lengths)
    if given is None and lengths is None and is_plain(rewards) and is_plain(groups):
        # The same in NumPy, to whose sums PyTorch's dispatch alone is comparable.
        plain = as_float("rewards", rewards).numpy(), groups.numpy(), num_groups
        options: dict[str, Any] = {"scale": scale, "ddof": ddof, "eps": eps}
        found = group_advantages(*plain, baseline=baseline, singleton=singleton, **options)
        return as_tensor(found)
    group = Grouped(rewards, groups, num_groups)
    if given is not None:
        centred = group.only_valid(group.rewards - _column("baseline", given, group))
    elif lengths is not None and named == "length":
        centred = group.centred_by(_column("lengths", lengths, group))
    elif named == "batch":
        centred = deviations(group.rewards, group.valid)
    else:
        centred = group.rewards if named == "none" else group.deviations
    raw = singleton == "raw" and named in _OF_THE_GROUP
    if raw:
        centred = group.xp.where(group.spread(group.alone), group.rewards, centred)
    if named == "loo":
        others = (group.counts - 1.0).clip(1.0)
        centred = centred * group.spread(group.counts / others)
    return centred * _multiplier(group, centred, scale, ddof, eps, raw=raw)


def _check_options(
    baseline: str, scale: str, singleton: float | str, lengths: Array | None
) -> None:
    check_choice("baseline", baseline, (*_BASELINES, "array"))
    check_choice("scale", scale, _SCALES)
    if singleton not in (0.0, "raw"):
        raise OptionError(f'singleton is 0.0 or "raw", not {singleton!r}.')
    if baseline == "length" and lengths is None:
        raise OptionError('baseline="length" needs lengths, the tokens of each completion.')


def _column(name: str, array: Array, group: Grouped) -> Array:
    check_shape(name, array, group.rewards.shape)
    return as_float(name, array)


def _multiplier(
    group: Grouped, centred: Array, scale: str, ddof: int, eps: float, *, raw: bool
) -> Array:
    """One over the scale: (N,), or one number."""
    xp = group.xp
    if scale == "std":
        variance = group.variance(ddof)
        variance = xp.where(group.alone, 1.0, variance) if raw else variance
        return group.spread(inverse_root(variance, eps))
    if scale == "loo_std":
        variance = group.variance_of_others(ddof)
        return xp.where(variance > 0.0, inverse_root(variance, eps), 1.0)
    if scale == "mean":
        means, positive = group.means(), group.means() > 0.0
        return group.spread(xp.where(positive, 1.0 / xp.where(positive, means, 1.0), 0.0))
    if scale in ("batch_std", "centred_std"):
        of = group.rewards if scale == "batch_std" else centred
        return inverse_root(mean_square(deviations(of, group.valid), group.valid, ddof), eps)
    if scale == "nonzero":
        given, nonzero = (
            xp.sum(xp.astype(each, group.rewards.dtype))
            for each in (group.valid, group.rewards != 0.0)
        )
        return given / nonzero.clip(1.0)
    return 1.0


def gdpo_advantages(
    rewards: Array,
    groups: Array,
    num_groups: int | None = None,
    weights: Array | Sequence[float] | None = None,
    *,
    lengths: Array | None = None,
    ddof: int = 1,
    eps: float = 1e-4,
) -> Array:
    """Each reward's own GRPO advantage, their weighted sum, and that normalised over the batch.

    A = (S - mean S) / (std S + eps), S = sum_k w_k (r_k - mu_k) / (sigma_k + eps): a reward of
    large spread does not drown the others. GDPO, arXiv:2601.05242.

    Args:
        rewards: (N, K) one column a reward; NaN where one abstains, which adds nothing.
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order.
        num_groups: G; needed only where `groups` is traced by a compiler.
        weights: (K,) ones if None.
        lengths: (N,) tokens of each completion. Given, the batch's mean and deviation are over
            tokens, as in verl: then S is multiplied by rsqrt(var S + 1e-8). TRL's
            "normalize_then_sum" is over completions.
        ddof: As in group_advantages.
        eps: 1e-4 in TRL; verl has 1e-6 in the groups.

    Returns:
        (N,) float32 or float64; 0 where all rewards abstain.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or a reward is infinite.
    """
    given = None if isinstance(weights, Sequence) else weights
    xp = namespace(rewards=rewards, groups=groups, weights=given, lengths=lengths)
    check_shape("rewards", rewards, ("N", "K"))
    factors = [1.0] * rewards.shape[1] if weights is None else weights
    if len(factors) != rewards.shape[1]:
        raise ArrayError(f"There are {len(factors)} weights for {rewards.shape[1]} rewards.")
    columns = [Grouped(rewards[:, k], groups, num_groups) for k in range(rewards.shape[1])]
    total, valid = xp.zeros_like(columns[0].rewards), columns[0].valid
    for factor, column in zip(factors, columns, strict=True):
        z = column.deviations * column.spread(inverse_root(column.variance(ddof), eps))
        total, valid = total + factor * z, valid | column.valid
    if lengths is None:
        centred = deviations(total, valid)
        return centred * inverse_root(mean_square(centred, valid, ddof), eps)
    tokens = xp.where(valid, _column("lengths", lengths, columns[0]), 0.0)
    centred = deviations(total, valid, tokens)
    return centred / xp.sqrt(mean_square(centred, valid, ddof, tokens) + _WHITENING_EPS)


def leader_advantages(
    rewards: Array,
    groups: Array,
    num_groups: int | None = None,
    *,
    scale: Literal["std", "none"] = "std",
    ddof: int = 1,
    eps: float = 1e-6,
) -> Array:
    """The best completion's lead, (r1 - r2) / (sigma + eps), and 0 for all others.

    r1 and r2 are the two greatest rewards of the group: the gradient is that of the expected
    maximum. arXiv:2503.19595; verl calls it "grpo_passk". Two best of equal reward have no lead,
    nor has one that is alone, where verl raises.

    Args:
        rewards: (N,) finite, or NaN for an abstention.
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order.
        num_groups: G; needed only where `groups` is traced by a compiler.
        scale: "std" divides by sigma + eps; "none" does not.
        ddof: As in group_advantages.
        eps: As in group_advantages.

    Returns:
        (N,) float32 or float64.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or a reward is infinite.
        OptionError: `scale` is neither.
    """
    namespace(rewards=rewards, groups=groups)
    check_choice("scale", scale, ("std", "none"))
    group = Grouped(rewards, groups, num_groups)
    xp = group.xp
    first = group.max(group.rewards)
    first = xp.where(group.counts > 0.0, first, 0.0)
    best = group.rewards == group.spread(first)
    second = group.max(xp.where(best, -math.inf, group.rewards))
    several = group.sum(xp.astype(best, group.rewards.dtype)) > 1.0
    # None is behind the best in a group of one, or of equal rewards.
    lead = xp.where(several, 0.0, first - xp.where(second > -math.inf, second, first))
    if scale == "std":
        lead = lead * inverse_root(group.variance(ddof), eps)
    return xp.where(best, group.spread(lead), 0.0)


def pass_at_k_advantages(correct: Array, groups: Array, num_groups: int | None, k: int) -> Array:
    """Advantages that train pass@k: of drawing k completions, one of which is right.

    The mean over all sets of k that hold the completion, of the set's normalised advantage. With
    c right of n and F = C(n - c, k) / C(n, k), the share of sets with none right, and
    s = sqrt(F (1 - F)): F / s for a right completion, and
    (F - C(n - c - 1, k - 1) / C(n - 1, k - 1)) / s for a wrong one. arXiv:2508.10751, eq. 14 and
    15. No trainer has it.

    Args:
        correct: (N,) booleans, or 0 and 1, and NaN for an abstention.
        groups: (N,) integers from 0 to G - 1, of any sizes and in any order.
        num_groups: G; may be None unless `groups` is traced by a compiler.
        k: How many are drawn.

    Returns:
        (N,) float32 or float64; 0 where all are right or all wrong, where every set holds one that
        is right, and where a group has fewer than k.

    Raises:
        ArrayError: Shapes, libraries or devices differ, or something is neither right nor wrong.
        OptionError: k is below 1.
    """
    namespace(correct=correct, groups=groups)
    if k < 1:
        raise OptionError(f"k is at least 1, not {k}.")
    group = Grouped(correct, groups, num_groups, name="correct")
    xp, n = group.xp, group.counts
    right = group.rewards
    if is_concrete(right) and bool(xp.any((right != 0.0) & (right != 1.0))):
        raise ArrayError("correct holds a value that is neither 0, 1 nor NaN.")
    wrong = n - group.sum(right)
    fail = _all_from(wrong, n, k)
    others_fail = _all_from(wrong - 1.0, n - 1.0, k - 1)
    per_spread = xp.where(n >= k, inverse_root(fail * (1.0 - fail), 0.0), 0.0)
    if_right, if_wrong = fail * per_spread, (fail - others_fail) * per_spread
    return xp.where(right > 0.5, group.spread(if_right), group.spread(if_wrong))


def _all_from(part: Array, whole: Array, k: int) -> Array:
    """C(part, k) / C(whole, k): the chance that k draws are all of the part."""
    xp = namespace_of(part)
    chance = xp.ones_like(part)
    for i in range(k):
        chance = chance * xp.clip(part - i, min=0.0) / xp.clip(whole - i, min=1.0)
    return chance


_WHITENING_EPS = 1e-8


def whiten(
    values: Array,
    mask: Array,
    *,
    ddof: int = 1,
    eps: float = _WHITENING_EPS,
    floor: bool = False,
) -> Array:
    """(x - mean) * rsqrt(var + eps) over all tokens of a batch, and 0 outside the mask.

    REINFORCE++, arXiv:2501.03262, section 3.2: the batch is the baseline.

    Args:
        values: (B, T) or of any shape; outside the mask they may be NaN or infinite.
        mask: Booleans of the same shape. None true: all is 0. One true: that is 0 too, where verl
            raises.
        ddof: verl 1; OpenRLHF and NeMo-RL 0.
        eps: Added to the variance, inside the root.
        floor: The variance is at least eps instead: max(var, eps), OpenRLHF's and NeMo-RL's.

    Returns:
        Of the shape of `values`, in float32 or float64.

    Raises:
        ArrayError: The mask is not boolean or of another shape, or libraries or devices differ.
    """
    xp = namespace(values=values, mask=mask)
    check_mask("mask", mask, values.shape)
    centred = deviations(as_float("values", values), mask)
    variance = mean_square(centred, mask, ddof)
    return centred / xp.sqrt(xp.clip(variance, min=eps) if floor else variance + eps)
