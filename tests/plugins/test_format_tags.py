"""The rewards `tags` and `tag_count`: blocks in tags of any names."""

import time

import pytest
from rewardkit_format import tag_count, tags

import rewardkit as rk
from rewardkit.errors import OptionError

GOOD = "<think>a</think><answer>b</answer>"
PLAN = ["plan", "think", "answer"]


def read(text, **reading):
    return rk.Completion(text, rk.Reading(**reading))


@pytest.mark.parametrize(
    ("text", "names", "reason"),
    [
        (GOOD, None, ""),
        ("<plan>a</plan>\n<think>b</think>\n<answer>c</answer>\n", PLAN, ""),
        ("<思考>一</思考><答案>二</答案>", ["思考", "答案"], ""),
        ("<only one>a</only one>", ["only one"], ""),
        ("<think>a</think><answer>c</answer>", PLAN, "no opening <plan>"),
        ("<plan>a</plan><answer>c</answer>", PLAN, "no opening <think>"),
        ("<think>b</think><plan>a</plan><answer>c</answer>", PLAN, "<think> before <plan>"),
        (
            "<plan>a</plan><think>\u200b</think><answer>c</answer>",
            PLAN,
            "the think block is empty",
        ),
        (
            "<plan>a</plan>So<think>b</think>",
            PLAN,
            "text between the plan block and the think block",
        ),
        ("<plan>a</plan><plan>a</plan><think>b</think>", PLAN, "two plan blocks"),
        ("<plan>a</plan> done", ["plan"], "text after the plan block"),
        ("<plan>a", ["plan"], "<plan> is not closed"),
        ("```\n<plan>a</plan>\n```", ["plan"], "text before <plan>"),
    ],
)
def test_blocks_stand_in_the_order_of_their_names_and_the_first_fault_is_named(
    text, names, reason
):
    found = tags(read(text), names=names)
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


def test_a_prefilled_think_tag_is_not_asked_for_again():
    assert tags(read("a</think><answer>b</answer>", prefilled="yes")).value == 1.0
    assert tags(read(GOOD, prefilled="yes")).value == 0.0
    # What the prompt has written is the think tag, and no other.
    assert tags(read("<plan>a</plan>", prefilled="yes"), names=["plan"]).value == 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (GOOD, 1.0),
        ("Well: <think>a</think> so <answer>b</answer> done", 1.0),
        ("", 0.0),
        ("answer", 0.0),
        ("<think>a", 0.25),
        ("<think>a</think>", 0.5),
        ("<think>a</think><answer>b", 0.75),
        ("a</think><answer>b</answer>", 0.75),
        # With its line breaks, open-r1 pays tags in any order and around nothing.
        ("</answer><answer></think><think>", 0.0),
        ("<answer>b</answer><think>a</think>", 0.5),
        ("<think>a<think>b</think><answer>c</answer>", 0.75),
        ("<think></think><answer></answer>", 0.0),
        ("<think> \u200b\n</think><answer>b</answer>", 0.5),
        ("<think>" * 9 + "</think>" * 9, 0.0),
    ],
)
def test_each_tag_that_stands_once_and_in_order_is_a_share(text, value):
    assert tag_count(read(text)).value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a</think><answer>b</answer>", 1.0),
        ("a", 0.0),
        ("a</think>", 1 / 3),
        ("</think><answer>b</answer>", 2 / 3),
        ("<think>a</think><answer>b</answer>", 2 / 3),
    ],
)
def test_of_a_prefilled_form_three_tags_are_asked_for(text, value):
    assert tag_count(read(text, prefilled="yes")).value == pytest.approx(value)


def test_the_reason_names_the_tags_that_do_not_count():
    assert tag_count(read("<think>a</think>")).reason.endswith("not <answer>, </answer>")


def test_tags_of_the_reading_are_counted():
    text = "[T]a[/T]<答>b</答>"
    assert tag_count(read(text, think=("[T]", "[/T]"), answer="答")).value == 1.0
    # One delimiter may begin with another.
    begins = read("<|b|>a<|b|>end<答>b</答>", think=("<|b|>", "<|b|>end"), answer="答")
    assert tag_count(begins).value == 1.0
    assert tag_count(read("<x>a</x>"), names=["x", "y"]).value == 0.5


@pytest.mark.parametrize("names", [[], ["a", "a"], ["<a>"], [" a"], ["/a"], [""]])
@pytest.mark.parametrize("reward", [tags, tag_count], ids=lambda reward: reward.name)
def test_names_that_make_no_tags_raise_where_they_are_given(reward, names):
    with pytest.raises(OptionError, match="tag"):
        reward.using(names=names)


@pytest.mark.parametrize("reward", [tags, tag_count], ids=lambda reward: reward.name)
@pytest.mark.parametrize(
    "text", ["<think>" * 30_000, GOOD * 6_000, "<think" * 30_000, "</" * 99_999]
)
def test_hostile_text_costs_milliseconds(reward, text):
    start = time.process_time()
    assert reward(read(text)).value == 0.0
    assert time.process_time() - start < 0.5  # measured: under 0.02
