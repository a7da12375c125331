"""Scored.advantages: from a suite's scores to what a step learns from."""

import numpy as np
import pytest

import rewardkit as rk
from rewardkit.errors import ArrayError, ContractError, OptionError
from rewardkit.grpo import gdpo_advantages, trl


@rk.reward
def right(completion: str) -> float | None:
    """1.0 when the completion is the letter a; abstains on a question mark."""
    if completion == "!":
        raise RuntimeError("broke")
    return None if completion == "?" else float(completion[0] == "a")


@rk.reward
def brevity(completion: str) -> float:
    """One over its length."""
    return 1 / len(completion)


@rk.reward
def polite(completion: str) -> float:
    """1.0 unless there is an x."""
    return float("x" not in completion)


def rows(*pairs):
    return [{"prompt": prompt, "completion": completion} for prompt, completion in pairs]


ROWS = rows(*[("p", "a"), ("q", "b"), ("p", "b"), ("q", "b"), ("p", "?"), ("p", "!"), ("r", "?")])


def scored(rows, suite=right):
    return (suite.to_suite() if isinstance(suite, rk.Reward) else suite).score(rows)


def test_rows_are_grouped_by_prompt_and_abstentions_and_failures_left_out():
    advantages = scored(ROWS).advantages(scale="none")
    assert advantages.values.tolist() == [0.5, 0, -0.5, 0, 0, 0, 0]
    assert advantages.groups.tolist() == [0, 1, 0, 1, 0, 0, 2]
    assert advantages.zero_variance.tolist() == [False, True, True]
    assert advantages.keep.tolist() == [True, False, True, False, False, False, False]
    assert np.isnan(advantages.rewards).tolist() == [False] * 4 + [True] * 3


def test_the_report_says_what_prompts_without_variance_got():
    assert scored(ROWS).advantages().explain().splitlines() == [
        "2 of 7 completions carry a signal",
        "3 have no reward",
        "2 of 3 prompts have zero variance",
        "  1 all 0",
        "  1 all without a reward",
    ]


def test_a_preset_passes_on_to_the_advantages():
    values = scored(ROWS).advantages(**trl().advantages).values
    assert values[0] == pytest.approx(0.5 / (0.5**0.5 + 1e-4))
    with pytest.raises(OptionError, match="scale"):
        scored(ROWS).advantages(scale="sigma")


def test_by_term_each_reward_is_normalised_for_itself():
    given = rows(("p", "a"), ("p", "bb"), ("q", "axx"), ("q", "a"), ("q", "?"))
    suite = right + 0.25 * brevity
    found = scored(given, suite).advantages(by_term=True)
    matrix = np.array([[1, 1], [0, 1 / 2], [1, 1 / 3], [1, 1], [np.nan, 1]])
    expected = gdpo_advantages(matrix, np.array([0, 0, 1, 1, 1]), 2, [1, 0.25])
    assert found.values == pytest.approx(expected)
    # Group q is told apart by its second reward alone.
    assert found.zero_variance.tolist() == [False, False]
    assert found.keep.all()


def test_by_term_a_term_behind_a_shut_gate_is_zero():
    given = rows(("p", "a"), ("p", "ax"), ("p", "b"))
    found = scored(given, right.to_suite().gated_by(polite) + brevity).advantages(by_term=True)
    matrix = np.array([[1, 1], [0, 1 / 2], [0, 1]])
    assert found.values == pytest.approx(gdpo_advantages(matrix, np.array([0, 0, 0])))


def test_prompts_of_messages_are_grouped_by_what_they_say():
    chat = [{"role": "user", "content": "p"}]
    other = [{"content": "p", "role": "user"}]
    text = '[{"content": "p", "role": "user"}]'
    found = scored(rows((chat, "a"), (other, "b"), (text, "a"))).advantages()
    assert found.groups.tolist() == [0, 0, 1]


def test_rows_without_a_prompt_need_groups():
    found = scored([{"completion": "a"}, {"completion": "b"}])
    with pytest.raises(ContractError, match="Row 0 has neither a prompt nor a prompt_id"):
        found.advantages()
    assert found.advantages(groups=["g", "g"], scale="none").values.tolist() == [0.5, -0.5]
    with pytest.raises(ArrayError, match="1 groups for 2 rows"):
        found.advantages(groups=["g"])


def test_lengths_may_be_a_list():
    values = scored(ROWS[:3]).advantages(baseline="length", scale="none", lengths=[3, 1, 1])
    assert values.values == pytest.approx([0.25, 0, -0.75])


def test_no_rows_have_no_advantages():
    found = scored({"prompt": [], "completion": []})
    assert found.advantages().values.tolist() == []
