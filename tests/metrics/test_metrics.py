"""Every metric of k is what an enumeration of all choices of k samples gives."""

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewardkit.errors import ArrayError
from rewardkit.metrics import (
    best_of_n,
    estimate,
    g_pass_at_k,
    maj_at_k,
    mean_at_k,
    mg_pass_at_k,
    pass_at_k,
    pass_hat_k,
    weighted_vote,
)


def mean_over_choices(samples, k, worth):
    """What `worth` says of k of the samples, in the mean over all choices of k."""
    worths = [worth(chosen) for chosen in combinations(samples, k)]
    return sum(worths) / len(worths)


COUNTS = [(n, c, k) for n in range(1, 8) for c in range(n + 1) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "c", "k"), COUNTS)
def test_the_pass_metrics_are_those_of_an_enumeration(n, c, k):
    samples = [1] * c + [0] * (n - c)

    def share(least):
        return mean_over_choices(samples, k, lambda chosen: sum(chosen) >= least)

    assert pass_at_k(n, c, k) == pytest.approx(share(1), abs=1e-12)
    assert pass_hat_k(n, c, k) == pytest.approx(share(k), abs=1e-12)
    for tau in (0, 0.25, 0.5, 0.7, 1):
        least = max(math.ceil(Fraction(str(tau)) * k), 1)
        assert g_pass_at_k(n, c, k, tau) == pytest.approx(share(least), abs=1e-12)
    above = [share(i) for i in range(math.ceil(k / 2) + 1, k + 1)]
    assert mg_pass_at_k(n, c, k) == pytest.approx(2 / k * sum(above), abs=1e-12)


def test_pass_at_k_is_the_exact_fraction_for_many_samples():
    rng = np.random.default_rng(0)
    n = rng.integers(128, 2000, 100)
    c = (n * rng.random(100)).astype(int)
    for k in (1, 16, 128):
        exact = [
            float(1 - Fraction(math.comb(a - b, k), math.comb(a, k)))
            for a, b in zip(n.tolist(), c.tolist(), strict=True)
        ]
        assert pass_at_k(n, c, k) == pytest.approx(exact, abs=1e-13)


def test_the_ends_of_the_pass_metrics_are_exact():
    for metric in (pass_at_k, pass_hat_k, mg_pass_at_k):
        assert metric([1000, 1000], [0, 1000], 100).tolist() == [0.0, metric(1000, 1000, 100)]
    assert pass_at_k(1000, 901, 100) == 1.0
    assert pass_at_k(1000, 1000, 100) == pass_hat_k(1000, 1000, 100) == 1.0
    assert g_pass_at_k(1000, 1000, 100, 1.0) == pytest.approx(1.0, abs=1e-13)
    assert pass_hat_k(1000, 99, 100) == 0.0


@pytest.mark.parametrize("metric", [pass_at_k, pass_hat_k, mg_pass_at_k])
def test_a_problem_with_fewer_than_k_samples_says_nothing_and_the_others_do(metric):
    found = metric([4, 2, 0, 4], [4, 2, 0, 0], 3)
    assert np.isnan(found).tolist() == [False, True, True, False]
    assert math.isnan(metric(2, 2, 3))
    assert metric(np.array([], int), np.array([], int), 3).shape == (0,)


def test_counts_of_any_shapes_that_broadcast_are_one_metric_each():
    assert pass_at_k(4, [0, 1, 4], 2).tolist() == [0.0, 0.5, 1.0]
    assert g_pass_at_k([[4], [5]], [2, 3], 2, 1.0).shape == (2, 2)
    assert isinstance(pass_at_k(4, 2, 2), float)


def test_a_threshold_that_rounding_lifts_above_a_whole_number_is_that_number():
    tau = 0.1 * 3  # 0.30000000000000004
    assert math.ceil(tau * 10) == 4
    assert g_pass_at_k(20, 9, 10, tau) == g_pass_at_k(20, 9, 10, 0.3)


@pytest.mark.parametrize(
    ("n", "c", "k", "message"),
    [
        (4, 5, 1, "between 0 and n"),
        (4, -1, 1, "between 0 and n"),
        (4, 2, 0, "k is a whole number above 0, not 0"),
        (4, 2, 2.0, "k is a whole number above 0, not 2.0"),
        (4, 2, True, "not True"),
        (4.5, 2, 1, "no whole numbers"),
        (4, math.nan, 1, "no whole numbers"),
        ([4, 4], [1, 1, 1], 1, r"n has the shape \(2,\) and c \(3,\)"),
        ([4, 4], [True, False], 1, "c counts samples, and holds bool"),
    ],
)
def test_counts_that_cannot_be_are_refused(n, c, k, message):
    for metric in (pass_at_k, pass_hat_k, mg_pass_at_k, lambda *a: g_pass_at_k(*a, 0.5)):
        with pytest.raises(ArrayError, match=message):
            metric(n, c, k)


def test_a_threshold_is_a_share():
    with pytest.raises(ArrayError, match="tau is between 0 and 1"):
        g_pass_at_k(4, 2, 2, 1.5)


