"""Advantages: every estimator beside a plain loop, and what plain loops get wrong."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import (
    discounted_returns,
    gdpo_advantages,
    group_advantages,
    leader_advantages,
    pass_at_k_advantages,
    whiten,
)

NAN = math.nan
# Groups of 5, 4, 3 and 1, in no order; abstentions in two of them, one of which all abstain.
GROUPS = [2, 0, 1, 1, 2, 0, 3, 0, 1, 2, 0, 1, 0, 4, 4]
REWARDS = [0.3, 1, 0, 0.25, -2, NAN, 5, 0.5, 1.5, 0.3, 0, 0.75, -1, NAN, NAN]
LENGTHS = [6, 3, 3, 7, 2, 2, 6, 2, 5, 3, 1, 4, 5, 1, 8]


def by_loop(function, rewards=REWARDS, groups=GROUPS):
    """`function` of each group's rewards without the abstentions, back in the rewards' order."""
    found = np.zeros(len(rewards))
    for group in set(groups):
        rows = [i for i, g in enumerate(groups) if g == group and not math.isnan(rewards[i])]
        if rows:
            found[rows] = function(np.array([rewards[i] for i in rows]), rows)
    return found


def given_rewards():
    return np.array([r for r in REWARDS if not math.isnan(r)])


def std(r):
    return r.std(ddof=1) if len(r) > 1 else 0.0


def grpo(r, rows, eps=1e-6):
    return (r - r.mean()) / (std(r) + eps)


def rloo(r, rows):
    if len(r) == 1:
        return 0 * r
    return [x - np.delete(r, i).mean() for i, x in enumerate(r)]


def others(r, rows):
    """NeMo-RL's: what is subtracted and divided by are the others' mean and deviation."""
    if len(r) == 1:
        return 0 * r
    rest = [np.delete(r, i) for i in range(len(r))]
    return [
        (x - o.mean()) / (std(o) + 1e-6) if std(o) > 1e-9 else x - o.mean()
        for x, o in zip(r, rest, strict=True)
    ]


def opo(r, rows):
    weights = np.array([LENGTHS[i] for i in rows])
    return r - (weights * r).sum() / weights.sum()


ESTIMATORS = {
    "grpo": ({}, grpo),
    "trl": ({"eps": 1e-4}, lambda r, rows: grpo(r, rows, 1e-4)),
    "population": ({"ddof": 0}, lambda r, rows: (r - r.mean()) / (r.std() + 1e-6)),
    "dr_grpo": ({"scale": "none"}, lambda r, rows: r - r.mean()),
    "rloo": ({"baseline": "loo", "scale": "none"}, rloo),
    "nemo": ({"baseline": "loo", "scale": "loo_std"}, others),
    "opo": ({"baseline": "length", "scale": "none", "lengths": LENGTHS}, opo),
    "maxrl": (
        {"scale": "mean"},
        lambda r, rows: (r - r.mean()) / r.mean() if r.mean() > 0 else 0 * r,
    ),
    "batch baseline": (
        {"baseline": "batch", "scale": "none"},
        lambda r, rows: r - given_rewards().mean(),
    ),
    "batch scale": (
        {"scale": "batch_std"},
        lambda r, rows: (r - r.mean()) / (given_rewards().std(ddof=1) + 1e-6),
    ),
    "no baseline": (
        {"baseline": "none"},
        lambda r, rows: r / (std(r) + 1e-6) if std(r) else 0 * r,
    ),
    "gpg": (
        {"scale": "nonzero"},
        lambda r, rows: (r - r.mean()) * len(given_rewards()) / np.count_nonzero(given_rewards()),
    ),
    "remax": (
        {"baseline": [float(x) for x in LENGTHS], "scale": "none"},
        lambda r, rows: r - [LENGTHS[i] for i in rows],
    ),
    "raw singletons": (
        {"singleton": "raw"},
        lambda r, rows: grpo(r, rows) if len(r) > 1 else r / (1 + 1e-6),
    ),
    "raw singletons, loo": (
        {"singleton": "raw", "baseline": "loo", "scale": "none"},
        lambda r, rows: rloo(r, rows) if len(r) > 1 else r,
    ),
}


def arrays_of(library, options, dtype):
    return {k: library.array(v, dtype) if isinstance(v, list) else v for k, v in options.items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_is_what_a_loop_over_the_groups_finds(library, name, dtype):
    options, function = ESTIMATORS[name]
    found = group_advantages(
        library.array(REWARDS, dtype),
        library.array(GROUPS, "int64"),
        **arrays_of(library, options, dtype),
    )
    found = library.numpy(found)
    assert found.dtype == dtype
    exact = 1e-12 if dtype == "float64" else 2e-6
    assert found == pytest.approx(by_loop(function), rel=exact, abs=exact)


def test_the_deviation_may_be_that_of_all_centred_rewards(library):
    rewards, groups = library.array(REWARDS), library.array(GROUPS, "int64")
    centred = by_loop(lambda r, rows: r - r.mean())
    valid = ~np.isnan(REWARDS)
    expected = centred / (centred[valid].std(ddof=1) + 1e-6)
    found = library.numpy(group_advantages(rewards, groups, scale="centred_std"))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("reward", [0.1, 0.7, 0.95, -0.3, 1e-30, 1e30])
@pytest.mark.parametrize(
    "options",
    [
        {"eps": 1e-9},
        {"baseline": "loo", "scale": "none"},
        {"scale": "none"},
        {"scale": "mean"},
        {"scale": "loo_std"},
        {"scale": "batch_std"},
        {"baseline": "batch", "scale": "none"},
        {"baseline": "length", "scale": "none"},
    ],
)
def test_equal_rewards_have_advantages_of_exactly_zero(library, dtype, reward, options):
    for n in (7, 8, 12):
        rewards, groups = library.array([reward] * n, dtype), library.array([0] * n, "int64")
        lengths = library.array([3.0 + i for i in range(n)], dtype)
        found = group_advantages(rewards, groups, lengths=lengths, **options)
        assert library.numpy(found).tolist() == [0.0] * n


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_where_the_others_are_equal_nothing_is_divided_by(library, dtype):
    for n in range(2, 20):
        rewards = library.array([0.7, *[0.1] * n], dtype)
        groups = library.array([0] * (n + 1), "int64")
        found = group_advantages(rewards, groups, baseline="loo", scale="loo_std")
        assert library.numpy(found)[0] == pytest.approx(0.6)


def test_a_group_of_one_is_zero_and_never_nan(library):
    rewards, groups = library.array([0.7, NAN, 0.2]), library.array([0, 0, 1], "int64")
    assert library.numpy(group_advantages(rewards, groups)).tolist() == [0, 0, 0]


def test_an_abstention_changes_nothing_for_its_group(library):
    without = group_advantages(library.array([1.0, 0.5, 0]), library.array([0, 0, 0], "int64"))
    within = group_advantages(
        library.array([1.0, NAN, 0.5, 0]), library.array([0, 0, 0, 0], "int64")
    )
    first, abstained, *rest = library.numpy(within).tolist()
    assert [first, *rest] == library.numpy(without).tolist()
    assert abstained == 0


def test_rewards_beyond_what_a_sum_can_hold_are_no_abstentions(library):
    rewards = library.array([3e38, 3e38, 2.9e38], "float32")
    found = group_advantages(rewards, library.array([0, 0, 0], "int64"), scale="none")
    assert library.numpy(found) == pytest.approx(np.array([1, 1, -2]) * 1e37 / 3, rel=1e-5)


def test_empty_groups_and_an_empty_batch_are_no_error(library):
    rewards, groups = library.array([1.0, 0.0]), library.array([2, 2], "int64")
    found = library.numpy(group_advantages(rewards, groups, 5, scale="none"))
    assert found.tolist() == [0.5, -0.5]
    empty = group_advantages(library.array([]), library.array([], "int64"))
    assert library.numpy(empty).shape == (0,)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_reduced_and_returned_in_float32(library, dtype):
    if (library.name, dtype) == ("numpy", "bfloat16"):
        pytest.skip("NumPy has no bfloat16")
    values = [0.25] * 511 + [1.0]  # a running sum in bfloat16 stays at 64
    groups = library.array([0] * 512, "int64")
    found = library.numpy(group_advantages(library.array(values, dtype), groups, scale="none"))
    assert found.dtype == np.float32
    assert found[0] == pytest.approx(-0.75 / 512, rel=1e-5)


@pytest.mark.parametrize("options", [{}, {"scale": "mean"}, {"baseline": "loo"}])
def test_compilers_trace_it_to_the_same_result(library, options):
    rewards, groups = library.array(REWARDS), library.array(GROUPS, "int64")
    compiled = library.compiled(lambda r, g: group_advantages(r, g, 5, **options))
    expected = library.numpy(group_advantages(rewards, groups, **options))
    assert library.numpy(compiled(rewards, groups)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("scale", ["std", "loo_std", "batch_std", "none"])
def test_gradients_through_rewards_are_right_and_finite(other_library, scale):
    if scale != "none":  # a group without spread has no gradient, and must not have NaN
        flat = other_library.gradient(
            lambda r: group_advantages(
                r, other_library.array([0, 0, 0], "int64"), 1, scale=scale
            ).sum(),
            [0.7, 0.7, 0.7],
        )
        assert np.isfinite(flat).all()
    groups = [0, 0, 0, 1, 1]
    at = [0.1, 0.9, 0.4, 0.3, 0.8]
    weights = np.array([1.0, -2, 3, -4, 5])

    def loss(r):
        array = np.asarray if isinstance(r, np.ndarray) else other_library.array
        index = np.array(groups) if isinstance(r, np.ndarray) else array(groups, "int64")
        return (group_advantages(r, index, 2, scale=scale) * array(weights)).sum()

    by_differences = [
        (loss(np.array(at) + d) - loss(np.array(at) - d)) / 2e-6 for d in np.eye(5) * 1e-6
    ]
    assert other_library.gradient(loss, at) == pytest.approx(by_differences, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baseline": "lo"}, "baseline is 'lo'. Did you mean 'loo'"),
        ({"scale": "stdd"}, "scale is 'stdd'. Did you mean 'std'"),
        ({"singleton": "none"}, "singleton is 0.0 or"),
        ({"baseline": "length"}, "needs lengths"),
    ],
)
def test_a_wrong_option_is_an_error(options, message):
    with pytest.raises(OptionError, match=message):
        group_advantages(np.zeros(2), np.zeros(2, int), **options)


@pytest.mark.parametrize(
    ("rewards", "options", "message"),
    [
        ([1.0, math.inf], {}, "rewards holds an infinite value"),
        ([1e308, -1e308], {"scale": "none"}, "rewards are too far apart for .*: scale them"),
        ([1e200, -1e200], {}, "rewards are too far apart for .*: scale them"),
        ([[1.0], [2.0]], {}, r"rewards has the shape \(2, 1\)"),
        ([1.0, 2.0], {"baseline": [0.0]}, r"baseline has the shape \(1,\)"),
        ([1.0, 2.0], {"baseline": "length", "lengths": [1.0]}, r"lengths has the shape"),
    ],
)
def test_wrong_arrays_are_an_error_that_names_them(library, rewards, options, message):
    groups = library.array([0, 0], "int64")
    with pytest.raises(ArrayError, match=message):
        group_advantages(library.array(rewards), groups, **arrays_of(library, options, "float64"))


def test_rewards_and_groups_of_two_libraries_are_an_error(other_library):
    with pytest.raises(ArrayError, match="rewards is an array of"):
        group_advantages(other_library.array([1.0]), np.array([0]))


rewards_of_groups = st.lists(
    st.tuples(st.floats(-100, 100, width=32) | st.just(NAN), st.integers(0, 4)), min_size=1
)


@given(rewards_of_groups, st.randoms())
def test_a_group_sums_to_zero_whatever_its_order(rows, random):
    rewards, groups = map(np.array, zip(*rows, strict=True))
    found = group_advantages(rewards, groups, 5)
    assert np.isfinite(found).all()
    assert np.bincount(groups, found, 5) == pytest.approx(np.zeros(5), abs=1e-6)
    order = list(range(len(rows)))
    random.shuffle(order)
    again = group_advantages(rewards[order], groups[order], 5)
    assert again == pytest.approx(found[order], abs=1e-6)


# --- GDPO, the leader's, pass@k -----------------------------------------------------------------

MATRIX = [[1, 0.1], [0, 0.3], [0, NAN], [1, 0.2], [1, 0.5], [NAN, NAN], [0, 0.9]]
MATRIX_GROUPS = [0, 1, 0, 1, 0, 1, 1]


def summed_z(eps):
    columns = zip(*MATRIX, strict=True)
    z = [by_loop(lambda r, rows: grpo(r, rows, eps), column, MATRIX_GROUPS) for column in columns]
    return 2 * z[0] + 0.5 * z[1]


def test_gdpo_normalises_each_reward_and_then_the_batch(library):
    total = summed_z(1e-4)
    kept = np.delete(total, 5)  # all of its rewards abstain
    expected = (total - kept.mean()) / (kept.std(ddof=1) + 1e-4)
    expected[5] = 0
    arguments = library.array(MATRIX), library.array(MATRIX_GROUPS, "int64"), 2
    assert library.numpy(gdpo_advantages(*arguments, [2.0, 0.5])) == pytest.approx(expected)
    weights = library.array([2.0, 0.5])
    assert library.numpy(gdpo_advantages(*arguments, weights)) == pytest.approx(expected)


def test_gdpo_over_tokens_is_whitened_as_tokens_are(library):
    lengths = [3, 1, 4, 1, 5, 0, 2]
    mask = np.arange(5) < np.array(lengths)[:, None]
    tokens = np.repeat(summed_z(1e-6)[:, None], 5, axis=1)
    expected = np.where(mask.any(1), whiten(tokens, mask).sum(1) / np.maximum(lengths, 1), 0)
    found = gdpo_advantages(
        library.array(MATRIX),
        library.array(MATRIX_GROUPS, "int64"),
        weights=[2.0, 0.5],
        lengths=library.array(lengths, "int64"),
        eps=1e-6,
    )
    assert library.numpy(found) == pytest.approx(expected)


def test_gdpo_of_equal_rewards_is_exactly_zero(library):
    rewards = library.array([[0.1, 0.7]] * 6, "float32")
    found = gdpo_advantages(rewards, library.array([0, 1] * 3, "int64"))
    assert library.numpy(found).tolist() == [0.0] * 6


@pytest.mark.parametrize(
    ("rewards", "weights", "message"),
    [
        ([[1.0, 2.0]], [1.0], "1 weights for 2 rewards"),
        ([1.0], None, r"should have \(N, K\)"),
    ],
)
def test_gdpo_wants_a_weight_for_each_column(rewards, weights, message):
    with pytest.raises(ArrayError, match=message):
        gdpo_advantages(np.array(rewards), np.array([0]), weights=weights)


@pytest.mark.parametrize(
    ("rewards", "lead"),
    [
        ([0.2, 0.9, 0.4], [0, 0.5, 0]),
        ([0.9, 0.9, 0.4], [0, 0, 0]),
        ([NAN, 0.9, 0.4], [0, 0.5, 0]),
        ([NAN, 0.9, NAN], [0, 0, 0]),
    ],
)
def test_only_the_leader_has_an_advantage_its_lead(library, rewards, lead):
    groups = library.array([1, 1, 1], "int64")
    found = leader_advantages(library.array(rewards), groups, scale="none")
    assert library.numpy(found) == pytest.approx(np.array(lead))
    scaled = library.numpy(leader_advantages(library.array(rewards), groups))
    spread = np.nanstd(rewards, ddof=1) if any(lead) else 1
    assert scaled == pytest.approx(np.array(lead) / (spread + 1e-6))


def pass_at_k_by_enumeration(correct, k):
    """Every set of k: its reward is whether one is right; its members share its advantage."""
    sets = list(itertools.combinations(range(len(correct)), k))
    rewards = np.array([max(correct[i] for i in chosen) for chosen in sets], float)
    z = (rewards - rewards.mean()) / rewards.std()
    return [
        np.mean([z[s] for s, chosen in enumerate(sets) if i in chosen])
        for i in range(len(correct))
    ]


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_pass_at_k_training_is_the_mean_over_all_sets_of_k(library, k):
    correct = [1, 0, 0, 1, 0, 0, 0]
    found = pass_at_k_advantages(
        library.array([*correct, NAN]), library.array([1] * 8, "int64"), 2, k
    )
    expected = [*pass_at_k_by_enumeration(correct, k), 0]
    assert library.numpy(found) == pytest.approx(np.array(expected))


@pytest.mark.parametrize(
    ("correct", "k"), [([0, 0, 0], 2), ([1, 1, 1], 2), ([1, 1, 0], 2), ([1, 0], 3)]
)
def test_pass_at_k_training_is_zero_where_all_sets_do_the_same(library, correct, k):
    groups = library.array([0] * len(correct), "int64")
    found = pass_at_k_advantages(library.array(correct, "bool"), groups, None, k)
    assert library.numpy(found).tolist() == [0] * len(correct)


def test_pass_at_k_training_wants_right_or_wrong():
    with pytest.raises(ArrayError, match="neither 0, 1 nor NaN"):
        pass_at_k_advantages(np.array([0.5, 1]), np.array([0, 0]), 1, 1)
    with pytest.raises(OptionError, match="at least 1"):
        pass_at_k_advantages(np.array([0.0, 1]), np.array([0, 0]), 1, 0)


# --- whitening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("options", "divisor"),
    [
        ({}, lambda x: math.sqrt(x.var(ddof=1) + 1e-8)),
        ({"ddof": 0, "eps": 0.5}, lambda x: math.sqrt(x.var() + 0.5)),
        ({"ddof": 0, "eps": 9.0, "floor": True}, lambda x: 3.0),
    ],
)
def test_whitening_is_over_what_the_mask_leaves(library, dtype, options, divisor):
    values = np.array([[1.0, 2, NAN], [4, math.inf, -1]])
    mask = np.array([[True, True, False], [True, False, True]])
    inside = values[mask]
    expected = np.zeros((2, 3))
    expected[mask] = (inside - inside.mean()) / divisor(inside)
    found = library.numpy(
        whiten(library.array(values, dtype), library.array(mask, "bool"), **options)
    )
    assert found.dtype == dtype
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("mask", [[[False, False]], [[True, False]], [[True, True]]])
def test_whitening_nothing_one_or_equal_values_gives_zeros(library, mask):
    values, mask = library.array([[0.1, 0.1]], "float32"), library.array(mask, "bool")
    assert library.numpy(whiten(values, mask)).tolist() == [[0.0, 0.0]]


def test_reinforce_plus_plus_is_whitened_returns(library):
    rewards = np.array([[0.0, 0, 1], [0, -1, 9]])
    mask = np.array([[True, True, True], [True, True, False]])
    returns = np.array([1.0, 1, 1, -1, -1])
    expected = np.zeros((2, 3))
    expected[mask] = (returns - returns.mean()) / returns.std(ddof=1)
    masked = library.array(mask, "bool")
    found = whiten(discounted_returns(library.array(rewards), masked), masked)
    assert library.numpy(found) == pytest.approx(expected)
