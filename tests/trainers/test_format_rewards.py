"""Rewards for the form, beside TRL's: the same numbers where TRL's are right."""

import random

import pytest
from rewardkit_format import cosine, format, overlong, repetition
from trl.rewards import (
    accuracy_rewards,
    get_cosine_scaled_reward,
    get_repetition_penalty_reward,
    get_soft_overlong_punishment,
    think_format_reward,
)

import rewardkit as rk


@pytest.mark.parametrize(("max_length", "buffer"), [(100, 20), (100, 100), (50, 0), (30, 7)])
def test_overlong_is_trls_soft_overlong_punishment(max_length, buffer):
    ids = [[1] * n for n in range(130)]
    rows = [{"completion": "", "completion_ids": tokens} for tokens in ids]
    found = overlong.using(max_length=max_length, buffer=buffer).score(rows)
    theirs = get_soft_overlong_punishment(max_length, buffer)(ids)
    assert [score.value for score in found] == pytest.approx(theirs)


@pytest.mark.parametrize("max_length", [1, 100, 1000])
def test_cosine_of_tokens_is_trls_cosine_scaled_reward(max_length, monkeypatch):
    verdicts = [1.0, 0.0, None] * 400
    monkeypatch.setattr(accuracy_rewards, "accuracy_reward", lambda *_: verdicts)
    ids = [[1] * n for n in range(len(verdicts))]
    theirs = get_cosine_scaled_reward(max_length)(None, None, ids)
    rows = [
        {"completion": "", "completion_ids": tokens, "correct": verdict}
        for tokens, verdict in zip(ids, verdicts, strict=True)
    ]
    found = [s.value for s in cosine.using(max_length=max_length, unit="tokens").score(rows)]
    known = [place for place, verdict in enumerate(verdicts) if verdict is not None]
    assert [found[i] for i in known] == pytest.approx([theirs[i] for i in known])
    assert {found[i] for i in range(2, 1200, 3)} == {None}


@pytest.mark.parametrize(("n", "penalty"), [(1, 1.0), (2, 0.5), (3, 1.0), (20, 2.0)])
def test_repetition_of_tokens_is_trls_repetition_penalty(n, penalty):
    random.seed(n)
    ids = [random.choices(range(9), k=size) for size in range(n, 120)]
    rows = [{"completion": "", "completion_ids": tokens} for tokens in ids]
    found = repetition.using(n=n, penalty=penalty, unit="tokens").score(rows)
    theirs = get_repetition_penalty_reward(n, -penalty)(ids)
    assert [score.value for score in found] == pytest.approx(theirs)


def test_for_nothing_at_all_trl_pays_the_best_and_repetition_abstains():
    assert get_repetition_penalty_reward(3)([[], [1, 1]]) == [0.0, 0.0]
    rows = [{"completion": "", "completion_ids": ids} for ids in ([], [1, 1])]
    found = repetition.using(unit="tokens").score(rows)
    assert [score.value for score in found] == [None, 0.0]


@pytest.mark.parametrize(
    ("text", "theirs", "ours"),
    [
        ("<think>a</think>b", 1.0, 1.0),
        ("<think>a", 0.0, 0.0),
        ("a", 0.0, 0.0),
        ("<think>a<think>b</think>c", 0.0, 0.0),
        # Wrong in TRL: nothing thought, and two ends of the thinking.
        ("<think></think>b", 1.0, 0.0),
        ("<think>a</think>b</think>c", 1.0, 0.0),
    ],
)
def test_format_in_trls_style_differs_where_trl_pays_what_is_no_thinking(text, theirs, ours):
    assert think_format_reward([[{"content": text}]]) == [theirs]
    assert format(rk.Completion(text), style="trl").value == ours


def test_a_prefilled_think_tag_is_zero_in_trl_and_right_here():
    text = "a</think>b"
    assert think_format_reward([[{"content": text}]]) == [0.0]
    assert format(rk.Completion(text, prompt="Why?<think>\n"), style="trl").value == 1.0
