"""Masks: which groups, sequences and tokens are learnt from."""

import math

import numpy as np
import pytest

from rewardkit.errors import ArrayError, OptionError
from rewardkit.grpo import (
    constant_groups,
    dynamic_sampling_mask,
    high_entropy_mask,
    off_policy_mask,
    soft_overlong_penalty,
)

NAN, INF = math.nan, math.inf


def test_groups_without_variance_are_found_and_dropped(library):
    groups = library.array([0, 1, 0, 1, 2, 3, 3, 4, 4], "int64")
    rewards = library.array([0.1, 1, 0.1, 0, 5, 1, NAN, NAN, NAN], "float32")
    constant = constant_groups(rewards, groups, 6)
    assert library.numpy(constant).tolist() == [True, False, True, True, True, True]
    keep = library.numpy(dynamic_sampling_mask(rewards, groups, 6))
    assert keep.tolist() == [False, True, False, True, False, False, False, False, False]


def test_an_abstention_is_not_kept_in_a_group_that_is(library):
    groups = library.array([0, 0, 0], "int64")
    keep = dynamic_sampling_mask(library.array([1, NAN, 0.0]), groups)
    assert library.numpy(keep).tolist() == [True, False, True]


def test_a_difference_of_the_last_digit_is_a_difference(library):
    rewards = library.array([0.1 + 0.2, 0.3])
    assert library.numpy(constant_groups(rewards, library.array([0, 0], "int64"))).tolist() == [
        False
    ]


LOGP = [[-1.0, -1.0, NAN], [-1.0, -1.0, -1.0], [-1.0, -1.0, -INF], [-1.0, -1.0, -1.0]]
ROLLOUT = [[-0.5, -0.5, INF], [-0.5, NAN, -1.0], [-0.9, -0.9, NAN], [-0.5, -0.5, -0.5]]
KEPT = [[True, True, False], [True, True, True], [True, True, False], [False, False, False]]


@pytest.mark.parametrize(
    ("advantages", "threshold", "dropped"),
    [
        ([-1, -1, -1, -1], 0.2, [0]),  # means: 0.5, 1 / 6, 0.1, all masked
        ([-1, -1, -1, -1], 0.15, [0, 1]),
        ([1, 0, -1, -1], 0.05, [2]),
        ([-1, -1, -1, -1], 0.5, []),
    ],
)
def test_bad_sequences_far_from_the_policy_are_dropped(library, advantages, threshold, dropped):
    found = off_policy_mask(
        library.array(LOGP),
        library.array(ROLLOUT),
        library.array(advantages),
        library.array(KEPT, "bool"),
        threshold=threshold,
    )
    expected = [[k and row not in dropped for k in kept] for row, kept in enumerate(KEPT)]
    assert library.numpy(found).tolist() == expected


def test_advantages_a_token_are_judged_a_token(library):
    found = off_policy_mask(
        library.array([[-1.0, -1.0]]),
        library.array([[0.0, 0.0]]),
        library.array([[1.0, -1.0]]),
        library.array([[True, True]], "bool"),
        threshold=0.1,
    )
    assert library.numpy(found).tolist() == [[True, False]]


@pytest.mark.parametrize("quantile", [0.0, 0.3, 0.8, 1.0])
def test_the_tokens_of_high_entropy_are_those_above_the_quantile(library, quantile):
    rng = np.random.default_rng(0)
    entropy, mask = rng.random((4, 9)), rng.random((4, 9)) < 0.7
    expected = mask & (entropy >= np.quantile(entropy[mask], quantile))
    hidden = library.array(np.where(mask, entropy, NAN))
    masked = library.array(mask, "bool")
    found = high_entropy_mask(hidden, masked, quantile=quantile)
    assert library.numpy(found).tolist() == expected.tolist()
    compiled = library.compiled(lambda e, m: high_entropy_mask(e, m, quantile=quantile))
    assert library.numpy(compiled(hidden, masked)).tolist() == expected.tolist()


def test_no_token_is_of_high_entropy_where_all_are_masked(library):
    entropy = library.array([[1.0, 2.0]])
    found = high_entropy_mask(entropy, library.array([[False, False]], "bool"))
    assert library.numpy(found).tolist() == [[False, False]]
    empty = high_entropy_mask(
        library.array(np.zeros((2, 0))), library.array(np.zeros((2, 0)), "bool")
    )
    assert library.numpy(empty).shape == (2, 0)


@pytest.mark.parametrize(
    ("buffer", "expected"),
    [(20, [0, 0, -0.05, -0.5, -1, -1, -1]), (0, [0, 0, 0, 0, 0, -1, -1])],
)
def test_completions_are_punished_softly_as_they_near_the_limit(library, buffer, expected):
    lengths = library.array([0, 80, 81, 90, 100, 101, 10**6], "int64")
    found = soft_overlong_penalty(lengths, max_length=100, buffer=buffer)
    assert library.numpy(found) == pytest.approx(np.array(expected))


def test_wrong_options_and_arrays_are_errors():
    lengths = np.array([1, 2])
    with pytest.raises(OptionError, match="buffer is between 0 and max_length = 4"):
        soft_overlong_penalty(lengths, max_length=4, buffer=5)
    with pytest.raises(OptionError, match="quantile is between"):
        high_entropy_mask(np.zeros((1, 2)), np.ones((1, 2), bool), quantile=80)
    with pytest.raises(ArrayError, match="advantages has the shape"):
        off_policy_mask(
            np.zeros((2, 3)), np.zeros((2, 3)), np.zeros(3), np.ones((2, 3), bool), threshold=1
        )
