"""Each trainer's loss, written out as that trainer has it, against its preset."""

import numpy as np
import pytest

from rewardkit.errors import OptionError
from rewardkit.grpo import kl_divergence, openrlhf_loss, policy_loss, trl_loss, verl_loss

DRAW = np.random.default_rng(11)
B, T = 5, 6
MASK = np.arange(T)[None] < np.array([6, 3, 0, 1, 5])[:, None]
OLD = -DRAW.exponential(1.0, (B, T)) - 0.05
LOGP = np.minimum(OLD + DRAW.normal(0.0, 0.5, (B, T)), -0.01)
REF = OLD - DRAW.exponential(0.3, (B, T))
ADVANTAGES = np.array([1.0, -1.5, 0.7, -0.4, 2.0])
A, W = ADVANTAGES[:, None], np.exp(LOGP - OLD)
COUNTS = MASK.sum(1)


def loss(options, **constants):
    return policy_loss(LOGP, OLD, ADVANTAGES, MASK, **options, **constants)


def rows(tokens):
    return np.where(MASK, tokens, 0.0).sum(1)


def clipped(low, high):
    return -np.minimum(W * A, np.clip(W, 1 - low, 1 + high) * A)


@pytest.mark.parametrize(
    ("loss_type", "more", "expected"),
    [
        ("grpo", {}, (rows(clipped(0.2, 0.2)) / np.maximum(COUNTS, 1)).mean()),
        ("dapo", {"epsilon_high": 0.28}, clipped(0.2, 0.28)[MASK].mean()),
        ("bnpo", {}, clipped(0.2, 0.2)[MASK].mean()),
        ("dr_grpo", {"max_completion_length": 9}, rows(clipped(0.2, 0.2)).sum() / (B * 9)),
        ("luspo", {}, rows(clipped(0.2, 0.2)).mean()),
        ("cispo", {"epsilon_high": 1.3}, (-np.minimum(W, 1.3) * A * LOGP)[MASK].mean()),
    ],
)
def test_trl(loss_type, more, expected):
    assert float(loss(trl_loss(loss_type, rows=B, **more))) == pytest.approx(expected)


def test_trls_kl_is_weighed_by_the_ratio():
    x = REF - LOGP
    k3 = np.exp(x) - x - 1
    for corrected, weight in ((True, W), (False, 1.0)):
        options = trl_loss("dapo", rows=B, beta=0.1, use_bias_correction_kl=corrected)
        expected = (clipped(0.2, 0.2) + 0.1 * k3 * weight)[MASK].mean()
        assert float(loss(options, ref_logp=REF)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("loss_mode", "more", "expected"),
    [
        (
            "vanilla",
            {"clip_ratio_c": 1.1},
            np.where(A < 0, np.minimum(clipped(0.2, 0.2), -1.1 * A), clipped(0.2, 0.2))[
                MASK
            ].mean(),
        ),
        ("gpg", {"loss_agg_mode": "token-sum"}, (-A * LOGP)[MASK].sum()),
        ("cispo", {"clip_ratio_high": 0.3}, (-np.clip(W, 0.8, 1.3) * A * LOGP)[MASK].mean()),
        ("dro", {"dro_beta": 0.2}, -(A * LOGP - 0.1 * (LOGP - OLD) ** 2)[MASK].mean()),
    ],
)
def test_verl(loss_mode, more, expected):
    assert float(loss(verl_loss(loss_mode, **more))) == pytest.approx(expected)


def test_verls_kl_loss_is_clipped_at_its_output():
    x = REF - LOGP
    k3 = np.minimum(np.exp(x) - x - 1, 10.0)
    options = verl_loss(kl_loss_coef=0.05, clip_ratio_c=100.0)
    expected = clipped(0.2, 0.2)[MASK].mean() + 0.05 * k3[MASK].mean()
    assert float(loss(options, ref_logp=REF)) == pytest.approx(expected)
    far = kl_divergence(np.array([-30.0]), np.array([-0.1]), value_clip=options["kl_value_clip"])
    assert far == 10.0


def test_openrlhf_means_gspo_over_sequences():
    ratio = np.exp(rows(LOGP - OLD) / np.maximum(COUNTS, 1))[:, None]
    tokens = -np.minimum(ratio * A, np.clip(ratio, 0.8, 1.2) * A)
    found = float(loss(openrlhf_loss("gspo")))
    assert found == pytest.approx(tokens[COUNTS > 0].mean())
    assert float(loss(openrlhf_loss())) == pytest.approx(clipped(0.2, 0.2)[MASK].mean())


def test_names_that_a_trainer_does_not_have_are_refused():
    with pytest.raises(OptionError, match="Did you mean 'dapo'"):
        trl_loss("dap", rows=B)
    with pytest.raises(OptionError, match="max_completion_length"):
        trl_loss("dr_grpo", rows=B)
    with pytest.raises(OptionError, match="loss_mode is"):
        verl_loss("clip_kov")
    with pytest.raises(OptionError, match="policy_loss_type is"):
        openrlhf_loss("reinforce")
