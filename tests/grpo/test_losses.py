"""Policy losses: against their formulas written out in plain NumPy, and what must not go wrong."""

import itertools

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import aggregate, policy_loss, policy_loss_and_grad

DRAW = np.random.default_rng(7)
B, T = 6, 7
MASK = DRAW.random((B, T)) < 0.7
MASK[3] = False
OLD = -DRAW.exponential(1.0, (B, T))
LOGP = np.minimum(OLD + DRAW.normal(0.0, 0.4, (B, T)), -0.01)
REF = OLD + DRAW.normal(0.0, 0.4, (B, T))
ADVANTAGES = np.array([1.3, -0.7, 0.0, 2.1, -1.9, 0.4])
BY_TOKEN = np.where(DRAW.random((B, T)) < 0.5, ADVANTAGES[:, None], -ADVANTAGES[:, None])
WEIGHTS = DRAW.uniform(0.2, 2.0, (B, T))
TOKEN_MASK = DRAW.random((B, T)) < 0.8
COUNTS = np.maximum(MASK.sum(1, keepdims=True), 1)
A = ADVANTAGES[:, None]
W = np.exp(LOGP - OLD)
S = np.exp(np.where(MASK, LOGP - OLD, 0.0).sum(1, keepdims=True) / COUNTS)
P, Q = np.exp(LOGP), np.exp(OLD)
BINARY_KL = Q * np.log(Q / P) + (1 - Q) * np.log((1 - Q) / (1 - P))


def sided(low, high):
    """min(w A, clip(w) A) / A, the ratio that PPO uses, of log w."""
    return np.where(A > 0, np.minimum(LOGP - OLD, high), np.maximum(LOGP - OLD, -low))


def vespo_weight():
    total = np.where(MASK, LOGP - OLD, 0.0).sum(1, keepdims=True)
    k, rate = np.where(A >= 0, 2.0, 3.0), np.where(A >= 0, 3.0, 2.0)
    return np.exp(rate + k * total - rate * np.exp(total))


TAU = np.where(A > 0, 1.0, 1.05)
# Options, and the loss of each token.
LOSSES = {
    "ppo": ({}, -np.minimum(W * A, np.clip(W, 0.8, 1.2) * A)),
    "dapo": ({"clip": (0.2, 0.28)}, -np.minimum(W * A, np.clip(W, 0.8, 1.28) * A)),
    "unclipped": ({"clip": None}, -W * A),
    "dual": (
        {"dual_clip": 1.1},
        np.where(
            A < 0,
            np.minimum(-np.minimum(W * A, np.clip(W, 0.8, 1.2) * A), -1.1 * A),
            -np.minimum(W * A, np.clip(W, 0.8, 1.2) * A),
        ),
    ),
    "delta": (
        {"delta": 1.3},
        -np.minimum(np.minimum(W, 1.3) * A, np.clip(W, 0.8, 1.2) * A),
    ),
    "delta below the clip": (
        {"delta": 1.1},
        -np.minimum(np.minimum(W, 1.1) * A, np.clip(W, 0.8, 1.2) * A),
    ),
    "gspo": (
        {"level": "sequence", "clip": (0.03, 0.04)},
        -np.minimum(S * A, np.clip(S, 0.97, 1.04) * A) + 0 * W,
    ),
    "gspo of tokens": (
        {"level": "sequence_token", "clip": (0.03, 0.04)},
        -np.minimum(S * A, np.clip(S, 0.97, 1.04) * A) + 0 * W,
    ),
    "cispo": (
        {"loss": "cispo", "ratio_cap": (0.9, 1.1)},
        -np.clip(W, 0.9, 1.1) * A * LOGP,
    ),
    "cispo of sequences": ({"loss": "cispo", "level": "sequence"}, -S * A * LOGP),
    "sapo": ({"loss": "sapo"}, -A * (4 / TAU) / (1 + np.exp(-TAU * (W - 1)))),
    "gmpo": (
        {"loss": "gmpo", "clip": (0.1, 0.3)},
        -A * np.exp(np.where(MASK, sided(0.1, 0.3), 0).sum(1, keepdims=True) / COUNTS) + 0 * W,
    ),
    "reinforce": ({"loss": "reinforce"}, -A * LOGP),
    "dppo_tv": (
        {"loss": "dppo_tv", "clip": (0.05, 0.1), "ratio_cap": (0.0, 1.4)},
        -np.minimum(W, 1.4) * A * LOGP * np.where(A > 0, P - Q <= 0.1, P - Q >= -0.05),
    ),
    "dppo_kl": (
        {"loss": "dppo_kl", "clip": (0.01, 0.02)},
        -W
        * A
        * LOGP
        * np.where(A > 0, (BINARY_KL <= 0.02) | (P <= Q), (BINARY_KL <= 0.01) | (P >= Q)),
    ),
    "vespo": ({"loss": "vespo"}, -vespo_weight() * A * LOGP),
    "dro": (
        {"loss": "dro", "dro_beta": 0.3},
        -(A * LOGP - 0.15 * (LOGP - OLD) ** 2),
    ),
}


