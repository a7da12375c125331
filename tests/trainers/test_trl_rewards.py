"""TRL's own reward functions are rewards here, unchanged."""

import pytest
from trl.rewards import accuracy_reward, get_soft_overlong_punishment, think_format_reward

import rewardkit as rk

COMPLETIONS = [
    "<think>one</think>two",
    "no thinking",
    r"<think>1 + 1</think>The answer is $\boxed{2}$",
]
CHAT = [[{"role": "assistant", "content": text}] for text in COMPLETIONS]


def test_think_format_reward_scores_as_it_does_in_trl():
    scores = rk.reward(think_format_reward).score({"completion": CHAT})
    assert [score.value for score in scores] == think_format_reward(CHAT)


def test_accuracy_reward_scores_as_it_does_in_trl():
    solution = ["$2$", "$2$", "$2$"]
    rows = {"completion": CHAT, "solution": solution}
    scores = rk.reward(accuracy_reward).score(rows)
    assert [score.value for score in scores] == accuracy_reward(CHAT, solution)
    assert scores[2].value == 1.0


def test_a_reward_of_token_ids_gets_the_column_that_holds_them():
    punish = get_soft_overlong_punishment(max_completion_len=4, soft_punish_cache=2)
    ids = [[1], [1, 2, 3], [1, 2, 3, 4, 5]]
    scores = rk.reward(punish).score({"completion": COMPLETIONS, "completion_ids": ids})
    assert [score.value for score in scores] == pytest.approx(punish(ids))


def test_trl_rewards_sum_with_rewardkits():
    suite = 0.5 * rk.reward(think_format_reward) + rk.get_reward("format")
    scored = suite.score({"completion": CHAT})
    assert scored.totals == [0.5 * score.value for score in scored.scores["think_format_reward"]]
