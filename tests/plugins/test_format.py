"""The reward `format`: what each style accepts, and what it says of what it does not accept."""

import time

import pytest
from rewardkit_format import format

import rewardkit as rk
from rewardkit.errors import OptionError

GOOD = "<think>a</think><answer>b</answer>"


def score(text, style="strict", **reading):
    return format(rk.Completion(text, rk.Reading(**reading)), style=style)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "<think>\nfirst\n\nsecond\n</think>\n\n<answer>\n42\n</answer>\n",
        " \n\t<think>a</think>\r\n\r\n<answer>b</answer> \n",
        "\ufeff<think>思考</think>\u200b<answer>答</answer>\u200b",
        "<think>1 < 2 and 3 > 2, <b>so</b> \\boxed{1}</think><answer>x</answer>",
        "<think>\x00 .</think><answer>\ud800</answer>",
        GOOD + "<|im_end|>",
        GOOD + "\n</s>\n<pad><pad>",
        GOOD + "<｜end▁of▁sentence｜>",
    ],
)
def test_one_think_block_then_one_answer_block_is_right(text):
    assert score(text).value == 1.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no opening <think>"),
        ("42", "no opening <think>"),
        ("<THINK>a</THINK><answer>b</answer>", "no opening <think>"),
        ("<answer>b</answer>", "no opening <think>"),
        ("<answer>b</answer><think>a</think>", "<answer> before <think>"),
        ("</answer><think>a</think><answer>b</answer>", "</answer> before <think>"),
        ("Sure! " + GOOD, "text before <think>"),
        ("<think>a", "<think> is not closed"),
        ("<think>a<answer>b</answer>", "<think> is not closed"),
        ("<think>a<answer>b</answer></think>", "<answer> inside the think block"),
        ("<think>a<think>b</think></think><answer>c</answer>", "<think> inside the think block"),
        ("<think></think><answer>b</answer>", "the think block is empty"),
        ("<think> \n\t</think><answer>b</answer>", "the think block is empty"),
        (
            "<think>\u200b\u2060\ufeff\u00ad\u3164</think><answer>b</answer>",
            "the think block is empty",
        ),
        ("<think>a</think>", "no opening <answer>"),
        ("<think>a</think>b</answer>", "no opening <answer>"),
        (
            "<think>a</think>So:<answer>b</answer>",
            "text between the think block and the answer block",
        ),
        ("<think>a</think><think>b</think><answer>c</answer>", "two think blocks"),
        ("<think>a</think></think><answer>c</answer>", "a second </think>"),
        ("<think>a</think><answer>b", "<answer> is not closed"),
        ("<think>a</think><answer></answer>", "the answer block is empty"),
        ("<think>a</think><answer>\u200b</answer>", "the answer block is empty"),
        (
            "<think>a</think><answer><think>b</think></answer>",
            "<think> inside the answer block",
        ),
        (
            "<think>a</think><answer><answer>b</answer></answer>",
            "<answer> inside the answer block",
        ),
        (GOOD + " Hope this helps", "text after the answer block"),
        (GOOD + "<|im_end|> Hope", "text after the answer block"),
        ("<think>a</think><answer>\ufff9\ufffb</answer>", "the answer block is empty"),
        # A parser does not know that a tag is quoted.
        ("<think>it ends in `</think>`</think><answer>b</answer>", "a second </think>"),
        (GOOD + "<answer>c</answer>", "two answer blocks"),
        (GOOD + "<think>c</think>", "two think blocks"),
        (GOOD + "</answer>", "a second </answer>"),
        (GOOD + "</think>", "a second </think>"),
    ],
)
def test_anything_else_is_wrong_and_the_first_fault_is_named(text, reason):
    found = score(text)
    assert (found.value, found.reason) == (0.0, reason)


def test_the_evidence_says_where_the_fault_shows():
    assert score("<think>a</think></think>").evidence["position"] == 16


def test_a_closing_tag_alone_hints_at_prefilled_tags():
    found = score("a</think><answer>b</answer>")
    assert found.value == 0.0
    assert found.reason.startswith("no opening <think> (if the chat template writes it")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a</think><answer>b</answer>", 1.0),
        ("\na\n</think>\n<answer>b</answer>", 1.0),
        (GOOD, 0.0),
        ("\n" + GOOD, 0.0),
        ("</think><answer>b</answer>", 0.0),
        ("a<answer>b</answer>", 0.0),
        ("a</think><think>b</think><answer>c</answer>", 0.0),
    ],
)
def test_a_prefilled_opening_tag_is_neither_expected_nor_tolerated_again(text, value):
    assert score(text, prefilled="yes").value == value
    by_prompt = rk.Completion(text, prompt="<|im_start|>assistant\n<think>\n")
    assert format(by_prompt).value == value