def arrays(library, dtype="float64"):
    floats = [library.array(each, dtype) for each in (LOGP, OLD, ADVANTAGES)]
    return [*floats, library.array(MASK, "bool")]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_loss_is_its_formula(library, name, dtype):
    options, tokens = LOSSES[name]
    found = policy_loss(*arrays(library, dtype), **options, reduction="none")
    np.testing.assert_allclose(library.numpy(found), np.where(MASK, tokens, 0.0), atol=4e-6)
    loss = policy_loss(*arrays(library, dtype), **options)
    assert float(library.numpy(loss)) == pytest.approx(tokens[MASK].mean(), abs=4e-6)
    assert library.numpy(loss).dtype == dtype


@pytest.mark.parametrize("name", LOSSES)
def test_each_loss_compiles_to_the_same(other_library, name):
    lib, options = other_library, LOSSES[name][0]
    found = lib.compiled(lambda *batch: policy_loss(*batch, **options))(*arrays(lib))
    expected = policy_loss(*arrays(lib), **options)
    np.testing.assert_allclose(lib.numpy(found), lib.numpy(expected), rtol=1e-12)


KLS = [
    {},
    *(
        {"beta": 0.1, "kl": kl, "kl_gradient": gradient, **more}
        for kl, gradient in itertools.product(
            ("k1", "k2", "k3", "abs"), ("pathwise", "straight_through", "importance")
        )
        for more in ({}, {"kl_value_clip": 0.05})
    ),
]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("advantages", [ADVANTAGES, BY_TOKEN], ids=["rows", "tokens"])
def test_the_gradient_by_hand_is_the_librarys_own(other_library, name, advantages):
    lib, options = other_library, LOSSES[name][0]
    constants = {"ref_logp": REF, "weights": WEIGHTS, "token_mask": TOKEN_MASK}
    given = {
        key: lib.array(value, "bool" if key == "token_mask" else "float64")
        for key, value in constants.items()
    }
    for more in KLS if name in ("ppo", "gspo", "gspo of tokens", "gmpo") else KLS[:3]:
        settings = {**options, **more, "reduction": "seq-mean-token-mean"}
        loss, slope = policy_loss_and_grad(
            LOGP, OLD, advantages, MASK, **constants, **settings, rows_per_chunk=4
        )
        batch = (lib.array(OLD), lib.array(advantages), lib.array(MASK, "bool"))
        function = lambda at: policy_loss(at, *batch, **given, **settings)  # noqa: E731, B023
        assert float(lib.numpy(function(lib.array(LOGP)))) == pytest.approx(loss, rel=1e-12)
        np.testing.assert_allclose(lib.gradient(function, LOGP), slope, atol=1e-13, rtol=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_by_hand_is_that_of_small_steps(library, name):
    # Whatever is a constant in the loss must be one in the steps: the formula's slope, then.
    if name in ("cispo", "cispo of sequences", "dppo_tv", "dppo_kl", "vespo", "gspo of tokens"):
        pytest.skip("part of this loss is a constant to its gradient")
    options = LOSSES[name][0]
    logp, *rest = arrays(library)
    _, slope = policy_loss_and_grad(logp, *rest, **options)
    by_steps = np.zeros_like(LOGP)
    for place in np.ndindex(LOGP.shape):
        above, below = LOGP.copy(), LOGP.copy()
        above[place], below[place] = above[place] + 1e-6, below[place] - 1e-6
        values = [
            library.numpy(policy_loss(library.array(x), *rest, **options)) for x in (above, below)
        ]
        by_steps[place] = (values[0] - values[1]) / 2e-6
    np.testing.assert_allclose(library.numpy(slope), by_steps, atol=1e-8)


def test_without_an_old_policy_the_ratio_is_one_and_its_gradient_stays(library):
    logp, _, advantages, mask = arrays(library)
    loss, slope = policy_loss_and_grad(logp, None, advantages, mask)
    assert float(library.numpy(loss)) == pytest.approx(-np.where(MASK, A, 0.0).sum() / MASK.sum())
    expected = np.where(MASK, -A, 0.0) / MASK.sum()
    np.testing.assert_allclose(library.numpy(slope), expected, atol=1e-15)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("rubbish", [np.nan, np.inf, -np.inf, 1e30])
def test_padding_can_hold_anything(library, name, rubbish):
    def dirty(array):
        return np.where(MASK, array, rubbish)

    row = np.where(MASK.any(1), ADVANTAGES, rubbish)
    options = {**LOSSES[name][0], "beta": 0.1, "kl_gradient": "importance"}
    constants = {"ref_logp": REF, "weights": WEIGHTS}
    clean = policy_loss_and_grad(LOGP, OLD, ADVANTAGES, MASK, **constants, **options)
    given = {key: library.array(dirty(value)) for key, value in constants.items()}
    batch = [library.array(dirty(OLD)), library.array(row), library.array(MASK, "bool")]
    found = policy_loss_and_grad(library.array(dirty(LOGP)), *batch, **given, **options)
    for ours, expected in zip(found, clean, strict=True):
        np.testing.assert_allclose(library.numpy(ours), expected, atol=1e-12)
    if library.name != "numpy":
        slope = library.gradient(
            lambda at: policy_loss(at, *batch, **given, **options), dirty(LOGP)
        )
        np.testing.assert_allclose(slope, clean[1], atol=1e-12)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(
    "reduction",
    [
        "token-mean",
        "seq-mean-token-mean",
        "seq-mean-token-sum",
        "seq-mean-token-sum-norm",
        "token-sum",
    ],
)
def test_a_batch_without_live_tokens_has_the_loss_0_and_no_gradient(library, name, reduction):
    logp, old, advantages, _ = arrays(library)
    nothing = library.array(np.zeros((B, T)), "bool")
    options = {**LOSSES[name][0], "reduction": reduction}
    for found in policy_loss_and_grad(logp, old, advantages, nothing, **options):
        assert np.all(library.numpy(found) == 0.0)
    if library.name != "numpy":
        slope = library.gradient(
            lambda at: policy_loss(at, old, advantages, nothing, **options), LOGP
        )
        assert np.all(slope == 0.0)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("far", [50.0, 1e4, 1e18])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_finite_numbers_never_give_nan(library, name, far, dtype):
    logp = library.array(np.array([[-far, -1.0, 0.0, -far]]), dtype)
    old = library.array(np.array([[-1.0, -far, -far, 0.0]]), dtype)
    mask = library.array(np.ones((1, 4)), "bool")
    for advantage in (1.0, -1.0, 0.0):
        options = {**LOSSES[name][0], "beta": 0.1, "ref_logp": old, "kl_gradient": "importance"}
        found = policy_loss_and_grad(
            logp, old, library.array(np.array([advantage]), dtype), mask, **options
        )
        for each in found:
            assert not np.any(np.isnan(library.numpy(each)))


def test_a_live_nan_is_not_hidden(library):
    logp = np.where(np.arange(T) == np.argmax(MASK[0]), np.nan, LOGP)
    assert np.isnan(library.numpy(policy_loss(library.array(logp), *arrays(library)[1:])))


def test_cispos_cap_is_absolute(library):
    logp, old = np.array([[0.0]]), np.array([[-np.log(5.5)]])
    batch = [library.array(each) for each in (logp - 1, old - 1, np.array([1.0]))]
    batch.append(library.array(np.array([[True]]), "bool"))
    found = policy_loss(*batch, loss="cispo", ratio_cap=(0, 5))
    assert float(library.numpy(found)) == pytest.approx(5.0), "6 would be 1 + 5, as in verl"


def test_bfloat16_is_summed_in_float32(other_library):
    lib = other_library
    ones = np.full((1, 4096), -0.0)
    batch = [lib.array(ones, "bfloat16"), lib.array(ones, "bfloat16")]
    batch += [lib.array(np.array([1.0]), "bfloat16"), lib.array(np.ones((1, 4096)), "bool")]
    loss = policy_loss(*batch, reduction="token-sum")
    assert str(loss.dtype).endswith("float32")
    assert float(lib.numpy(loss)) == -4096.0


def test_a_token_mask_takes_the_policy_loss_away_and_not_the_kl(library):
    batch = arrays(library)
    keep = library.array(np.zeros(B), "bool")
    ref = library.array(REF)
    found = policy_loss(*batch, token_mask=keep, beta=0.5, ref_logp=ref)
    x = REF - LOGP
    expected = 0.5 * (np.exp(x) - x - 1)[MASK].mean()
    assert float(library.numpy(found)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("token-mean", 21 / 5),
        ("seq-mean-token-mean", (3 / 2 + 6 + 12 / 2) / 3),
        ("seq-mean-token-sum", 21 / 3),
        ("seq-mean-token-sum-norm", 21 / 3 / 4),
        ("token-sum", 21),
    ],
)
def test_each_reduction_counts_live_tokens_and_rows(library, reduction, expected):
    values = np.array([[1.0, 2, 9, 9], [9, 6, 9, 9], [9, 9, 9, 9], [9, 9, 5, 7]])
    mask = np.array([[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 1]])
    given = library.array(values), library.array(mask, "bool")
    assert float(library.numpy(aggregate(*given, reduction))) == pytest.approx(expected)


