"""Presets: each trainer's own numbers, from its own formula."""

import numpy as np
import pytest

from rewardkit.errors import OptionError
from rewardkit.grpo import group_advantages, openrlhf, trl, verl, whiten

REWARDS = [[0.1, 0.9, 0.4], [0.0, 1.0, 0.0]]
FLAT, GROUPS = np.ravel(REWARDS), np.repeat([0, 1], 3)
MEAN = np.mean(REWARDS, axis=1, keepdims=True)
STD = np.std(REWARDS, axis=1, keepdims=True, ddof=1)
CENTRED = REWARDS - MEAN


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (trl(), CENTRED / (STD + 1e-4)),
        (trl(scale_rewards="batch"), CENTRED / (FLAT.std(ddof=1) + 1e-4)),
        (trl(scale_rewards="none"), CENTRED),
        (verl(), CENTRED / (STD + 1e-6)),
        (verl("grpo_vectorized"), CENTRED / (STD + 1e-6)),
        (verl("grpo", norm_adv_by_std_in_grpo=False), CENTRED),
        (verl("rloo"), CENTRED * 1.5),
        (verl("gpg"), CENTRED * 6 / 4),
        (openrlhf("rloo"), CENTRED * 1.5),
        (openrlhf("group_norm"), CENTRED / (STD + 1e-9)),
        (openrlhf("dr_grpo"), CENTRED),
        (openrlhf("flash_reinforce"), REWARDS - FLAT.mean()),
        (openrlhf("reinforce"), REWARDS),
    ],
)
def test_a_preset_gives_the_trainers_advantages(library, preset, expected):
    rewards, groups = library.array(FLAT), library.array(GROUPS, "int64")
    found = library.numpy(group_advantages(rewards, groups, **preset.advantages))
    assert found == pytest.approx(np.ravel(expected), rel=1e-12)


@pytest.mark.parametrize(
    ("estimator", "raw"),
    [
        (verl("grpo"), 0.7 / (1 + 1e-6)),
        (verl("rloo"), 0.7),
        (verl("rloo_vectorized"), 0),
        (verl("gpg"), 0.7),
        (trl(), 0),
    ],
)
def test_a_group_of_one_is_what_it_is_to_the_trainer(estimator, raw):
    found = group_advantages(np.array([0.7]), np.array([0]), **estimator.advantages)
    assert found == pytest.approx([raw])


@pytest.mark.parametrize(
    ("preset", "variance"),
    [
        (verl("reinforce_plus_plus_baseline"), CENTRED.var(ddof=1) + 1e-8),
        (openrlhf("reinforce_baseline"), max(CENTRED.var(), 1e-8)),
    ],
)
def test_where_the_trainer_whitens_the_preset_says_how(preset, variance):
    advantages = group_advantages(FLAT, GROUPS, **preset.advantages)[:, None]
    found = whiten(advantages, np.ones((6, 1), bool), **preset.whiten)
    assert found.ravel() == pytest.approx(np.ravel(CENTRED) / np.sqrt(variance), rel=1e-12)


def test_where_the_trainer_does_not_whiten_there_is_nothing_to_pass_on():
    assert trl().whiten is None
    assert openrlhf("group_norm").whiten is None


@pytest.mark.parametrize(("preset", "name"), [(verl, "grop"), (openrlhf, "grupo_norm")])
def test_a_misspelt_estimator_is_an_error(preset, name):
    with pytest.raises(OptionError, match="Did you mean"):
        preset(name)
