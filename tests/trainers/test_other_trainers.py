"""Suites in trainers that are called by their documented form: labels, samples, messages."""

import asyncio
import math
import pickle
import sys
from enum import Enum
from types import ModuleType, SimpleNamespace
from typing import NamedTuple

import pytest

import rewardkit as rk
from rewardkit.trainers import areal, ms_swift, nemo_rl, openrlhf, skyrl, slime, verifiers
from rewardkit.trainers.labels import label_columns

GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"
HOSTILE = ["", "\x00\ud800", "<think>" * 500, "\\boxed{" * 500, "boom"]
LABELS = ["4", "not JSON {", '{"answer": "4"}', '{"a":' * 100_000, "[1, 2]", "", None, 4, b"4", {}]


@rk.reward
def right(completion: rk.Completion, answer: str | None = None) -> float | None:
    """1.0 when the answer is the reference; breaks on "boom"."""
    if completion == "boom":
        raise RuntimeError("boom")
    return None if answer is None else float(completion.answer == answer)


@rk.reward
def whole(completion: rk.Completion) -> float:
    """1.0 when the completion was not cut off."""
    return float(not completion.cut_off)


SUITE = right + 0.5 * whole


@pytest.mark.parametrize(
    ("label", "columns"),
    [
        ("4", {"answer": "4"}),
        (4, {"answer": 4}),
        (None, {"answer": None}),
        ("not JSON {", {"answer": "not JSON {"}),
        ("{not JSON", {"answer": "{not JSON"}),
        ('{"a":' * 100_000, {"answer": '{"a":' * 100_000}),
        ("{}", {"answer": "{}"}),
        ("[1, 2]", {"answer": "[1, 2]"}),
        (' {"answer": "4", "language": "en"}', {"answer": "4", "language": "en"}),
        ({"answer": "4"}, {"answer": "4"}),
        (
            '{"inputs": ["1"], "outputs": ["2"]}',
            {"tests": {"inputs": ["1"], "outputs": ["2"]}},
        ),
    ],
)
def test_a_label_is_an_answer_tests_or_columns(label, columns):
    assert label_columns(label) == columns


@pytest.mark.parametrize(
    ("query", "prompt", "response"),
    [
        ("Why?Because.</s>", "Why?", "Because."),
        ("Why?Because.<|im_end|>\n<|endoftext|>", "Why?", "Because."),
        ("Why?Because.<｜end▁of▁sentence｜>", "Why?", "Because."),
        ("Why?<think>a</think>b", "Why?", "<think>a</think>b"),
        ("Why?</think>", "Why?", "</think>"),
        ("<s> Why? Because.<eos>", "Why?", " Because."),
        ("<s>Q: a\nA: b\nQ: c\nA: Q: a\nA: b", "Q: a\nA: b\nQ: c\nA: ", "Q: a\nA: b"),
        ("<s>" + f"{'x' * 60}\n" * 2 + "Because.", f"{'x' * 60}\n" * 2, "Because."),
        ("<s>xA:yA:z", "!xA:", "<s>xA:yA:z"),
        ("no prompt", "", "no prompt"),
        ("", "Why?", ""),
    ],
)
def test_openrlhfs_query_without_its_prompt_and_end_is_the_response(query, prompt, response):
    assert openrlhf.response(query, prompt) == response


def test_openrlhf_gets_numbers_for_a_query_and_lists_for_several():
    reward_func = openrlhf.reward_function(SUITE)
    one = reward_func([f"2+2?{GOOD}</s>"], ["2+2?"], ["4"])
    assert (one["rewards"], one["scores"]) == (1.5, 1.5)
    assert one["extra_logs"] == {
        "reward_right": 1.0,
        "reward_whole": 1.0,
        "failed": 0.0,
        "abstained": 0.0,
    }
    several = reward_func([GOOD, "boom", GOOD], [""] * 3, ["4", "4", '{"answer": "5"}'])
    assert several["rewards"] == [1.5, 0.5, 0.5]
    assert several["extra_logs"]["failed"] == [0.0, 1.0, 0.0]
    for text in HOSTILE:
        for label in LABELS:
            found = reward_func([text], [""], [label])
            numbers = [found["rewards"], *found["extra_logs"].values()]
            assert all(type(n) is float and math.isfinite(n) for n in numbers)


class Status(Enum):
    COMPLETED = "completed"
    TRUNCATED = "truncated"


def slime_sample(response=GOOD, label="4", status=Status.COMPLETED, metadata=None):
    return SimpleNamespace(
        prompt="2+2?", response=response, label=label, status=status, metadata=metadata
    )


def test_slime_gets_a_number_for_a_sample_and_a_list_for_a_group():
    custom_rm = slime.custom_rm_of(SUITE)
    samples = [
        slime_sample(),
        slime_sample(status=Status.TRUNCATED),
        slime_sample(label='{"answer": "5"}'),
        slime_sample(label={"note": 1}, metadata={"answer": "4"}),
        slime_sample("boom"),
    ]
    wanted = [1.5, 1.0, 0.5, 1.5, 0.5]
    assert asyncio.run(custom_rm(None, samples)) == wanted
    assert [asyncio.run(custom_rm(None, sample)) for sample in samples] == wanted
    for text in HOSTILE:
        for label in LABELS:
            assert math.isfinite(asyncio.run(custom_rm(None, slime_sample(text, label))))


