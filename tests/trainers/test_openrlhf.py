"""A suite in OpenRLHF's own executor, from a file as its users write one."""

import asyncio
import warnings
from types import SimpleNamespace

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it imports is deprecated here and there
    from openrlhf.utils.agent import SingleTurnAgentExecutor

FILE = """
import rewardkit as rk
from rewardkit.trainers.openrlhf import reward_function

reward_func = reward_function(rk.preset("r1-zero"))
"""
GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"


class Tokenizer:
    """Tokens are characters."""

    def __call__(self, text, **kwargs):
        import torch

        return {"input_ids": torch.tensor([[ord(c) for c in text]])}

    def decode(self, ids, skip_special_tokens):
        assert not skip_special_tokens
        return "".join(map(chr, ids))


class Engine:
    """A model that says the same every time."""

    def __init__(self, text):
        self.text = text

    async def generate(self, prompt_token_ids, params, multi_modal_data=None):
        ids = [ord(c) for c in self.text]
        output = SimpleNamespace(token_ids=ids, finish_reason="stop", logprobs=None)
        return SimpleNamespace(outputs=[output])


@pytest.mark.parametrize(
    ("text", "label", "accuracy"),
    [
        (GOOD + "</s>", "4", 1.0),
        (GOOD + "<|im_end|>", '{"answer": "5"}', 0.0),
        ("", "4", 0.0),
        (GOOD, "not JSON {", 0.0),
    ],
)
def test_its_executor_gets_rewards_and_logs(tmp_path, text, label, accuracy):
    path = tmp_path / "my_rewards.py"
    path.write_text(FILE)
    executor = SingleTurnAgentExecutor(str(path))
    params = SimpleNamespace(max_tokens=500, logprobs=None)
    found = asyncio.run(executor.execute("2+2?", label, params, 1000, Tokenizer(), Engine(text)))
    assert found["extra_logs"]["reward_accuracy"] == accuracy
    assert found["reward"] == found["scores"] == accuracy + found["extra_logs"]["reward_format"]
