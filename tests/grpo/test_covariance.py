"""Clip-Cov and KL-Cov: which tokens they choose, and the losses that come of it."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import clip_cov_mask, kl_cov_mask, policy_loss, policy_loss_and_grad, verl_loss

DRAW = np.random.default_rng(3)
B, T = 5, 8
MASK = np.arange(T)[None] < np.array([8, 5, 0, 1, 6])[:, None]
OLD = -DRAW.exponential(1.0, (B, T))
LOGP = OLD + DRAW.normal(0.0, 0.3, (B, T))
ADVANTAGES = np.array([1.3, -0.7, 0.4, 2.1, -1.9])
A, W = ADVANTAGES[:, None] + 0 * LOGP, np.exp(LOGP - OLD)
COVARIANCE = (A - A[MASK].mean()) * (LOGP - LOGP[MASK].mean())


def arrays(library, dtype="float64"):
    floats = [library.array(each, dtype) for each in (LOGP, OLD, ADVANTAGES)]
    return [*floats, library.array(MASK, "bool")]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("share", "number"), [(0.3, 6), (0.29, 5), (1e-4, 1), (1.0, 20)])
def test_kl_cov_holds_the_tokens_of_the_greatest_covariance(library, share, number, dtype):
    logp, _, advantages, mask = arrays(library, dtype)
    found = library.numpy(kl_cov_mask(logp, advantages, mask, share=share))
    expected = np.zeros((B, T), bool)
    ordered = np.argsort(np.where(MASK, -COVARIANCE, np.inf), axis=None)
    expected.flat[ordered[:number]] = True
    assert found.tolist() == expected.tolist()


def test_the_kl_cov_loss_and_its_gradient_are_verls(library):
    logp, old, advantages, mask = arrays(library)
    held = kl_cov_mask(logp, advantages, mask, share=0.3)
    options = {**verl_loss("kl_cov", ppo_kl_coef=0.5), "ref_logp": old, "kl_weights": held}
    chosen = library.numpy(held)
    tokens = -W * A + 0.5 * np.abs(LOGP - OLD) * chosen
    loss, slope = policy_loss_and_grad(logp, old, advantages, mask, **options)
    assert float(library.numpy(loss)) == pytest.approx(tokens[MASK].mean())
    expected = np.where(MASK, -W * A + 0.5 * np.sign(LOGP - OLD) * chosen, 0.0) / MASK.sum()
    np.testing.assert_allclose(library.numpy(slope), expected, atol=1e-12)
    own = library.gradient(lambda at: policy_loss(at, old, advantages, mask, **options), LOGP)
    np.testing.assert_allclose(own, expected, atol=1e-8)


def test_kl_weights_multiply_the_kl_at_every_level(other_library):
    lib, weights = other_library, DRAW.uniform(0.0, 2.0, (B, T))
    logp, old, advantages, mask = arrays(lib)
    for level in ("token", "sequence"):
        options = {"level": level, "beta": 0.3, "kl_gradient": "importance"}
        given = {"ref_logp": lib.array(OLD - 0.2), "kl_weights": lib.array(weights)}
        loss, slope = policy_loss_and_grad(logp, old, advantages, mask, **options, **given)
        function = lambda at: policy_loss(at, old, advantages, mask, **options, **given)  # noqa: E731, B023
        assert float(lib.numpy(loss)) == pytest.approx(float(lib.numpy(function(logp))))
        np.testing.assert_allclose(lib.gradient(function, LOGP), lib.numpy(slope), atol=1e-12)


def test_clip_cov_leaves_out_what_is_between_the_bounds_and_not_clipped(library):
    clipped = np.where(A > 0, W > 1.2, W < 0.8)
    fit = MASK & ~clipped & (COVARIANCE > 0.1) & (COVARIANCE < 0.9)
    assert 3 < fit.sum() < MASK.sum()
    options = {"bounds": (0.1, 0.9), "clip": (0.2, 0.2)}
    every = library.numpy(clip_cov_mask(*arrays(library), share=1.0, **options))
    assert every.tolist() == (MASK & ~fit).tolist()
    two = library.numpy(clip_cov_mask(*arrays(library), share=0.1, **options))
    assert (MASK & ~two).sum() == 2
    assert COVARIANCE[MASK & ~two].min() >= np.sort(COVARIANCE[fit])[-2]
    draws = DRAW.random((B, T))
    drawn = library.numpy(
        clip_cov_mask(*arrays(library), share=0.1, draws=library.array(draws), **options)
    )
    assert set(draws[MASK & ~drawn]) == set(np.sort(draws[fit])[:2])


def test_both_are_traced_by_compilers(other_library):
    lib = other_library
    batch = arrays(lib)
    for function in (
        lambda *given: clip_cov_mask(*given, share=0.1, bounds=(0.1, 0.9)),
        lambda logp, _, *rest: kl_cov_mask(logp, *rest, share=0.3),
    ):
        found = lib.numpy(lib.compiled(function)(*batch))
        assert found.tolist() == lib.numpy(function(*batch)).tolist()


def test_a_batch_without_live_tokens_chooses_none(library):
    logp, old, advantages, _ = arrays(library)
    none = library.array(np.zeros((B, T)), "bool")
    assert not library.numpy(kl_cov_mask(logp, advantages, none)).any()
    assert not library.numpy(clip_cov_mask(logp, old, advantages, none)).any()


def test_bad_input_is_named():
    for share in (0.0, 1.5, float("nan")):
        with pytest.raises(OptionError, match="share is"):
            kl_cov_mask(LOGP, ADVANTAGES, MASK, share=share)
    with pytest.raises(ArrayError, match="draws has the shape"):
        clip_cov_mask(LOGP, OLD, ADVANTAGES, MASK, draws=np.zeros(B))
    with pytest.raises(ArrayError, match="kl_weights has the shape"):
        policy_loss(LOGP, OLD, ADVANTAGES, MASK, ref_logp=OLD, kl_weights=np.zeros(T), beta=1.0)
    with pytest.raises(OptionError, match="has a KL to the old policy"):
        verl_loss("kl_cov", kl_loss_coef=0.1)
