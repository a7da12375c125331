"""Completions: what is read out of one, whatever is in it."""

import pickle
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rewardkit import fences
from rewardkit.completions import Completion, Reading
from rewardkit.errors import ContractError, RowError
from rewardkit.fences import code_blocks

YES, NO = Reading(prefilled="yes"), Reading(prefilled="no")
CHAT = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
ASKED = [{"role": "user", "content": "Hi"}]


def begun(text):
    return [*ASKED, {"role": "assistant", "content": text}]


# text, reading, prompt, thinking, response, truncated
SPLITS = [
    ("<think>a</think>b", None, None, "a", "b", False),
    ("  <think>\n a \n</think>\n\n b \n", None, None, "a", "b", False),
    ("no tags", None, None, "", "no tags", False),
    ("", None, None, "", "", False),
    ("<think></think>", None, None, "", "", False),
    ("<think>", None, None, "", "", True),
    ("<think>cut off", None, None, "cut off", "", True),
    ("before <think>a</think> after", None, None, "a", "after", False),
    # A tag that is closed and never opened was prefilled, unless the prompt shows that it was not.
    ("a</think>b", None, None, "a", "b", False),
    ("a</think>b", None, ASKED, "a", "b", False),
    ("a</think>b", None, "Just a question", "a", "b", False),
    ("a</think>b", None, CHAT, "", "a</think>b", False),
    ("a</think>b", None, CHAT + "<think>\n", "a", "b", False),
    ("a</think>b", NO, None, "", "a</think>b", False),
    ("a</think>b", YES, None, "a", "b", False),
    ("</think>b", None, None, "", "b", False),
    # Prefilled, and cut off inside the thinking.
    ("never closed", YES, None, "never closed", "", True),
    ("never closed", None, CHAT + "<think>\n", "never closed", "", True),
    ("never closed", None, "A prompt as text. <think>\n", "never closed", "", True),
    ("never closed", None, "A prompt as text. <think>\n\n", "never closed", "", True),
    ("never closed", None, CHAT, "", "never closed", False),
    ("never closed", NO, CHAT + "<think>\n", "", "never closed", False),
    ("", YES, None, "", "", True),
    # A prompt of messages that ends in the assistant's own words is one that is gone on from.
    ("a</think>b", None, begun("<think>\n"), "a", "b", False),
    ("never closed", None, begun("<think>"), "never closed", "", True),
    ("plain", None, begun("Sure:"), "", "plain", False),
    ("plain", None, [*ASKED, {"role": "user", "content": "<think>"}], "", "plain", False),
    # A model that repeats the prefilled tag.
    ("<think>a</think>b", YES, None, "a", "b", False),
    ("<think>a</think>b", None, CHAT + "<think>\n", "a", "b", False),
    ("\n<think>a", YES, None, "a", "", True),
    # Nested, repeated, reversed: the thinking ends at the first closing tag.
    ("<think>a<think>b</think>c</think>d", None, None, "a<think>b", "c</think>d", False),
    ("<think>a</think>b<think>c</think>d", None, None, "a", "b<think>c</think>d", False),
    ("<think>a</think>b</think>c", None, None, "a", "b</think>c", False),
    ("<think><think>a</think>b", None, None, "<think>a", "b", False),
    ("a</think>b<think>c", None, None, "a", "b<think>c", False),
    ("a</think>b<think>c", NO, None, "c", "", True),
    ("<THINK>a</THINK>b", None, None, "", "<THINK>a</THINK>b", False),
    ("<think >a</think >b", None, None, "", "<think >a</think >b", False),
    # Other tags.
    ("<思考>想</思考>答", Reading(think="思考"), None, "想", "答", False),
    ("[T]a[/T]b", Reading(think=("[T]", "[/T]")), None, "a", "b", False),
    ("a[/T]b", Reading(think=("[T]", "[/T]")), None, "a", "b", False),
    ("a<think>b", Reading(think="reason"), None, "", "a<think>b", False),
    # Prompts of the wrong type say nothing.
    ("a</think>b", None, 5, "a", "b", False),
    ("plain", None, [None], "", "plain", False),
    ("plain", None, [], "", "plain", False),
    ("plain", None, {"role": "user"}, "", "plain", False),
    ("plain", None, begun(None), "", "plain", False),
    ("plain", None, begun([{"type": "text", "text": "<think>"}]), "", "plain", False),
]


