"""Suites in verl: its reward function, its reward manager, and its metrics of both."""

import asyncio
import inspect
import math
import pickle
import warnings

import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from tensordict import TensorDict

import rewardkit as rk
from rewardkit.errors import ContractError, UnknownNameError
from rewardkit.trainers.scoring import Scorer
from rewardkit.trainers.verl import (
    async_score_function,
    compute_score,
    compute_score_async,
    score_function,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # verl and ray import what ray has deprecated
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager import get_reward_manager_cls
    from verl.trainer.ppo.metric_utils import process_validation_metrics
    from verl.trainer.ppo.reward import get_custom_reward_fn, load_reward_manager

GOOD = "<think>\nTwo and two.\n</think>\n<answer>\n4\n</answer>"
RESPONSES = [GOOD, "", "\x00\ud800", "<think>" * 500, r"\boxed{4}", "</think>" * 500]
TRUTHS = ["4", "not JSON {", '{"answer": "4"}', '{"inputs": ["1"], "outputs": ["2"]}', "", None, 4]


@rk.reward
def explosive(completion: str) -> float:
    """Breaks on what is empty."""
    return 1 / len(completion)


def config(path, name, manager="naive", **kwargs):
    reward = {
        "custom_reward_function": {"path": path, "name": name, "reward_kwargs": kwargs},
        "reward_manager": {"source": "register", "name": manager, "module": None},
        "reward_kwargs": kwargs,
    }
    return OmegaConf.create({"reward": reward})


class Characters:
    """A tokenizer whose tokens are characters."""

    eos_token_id = 1

    def decode(self, ids, skip_special_tokens=True):
        return "".join(chr(int(i)) for i in ids if int(i) > 2)


def sample(text, truth="4", width=None, **columns):
    ids = [ord(c) for c in text] + ([1] if width is None else [])
    width = width or len(ids) + 2
    padded = (ids + [0] * width)[:width]
    mask = [1, 1, 1] + [int(i < len(ids)) for i in range(width)]
    batch = TensorDict(
        {
            "prompts": torch.tensor([[3, 3, 3]]),
            "responses": torch.tensor([padded]),
            "attention_mask": torch.tensor([mask]),
        },
        batch_size=1,
    )
    cells = {"data_source": "sums", "reward_model": {"ground_truth": truth}, **columns}
    plain = {name: np.array([value], dtype=object) for name, value in cells.items()}
    return DataProto(batch=batch, non_tensor_batch=plain)


def test_every_sample_has_the_same_keys_and_finite_numbers():
    keys = set()
    for response in RESPONSES:
        for truth in TRUTHS:
            for extra in (None, {"answer": "a whole solution", "index": 7}, "no mapping"):
                result = compute_score("sums", response, truth, extra, recipe="r1-zero", other=1)
                keys.add(tuple(result))
                assert isinstance(result.pop("pred"), str)
                assert all(type(v) is float and math.isfinite(v) for v in result.values())
    assert len(keys) == 1


def test_the_numbers_are_those_of_the_suite():
    result = compute_score("sums", GOOD, "4", {"answer": "of the extra info"})
    suite = rk.preset("r1-zero")
    scored = suite.score([{"completion": GOOD, "answer": "4"}])
    assert result["score"] == scored.totals[0] > 0
    assert result["acc"] == scored.scores["accuracy"][0].value == 1.0
    assert result["pred"] == "4"
    assert asyncio.run(compute_score_async("sums", GOOD, "4", None)) == result
    assert score_function(suite)("sums", GOOD, "4", None) == result
    assert asyncio.run(async_score_function(suite)("sums", GOOD, "4", None)) == result
    assert inspect.iscoroutinefunction(async_score_function(suite))


def test_a_suite_without_accuracy_has_its_total_as_acc_and_a_failure_is_counted():
    score = score_function(explosive)
    assert score("s", "ab", None)["acc"] == 0.5
    broken = score("s", "", None)
    assert (broken["score"], broken["failed"], broken["abstained"]) == (0.0, 1.0, 1.0)


def test_an_unknown_recipe_says_so_at_the_first_sample():
    with pytest.raises(UnknownNameError, match="Did you mean 'r1-zero'"):
        compute_score("sums", GOOD, "4", recipe="r1zero")


@pytest.mark.parametrize("name", ["compute_score", "compute_score_async"])
def test_verl_finds_the_function_by_its_package_path(name):
    settings = config("pkg://rewardkit.trainers.verl", name, recipe="r1-zero")
    function = get_custom_reward_fn(settings)
    assert function is not None
    [result] = scored_by(settings, sample(GOOD))
    assert result["reward_score"] == compute_score("sums", GOOD, "4")["score"]
    assert result["reward_extra_info"]["acc"] == 1.0


def scored_by(settings, *samples, suite=None):
    """What verl's own loading and calling of a manager return for samples."""

    async def run():
        manager = load_reward_manager(settings, Characters())
        if suite is not None:
            manager.scorer = Scorer(suite)
        return [await manager.run_single(data) for data in samples]

    return asyncio.run(run())


def test_the_entry_point_registers_the_manager():
    assert get_reward_manager_cls("rewardkit").__name__ == "RewardManager"
    settings = config(None, None, "rewardkit", recipe="r1-zero")
    messages = [{"role": "user", "content": "2 + 2?"}]
    alike = [sample(GOOD), sample(GOOD, extra_info={"index": 3}, raw_prompt=messages)]
    for result in scored_by(settings, *alike):
        assert result["reward_extra_info"] == compute_score("sums", GOOD, "4")
    hostile = [sample(text, truth) for text in RESPONSES for truth in TRUTHS]
    for result in scored_by(settings, *hostile):
        assert math.isfinite(result["reward_score"])


@pytest.mark.parametrize(("width", "truncated"), [(None, 0.0), (10, 1.0), (200, 0.0)])
def test_the_manager_sees_what_the_limit_cut_off(width, truncated):
    @rk.reward
    def cut(completion: rk.Completion) -> float:
        return float(completion.cut_off)

    data = sample("0123456789", width=width)
    [result] = scored_by(config(None, None, "rewardkit"), data, suite=cut.to_suite())
    assert result["reward_score"] == truncated


def test_verls_validation_makes_best_and_majority_of_the_numbers():
    results = [compute_score("sums", text, "4") for text in [GOOD, "<answer>5</answer>", "", GOOD]]
    infos = {name: [result[name] for result in results] for name in results[0]}
    found = process_validation_metrics(["sums"] * 4, ["a"] * 4, infos)["sums"]
    assert found["acc"]["mean@4"] == 0.5
    assert found["acc"]["best@4/mean"] > 0.8
    assert "maj@4/mean" in found["acc"]
    assert "pred" not in found


def test_a_function_of_a_preset_pickles():
    assert pickle.loads(pickle.dumps(compute_score)) is compute_score
    with pytest.raises(ContractError, match="a suite or a reward"):
        score_function("r1-zero")