@pytest.mark.parametrize("reduction", ["token-mean", "seq-mean-token-mean", "seq-mean-token-sum"])
def test_with_the_steps_denominator_the_pieces_add_up_to_the_whole(library, reduction):
    values, mask = library.array(LOGP), library.array(MASK, "bool")
    count = MASK.sum() if reduction == "token-mean" else MASK.any(1).sum()
    whole = aggregate(values, mask, reduction)
    pieces = [
        aggregate(values[i : i + 2], mask[i : i + 2], reduction, denominator=float(count))
        for i in (0, 2, 4)
    ]
    assert float(library.numpy(sum(pieces))) == pytest.approx(float(library.numpy(whole)))


def test_a_horizon_is_what_dr_grpo_divides_by(library):
    values, mask = library.array(LOGP), library.array(MASK, "bool")
    found = aggregate(values, mask, "seq-mean-token-sum-norm", denominator=B, horizon=100)
    assert float(library.numpy(found)) == pytest.approx(LOGP[MASK].sum() / (B * 100))


def test_shapes_masks_and_libraries_that_do_not_match_are_named(library):
    logp, old, advantages, mask = arrays(library)
    with pytest.raises(ArrayError, match="old_logp has the shape"):
        policy_loss(logp, old[:2], advantages, mask)
    with pytest.raises(ArrayError, match="advantages has the shape"):
        policy_loss(logp, old, advantages[:3], mask)
    with pytest.raises(ArrayError, match="mask holds"):
        policy_loss(logp, old, advantages, library.array(MASK, "float64"))
    with pytest.raises(ArrayError, match="token_mask holds"):
        policy_loss(logp, old, advantages, mask, token_mask=old)
    with pytest.raises(ArrayError, match="weights has the shape"):
        policy_loss(logp, old, advantages, mask, weights=old[:, :2])
    with pytest.raises(ArrayError, match="wants ref_logp"):
        policy_loss(logp, old, advantages, mask, beta=0.1)
    if library.name != "numpy":
        with pytest.raises(ArrayError, match="of one library"):
            policy_loss(logp, OLD, advantages, mask)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "pppo"}, "Did you mean 'ppo'"),
        ({"level": "row"}, "level is 'row'"),
        ({"reduction": "mean"}, "reduction is 'mean'"),
        ({"reduction": "token-sum", "denominator": 3}, "divides by nothing"),
        ({"denominator": 0}, "denominator is 0"),
        ({"horizon": 5}, "horizon belongs"),
        ({"clip": 0.2}, "two numbers"),
        ({"clip": (-0.1, 0.2)}, "no negative"),
        ({"dual_clip": 0.9}, "greater than 1"),
        ({"loss": "cispo", "dual_clip": 3.0}, "dual_clip belongs to the loss ppo"),
        ({"ratio_cap": (0.0, 5.0)}, "ratio_cap belongs"),
        ({"loss": "cispo", "ratio_cap": (5.0, 0.0)}, "lower bound comes first"),
        ({"loss": "dro"}, "needs dro_beta"),
        ({"loss": "gmpo", "level": "sequence"}, "has no level"),
        ({"beta": -1.0}, "beta is -1"),
        ({"beta": float("nan")}, "beta is nan"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    for function in (policy_loss, policy_loss_and_grad):
        with pytest.raises(OptionError, match=message):
            function(LOGP, OLD, ADVANTAGES, MASK, **options)


def test_options_that_do_not_exist_are_refused_by_name():
    with pytest.raises(OptionError, match="Did you mean 'dual_clip'"):
        policy_loss_and_grad(LOGP, OLD, ADVANTAGES, MASK, dual_clipp=3.0)
    with pytest.raises(OptionError, match="'none' has no gradient"):
        policy_loss_and_grad(LOGP, OLD, ADVANTAGES, MASK, reduction="none")
    with pytest.raises(OptionError, match="rows_per_chunk"):
        policy_loss_and_grad(LOGP, OLD, ADVANTAGES, MASK, rows_per_chunk=0)
