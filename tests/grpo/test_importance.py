"""Corrections between two engines: weights, rejections, and how much PPO clips."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import (
    clip_fractions,
    divergence_mask,
    importance_weights,
    policy_loss,
    rejection_mask,
)

MASK = np.array([[1, 1, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]], bool)
ROLLOUT = np.log(np.array([[0.5, 0.2, 0.4, 0.1], [0.3, 0.9, 0.5, 0.5], [0.1, 0.1, 0.1, 0.1]]))
RATIO = np.array([[1.5, 0.5, 2.0, 7.0], [3.0, 1.0, 7.0, 7.0], [7.0, 7.0, 7.0, 7.0]])
TRAIN = ROLLOUT + np.log(RATIO)


def given(library, train=TRAIN, rollout=ROLLOUT):
    return library.array(train), library.array(rollout), library.array(MASK, "bool")


PADDED = np.where(MASK, RATIO, 1.0)
PRODUCT = PADDED.prod(1, keepdims=True)
GEOMETRIC = PRODUCT ** (1 / np.maximum(MASK.sum(1, keepdims=True), 1))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"high": None}, PADDED),
        ({}, np.minimum(PADDED, 2.0)),
        ({"low": 0.8, "high": 1.8}, np.clip(PADDED, 0.8, 1.8)),
        ({"mode": "mask", "low": 0.8, "high": 1.8}, PADDED * (PADDED >= 0.8) * (PADDED <= 1.8)),
        ({"level": "sequence"}, np.minimum(PRODUCT, 2.0)),
        ({"level": "sequence", "mode": "mask"}, PRODUCT * (PRODUCT <= 2.0)),
        ({"level": "geometric", "high": None}, GEOMETRIC),
        ({"high": None, "normalize": True}, PADDED / PADDED[MASK].mean()),
        ({"level": "sequence", "high": None, "normalize": True}, PRODUCT / PRODUCT[:2].mean()),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weights_are_ratios_within_their_bounds(library, options, expected, dtype):
    train, rollout = library.array(TRAIN, dtype), library.array(ROLLOUT, dtype)
    found = importance_weights(train, rollout, library.array(MASK, "bool"), **options)
    np.testing.assert_allclose(library.numpy(found), expected, rtol=2e-6)
    assert library.numpy(found).dtype == dtype


def test_a_token_that_an_engine_could_not_score_is_not_corrected(library):
    rollout = np.where([[True, False, False, True]] * 3, np.nan, ROLLOUT)
    found = importance_weights(*given(library, rollout=rollout), high=None)
    np.testing.assert_allclose(library.numpy(found)[0], [1.0, 0.5, 2.0, 1.0])


def test_impossible_tokens_do_not_overflow(library):
    rollout = np.where(MASK, -np.inf, 0.0)
    found = importance_weights(*given(library, rollout=rollout), level="sequence", high=None)
    np.testing.assert_allclose(library.numpy(found)[:2], np.exp(20.0))


def test_no_gradient_flows_through_a_weight(other_library):
    _, rollout, mask = given(other_library)
    advantages = other_library.array(np.ones(3))

    def loss(at):
        weights = importance_weights(at, rollout, mask, high=None)
        return policy_loss(at, None, advantages, mask, weights=weights, reduction="token-sum")

    np.testing.assert_allclose(
        other_library.gradient(loss, TRAIN), np.where(MASK, -RATIO, 0.0), atol=1e-12
    )


D = np.where(MASK, np.log(RATIO), 0.0)
K2, K3 = D**2 / 2, np.exp(D) - 1 - D
P, Q = np.exp(ROLLOUT), np.minimum(np.exp(TRAIN), 0.999)


@pytest.mark.parametrize(
    ("options", "keep"),
    [
        ({"low": 0.8, "high": 1.8}, (RATIO >= 0.8) & (RATIO <= 1.8)),
        ({"statistic": "k2", "high": 0.2}, K2 <= 0.2),
        ({"statistic": "k3", "high": 0.2}, K3 <= 0.2),
        ({"level": "mean", "high": 1.2}, np.array([[True], [False], [True]])),
        ({"level": "sum", "low": 2.0}, np.array([[False], [True], [False]])),
        ({"level": "sum", "low": 1.4}, np.array([[True], [True], [False]])),
        ({"level": "max", "high": 2.5}, np.array([[True], [False], [True]])),
        (
            {"statistic": "k2", "level": "mean", "high": 0.2},
            K2.sum(1, keepdims=True) <= [[0.6], [0.4], [9]],
        ),
        ({"statistic": "k3", "level": "max", "high": 0.4}, K3.max(1, keepdims=True) <= 0.4),
        ({"statistic": "tv", "high": 0.3}, np.abs(P - np.exp(TRAIN)) <= 0.3),
    ],
)
def test_rejection_keeps_what_is_within_the_bounds(library, options, keep):
    found = rejection_mask(*given(library), **options)
    np.testing.assert_array_equal(library.numpy(found), MASK & keep)


def test_binary_kl_is_that_of_this_token_or_another(library):
    rollout, train = np.array([[0.5, 0.2]]), np.array([[0.6, 0.5]])
    kl = rollout * np.log(rollout / train) + (1 - rollout) * np.log((1 - rollout) / (1 - train))
    arrays = [library.array(np.log(each)) for each in (train, rollout)]
    mask = library.array(np.ones((1, 2)), "bool")
    for level, value in (("token", kl[0, 1]), ("mean", kl.mean()), ("max", kl.max())):
        for bound, keeps in ((value * 1.001, True), (value * 0.999, False)):
            found = rejection_mask(*arrays, mask, statistic="binary_kl", level=level, high=bound)
            assert bool(library.numpy(found)[0, 1]) is keeps


def test_an_engine_that_rules_a_token_out_disagrees(library):
    train = np.where([[True, False, False, False]] * 3, -np.inf, ROLLOUT)
    found = rejection_mask(*given(library, train=train), statistic="binary_kl", high=0.5)
    np.testing.assert_array_equal(library.numpy(found)[0], [False, True, True, False])


def test_divergence_masks_are_dppos_own(library):
    logp, old, mask = given(library, np.minimum(TRAIN, -0.01))
    advantages = library.array(np.array([1.0, -1.0, 1.0]))
    for divergence in ("tv", "kl"):
        clip = (0.1, 0.05)
        keep = divergence_mask(logp, old, advantages, mask, divergence=divergence, clip=clip)
        masked = policy_loss(logp, old, advantages, mask, clip=None, token_mask=keep)
        moved = library.numpy(keep)
        assert moved.any()
        assert (moved != MASK).any()
        dppo = policy_loss(
            logp, old, advantages, mask, loss=f"dppo_{divergence}", clip=clip, reduction="none"
        )
        np.testing.assert_array_equal(library.numpy(dppo) != 0.0, moved)
        assert np.isfinite(library.numpy(masked))


def test_clip_fractions_are_shares_of_live_tokens_or_sequences(library):
    logp, old, mask = given(library)
    advantages = library.array(np.array([1.0, -1.0, 1.0]))
    found = clip_fractions(logp, old, advantages, mask, dual_clip=2.5)
    assert [float(library.numpy(each)) for each in found] == pytest.approx([0.0, 2 / 5, 1 / 5])
    found = clip_fractions(logp, old, advantages, mask, clip=(0.2, 0.1), level="sequence")
    assert [float(library.numpy(each)) for each in found] == pytest.approx([0.0, 1 / 2, 0.0])
    negative = library.array(np.array([-1.0, -1.0, -1.0]))
    assert float(library.numpy(clip_fractions(logp, old, negative, mask).low)) == 1 / 5
    nothing = library.array(np.zeros((3, 4)), "bool")
    assert all(library.numpy(each) == 0 for each in clip_fractions(logp, old, negative, nothing))


def test_bad_arguments_are_named(library):
    train, rollout, mask = given(library)
    with pytest.raises(ArrayError, match="rollout_logp has the shape"):
        importance_weights(train, rollout[:1], mask)
    with pytest.raises(ArrayError, match="mask holds"):
        rejection_mask(train, rollout, rollout)
    with pytest.raises(OptionError, match="Did you mean 'sequence'"):
        importance_weights(train, rollout, mask, level="sequences")
    with pytest.raises(OptionError, match="lower bound comes first"):
        importance_weights(train, rollout, mask, low=3.0)
    with pytest.raises(OptionError, match="statistic is 'k1'"):
        rejection_mask(train, rollout, mask, statistic="k1")
    with pytest.raises(OptionError, match="no negative"):
        divergence_mask(train, rollout, train[:, 0], mask, clip=(-1.0, 1.0))
