"""A suite plugged into a task of verifiers 0.4, scored as verifiers scores it."""

import asyncio
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it imports is deprecated here and there
    vf = pytest.importorskip("verifiers.v1", reason="verifiers 0.4 is not installed")
    from verifiers.v1.graph import MessageNode
    from verifiers.v1.types import AssistantMessage, UserMessage


GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"


class Data(vf.TaskData):
    answer: str | None = None


@pytest.mark.parametrize(
    ("text", "answer", "parts"),
    [
        (GOOD, "4", {"accuracy": 1.0, "format": 0.5}),
        (GOOD, None, {"format": 0.5}),
        (None, "4", {"accuracy": 0.0, "format": 0.0}),
        ("\x00", "4", {"accuracy": 0.0, "format": 0.0}),
    ],
)
def test_a_trace_gets_the_suites_parts_and_their_sum(monkeypatch, tmp_path, text, answer, parts):
    (tmp_path / "plugged_suite.py").write_text(
        "import rewardkit as rk\n"
        "from rewardkit.trainers.verifiers import task_reward\n"
        'suite = task_reward(rk.get_reward("accuracy") + 0.5 * rk.get_reward("format"))\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    config = vf.TaskConfig(rewards={"suite": {"fn": "plugged_suite:suite"}})
    task = vf.Task(Data(prompt="2+2?", answer=answer), config)
    nodes = [
        MessageNode(parent=None, message=UserMessage(content="2+2?")),
        MessageNode(parent=0, message=AssistantMessage(content=text), sampled=True),
    ]
    # Who produced the trace, which validation asks for, has no part in its scoring.
    trace = vf.Trace.model_construct(nodes=nodes, calls=[], rewards={}, metrics={})
    asyncio.run(task.score(trace))
    assert {name: reward.value for name, reward in trace.rewards.items()} == parts
    assert trace.reward == sum(parts.values())