def most_frequent(correct, ties):
    """What the most frequent class of some chosen samples is worth."""

    def worth(chosen):
        votes = Counter(chosen)
        winners = sorted(q for q in votes if votes[q] == max(votes.values()))
        if ties == "first":
            return correct[winners[0]]
        if ties == "wrong" and len(winners) > 1:
            return 0
        return sum(correct[q] for q in winners) / len(winners)

    return worth


@settings(max_examples=60)
@given(st.data())
def test_maj_at_k_is_that_of_an_enumeration(data):
    counts = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    correct = [data.draw(st.sampled_from([0, 1, 0.25])) for _ in counts]
    samples = [q for q, count in enumerate(counts) for _ in range(count)]
    for k in range(1, min(len(samples), 9) + 1):
        for ties in ("split", "first", "wrong"):
            exact = mean_over_choices(samples, k, most_frequent(correct, ties))
            assert maj_at_k(counts, correct, k, ties=ties) == pytest.approx(exact, abs=1e-12)


def test_the_first_seen_over_all_orders_of_the_samples_is_a_split_tie():
    from itertools import permutations

    samples, correct = [0, 0, 1, 1, 2], [1, 0, 0]
    firsts = [correct[Counter(order[:4]).most_common(1)[0][0]] for order in permutations(samples)]
    assert maj_at_k([2, 2, 1], correct, 4) == pytest.approx(sum(firsts) / len(firsts), abs=1e-12)


def test_maj_at_k_of_all_samples_is_the_plurality():
    assert maj_at_k([30, 20, 14], [0, 1, 0], 64) == 0.0
    assert maj_at_k([20, 30, 14], [0, 1, 0], 64) == 1.0
    assert maj_at_k([1] * 64, [1] + [0] * 63, 64) == 1 / 64


def test_maj_at_1_is_pass_at_1_and_maj_of_one_class_what_it_is_worth():
    assert maj_at_k([5, 3, 2], [0, 1, 0], 1) == pytest.approx(0.3, abs=1e-12)
    assert maj_at_k([2000], [0.5], 1000) == pytest.approx(0.5, abs=1e-9)
    assert maj_at_k([64], [1], 63) == pytest.approx(1.0, abs=1e-12)


def test_maj_at_k_holds_where_the_numbers_of_choices_are_no_floats():
    # C(2000, 1000) is 1e600. Two classes, an odd k: the greater one wins more often than not.
    found = maj_at_k([1010, 990], [1, 0], 501)
    wins = sum(math.comb(1010, x) * math.comb(990, 501 - x) for x in range(251, 502))
    assert found == pytest.approx(float(Fraction(wins, math.comb(2000, 501))), abs=1e-9)


@pytest.mark.parametrize(
    ("counts", "correct", "options", "message"),
    [
        ([1, 2], [1], {}, r"class_counts has the shape \(2,\) and correct \(1,\)"),
        ([1, -2], [1, 0], {}, "whole numbers from 0"),
        ([1, 0.5], [1, 0], {}, "whole numbers from 0"),
        ([1, 2], [1, 2], {}, "correct is between 0 and 1"),
        ([1, 2], [1, math.nan], {}, "correct is between 0 and 1"),
        ([1, 2], [1, 0], {"ties": "last"}, "ties is one of split, first, wrong"),
        ([1, 2], [1, 0], {"k": 0}, "k is a whole number"),
    ],
)
def test_votes_that_cannot_be_are_refused(counts, correct, options, message):
    with pytest.raises(ArrayError, match=message):
        maj_at_k(counts, correct, **{"k": 2, **options})


def test_fewer_samples_than_votes_say_nothing():
    assert math.isnan(maj_at_k([1, 1], [1, 0], 3))
    assert math.isnan(maj_at_k([], [], 1))
    assert math.isnan(weighted_vote([], []))


@pytest.mark.parametrize(
    ("weights", "correct", "ties", "expected"),
    [
        ([0.9, 0.5], [1, 0], "split", 1.0),
        ([0.5, 0.9], [1, 0], "split", 0.0),
        ([0.1 + 0.2, 0.3], [0, 1], "split", 0.5),
        ([0.3, 0.1 + 0.2], [0, 1], "first", 0.0),
        ([0.3, 0.1 + 0.2], [0, 1], "wrong", 0.0),
        ([-2.0, -1.0], [0, 1], "wrong", 1.0),
        ([0.0, 0.0], [0, 1], "split", 0.5),
    ],
)
def test_a_weighted_vote_goes_to_the_greatest_sum(weights, correct, ties, expected):
    assert weighted_vote(weights, correct, ties=ties) == expected


def test_a_weight_is_finite():
    with pytest.raises(ArrayError, match="not finite"):
        weighted_vote([1, math.inf], [1, 0])


def best(chosen):
    """The mean value of those of the highest score, each a (score, value)."""
    top = max(score for score, _ in chosen)
    values = [value for score, value in chosen if score == top]
    return sum(values) / len(values)