def test_slimes_groups_are_scored_together():
    @rk.reward(group=True)
    def longest(completions: list[str]) -> list[float]:
        return [float(len(c) == max(map(len, completions))) for c in completions]

    custom_rm = slime.custom_rm_of(longest)
    samples = [slime_sample("a"), slime_sample("abc"), slime_sample("ab")]
    assert asyncio.run(custom_rm(None, samples)) == [0.0, 1.0, 0.0]


def test_areal_gets_the_total_from_a_function_that_pickles():
    function = pickle.loads(pickle.dumps(areal.RewardFunction(SUITE)))
    assert function("2+2?", GOOD, [1], [2, 3], answer="4", task_id=7) == 1.5
    assert function("2+2?", "boom", [1], [2, 3], answer="4") == 0.5
    assert areal.RewardFunction(right)("2+2?", GOOD, [1], [2]) == 0.0


def test_ms_swift_makes_instances_that_score_a_batch():
    made = ms_swift.orm(SUITE, "r1")(args=None)
    messages = [[{"role": "user", "content": "2+2?"}]] * 3
    found = made([GOOD, "boom", ""], messages=messages, answer=["4", "4", None])
    assert found == [1.5, 0.5, 0.5]
    assert made.__name__ == "r1"
    assert ms_swift.orm(right)()([GOOD, GOOD], answer=["4", None]) == [1.0, None]


def test_nemo_rl_scores_the_last_message_of_each_log():
    log = [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": GOOD}]
    environment = nemo_rl.SuiteEnvironment(SUITE)
    metadata = [{"ground_truth": "4"}, {"answer": "5"}, None]
    assert environment.totals([log] * 3, metadata) == [1.5, 0.5, 0.5]
    assert environment.totals([[], [None], [{"role": "user"}]], [None] * 3) == [0.5, 0.0, 0.5]


def test_nemo_rl_gets_its_own_return_type(monkeypatch):
    torch = pytest.importorskip("torch")

    class EnvironmentReturn(NamedTuple):
        observations: list
        metadata: list
        next_stop_strings: list
        rewards: object
        terminateds: object
        answers: object

    module = ModuleType("nemo_rl.environments.interfaces")
    module.EnvironmentReturn = EnvironmentReturn
    monkeypatch.setitem(sys.modules, "nemo_rl", ModuleType("nemo_rl"))
    monkeypatch.setitem(sys.modules, "nemo_rl.environments", ModuleType("environments"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    log = [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": GOOD}]
    found = nemo_rl.SuiteEnvironment(SUITE).step([log], [{"answer": "4"}])
    assert torch.equal(found.rewards, torch.tensor([1.5]))
    assert found.terminateds.tolist() == [True]


def test_skyrl_gets_an_environment_of_one_step(monkeypatch):
    module = ModuleType("skyrl_gym.envs.base_text_env")
    module.BaseTextEnv = type("BaseTextEnv", (), {})
    module.BaseTextEnvStepOutput = SimpleNamespace
    monkeypatch.setitem(sys.modules, "skyrl_gym", ModuleType("skyrl_gym"))
    monkeypatch.setitem(sys.modules, "skyrl_gym.envs", ModuleType("envs"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    make = skyrl.environment(SUITE)
    step = make(None, {"reward_spec": {"ground_truth": "4"}, "index": 1}).step(GOOD)
    assert (step.reward, step.done, step.observations) == (1.5, True, [])
    assert step.metadata["reward_right"] == 1.0
    assert make(None).step("boom").reward == 0.5


class Model:
    def __init__(self, **fields):
        self.fields = fields

    def model_dump(self):
        return self.fields


def trace(text, truncated=False):
    messages = [
        Model(role="system", content="Think."),
        Model(role="user", content="2+2?"),
        Model(role="assistant", content=text),
    ]
    return SimpleNamespace(messages=messages, is_truncated=truncated)


def test_verifiers_gets_what_each_term_adds():
    rewards = verifiers.task_reward(SUITE)
    assert asyncio.run(rewards(Model(answer="4"), trace(GOOD))) == {"right": 1.0, "whole": 0.5}
    assert asyncio.run(rewards(Model(answer="4"), trace(GOOD, truncated=True)))["whole"] == 0.0
    assert asyncio.run(rewards(Model(), trace(GOOD))) == {"whole": 0.5}
    assert asyncio.run(rewards(Model(answer="4"), trace("boom"))) == {"whole": 0.5}
    required = verifiers.task_reward(right.required() + whole)
    assert asyncio.run(required(Model(), trace(GOOD))) == {}


def test_verifiers_rubric_before_0_2_sums_to_the_total():
    functions, weights = verifiers.rubric((right + 0.5 * whole).gated_by(whole.named("gate")))
    assert [f.__name__ for f in functions] == ["right", "whole"]
    assert weights == [1.0, 0.5]
    prompt = [{"role": "user", "content": "2+2?"}]
    completion = [{"role": "assistant", "content": GOOD}]
    given = {"prompt": prompt, "completion": completion, "state": {}, "task": "sums"}
    assert [f(**given, answer="4", info={"index": 1}) for f in functions] == [1.0, 1.0]
    assert [f(**given) for f in functions] == [0.0, 1.0]
