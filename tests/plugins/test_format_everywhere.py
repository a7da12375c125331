"""Every reward for form: on any text, and through a suite, a recipe and TRL's call alike."""

import math

import pytest
import rewardkit_format
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit.trainers.trl import reward_funcs

OPTIONS = {
    "regex": {"pattern": r"(?s).*\d.*", "where": "answer"},
    "json": {"schema": {"type": ["object", "array"]}},
    "overlong": {"max_length": 20, "unit": "words"},
    "cosine": {"max_length": 20},
}
REWARDS = {
    reward.name: reward.using(**OPTIONS.get(reward.name, {}))
    for reward in rewardkit_format.rewardkit_rewards()
}
RANGES = {
    **dict.fromkeys(REWARDS, (0.0, 1.0)),
    "length": (-0.5, 0.5),
    "cosine": (-1.0, 1.0),
    "overlong": (-1.0, 0.0),
    "repetition": (-1.0, 0.0),
}
# Where there is nothing to look at, these have no score.
MAY_ABSTAIN = {"reasoning_steps", "repetition"}

PIECES = st.sampled_from(
    [
        *("<think>", "</think>", "<answer>", "</answer>", "<|im_end|>", "</s>", "<", "```"),
        *("```python\n", "~~~", "\\boxed{", "\\text{", "}", "{", "[", "]", '"a":1', "\\", "$"),
        *("Step 1: ", "1. ", "- ", "First, ", "第一步", "a b ", "重", "ก", "कि", "😀", "1", "\n"),
        *("\u200b", "\u202e", "\ud800", "\x00", "\r", "\u2028", "!" * 130, "a" * 130),
    ]
)
TEXTS = st.lists(PIECES, max_size=25).map("".join)


@given(TEXTS, TEXTS, st.sampled_from(["auto", "yes", "no"]))
def test_no_text_makes_one_fail_or_leave_its_range_or_give_no_reason(text, other, prefilled):
    rows = [
        {"prompt": "p", "completion": completion, "correct": correct}
        for completion, correct in ((text, True), (other, False))
    ]
    for name, reward in REWARDS.items():
        for score in reward.score(rows, reading=rk.Reading(prefilled=prefilled)):
            assert score.reason
            assert not score.failed
            if score.value is None:
                assert name in MAY_ABSTAIN
            else:
                least, most = RANGES[name]
                assert least <= score.value <= most
                assert math.copysign(1.0, score.value) == 1.0 or score.value < 0


MESSAGES = [
    [{"role": "assistant", "content": "<思考>1. 二加二\n2. 等于四</思考><答案>4</答案>"}],
    [{"role": "assistant", "content": "no tags, and so on and so on and so on"}],
]
READING = rk.Reading(think="思考", answer="答案", columns={"correct": "passed"})


@pytest.mark.parametrize("name", sorted(REWARDS))
def test_it_scores_alike_in_a_suite_a_recipe_and_trl(name, tmp_path):
    columns = {"prompt": ["q", "q"], "completion": MESSAGES, "passed": [True, False]}
    alone = [score.value for score in REWARDS[name].score(columns, reading=READING)]

    suite = (1.0 * REWARDS[name]).read_with(READING)
    assert suite.score(columns).totals == alone

    [function], _ = reward_funcs(suite)
    trl = function(prompts=["q", "q"], completions=MESSAGES, passed=[True, False], log_extra=None)
    assert trl == alone

    options = "".join(f"{key} = {toml(value)}\n" for key, value in OPTIONS.get(name, {}).items())
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'columns = {{correct = "passed"}}\n[reading]\nthink = "思考"\nanswer = "答案"\n'
        f"[rewards.{name}]\n{options}",
        encoding="utf-8",
    )
    assert rk.load_recipe(recipe).suite.score(columns).totals == alone


def toml(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return f"'{value}'" if isinstance(value, str) else str(value)