@settings(max_examples=60)
@given(st.data())
def test_best_of_n_is_that_of_an_enumeration(data):
    pairs = st.tuples(st.integers(-2, 2).map(float), st.sampled_from([0.0, 1.0, 0.5]))
    rows = data.draw(st.lists(st.lists(pairs, min_size=1, max_size=7), min_size=1, max_size=3))
    width = max(map(len, rows))
    padded = np.array([row + [(math.nan, math.nan)] * (width - len(row)) for row in rows])
    for n in range(1, width + 1):
        found = best_of_n(padded[:, :, 0], n, values=padded[:, :, 1])
        maxima = best_of_n(padded[:, :, 0], n)
        for row, value, maximum in zip(rows, found, maxima, strict=True):
            if len(row) < n:
                assert math.isnan(value)
                continue
            assert value == pytest.approx(mean_over_choices(row, n, best), abs=1e-12)
            highest = mean_over_choices(row, n, lambda chosen: max(chosen)[0])
            assert maximum == pytest.approx(highest, abs=1e-12)


def test_best_of_all_samples_is_the_best_where_a_bootstrap_is_below():
    scores = [0.0] * 7 + [1.0]
    assert best_of_n(scores, 8) == 1.0
    rng = np.random.default_rng(0)
    drawn = rng.choice(scores, (20_000, 8), replace=True).max(axis=1).mean()
    assert drawn == pytest.approx(1 - (7 / 8) ** 8, abs=0.02)  # 0.66: what peers report


def test_a_sample_without_a_score_or_a_value_is_left_out():
    assert best_of_n([1.0, math.nan, 3.0], 2) == 3.0
    assert best_of_n([1.0, 9.0, 3.0], 2, values=[0.0, math.nan, 1.0]) == 1.0
    assert math.isnan(best_of_n([1.0, math.nan], 2))


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ([1.0, 2.0], {"values": [1.0]}, r"scores has the shape \(2,\) and values \(1,\)"),
        ([[[1.0]]], {}, "give"),
        ([1.0, math.inf], {}, "scores holds an infinite number"),
        ([1.0, 2.0], {"values": [1.0, -math.inf]}, "values holds an infinite number"),
        ([1.0, 2.0], {"n": 0}, "n is a whole number"),
    ],
)
def test_scores_that_cannot_be_are_refused(scores, options, message):
    with pytest.raises(ArrayError, match=message):
        best_of_n(scores, **{"n": 1, **options})


def test_a_problem_counts_once_however_many_samples_it_has():
    found = mean_at_k([[1, 1, 1, 1], [0, math.nan, math.nan, math.nan]])
    assert found.mean == 0.5
    assert found.problems == 2


def test_the_standard_error_is_that_of_the_problems_means():
    means = np.array([0.0, 0.25, 1.0, 0.5])
    found = mean_at_k(np.repeat(means[:, None], 100, axis=1))
    assert found.stderr == pytest.approx(means.std(ddof=1) / 2)
    assert found.low == pytest.approx(found.mean - 1.959964 * found.stderr)
    assert found.high == pytest.approx(found.mean + 1.959964 * found.stderr)


def test_a_cluster_of_equal_problems_is_as_sure_as_one_problem():
    values = [0.0, 0.25, 1.0, 0.5]
    clustered = estimate(values * 3, cluster=["a", "b", "c", "d"] * 3)
    assert clustered.stderr == pytest.approx(estimate(values).stderr)
    assert estimate(values * 3).stderr < 0.6 * clustered.stderr


def test_the_interval_holds_the_true_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    rates = rng.beta(0.5, 0.5, (1000, 100))
    scores = rng.random((1000, 100, 4)) < rates[:, :, None]
    found = [mean_at_k(run, confidence=0.9) for run in scores]
    held = sum(e.low <= 0.5 <= e.high for e in found) / len(found)
    assert 0.87 < held < 0.93


def test_equal_problems_differ_from_their_mean_by_nothing():
    found = estimate([0.1] * 7)
    assert (found.mean, found.stderr, found.low, found.high) == (0.1, 0.0, 0.1, 0.1)


def test_what_says_nothing_is_left_out_and_too_little_has_no_error():
    assert estimate([math.nan, 1.0, 0.0]).problems == 2
    assert math.isnan(estimate([0.5]).stderr)
    assert math.isnan(estimate([0.5, 0.6], cluster=["a", "a"]).stderr)
    assert estimate([]).problems == 0
    assert math.isnan(mean_at_k([[math.nan, math.nan]]).mean)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([[1.0]], {}, r"values has the shape \(1, 1\)"),
        ([math.inf], {}, "infinite"),
        ([1.0], {"confidence": 1.0}, "confidence lies within 0 and 1"),
        ([1.0], {"cluster": ["a", "b"]}, "cluster has 2 labels for 1 problems"),
    ],
)
def test_means_that_cannot_be_are_refused(values, options, message):
    with pytest.raises(ArrayError, match=message):
        estimate(values, **options)
