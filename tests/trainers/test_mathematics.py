"""Where the trainers' mathematics goes wrong: their answer, and ours beside it.

A test here that fails with a new release of a trainer says that its docs/grpo.md line is out of
date.
"""

import math
import sys
import warnings
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
import torch

from rewardkit import grpo
from rewardkit.metrics import best_of_n


def openrlhfs_utils():
    """OpenRLHF's module alone; DeepSpeed, which it imports, has no part in its mathematics."""
    [package] = find_spec("openrlhf").submodule_search_locations
    spec = spec_from_file_location("openrlhfs_utils", Path(package) / "models" / "utils.py")
    module = module_from_spec(spec)
    with patch.dict(sys.modules, deepspeed=ModuleType("deepspeed")):
        spec.loader.exec_module(module)
    return module


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what they import has been deprecated here and there
    from trl.experimental.gkd import GKDTrainer
    from trl.trainer.utils import nanstd
    from verl.trainer.ppo import core_algos
    from verl.trainer.ppo.metric_utils import bootstrap_metric
    from verl.workers.config import ActorConfig

    compute_approx_kl = openrlhfs_utils().compute_approx_kl

ONE_GROUP = torch.zeros(8, dtype=torch.int64)


def verl_grpo(rewards, groups):
    tokens = torch.tensor(rewards)[:, None]
    labels = np.array(list(groups), dtype=object)
    return core_algos.compute_grpo_outcome_advantage(tokens, torch.ones_like(tokens), labels)[0][
        :, 0
    ]


def verl_loss(name, logp, old_logp, advantages, mask, **settings):
    """verl's loss of this name, and its gradient."""
    config = ActorConfig(strategy="fsdp", ppo_micro_batch_size_per_gpu=1, rollout_n=1, **settings)
    logp = logp.clone().requires_grad_()
    loss, _ = core_algos.get_policy_loss_fn(name)(
        old_logp, logp, advantages, mask, "token-mean", config
    )
    return loss.detach(), torch.autograd.grad(loss, logp)[0]


def ours(logp, old_logp, advantages, mask, **options):
    logp = logp.clone().requires_grad_()
    loss = grpo.policy_loss(logp, old_logp, advantages, mask, **options)
    return loss.detach(), torch.autograd.grad(loss, logp)[0]


def test_equal_rewards_have_an_advantage_in_trl_and_verl():
    rewards = torch.full((7,), 0.7)
    trl = (rewards - torch.nanmean(rewards)) / (nanstd(rewards, dim=0) + 1e-4)
    verl = verl_grpo(rewards.tolist(), ["a"] * 7)
    assert 1e-4 < trl.abs().max() < 0.01
    assert 0.01 < verl.abs().max() < 1.0
    for preset in (grpo.trl(), grpo.verl(), grpo.openrlhf("group_norm")):
        assert (grpo.group_advantages(rewards, ONE_GROUP[:7], **preset.advantages) == 0).all()


def test_a_group_of_one_keeps_its_raw_reward_in_verl():
    assert verl_grpo([5.0, 1.0, 0.0], "abb")[0] == pytest.approx(5.0, rel=1e-5)
    rewards, groups = torch.tensor([5.0, 1.0, 0.0]), torch.tensor([0, 1, 1])
    assert grpo.group_advantages(rewards, groups)[0] == 0
    assert grpo.group_advantages(rewards, groups, **grpo.verl().advantages)[0] == pytest.approx(
        5.0, rel=1e-5
    )


def test_an_abstention_makes_its_whole_group_nan_in_verl():
    rewards = [1.0, math.nan, 0.0]
    assert torch.isnan(verl_grpo(rewards, "aaa")).all()
    found = grpo.group_advantages(torch.tensor(rewards), ONE_GROUP[:3])
    assert found.tolist() == pytest.approx([0.7071, 0, -0.7071], abs=1e-4)


def test_an_extreme_value_at_padding_is_a_nan_gradient_in_verls_clip_cov():
    logp, old = torch.tensor([[-1.0, 200.0]]), torch.tensor([[-1.0, -1.0]])
    advantages, mask = torch.ones(1, 2), torch.tensor([[True, False]])
    assert torch.isnan(verl_loss("clip_cov", logp, old, advantages, mask)[1]).any()
    kept = grpo.clip_cov_mask(logp, old, advantages, mask)
    _, gradient = ours(logp, old, advantages, mask, token_mask=kept)
    assert gradient.tolist() == [[-1.0, 0.0]]


@pytest.mark.parametrize("far", [3.0, 12.0])
def test_far_from_the_reference_k3_has_no_gradient_in_verl_and_openrlhf(far):
    ref = torch.zeros(1, 1)
    for value in (
        lambda logp: core_algos.kl_penalty(logp, ref, "low_var_kl"),
        lambda logp: compute_approx_kl(logp, ref, kl_estimator="k3"),
    ):
        logp = torch.full((1, 1), -far, requires_grad=True)
        assert torch.autograd.grad(value(logp).sum(), logp)[0].item() == 0.0
    logp = torch.full((1, 1), -far, requires_grad=True)
    (pulled,) = torch.autograd.grad(grpo.kl_divergence(logp, ref).sum(), logp)
    assert pulled.item() == pytest.approx(-math.expm1(far), rel=1e-5)


