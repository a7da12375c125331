"""Scoring one completion in the sandbox, where this machine has one."""

import pytest
from rewardkit_code import code

import rewardkit as rk
from rewardkit.sandbox import SandboxError, shared_sandbox


@pytest.fixture(scope="session")
def sandboxed():
    try:
        shared_sandbox().start()
    except SandboxError as error:
        pytest.skip(f"no sandbox here: {error}")


@pytest.fixture
def score(sandboxed):
    """The score of one program, or completion, by the row's fields; options as the reward's."""

    def score_one(program, tests=None, options=None, tag="python", **row):
        text = program if "```" in program else f"<think>so</think>\n```{tag}\n{program}\n```"
        columns = {"prompts" if name == "prompt" else name: [cell] for name, cell in row.items()}
        function = code.using(**options) if options else code
        scores = function.function(
            [rk.Completion(text)], [tests], **{**function.options, **columns}
        )
        return scores[0]

    return score_one
