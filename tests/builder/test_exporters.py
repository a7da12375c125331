import pytest

from rewardkit.builder.exporters import messages, prompt_completion
from rewardkit.completions import Completion, Reading
from rewardkit.errors import RowError

USER = {"role": "user", "content": "1 + 1?"}
WHOLE = "<think>two</think>2"


def test_a_text_prompt_becomes_the_users_message():
    assert messages({"prompt": "1 + 1?"}, Completion(WHOLE)) == {
        "messages": [USER, {"role": "assistant", "content": WHOLE}]
    }


def test_a_prompt_of_messages_stays_as_it_is():
    system = {"role": "system", "content": "Think."}
    row = {"prompt": [system, USER]}
    assert messages(row, Completion(WHOLE))["messages"][:2] == [system, USER]
    assert prompt_completion(row, Completion(WHOLE)) == {
        "prompt": [system, USER],
        "completion": [{"role": "assistant", "content": WHOLE}],
    }


def test_text_stays_text_in_prompt_completion():
    assert prompt_completion({"prompt": "1 + 1?"}, Completion(WHOLE)) == {
        "prompt": "1 + 1?",
        "completion": WHOLE,
    }


def test_a_prefilled_think_tag_is_written_out_again():
    completion = Completion("two</think>2", prompt="1 + 1?\n<think>\n")
    made = messages({"prompt": "1 + 1?\n<think>\n"}, completion)
    assert made["messages"] == [USER, {"role": "assistant", "content": "<think>\ntwo</think>2"}]


def test_a_prefilled_tag_of_another_name_is_written_out_too():
    completion = Completion("二</思考>2", Reading(think="思考", prefilled="yes"))
    assert messages({"prompt": "?"}, completion)["messages"][1]["content"] == "<思考>\n二</思考>2"


def test_messages_of_a_completion_are_kept_with_their_reasoning():
    answered = [{"role": "assistant", "reasoning_content": "two", "content": "2"}]
    made = messages({"prompt": "1 + 1?"}, Completion.read(answered))
    assert made["messages"] == [USER, *answered]


@pytest.mark.parametrize("prompt", [None, 5, ["text"]])
def test_a_row_without_a_prompt_cannot_be_exported(prompt):
    with pytest.raises(RowError, match="the row has"):
        messages({"prompt": prompt}, Completion("2"))
