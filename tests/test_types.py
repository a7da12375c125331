"""Types: what a Score may be, and that it crosses every boundary."""

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit.types import Language, Rejection, Score, Scored


@pytest.mark.parametrize(
    "value",
    [1, True, 0.5, Fraction(1, 2), Decimal("0.5"), np.float32(0.5), np.int64(1), np.bool_(True)],
)
def test_any_number_becomes_a_float(value):
    score = Score(value)
    assert type(score.value) is float
    assert score.value == value


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, np.nan, Decimal("NaN"), 10**400, np.float32("inf")]
)
def test_a_score_is_never_nan_infinite_or_beyond_a_float(value):
    with pytest.raises(ValueError, match=r"finite|float can hold"):
        Score(value)


@pytest.mark.parametrize("value", ["1.0", b"1", [1.0], {"value": 1.0}, object(), 1j])
def test_what_is_no_number_is_a_type_error(value):
    with pytest.raises(TypeError, match="a number or None"):
        Score(value)


def test_a_failed_score_has_no_value():
    with pytest.raises(ValueError, match="no value"):
        Score(0.0, failed=True)


def test_abstaining_and_failing_say_why_and_on_what():
    assert Score.abstain("no answer", row=3) == Score(None, "no answer", {"row": 3})
    assert Score.fail("broke", line=1) == Score(None, "broke", {"line": 1}, failed=True)


def test_scores_are_frozen_and_hashable_whatever_their_evidence():
    score = Score(1.0, "right", {"list": [1, 2]})
    with pytest.raises(AttributeError):
        score.value = 2.0
    assert {score: 1}[Score(1.0, "right", {"list": [1, 2]})] == 1


@given(
    st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False)),
    st.text(),
    st.dictionaries(st.text(), st.integers()),
)
def test_scores_survive_pickling(value, reason, evidence):
    score = Score(value, reason, evidence)
    assert pickle.loads(pickle.dumps(score)) == score


def test_rejections_and_languages_survive_pickling():
    for thing in (Rejection("too long", 3.0, "long"), Language("cpp", "main.cpp", ("./main",))):
        assert pickle.loads(pickle.dumps(thing)) == thing


SCORED = Scored(
    totals=[0.75, None],
    scores={
        "accuracy": [Score(1.0, "equal"), Score.fail("ValueError: broken")],
        "language": [Score(-0.5, "mixed"), Score.abstain("no target")],
        "format": [Score(1.0, ""), Score(0.0, "no tags")],
    },
    weights={"accuracy": 1.0, "language": 0.5},
    gates={"accuracy": ("format",)},
    prompts=["a", "b"],
)


def test_scored_explains_each_total_with_weights_gates_and_reasons():
    assert len(SCORED) == 2
    assert SCORED.explain(0).splitlines() == [
        "total 0.75",
        "  1 x accuracy: 1 (equal)",
        "    behind format: 1",
        "  0.5 x language: -0.5 (mixed)",
    ]
    assert SCORED.explain(1).splitlines() == [
        "total none",
        "  1 x accuracy: failed: ValueError: broken",
        "    behind format: 0 (no tags)",
        "  0.5 x language: abstains (no target)",
    ]


def test_scored_columns_are_the_total_and_a_value_and_a_reason_for_each_reward():
    columns = SCORED.columns()
    assert columns["reward"] == [0.75, None]
    assert columns["reward_accuracy"] == [1.0, None]
    assert columns["reason_accuracy"] == ["equal", "failed: ValueError: broken"]
    assert columns["reason_language"] == ["mixed", "no target"]
    assert list(columns) == [
        "reward",
        *("reward_accuracy", "reason_accuracy"),
        *("reward_language", "reason_language"),
        *("reward_format", "reason_format"),
    ]