def test_a_repeated_prefilled_tag_is_named():
    assert score(GOOD, prefilled="yes").reason.startswith("<think> again")


@pytest.mark.parametrize(
    ("reading", "text"),
    [
        ({"think": "思考", "answer": "答案"}, "<思考>甲</思考><答案>乙</答案>"),
        ({"think": ("[THINK]", "[/THINK]")}, "[THINK]a[/THINK]<answer>b</answer>"),
        ({"think": ("<|begin|>", "<|begin|>end")}, "<|begin|>a<|begin|>end<answer>b</answer>"),
        ({"think": (".*", "(?:")}, ".*a(?:<answer>b</answer>"),
    ],
)
def test_tags_are_those_of_the_reading_letter_by_letter(reading, text):
    assert score(text, **reading).value == 1.0
    assert score(GOOD, **reading).value == 0.0


LINES = "<think>\na\n</think>\n<answer>\nb\n</answer>"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LINES, ""),
        (LINES + "\n", ""),
        (LINES + "<|im_end|>\n", ""),
        ("<think>\n\na\n\n</think>\n<answer>\n\nb\n</answer>", ""),
        # The next two, open-r1's own pattern accepts.
        (LINES + "\nand more", "text after the answer block"),
        ("<think>\na\n</think>\n<think>\nb\n</think>\n<answer>\nc\n</answer>", "two think blocks"),
        ("<think>\n\n</think>\n<answer>\nb\n</answer>", "the think block is empty"),
        ("\n" + LINES, "white space before <think>"),
        ("<think>a\n</think>\n<answer>\nb\n</answer>", "no line break after <think>"),
        ("<think>\na</think>\n<answer>\nb\n</answer>", "no line break before </think>"),
        (
            "<think>\na\n</think>\n\n<answer>\nb\n</answer>",
            "not one line break between </think> and <answer>",
        ),
        ("<think>\na\n</think>\n<answer>b\n</answer>", "no line break after <answer>"),
        ("<think>\na\n</think>\n<answer>\nb</answer>", "no line break before </answer>"),
        (LINES + "\n\n", "more than a line break after </answer>"),
    ],
)
def test_open_r1_style_wants_each_tag_on_its_line_and_nothing_else(text, reason):
    found = score(text, "open-r1")
    assert found.value == float(not reason)
    assert not reason or found.reason == reason


def test_open_r1_style_leaves_the_line_break_of_a_prefilled_tag_to_the_prompt():
    for begin in ("a", "\na"):
        text = begin + "\n</think>\n<answer>\nb\n</answer>"
        assert score(text, "open-r1", prefilled="yes").value == 1.0


@pytest.mark.parametrize(
    ("text", "trl", "think"),
    [
        ("<think>a</think>b", 1.0, 1.0),
        ("<think>a</think> <answer>b</answer> and <answer>", 1.0, 1.0),
        ("<think>the <answer> tag</think>b", 1.0, 1.0),
        ("<think>a</think>", 1.0, 0.0),
        ("<think>a</think>\n\u200b", 1.0, 0.0),
        ("<think>a</think><|im_end|>", 1.0, 0.0),
        (" <think>a</think>b", 0.0, 1.0),
        # TRL's own pattern pays these two.
        ("<think></think>b", 0.0, 0.0),
        ("<think>a</think>b</think>c", 0.0, 0.0),
        ("<think>a</think>b<think>c</think>", 0.0, 0.0),
        ("<think>a<think>b</think>c", 0.0, 0.0),
        ("x<think>a</think>b", 0.0, 0.0),
        ("<think>a", 0.0, 0.0),
        ("a", 0.0, 0.0),
    ],
)
def test_trl_and_think_styles_take_any_response_after_one_think_block(text, trl, think):
    assert (score(text, "trl").value, score(text, "think").value) == (trl, think)


def test_trl_style_pays_what_follows_a_prefilled_tag():
    assert score("a</think>b", "trl", prefilled="yes").value == 1.0


def test_an_unknown_style_raises_where_it_is_given():
    with pytest.raises(OptionError, match="open-r1"):
        format.using(style="open-r2")


@pytest.mark.parametrize("style", ["strict", "open-r1", "trl", "think"])
@pytest.mark.parametrize(
    "text",
    [
        "<think>" * 100_000,
        "<think>a</think>" * 50_000,
        "<think>\n" + "\n</think>\n<answer>\n" * 8_000,
        "\u200b" * 150_000 + "<think>",
        "<think>" + " " * 150_000,
        "<thin" * 30_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_costs_milliseconds(style, text):
    start = time.process_time()
    assert score(text, style).value == 0.0
    assert time.process_time() - start < 0.2  # measured: under 0.006
