"""The special tokens that end a turn."""

import pytest

from rewardkit.end_tokens import without_end


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("b<|im_end|>\n<|endoftext|><|endoftext|>", "b"),
        ("b<｜end▁of▁sentence｜>", "b"),
        ("b</s><pad><pad>", "b"),
        ("b" + "</s>" * 100_000, "b"),
        ("<answer>4</answer><|eot_id|>", "<answer>4</answer>"),
        ("<answer>4</answer>", "<answer>4</answer>"),
        ("1 <|x|> 2", "1 <|x|> 2"),
        (" " * 1_000_000 + "x", " " * 1_000_000 + "x"),
        ("</s>" * 100_000 + "x", "</s>" * 100_000 + "x"),
        ("", ""),
    ],
)
def test_tokens_that_end_a_turn_are_no_part_of_it(text, without):
    assert without_end(text) == without


def test_a_tag_that_looks_like_such_a_token_stays():
    text = "<|begin|>4<|end|>\n"
    assert without_end(text + "<|im_end|>", ("<|end|>",)) == text.rstrip()
    assert without_end(text) == "<|begin|>4"