@pytest.mark.parametrize(
    ("text", "reading", "prompt", "thinking", "response", "truncated"), SPLITS
)
def test_thinking_and_response_are_told_apart(
    text, reading, prompt, thinking, response, truncated
):
    completion = Completion.read(text, reading or Reading(), prompt)
    assert (completion.thinking, completion.response) == (thinking, response)
    assert completion.truncated is truncated


@pytest.mark.parametrize(
    "prompt",
    [
        "<｜User｜>q<｜Assistant｜>",
        "[INST] q [/INST]",
        "<start_of_turn>user\nq<end_of_turn>\n<start_of_turn>model\n",
        "<|start_header_id|>assistant<|end_header_id|>\n\n",
        "<|start|>user<|message|>q<|end|><|start|>assistant",
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
    ],
)
def test_a_rendered_prompt_shows_whether_it_prefills_the_tag(prompt):
    assert Completion("a</think>b", prompt=prompt).response == "a</think>b"
    assert Completion("a</think>b", prompt=prompt + "<think>\n").response == "b"


def test_reasoning_is_the_whole_text_where_there_are_no_tags():
    assert Completion("no tags").reasoning == "no tags"
    assert Completion("<think>a</think>b").reasoning == "a"
    assert Completion("<think></think>b").reasoning == ""


@pytest.mark.parametrize(
    ("reason", "cut_off"),
    [
        ("length", True),
        ("MAX_TOKENS", True),
        ("model_length", True),
        ("FinishReason.MAX_TOKENS", True),
        ("max_output_tokens", True),
        ("model_context_window_exceeded", True),
        ({"type": "length", "length": 2048}, True),
        ({"type": "stop", "matched": 151645}, False),
        ({}, False),
        ("stop", False),
        (None, False),
        ("", False),
        (5, False),
        (["length"], False),
    ],
)
def test_a_finish_reason_that_means_length_is_truncation(reason, cut_off):
    completion = Completion("done", finish_reason=reason)
    assert (completion.cut_off, completion.truncated) == (cut_off, cut_off)


def test_thinking_in_a_field_of_its_own_is_prefilled_by_no_template():
    message = {"role": "assistant", "reasoning_content": "so", "content": "4"}
    completion = Completion.read([message], Reading(prefilled="yes"))
    assert not completion.prefilled
    assert (completion.thinking, completion.response) == ("so", "4")


def test_a_tag_whose_delimiters_are_the_same_is_refused():
    with pytest.raises(ContractError, match="different delimiters"):
        Reading(think=("|", "|"))


@pytest.mark.parametrize(
    "end", ["<|im_end|>", "</s>\n", "<｜end▁of▁sentence｜>", "<eos><pad><pad>"]
)
def test_tokens_that_end_a_turn_are_no_part_of_the_response_or_the_thinking(end):
    assert Completion("<think>a</think>b" + end).response == "b"
    assert Completion("<think>a" + end).thinking == "a"
    message = {"role": "assistant", "reasoning_content": "a", "content": "b" + end}
    assert Completion.read([message]).response == "b"


def test_a_tag_of_the_reading_that_looks_like_an_end_token_is_read():
    reading = Reading(think=("<|think|>", "<|/think|>"), answer=("<|answer|>", "<|/answer|>"))
    completion = Completion("<|think|>a<|/think|><|answer|>4<|/answer|><|im_end|>", reading)
    assert (completion.thinking, completion.answer) == ("a", "4")


