"""Samples: scored rows by problem, and the table of their metrics."""

import math

import numpy as np
import pytest

import rewardkit as rk
from rewardkit.errors import ArrayError, ContractError
from rewardkit.metrics import Samples, maj_at_k, pass_at_k

PROBLEMS = ["a", "b", "a", "c", "b", "a"]
SCORES = [1.0, 0.0, 0.0, None, 1.0, 1.0]


def test_samples_of_a_problem_come_together_whatever_their_order():
    samples = Samples.from_columns(SCORES, PROBLEMS)
    assert samples.problems == ["a", "b", "c"]
    np.testing.assert_equal(samples.scores, [[1, 0, 1], [0, 1, np.nan], [np.nan] * 3])
    n, c = samples.counts()
    assert (n.tolist(), c.tolist()) == ([3, 2, 0], [2, 1, 0])


def test_a_sample_without_a_score_is_left_out_or_wrong_as_is_said():
    left_out = Samples.from_columns([None, 1.0, math.nan], ["a"] * 3)
    wrong = Samples.from_columns([None, 1.0, math.nan], ["a"] * 3, unscored="wrong")
    assert [x.tolist() for x in left_out.counts()] == [[1], [1]]
    assert [x.tolist() for x in wrong.counts()] == [[3], [1]]
    assert left_out.summary([1])["pass@1"].mean == 1.0
    assert wrong.summary([1])["pass@1"].mean == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("problems", "count"),
    [
        (["1", "01", 1, 1], 3),
        (["1", 1, True, 1.0], 2),
        ([None, None, "None", None], 4),
        ([[{"role": "user", "content": "x"}], [{"role": "user", "content": "x"}], ["x"], "x"], 3),
        ([("a", [1]), ("a", [1]), ("a", [2]), "('a', [1])"], 3),
    ],
)
def test_problems_are_told_apart_without_casts(problems, count):
    assert len(Samples.from_columns([1.0] * 4, problems).problems) == count


def test_a_threshold_says_what_is_right():
    samples = Samples.from_columns([0.2, 0.5, 0.9], ["a"] * 3)
    assert [samples.counts(t)[1].item() for t in (0.1, 0.5, 0.9, 1.0)] == [3, 2, 1, 0]


def test_a_class_is_as_right_as_its_samples_are_on_average():
    samples = Samples.from_columns(
        [1, 0, 0, 0, 1], ["a"] * 5, answers=["4", "4", "5", "5", "5"], weights=[1, 1, 9, None, 1]
    )
    for k in (1, 3, 5):
        assert samples.maj_at_k(k).tolist() == [maj_at_k([2, 3], [1 / 2, 1 / 3], k)]
    assert samples.weighted_vote() == pytest.approx([1 / 3])


def test_no_answer_is_a_class_of_its_own():
    samples = Samples.from_columns([0, 0, 0, 1], ["a"] * 4, answers=[None, None, None, "4"])
    np.testing.assert_equal(samples.classes, [[0, 1, 2, 3]])
    assert samples.maj_at_k(4).tolist() == [0.25]


def test_answers_of_samples_that_are_left_out_do_not_vote():
    samples = Samples.from_columns([None, None, 1.0], ["a"] * 3, answers=["5", "5", "4"])
    assert samples.maj_at_k(1).tolist() == [1.0]
    np.testing.assert_equal(samples.classes, [[0]])


def test_equal_answers_of_different_problems_are_different_classes():
    samples = Samples.from_columns([1, 0, 0, 1], ["a", "a", "b", "b"], answers=list("4554"))
    np.testing.assert_equal(samples.classes, [[0, 1], [0, 1]])


def test_the_best_by_its_weight_is_right_as_often_as_it_is():
    samples = Samples.from_columns([1, 0, 0], ["a"] * 3, weights=[0.9, 0.1, 0.5])
    assert samples.best_of_n(2) == pytest.approx([2 / 3])
    assert samples.best_of_n(3).tolist() == [1.0]


def test_the_samples_of_a_scored_batch_are_by_prompt():
    @rk.reward
    def accuracy(completion: str) -> float | None:
        return None if completion == "?" else float(completion == "4")

    @rk.reward
    def brevity(completion: str) -> float:
        return -float(len(completion))

    rows = [{"prompt": "2+2", "completion": c} for c in ("4", "four", "?")]
    scored = (brevity + accuracy).score([*rows, {"prompt": "1+3", "completion": "4"}])
    samples = Samples.from_scored(scored, weigh_by="brevity")
    np.testing.assert_equal(samples.scores, [[1, 0], [1, np.nan]])
    np.testing.assert_equal(samples.weights, [[-1, -4], [-1, np.nan]])
    assert Samples.from_scored(scored, "brevity").scores[0, 1] == -4
    with pytest.raises(ContractError, match=r"no reward 'acuracy'\. Did you mean 'accuracy'"):
        Samples.from_scored(scored, "acuracy")


def test_the_summary_is_the_mean_of_each_metric_over_problems():
    samples = Samples.from_columns(
        [1, 0, 1, 0, 1, 0],
        ["a"] * 4 + ["b"] * 2,
        answers=list("4545") + list("45"),
        weights=[1] * 6,
    )
    table = samples.summary(
        [1, 2, 4], ["mean", "pass", "pass^", "g-pass", "mg-pass", "maj", "wmaj", "best"]
    )
    assert list(table)[:4] == ["mean", "pass@1", "pass@2", "pass@4"]
    assert {"pass^4", "g-pass@2_0.5", "mg-pass@4", "maj@2", "wmaj", "best@1"} <= set(table)
    assert table["pass@2"].mean == pytest.approx((pass_at_k(4, 2, 2) + 1) / 2)
    assert [table[f"pass@{k}"].problems for k in (1, 2, 4)] == [2, 2, 1]
    assert table["mean"].mean == table["pass@1"].mean == 0.5
    together = samples.summary([1], cluster=["book", "book"])
    assert math.isnan(together["pass@1"].stderr)


def test_no_rows_are_no_problems():
    table = Samples.from_columns([], [], answers=[], weights=[]).summary(
        [1], ["mean", "pass", "g-pass", "maj", "wmaj", "best"]
    )
    assert {e.problems for e in table.values()} == {0}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda s: s.maj_at_k(1), ContractError, "give answers"),
        (lambda s: s.weighted_vote(), ContractError, "give weights"),
        (lambda s: s.best_of_n(1), ContractError, "give weights"),
        (lambda s: s.summary([1], ["pas"]), ContractError, "Did you mean 'pass'"),
        (lambda s: s.summary([0]), ArrayError, "k is a whole number"),
        (lambda _: Samples.from_columns([1], []), ArrayError, "scores has 1 samples and"),
        (lambda _: Samples.from_columns([1], ["a"], answers=[]), ArrayError, "answers has 0"),
        (lambda _: Samples.from_columns([math.inf], ["a"]), ArrayError, "infinite"),
        (lambda _: Samples.from_columns([1], ["a"], unscored="no"), ArrayError, "leave-out, wr"),
    ],
)
def test_what_is_missing_or_wrong_is_said(call, error, message):
    with pytest.raises(error, match=message):
        call(Samples.from_columns([1.0, 0.0], ["a", "a"]))
