"""Estimates of the KL: values, gradients, and what extreme numbers do to them."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import kl_divergence

LOGP = np.array([[-0.5, -1.0, -2.0], [-0.1, -3.0, -0.7]])
REF = np.array([[-0.7, -0.4, -2.0], [-1.3, -0.2, -0.9]])
OLD = np.array([[-0.6, -0.8, -2.5], [-0.3, -2.0, -0.7]])
X = REF - LOGP
W = np.exp(LOGP - OLD)

VALUES = {"k1": -X, "k2": X**2 / 2, "k3": np.exp(X) - X - 1, "abs": np.abs(X)}
SLOPES = {"k1": np.ones_like(X), "k2": -X, "k3": 1 - np.exp(X), "abs": -np.sign(X)}


def gradient(library, at=LOGP, ref_logp=REF, **options):
    """By the policy's log-probabilities, at `at`."""
    if "old_logp" in options:
        options["old_logp"] = library.array(options["old_logp"])
    ref = library.array(ref_logp)
    return library.gradient(lambda logp: kl_divergence(logp, ref, **options).sum(), at)


@pytest.mark.parametrize("estimator", VALUES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_estimator_has_its_formulas_value(library, estimator, dtype):
    found = kl_divergence(
        library.array(LOGP, dtype), library.array(REF, dtype), estimator=estimator
    )
    np.testing.assert_allclose(library.numpy(found), VALUES[estimator], rtol=2e-6, atol=1e-7)
    assert library.numpy(found).dtype == dtype


@pytest.mark.parametrize("estimator", VALUES)
def test_pathwise_is_the_derivative_of_the_value(other_library, estimator):
    np.testing.assert_allclose(
        gradient(other_library, estimator=estimator), SLOPES[estimator], atol=1e-12
    )


@pytest.mark.parametrize("estimator", VALUES)
def test_straight_through_has_the_value_of_one_and_the_gradient_of_k2(other_library, estimator):
    lib = other_library
    options = {"estimator": estimator, "gradient": "straight_through"}
    value = kl_divergence(lib.array(LOGP), lib.array(REF), **options)
    np.testing.assert_allclose(lib.numpy(value), VALUES[estimator], atol=1e-12)
    np.testing.assert_allclose(gradient(lib, **options), -X, atol=1e-12)
    weighed = gradient(lib, **options, old_logp=OLD, ratio_cap=1.1)
    np.testing.assert_allclose(weighed, -X * np.minimum(W, 1.1), atol=1e-12)


@pytest.mark.parametrize("estimator", VALUES)
def test_importance_is_the_ratio_times_the_estimate_differentiated_in_both(
    other_library, estimator
):
    options = {"estimator": estimator, "gradient": "importance"}
    both = W * (SLOPES[estimator] + VALUES[estimator])
    np.testing.assert_allclose(gradient(other_library, **options, old_logp=OLD), both, atol=1e-12)
    on_policy = SLOPES[estimator] + VALUES[estimator]
    np.testing.assert_allclose(gradient(other_library, **options), on_policy, atol=1e-12)


def expected_gradient(lib, estimator, how, sampler):
    """The exact expectation, over a softmax of four tokens, of the gradient by its logits."""
    logits, ref = np.array([0.3, -0.8, 1.2, 0.1]), np.log(np.array([0.1, 0.5, 0.15, 0.25]))
    log_q = np.log(sampler) if sampler is not None else None
    p = np.exp(logits) / np.exp(logits).sum()
    probability = p if sampler is None else sampler
    old = None if log_q is None or how == "pathwise" else lib.array(log_q)
    slopes = lib.gradient(
        lambda logp: kl_divergence(
            logp, lib.array(ref), estimator=estimator, gradient=how, old_logp=old
        ).sum(),
        np.log(p),
    )
    score = np.eye(4) - p[None]  # d log p_i / d logit_j
    true = p * (np.log(p) - ref - np.sum(p * (np.log(p) - ref)))
    return (probability * slopes) @ score, true


@pytest.mark.parametrize(
    ("estimator", "how", "on_policy", "off_policy"),
    [
        ("k1", "pathwise", False, False),
        ("k2", "pathwise", True, False),
        ("k3", "pathwise", False, False),
        ("k3", "straight_through", True, True),
        ("k1", "importance", True, True),
        ("k3", "importance", True, True),
    ],
)
def test_which_expected_gradients_are_the_kls_own(
    other_library, estimator, how, on_policy, off_policy
):
    found, true = expected_gradient(other_library, estimator, how, None)
    assert np.allclose(found, true, atol=1e-12) is on_policy
    found, true = expected_gradient(other_library, estimator, how, np.array([0.4, 0.3, 0.2, 0.1]))
    assert np.allclose(found, true, atol=1e-12) is off_policy


def test_k1_in_the_loss_is_no_penalty_at_all(other_library):
    found, true = expected_gradient(other_library, "k1", "pathwise", None)
    np.testing.assert_allclose(found, 0.0, atol=1e-12)
    assert np.linalg.norm(true) > 0.1


@pytest.mark.parametrize("distance", [2.0, 3.0, 30.0, 1000.0, 1e30])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_token_that_is_far_off_is_pulled_back_and_nothing_overflows(
    other_library, distance, dtype
):
    lib = other_library
    logp, ref = np.array([[-distance]]), np.array([[0.0]])
    value = kl_divergence(lib.array(logp, dtype), lib.array(ref, dtype), estimator="k3")
    limit = min(distance, 20.0)
    np.testing.assert_allclose(lib.numpy(value), np.expm1(limit) - limit, rtol=1e-5)
    np.testing.assert_allclose(gradient(lib, logp, ref), -np.expm1(limit), rtol=1e-9)
    clipped_as_in_verl = gradient(lib, logp, ref, value_clip=10.0)
    assert (clipped_as_in_verl == 0.0) == (distance > 2.6)


def test_k3_keeps_its_digits_where_the_policies_are_close(library):
    logp = library.array(np.array([[-1.0]]), "float32")
    ref = library.array(np.array([[-1.0 + 2.0**-12]]), "float32")
    found = float(library.numpy(kl_divergence(logp, ref))[0, 0])
    # exp(x) - 1 - x in float32 is 2.98e-8 or 0; the formula's own value is x^2 / 2.
    assert found == pytest.approx(2.0**-25, rel=1e-3)


@pytest.mark.parametrize("estimator", VALUES)
@pytest.mark.parametrize("how", ["pathwise", "straight_through", "importance"])
def test_whatever_stands_at_padding_has_no_value_and_no_gradient(other_library, estimator, how):
    mask = np.array([[True, False, False], [True, True, False]])
    logp, ref = np.where(mask, LOGP, np.nan), np.where(mask, REF, np.inf)
    old = {} if how == "pathwise" else {"old_logp": np.where(mask, OLD, -np.inf)}
    lib = other_library
    found = kl_divergence(
        lib.array(logp),
        lib.array(ref),
        lib.array(mask, "bool"),
        estimator=estimator,
        gradient=how,
        **{name: lib.array(value) for name, value in old.items()},
    )
    assert np.all(lib.numpy(found)[~mask] == 0.0)
    assert np.all(np.isfinite(lib.numpy(found)))
    masked = lib.array(mask, "bool")
    slope = lib.gradient(
        lambda at: kl_divergence(
            at,
            lib.array(ref),
            masked,
            estimator=estimator,
            gradient=how,
            **{name: lib.array(value) for name, value in old.items()},
        ).sum(),
        logp,
    )
    assert np.all(slope[~mask] == 0.0)
    assert np.all(np.isfinite(slope))


def test_a_reference_that_rules_a_token_out_counts_as_the_limit(library):
    found = kl_divergence(
        library.array(np.array([[-1.0]])), library.array(np.array([[-np.inf]])), estimator="k1"
    )
    assert library.numpy(found) == 20.0


def test_bfloat16_is_computed_in_float32(other_library):
    logp, ref = (other_library.array(each, "bfloat16") for each in (LOGP, REF))
    assert str(kl_divergence(logp, ref).dtype).endswith("float32")


def test_bad_arguments_are_named(library):
    logp, ref = library.array(LOGP), library.array(REF)
    with pytest.raises(ArrayError, match="ref_logp has the shape"):
        kl_divergence(logp, ref[:, :2])
    with pytest.raises(ArrayError, match="mask holds"):
        kl_divergence(logp, ref, library.array(np.ones_like(LOGP)))
    with pytest.raises(OptionError, match="Did you mean 'k3'"):
        kl_divergence(logp, ref, estimator="k33")
    with pytest.raises(OptionError, match="pathwise"):
        kl_divergence(logp, ref, old_logp=ref)
    with pytest.raises(OptionError, match="value_clip is -1"):
        kl_divergence(logp, ref, value_clip=-1.0)