ANSWERS = [
    ("<answer>4</answer>", "4"),
    ("<answer> 4\n</answer> bye", "4"),
    ("<answer>3</answer> no: <answer>4</answer>", "4"),
    ("<answer>4</answer> <answer>5", "4"),
    ("<answer><answer>4</answer></answer>", "4"),
    ("<answer>4</answer> stray </answer>", "4"),
    ("</answer>4<answer>", None),
    ("<answer>4", None),
    ("<answer></answer>", ""),
    (r"the box \boxed{7}", "7"),
    (r"\boxed{7} <answer>4</answer>", "4"),
    ("<think><answer>9</answer></think>4", None),
    ("<think><answer>9</answer>", None),
    ("nothing", None),
]


@pytest.mark.parametrize(("text", "answer"), ANSWERS)
def test_the_answer_is_the_last_whole_block_of_the_response_else_its_last_box(text, answer):
    assert Completion(text).answer == answer


def test_the_answer_has_other_tags_where_the_reading_says_so():
    assert Completion("<答案>4</答案>", Reading(answer="答案")).answer == "4"
    assert Completion("[A]4[/A]", Reading(answer=("[A]", "[/A]"))).answer == "4"


BOXES = [
    (r"\boxed{4}", "4"),
    (r"\boxed {4}", "4"),
    (r"\fbox{4}", "4"),
    (r"\boxed{ \frac{1}{2} }", r"\frac{1}{2}"),
    (r"\boxed{1} then \boxed{2}", "2"),
    (r"\boxed{1} then \boxed{2", "1"),
    (r"\boxed{a \boxed{b}}", "b"),
    (r"\boxed{a \boxed{b} c", "b"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed{\left\{1\right.}", r"\left\{1\right."),
    (r"\boxed{}", ""),
    (r"\boxed", None),
    (r"\boxed 4", None),
    (r"\boxed}", None),
    (r"}\boxed{4}}", "4"),
    (r"boxed{4}", None),
    (r"<think>\boxed{4}</think>", None),
    (r"<think>\boxed{4}</think>\boxed{5}", "5"),
    ("\\boxed{a\nb}", "a\nb"),
]


@pytest.mark.parametrize(("text", "boxed"), BOXES)
def test_the_box_is_the_last_whole_one_of_the_response(text, boxed):
    assert Completion(text).boxed == boxed


FENCES = [
    ("```python\nx = 1\n```", [("python", "x = 1\n", True)]),
    ("```\nx\n```\n~~~c\ny\n~~~", [("", "x\n", True), ("c", "y\n", True)]),
    ("````\n```\nx\n```\n````", [("", "```\nx\n```\n", True)]),
    ("```py\nx", [("py", "x", False)]),
    ("```", [("", "", False)]),
    ("```{.Python}\nx\n```", [("python", "x\n", True)]),
    ("1. ```js\n   x\n   ```", [("js", "   x\n", True)]),
    ("  ```\n  x\n    y\n  ```", [("", "x\n  y\n", True)]),
    ("> ```\n> x\n> ```", [("", "> x\n", True)]),
    ("inline ```x``` here", []),
    ("```x``` inline", []),
    ("```\nx\n~~~", [("", "x\n~~~", False)]),
    ("```\nx\n``` trailing\n```", [("", "x\n``` trailing\n", True)]),
    ("``x``", []),
    ("", []),
]


@pytest.mark.parametrize(("text", "blocks"), FENCES)
def test_code_blocks_follow_commonmark(text, blocks):
    found = code_blocks(text)
    assert [(b.language, b.text, b.closed) for b in found] == blocks
    assert all(text[b.start :].startswith(("```", "~~~")) for b in found)
    assert all(b.start <= b.end <= len(text) for b in found)


PIECES = ["```", "~~~", "`", "~", "\n", "\n", " ", "> ", "1. ", "x", "y" * 79, "py"]


@example("```\n" + "y" * 79 + "x```\n```")
@example("```\n" + "y" * 80 + "x```\n```")
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_fences_are_found_by_their_marks_as_line_by_line(text):
    with pytest.MonkeyPatch.context() as patch:
        found = code_blocks(text)
        patch.setattr(fences, "_fence_runs", fences._FENCE_RUN.finditer)
        assert code_blocks(text) == found


def test_code_is_the_last_closed_block_of_the_response():
    text = "<think>\n```\nthinking\n```\n</think>\n```\nfirst\n```\n```\nlast\n```\n```\ncut"
    assert Completion(text).code == "last\n"
    assert Completion("```\ncut").code is None
    assert Completion("<answer>```\nbeside its tags\n```</answer>").code == "beside its tags\n"
    answered = "```\nfirst\n```\n<answer>```\nlast\n```</answer>\n```\nafter\n```"
    assert Completion(answered).code == "last\n"
    assert Completion("```\nfirst\n```\n<answer>see above</answer>").code == "first\n"


MESSAGES = [
    ([{"role": "assistant", "content": "hi"}], "hi", "", "hi"),
    ([{"role": "assistant", "content": None, "tool_calls": [{}]}], "", "", ""),
    ([], "", "", ""),
    (
        [
            {"role": "assistant", "content": "a"},
            {"role": "tool", "content": "ignored"},
            {"role": "assistant", "content": "b"},
        ],
        "a\nb",
        "",
        "a\nb",
    ),
    (
        [{"role": "assistant", "reasoning_content": "why", "content": "hi"}],
        "<think>\nwhy\n</think>\n\nhi",
        "why",
        "hi",
    ),
    (
        [{"role": "assistant", "reasoning": "has </think> in it", "content": "hi"}],
        "<think>\nhas </think> in it\n</think>\n\nhi",
        "has </think> in it",
        "hi",
    ),
    ([{"role": "assistant", "thinking": "why", "content": None}], None, "why", ""),
    ([{"role": "assistant", "reasoning_content": "", "content": "hi"}], "hi", "", "hi"),
    ([{"role": "assistant", "reasoning_content": None, "content": "hi"}], "hi", "", "hi"),
    (
        [{"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "image"}]}],
        "a",
        "",
        "a",
    ),
    ([{"content": "no role"}], "no role", "", "no role"),
    ([{"role": "assistant", "content": "<think>a</think>b"}], "<think>a</think>b", "a", "b"),
]


@pytest.mark.parametrize(("messages", "text", "thinking", "response"), MESSAGES)
def test_messages_are_read_as_the_assistants_text(messages, text, thinking, response):
    completion = Completion.read(messages)
    assert text is None or str(completion) == text
    assert (completion.thinking, completion.response) == (thinking, response)
    assert completion.messages == messages


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (None, "the row has no completion"),
        (5, "the completion is int"),
        (1.5, "the completion is float"),
        (b"bytes", "the completion is bytes"),
        ({"role": "assistant"}, "the completion is dict"),
        (["text"], "message 0 of the completion is str"),
        ([{"role": "assistant"}, None], "message 1 of the completion is NoneType"),
        ([{"role": "assistant", "content": 5}], "content of message 0 of the completion is int"),
        ([{"role": "assistant", "content": ["a"]}], "content of message 0"),
    ],
)
def test_what_is_no_completion_is_a_row_error_that_says_what_it_is(value, complaint):
    with pytest.raises(RowError, match=complaint):
        Completion.read(value)


def test_a_completion_is_a_string_in_every_way():
    completion = Completion("text")
    assert completion == "text"
    assert hash(completion) == hash("text")
    assert completion.upper() == "TEXT"
    assert {"text": 1}[completion] == 1
    assert completion.messages == [{"role": "assistant", "content": "text"}]


def test_a_completion_is_read_once():
    completion = Completion("<think>a</think>b")
    assert completion.thinking is completion.thinking
    assert Completion.read(completion, completion.reading) is completion


def test_a_completion_that_was_messages_is_read_anew_under_another_reading():
    messages = [{"role": "assistant", "reasoning_content": "why", "content": "hi"}]
    again = Completion.read(Completion.read(messages), Reading(think="reason"))
    assert (again.thinking, again.response) == ("why", "hi")
    assert again.startswith("<reason>")


@given(st.text(alphabet=st.characters()), st.sampled_from(["length", None]))
def test_a_completion_survives_pickling_with_its_prompt_and_reading(text, finish_reason):
    completion = Completion(text, YES, "prompt", finish_reason)
    back = pickle.loads(pickle.dumps(completion))
    assert type(back) is Completion
    assert (back, back.reading, back.thinking, back.truncated) == (
        *(completion, YES, completion.thinking, completion.truncated),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefilled": True},
        {"prefilled": "maybe"},
        {"think": ""},
        {"think": " "},
        {"think": ("<a>", "")},
        {"think": ("<a>",)},
        {"answer": ("a", "b", "c")},
        {"answer": (1, 2)},
    ],
)
def test_a_wrong_reading_is_refused_when_it_is_made(wrong):
    with pytest.raises(ContractError):
        Reading(**wrong)


PIECES = st.sampled_from(
    [
        *("<think>", "</think>", "<answer>", "</answer>", "<", ">"),
        *("\\boxed{", "\\fbox", "{", "}", "\\", "```", "~~~", "`"),
        *("\n", " ", "x", "\x00", "\ud800", "想"),
    ]
)
HOSTILE = st.one_of(st.text(alphabet=st.characters()), st.lists(PIECES, max_size=40).map("".join))


@given(HOSTILE, st.sampled_from(["auto", "yes", "no"]), st.sampled_from([None, CHAT, "<think>"]))
@example("\ud800\x00</think>\\boxed{", "auto", None)
def test_reading_never_raises_and_finds_only_what_the_text_has(text, prefilled, prompt):
    completion = Completion.read(text, Reading(prefilled=prefilled), prompt)
    for part in ("thinking", "reasoning", "response", "answer", "boxed", "code"):
        found = getattr(completion, part)
        assert found is None or found in text or part == "code"
    assert isinstance(completion.truncated, bool)
    assert completion.messages == [{"role": "assistant", "content": text}]
    assert completion.thinking_closed or not completion.response


@given(st.lists(st.sampled_from(["think", "", "\n", "a"]), max_size=5).map("".join), HOSTILE)
def test_what_stands_in_whole_tags_is_what_is_read(thinking, response):
    if "</think>" not in thinking and "<think>" not in thinking:
        completion = Completion(f"<think>{thinking}</think>{response}")
        assert completion.thinking == thinking.strip()
        assert completion.response == response.strip()


HOSTILE_UNITS = [
    "<think>",
    "</think>",
    "<think></think>",
    "<answer>",
    "</answer>",
    "<answer></answer>",
    "\\boxed{",
    "\\boxed ",
    "\\boxed{}",
    "\\boxed" + " " * 9,
    "{",
    "}",
    "\\",
    "`",
    "```\n",
    "```x\n",
    "~~~\n",
    "> - 1. ",
    "\n",
    " ",
    "<",
]


def _seconds_to_read(text):
    fastest = float("inf")
    for _ in range(2):
        begin = time.process_time()
        completion = Completion(text)
        for part in ("thinking", "response", "answer", "boxed", "code", "truncated"):
            getattr(completion, part)
        fastest = min(fastest, time.process_time() - begin)
    return fastest


@pytest.mark.parametrize("unit", HOSTILE_UNITS)
def test_reading_is_linear_in_hostile_text(unit):
    # What is quadratic in 100,000 tags takes minutes. Under 50 ms the clock's noise decides.
    half = _seconds_to_read(unit * 50_000)
    whole = _seconds_to_read(unit * 100_000)
    assert whole < 10.0
    assert whole < 3 * half + 0.05