def test_a_batch_without_live_tokens_is_nan_in_verl():
    logp, advantages, mask = torch.zeros(2, 3), torch.ones(2, 3), torch.zeros(2, 3, dtype=bool)
    theirs = core_algos.agg_loss(logp, mask, "seq-mean-token-mean")
    assert torch.isnan(theirs)
    loss, gradient = ours(logp, logp, advantages, mask, reduction="seq-mean-token-mean")
    assert loss == 0
    assert (gradient == 0).all()


def test_a_cap_of_5_is_6_in_verls_cispo():
    logp, old = torch.tensor([[-0.5]]), torch.tensor([[-4.5]])
    advantages, mask = torch.ones(1, 1), torch.ones(1, 1, dtype=bool)
    _, theirs = verl_loss("cispo", logp, old, advantages, mask, clip_ratio_high=5.0)
    assert theirs.item() == pytest.approx(-6.0)
    _, gradient = ours(logp, old, advantages, mask, loss="cispo", ratio_cap=(0.0, 5.0))
    assert gradient.item() == pytest.approx(-5.0)


@pytest.mark.parametrize("name", ["clip_cov", "kl_cov"])
def test_the_covariance_losses_are_verls(name):
    draw = torch.Generator().manual_seed(0)
    old = -torch.rand(4, 32, generator=draw, dtype=torch.float64) * 3
    logp = old + 0.3 * torch.randn(4, 32, generator=draw, dtype=torch.float64)
    advantages = torch.randn(4, 1, generator=draw, dtype=torch.float64).expand(4, 32)
    mask = torch.rand(4, 32, generator=draw) < 0.8
    batch, count = (logp, old, advantages, mask), int(mask.sum())
    chosen = {"clip_cov_ratio": 1.0, "clip_cov_lb": 0.2, "clip_cov_ub": 5.0, "kl_cov_ratio": 0.1}
    settings = SimpleNamespace(**chosen, ppo_kl_coef=0.3)
    config = SimpleNamespace(
        clip_ratio=0.2, clip_ratio_low=0.2, clip_ratio_high=0.28, policy_loss=settings,
        global_batch_info={},
    )  # fmt: skip
    leaf = logp.clone().requires_grad_()
    theirs, _ = core_algos.get_policy_loss_fn(name)(
        old, leaf, advantages, mask, "token-mean", config
    )
    (their_gradient,) = torch.autograd.grad(theirs, leaf)
    if name == "clip_cov":
        clip = (0.2, 0.28)
        kept = grpo.clip_cov_mask(*batch, share=1.0, bounds=(0.2, 5.0), clip=clip)
        assert 5 < int(kept.sum()) < count - 5
        more = {"token_mask": kept}
    else:
        held = grpo.kl_cov_mask(logp, advantages, mask, share=0.1)
        more = {"ref_logp": old, "kl_weights": held}
    preset = grpo.verl_loss(name, clip_ratio_high=0.28, ppo_kl_coef=0.3)
    loss, gradient = ours(*batch, **preset, **more)
    torch.testing.assert_close(loss, theirs.detach())
    torch.testing.assert_close(gradient, their_gradient)


@pytest.mark.parametrize("mode", ["token-mean", "seq-mean-token-mean"])
def test_the_value_loss_is_verls(mode):
    draw = torch.Generator().manual_seed(1)
    old, returns = torch.randn(2, 4, 16, generator=draw, dtype=torch.float64)
    values = old + torch.randn(4, 16, generator=draw, dtype=torch.float64)
    mask = torch.rand(4, 16, generator=draw) < 0.8
    gradients = []
    for loss in (
        lambda v: core_algos.compute_value_loss(v, returns, old, mask, 0.5, mode)[0],
        lambda v: grpo.value_loss(v, old, returns, mask, clip=0.5, reduction=mode),
    ):
        leaf = values.clone().requires_grad_()
        found = loss(leaf)
        gradients.append((found.detach(), torch.autograd.grad(found, leaf)[0]))
    torch.testing.assert_close(*gradients)


def test_gkds_jsd_jumps_at_its_ends():
    draw = torch.Generator().manual_seed(2)
    student, teacher = torch.randn(2, 1, 4, 9, generator=draw)
    at, near = (GKDTrainer.generalized_jsd_loss(student, teacher, beta=b) for b in (0, 1e-4))
    assert at > 100 * near
    mask = torch.ones(1, 4, dtype=bool)
    with pytest.raises(ValueError, match="beta=0 is divergence='forward'"):
        grpo.distillation_loss(student, teacher, mask, divergence="jsd", beta=0.0)


def test_the_best_of_all_is_less_than_the_best_in_verl():
    data = [1, 0, 0, 0]
    [(mean, _)] = bootstrap_metric(data, 4, [np.max])
    assert mean == pytest.approx(0.687)
    assert best_of_n([data], 4).tolist() == [1.0]
