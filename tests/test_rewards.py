"""Rewards: what a function may be, what it may return, and that one row's trouble is its own."""

import asyncio
import functools
import importlib
import math
import multiprocessing
import pickle
import sys
import textwrap
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction

import cloudpickle
import datasets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit import calling
from rewardkit.errors import ContractError, OptionError

TEXTS = [{"completion": text} for text in ("a", "bb", "", "cccc")]


@rk.reward
def brevity(completion: str, *, limit: int = 2) -> float:
    """1.0 when the completion is no longer than `limit` characters.

    More of it.
    """
    return float(len(completion) <= limit)


@rk.reward
def lengths(completions: list[str], **kwargs) -> list[float]:
    """How long they are."""
    return [len(c) for c in completions]


def values(scores):
    return [score.value for score in scores]


def made(function, **options):
    return rk.reward(**options)(function) if options else rk.reward(function)


# The contract


def test_a_reward_is_still_the_function_that_it_was():
    assert brevity("hi") == 1.0
    assert brevity("hi", limit=1) == 0.0
    assert brevity.summary == "1.0 when the completion is no longer than `limit` characters."
    assert brevity.__wrapped__ is brevity.function
    assert repr(brevity.using(limit=3)) == "<Reward brevity(completion, limit=3)>"


def test_a_direct_call_reads_its_completion_as_a_suite_does():
    @rk.reward
    def answered(completion: rk.Completion) -> float:
        return float(completion.answer == "4")

    @rk.reward
    def answers(completions: list[rk.Completion]) -> list[float]:
        return [float(completion.answer == "4") for completion in completions]

    @rk.reward
    def lengths(completions: list[str]) -> list[float]:
        assert type(completions[0]) is str
        return [float(len(completion)) for completion in completions]

    text = "<answer>4</answer>"
    assert answered(text) == answered(completion=text) == answered(rk.Completion(text)) == 1.0
    assert answered([{"role": "assistant", "content": text}]) == 1.0
    assert answers([text, "no"]) == answers(completions=[text, "no"]) == [1.0, 0.0]
    assert lengths([text]) == [18.0]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda text: 1.0, "must take either `completion`"),
        (lambda completion, completions: 1.0, "must take either `completion`"),
        (lambda *, completion: 1.0, "must take either `completion`"),
        (lambda: 1.0, "must take either `completion`"),
        (lambda *completions: 1.0, r"takes `\*args`"),
        ("brevity", "is a function, not str"),
        (None, "is a function, not NoneType"),
        (brevity, "is a reward already"),
    ],
)
def test_what_breaks_the_contract_is_refused_at_once(function, said):
    with pytest.raises(ContractError, match=said):
        rk.reward()(function)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group": True}, "must take `completions`"),
        ({"deadline": 0}, "`deadline` is a number of seconds above 0, not 0"),
        ({"deadline": math.nan}, "not nan"),
        ({"deadline": "5"}, "not '5'"),
        ({"workers": 0}, "`workers` is a whole number above 0"),
        ({"workers": 1.5}, "not 1.5"),
        ({"workers": True}, "not True"),
        ({"memory": -1}, "`memory`"),
        ({"concurrency": 2}, "is not async"),
    ],
)
def test_wrong_limits_are_refused_at_once(options, said):
    with pytest.raises(ContractError, match=said):
        rk.reward(**options)(lambda completion: 1.0)
    if "group" not in options:
        with pytest.raises(ContractError, match=said):
            brevity.limited(**options)


@pytest.mark.parametrize("options", [{"workers": 2}, {"memory": 10**9}])
def test_an_async_reward_has_no_workers(options):
    async def judged(completion): ...

    with pytest.raises(ContractError, match="is async"):
        rk.reward(**options)(judged)
    with pytest.raises(ContractError, match="is async"):
        rk.reward(judged).limited(**options)


def test_options_are_checked_when_they_are_given():
    assert values(brevity.using(limit=1).score(TEXTS)) == [1.0, 0.0, 1.0, 0.0]
    assert brevity.using(limit=1).using().options == {"limit": 1}
    assert brevity.using(limit=1)("ab") == 0.0  # called as a function, too
    assert brevity.using(limit=1)("ab", limit=2) == 1.0
    assert brevity.options == {"limit": 2}
    with pytest.raises(OptionError, match=r"no option 'limt'. Did you mean 'limit'"):
        brevity.using(limt=1)
    with pytest.raises(OptionError, match="limit = 'x'"):
        brevity.using(limit="x")


def test_an_option_without_default_is_asked_for_before_anything_is_scored():
    def judged(completion, *, model): ...

    with pytest.raises(OptionError, match=r"using\(model=...\)"):
        rk.reward(judged).score(TEXTS)
    assert values(rk.reward(judged).using(model="m").score(TEXTS)) == [None] * 4


def test_rewards_are_equal_where_their_settings_are():
    assert brevity == brevity.using()
    assert brevity.using(limit=3) == brevity.using(limit=3)
    assert hash(brevity.using(limit=3)) == hash(brevity.using(limit=4))
    for other in (brevity.using(limit=3), brevity.named("b"), brevity.limited(workers=1), lengths):
        assert brevity != other


# What a function returns, and what it raises

RETURNS = [
    (1, 1.0),
    (True, 1.0),
    (False, 0.0),
    (0.25, 0.25),
    (None, None),
    (Fraction(1, 4), 0.25),
    (np.float32(0.25), 0.25),
    (np.bool_(True), 1.0),
    (np.array(0.25), 0.25),
    (rk.Score(0.5, "half"), 0.5),
    (rk.Score.abstain("no idea"), None),
]


@pytest.mark.parametrize(("returned", "value"), RETURNS)
def test_a_number_a_bool_none_and_a_score_are_scores(returned, value):
    (score,) = made(lambda completion: returned, name="it").score([{"completion": ""}])
    assert score.value == value
    assert not score.failed
    assert score.reason


def test_minus_zero_is_zero_for_equal_scores_have_one_reason():
    (score,) = made(lambda completion: -0.0, name="below").score([{"completion": ""}])
    assert (str(score.value), score.reason) == ("0.0", "below returned 0")


class Unprintable:
    def __repr__(self):
        raise ValueError("no repr")


class Untouchable:
    def __getattr__(self, name):
        raise OSError(name)


RUBBISH = [
    "1.0",
    b"1",
    math.nan,
    math.inf,
    -math.inf,
    np.float32("nan"),
    10**400,
    [1.0],
    (1.0,),
    {"score": 1.0},
    np.array([1.0, 2.0]),
    1j,
    object(),
    Unprintable(),
    Untouchable(),
    "x" * 10**6,
]


@pytest.mark.parametrize("returned", RUBBISH, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("batched", [False, True])
def test_anything_else_is_a_failed_score_of_its_row_alone(returned, batched):
    if batched:
        calls = []

        def function(completions):
            calls.append(1)
            return [returned if c == "" else 1.0 for c in completions]
    else:
        calls = [1]

        def function(completion):
            return returned if completion == "" else 1.0

    scores = made(function, name="it").score(TEXTS)
    assert values(scores) == [1.0, 1.0, None, 1.0]
    assert [s.failed for s in scores] == [False, False, True, False]
    assert scores[2].reason.startswith("it returned ")
    assert len(scores[2].reason) <= 500
    assert len(calls) == 1


class BrokenStrError(Exception):
    def __str__(self):
        raise SystemExit("no str")


class Fatal(BaseException):
    pass


def deep(n=0):
    return deep(n + 1)


RAISES = [
    (ValueError("bad\nlines"), "ValueError: bad"),
    (KeyError("x"), "KeyError: 'x'"),
    (AssertionError(), "AssertionError"),
    (SystemExit(3), "SystemExit: 3"),
    (GeneratorExit(), "GeneratorExit"),
    (asyncio.CancelledError(), "CancelledError"),
    (Fatal("fatal"), "Fatal: fatal"),
    (BrokenStrError(), "BrokenStrError"),
    (StopIteration(), "StopIteration"),
    (MemoryError(), "MemoryError"),
    (ExceptionGroup("many", [ValueError("x")]), "ExceptionGroup: many (1 sub-exception)"),
    (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"), "UnicodeEncodeError"),
]


@pytest.mark.parametrize(("error", "reason"), RAISES, ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("kind", ["sample", "batch", "async sample", "async batch"])
def test_what_a_reward_raises_is_a_failed_score_of_its_row_alone(error, reason, kind):
    def sample(completion):
        if completion == "":
            raise type(error)(*error.args)
        return 1.0

    def batch(completions):
        return [sample(c) for c in completions]

    async def async_sample(completion):
        return sample(completion)

    async def async_batch(completions):
        return batch(completions)

    if kind.startswith("async") and isinstance(error, StopIteration):
        reason = "RuntimeError: coroutine raised StopIteration"
    if kind == "async batch" and isinstance(error, asyncio.CancelledError):
        return  # a batch that is cancelled is cancelled whole
    functions = {"sample": sample, "batch": batch}
    functions |= {"async sample": async_sample, "async batch": async_batch}
    scores = rk.reward(functions[kind]).score(TEXTS)
    assert values(scores) == [1.0, 1.0, None, 1.0]
    assert scores[2].failed
    assert scores[2].reason.startswith(reason)
    assert "\n" not in scores[2].reason
    assert (
        scores[2]
        .evidence["traceback"]
        .lstrip(" +")
        .startswith("Exception Group Traceback" if "Group" in reason else "Traceback")
    )
    assert len(scores[2].evidence["traceback"]) <= 4000


def test_endless_recursion_is_a_failed_score():
    scores = made(lambda completion: deep() if completion == "" else 1.0).score(TEXTS)
    assert values(scores) == [1.0, 1.0, None, 1.0]
    assert scores[2].reason.startswith("RecursionError")


def test_a_keyboard_interrupt_is_the_users_and_goes_through():
    def interrupted(completion):
        raise KeyboardInterrupt

    def interrupted_batch(completions):
        raise KeyboardInterrupt

    for function in (interrupted, interrupted_batch):
        with pytest.raises(KeyboardInterrupt):
            rk.reward(function).score(TEXTS)


# Columns

ANSWERS = [
    {"completion": "1", "answer": "1", "extra": "x"},
    {"completion": "2", "answer": None, "extra": None},
    {"completion": "3", "answer": "4"},
]


def test_columns_are_given_by_name_and_a_missing_cell_is_none_or_the_default():
    seen = []

    def plain(completion, answer, hint="none", extra="default"):
        seen.append((completion, answer, hint, extra))

    rk.reward(plain).score(ANSWERS)
    assert seen == [
        ("1", "1", "none", "x"),
        ("2", None, "none", "default"),
        ("3", "4", "none", "default"),
    ]


def test_a_batch_function_gets_columns_as_lists_under_either_number():
    seen = []

    def batched(prompts, completions, answer, hint="none"):
        seen.append((prompts, completions, answer, hint))
        return [0.0] * len(completions)

    rows = [{**row, "prompt": "p"} for row in ANSWERS]
    assert values(rk.reward(batched).score(rows)) == [0.0] * 3
    assert seen == [(["p"] * 3, ["1", "2", "3"], ["1", None, "4"], ["none"] * 3)]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda completion, anser: 1.0, "needs .'anser'.; the rows have .*Did you mean 'answer'"),
        (lambda completions, prompts: 1.0, "needs .'prompt'."),
        (lambda completions, prompts, completion_ids, log_metric: 1.0, r"needs .'prompt'.;"),
    ],
)
def test_a_column_that_no_row_has_is_a_contract_error_with_the_nearest(function, said):
    with pytest.raises(ContractError, match=said):
        rk.reward(function).score(ANSWERS)


def test_no_rows_have_no_scores_whatever_a_reward_needs():
    def function(completion, answer): ...

    assert rk.reward(function).score([]) == []
    assert lengths.score([]) == []
    assert lengths.score({"completion": []}) == []


def test_a_function_of_a_sample_with_kwargs_gets_the_other_columns_of_its_row():
    seen = []

    def function(completion, *, extra="mine", **kwargs):
        seen.append((completion, extra, kwargs))

    rows = [{"completion": "a", "b c": 1, "extra": "row's", "completions": 5}, {"completion": "b"}]
    rk.reward(function).score(rows)
    assert seen == [
        ("a", "mine", {"b c": 1, "completions": 5}),
        ("b", "mine", {"b c": None, "completions": None}),
    ]


def test_rows_that_cannot_be_read_fail_and_the_function_never_sees_them():
    seen = []

    def sample(completion, answer=None, **kwargs):
        seen.append(completion)
        return 1.0

    def batch(completions, answer=None, **kwargs):
        seen.extend(completions)
        return [1.0] * len(completions)

    async def awaited(completion, answer=None):
        return sample(completion)

    rows = [{"completion": None}, {"completion": "a"}, {"prompt": "x"}, 5, {"completion": 1}]
    for function in (sample, batch, awaited):
        seen.clear()
        scores = rk.reward(function).score(rows)
        assert seen == ["a"]
        assert values(scores) == [None, 1.0, None, None, None]
        assert [s.reason for s in scores if s.failed] == [
            "the row has no completion",
            "the row has no completion",
            "the row is int, not a mapping",
            "the completion is int; it must be text or a list of messages",
        ]
    assert all(s.failed for s in lengths.score([None, 5]))


# The shapes that TRL knows

CHAT = [[{"role": "assistant", "content": "hello"}], [{"role": "assistant", "content": "hi"}]]
PROMPTS = [[{"role": "user", "content": "greet me"}]] * 2


def test_trls_functions_over_text_are_rewards_unchanged():
    def reward_func(completions, **kwargs):
        """From TRL's documentation: longer completions score higher."""
        return [float(len(completion)) for completion in completions]

    assert values(rk.reward(reward_func).score(TEXTS)) == [1.0, 2.0, 0.0, 4.0]


def test_trls_functions_over_chats_get_the_messages_as_they_are():
    def format_reward(completions, **kwargs):
        contents = [completion[0]["content"] for completion in completions]
        return [1.0 if content == "hello" else 0.0 for content in contents]

    rows = {"prompt": PROMPTS, "completion": CHAT}
    assert values(rk.reward(format_reward).score(rows)) == [1.0, 0.0]
    assert values(rk.reward(format_reward).score(datasets.Dataset.from_dict(rows))) == [1.0, 0.0]


def test_a_function_that_annotates_completions_gets_them_read():
    def answers(completions: list[rk.Completion]) -> list[float]:
        return [float(c.response == "hello") for c in completions]

    assert values(rk.reward(answers).score({"completion": CHAT})) == [1.0, 0.0]


def test_trls_functions_get_the_trainers_extras_and_what_they_log_is_evidence():
    def full(
        prompts,
        completions,
        completion_ids,
        trainer_state=None,
        log_extra=None,
        log_metric=None,
        **kwargs,
    ):
        assert prompts == PROMPTS
        assert completion_ids == [None, None]
        assert trainer_state.global_step == 7
        assert kwargs == {"answer": ["hello", "x"]}
        log_extra("content", [c[0]["content"] for c in completions])
        log_extra("wrong length", [1])
        log_metric("mean", 0.5)
        return [1.0, None]

    rows = {"prompt": PROMPTS, "completion": CHAT, "answer": ["hello", "x"]}
    scores = rk.reward(full).score(rows, step=7)
    assert values(scores) == [1.0, None]
    assert not any(s.failed for s in scores)
    assert [s.evidence for s in scores] == [
        {"mean": 0.5, "content": "hello"},
        {"mean": 0.5, "content": "hi"},
    ]


def test_kwargs_hold_what_trl_puts_in_them():
    seen = {}

    def reward_func(completions, **kwargs):
        seen.update(kwargs)
        return [0.0] * len(completions)

    rk.reward(reward_func).score({"completion": ["a"], "prompt": ["p"], "answer": [1]})
    assert seen["prompts"] == ["p"]
    assert seen["answer"] == [1]
    assert seen["completion_ids"] == [None]
    assert {"trainer_state", "log_extra", "log_metric"} < seen.keys()
    assert "completion" not in seen


def test_a_column_of_the_rows_goes_before_an_extra_of_its_name():
    def reward_func(completions, completion_ids, **kwargs):
        return [float(len(ids)) for ids in completion_ids]

    rows = [{"completion": "a", "completion_ids": [1, 2], "completions": "theirs", "prompts": 1}]
    assert values(rk.reward(reward_func).score(rows)) == [2.0]


class Judge:
    """A reward with a state."""

    def __init__(self, limit):
        self.limit = limit

    def __call__(self, completion, **kwargs):
        return float(len(completion) <= self.limit)

    def method(self, completions):
        return [self(c) for c in completions]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Judge(2), "Judge"),
        (Judge(2).method, "method"),
        (functools.partial(Judge(2)), "Judge"),
        (functools.partial(brevity.function, limit=2), "brevity"),
        (functools.partial(brevity, limit=2), "FunctionReward"),
        (lambda completion: float(len(completion) <= 2), "<lambda>"),
    ],
)
def test_objects_methods_partials_and_lambdas_are_rewards(function, name):
    reward = rk.reward(function)
    assert reward.name == name
    assert values(reward.score(TEXTS)) == [1.0, 1.0, 1.0, 0.0]


# Batches


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        ([1.0], "it returned 1 scores for 4 completions"),
        ([], "it returned 0 scores"),
        ([1.0] * 5, "it returned 5 scores"),
        (None, "it returned NoneType None; expected a list of 4 scores"),
        (1.0, "it returned float 1.0; expected a list"),
        ("1.0!", "it returned str"),
        ({"a": 1.0}, "it returned dict"),
        (rk.Score(1.0, "x"), "it returned Score"),
        (np.float64(1.0), "it returned float 1.0; expected a list"),
        (np.zeros((4, 2)), "it returned list [0.0, 0.0]"),
    ],
)
def test_a_batch_function_that_returns_no_list_of_scores_fails_every_row_with_one_call(
    returned, reason
):
    calls = []

    def function(completions):
        calls.append(len(completions))
        return returned

    scores = made(function, name="it").score(TEXTS)
    assert all(s.failed and s.reason.startswith(reason) for s in scores)
    assert calls == [4]


@pytest.mark.parametrize(
    "returned", [np.array([1, 0, 1, 0]), (1, 0, 1, 0), iter([1, 0, 1, 0]), range(4)]
)
def test_a_batch_function_may_return_any_sequence(returned):
    assert len(values(made(lambda completions: returned).score(TEXTS))) == 4


@given(st.sets(st.integers(0, 39)), st.booleans())
def test_a_batch_function_that_raises_fails_only_the_rows_that_make_it(bad, awaited):
    def function(completions):
        if any(int(c) in bad for c in completions):
            raise ValueError("a bad one")
        return [float(c) for c in completions]

    async def async_function(completions):
        return function(completions)

    rows = [{"completion": str(i)} for i in range(40)]
    scores = rk.reward(async_function if awaited else function).score(rows)
    assert values(scores) == [None if i in bad else float(i) for i in range(40)]
    assert {i for i, s in enumerate(scores) if s.failed} == bad


def test_a_service_that_is_down_is_not_asked_for_every_row(monkeypatch):
    monkeypatch.setattr(calling, "_MOST_FAILING_SECONDS", 0.0)
    calls = []

    def down(completions):
        calls.append(len(completions))
        raise ConnectionError("down")

    scores = rk.reward(down).score([{"completion": str(i)} for i in range(1000)])
    assert all(s.failed and s.reason == "ConnectionError: down" for s in scores)
    assert len(calls) < 100


# Groups


def test_a_group_reward_gets_all_completions_of_one_prompt_and_nothing_else():
    groups = []

    @rk.reward(group=True)
    def rank(completions, answer=None):
        groups.append(completions)
        return [len(c) / max(map(len, completions)) for c in completions]

    rows = [
        {"prompt": "p", "completion": "aa"},
        {"prompt": "q", "completion": "b"},
        {"prompt": "p", "completion": "aaaa"},
        {"prompt": None, "completion": "lost"},
        {"prompt": "p"},
    ]
    scores = rank.score(rows)
    assert groups == [["aa", "aaaa"], ["b"]]
    assert values(scores) == [0.5, 1.0, 1.0, None, None]
    assert "has no prompt" in scores[3].reason
    assert "no completion" in scores[4].reason
    with pytest.raises(ContractError, match="'prompt'"):
        rank.score([{"completion": "a"}])
    assert values(rank.score([{"completion": "a", "prompt_id": 1}])) == [1.0]


def test_a_group_that_raises_fails_whole_and_alone():
    @rk.reward(group=True)
    def picky(completions):
        if "bad" in completions:
            raise ValueError
        return [1.0] * len(completions)

    rows = [{"prompt_id": i % 2, "completion": c} for i, c in enumerate(["a", "bad", "b", "c"])]
    assert values(picky.score(rows)) == [1.0, None, 1.0, None]


# Awaited


@rk.reward
async def awaited_length(completion: str) -> float:
    """How long it is, said late."""
    await asyncio.sleep(0.01 / (len(completion) + 1))
    return len(completion)


def test_async_rewards_are_awaited_together_and_their_order_is_kept():
    begin = time.perf_counter()
    scores = rk.reward(awaited_length.function).score(
        [{"completion": "x" * (i % 7)} for i in range(500)]
    )
    assert values(scores) == [float(i % 7) for i in range(500)]
    assert time.perf_counter() - begin < 3.0  # one after the other would be 5 s


def test_async_rewards_work_in_a_running_loop_and_from_many_threads():
    async def main():
        return awaited_length.score(TEXTS)

    expected = values(awaited_length.score(TEXTS))
    assert values(asyncio.run(main())) == expected
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(values(awaited_length.score(TEXTS))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [expected] * 8


def test_an_async_reward_may_score_with_another():
    async def outer(completion):
        return awaited_length.score([{"completion": completion}])[0]

    assert values(rk.reward(outer).score(TEXTS)) == [1.0, 2.0, 0.0, 4.0]


def test_concurrency_limits_how_many_calls_are_under_way():
    under_way, most = 0, 0

    @rk.reward(concurrency=3)
    async def counted(completion):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return 1.0

    assert values(counted.score([{"completion": ""}] * 30)) == [1.0] * 30
    assert most == 3


@pytest.mark.parametrize("batched", [False, True])
def test_an_async_reward_that_overruns_its_deadline_is_cancelled(batched):
    async def sample(completion):
        if completion == "":
            await asyncio.sleep(60)
        return 1.0

    async def batch(completions):
        return [await sample(c) for c in completions]

    scores = rk.reward(deadline=0.2)(batch if batched else sample).score(TEXTS)
    assert values(scores) == ([None] * 4 if batched else [1.0, 1.0, None, 1.0])
    assert scores[2].failed
    assert scores[2].reason.startswith("ran out of time: over 0.2 s")


def test_a_timeout_of_the_rewards_own_is_not_its_deadline():
    @rk.reward(deadline=30.0)
    async def timed_out(completion):
        raise TimeoutError("the server took 10 s")

    (score,) = timed_out.score([{"completion": ""}])
    assert score.reason == "TimeoutError: the server took 10 s"


def test_a_loop_that_is_blocked_is_left_behind_at_the_deadline(monkeypatch):
    monkeypatch.setattr("rewardkit.background._GRACE_SECONDS", 0.3)
    blocked = threading.Event()

    @rk.reward(deadline=0.1)
    async def blocking(completion):
        blocked.wait(30)

    try:
        scores = blocking.score(TEXTS)
        assert all(s.failed and "ran out of time" in s.reason for s in scores)
        assert values(awaited_length.score(TEXTS)) == [1.0, 2.0, 0.0, 4.0]
    finally:
        blocked.set()


def test_sys_exit_in_a_task_of_an_async_reward_stops_nobody_else():
    async def leave():
        sys.exit(1)

    async def leaving(completion):
        await asyncio.gather(asyncio.create_task(leave()), return_exceptions=True)
        return 1.0

    scores = rk.reward(deadline=5.0)(leaving).score(TEXTS[:1])
    assert len(scores) == 1
    assert values(awaited_length.score(TEXTS)) == [1.0, 2.0, 0.0, 4.0]


def test_a_function_that_returns_a_coroutine_unawaited_is_told_apart():
    def forgetful(completion):
        return awaited_length.function(completion)

    (score,) = rk.reward(forgetful).score([{"completion": ""}])
    assert score.failed
    assert "async def" in score.reason


# In workers


@pytest.mark.parametrize("batched", [False, True])
def test_a_reward_that_sleeps_for_ever_is_killed_and_the_others_are_scored(batched):
    def sample(completion):
        while completion == "":
            time.sleep(60)
        return rk.Score(len(completion), "counted", {"n": len(completion)})

    def batch(completions, **kwargs):
        return [sample(c) for c in completions]

    reward = rk.reward(deadline=1.0, workers=1)(batch if batched else sample)
    scores = reward.score([*TEXTS, {"completion": None}])
    assert values(scores) == [1.0, 2.0, None, 4.0, None]
    assert scores[2].failed
    assert "ran out of time" in scores[2].reason
    assert scores[3] == rk.Score(4.0, "counted", {"n": 4})
    assert scores[4].reason == "the row has no completion"


def test_in_workers_errors_are_failed_scores_and_order_and_options_are_kept():
    def sample(completion, answer, *, limit=2):
        if completion == "":
            raise ValueError("bad")
        if completion == "a":
            sys.exit(2)
        return float(len(completion) <= limit)

    rows = [{**row, "answer": None} for row in TEXTS]
    scores = rk.reward(workers=1)(sample).using(limit=9).score(rows)
    assert values(scores) == [None, 1.0, None, 1.0]
    assert scores[2].reason == "ValueError: bad"
    assert "Traceback" in scores[2].evidence["traceback"]


def test_in_workers_a_group_is_one_call():
    @rk.reward(group=True, workers=1)
    def share(completions):
        return [len(c) / sum(map(len, completions)) for c in completions]

    rows = [{"prompt": i % 2, "completion": "x" * (i + 1)} for i in range(4)]
    assert values(share.score(rows)) == [1 / 4, 2 / 6, 3 / 4, 4 / 6]


def test_a_completion_arrives_in_a_worker_with_its_reading():
    @rk.reward(workers=1)
    def thought(completion: rk.Completion):
        return float(completion.thinking == "why")

    rows = [{"completion": "[T]why[/T]", "prompt": "p"}]
    reading = rk.Reading(think=("[T]", "[/T]"))
    assert values(thought.score(rows, reading=reading)) == [1.0]


# Invariants


@given(st.lists(st.text(alphabet=st.characters()), max_size=20), st.randoms())
def test_a_rows_score_depends_neither_on_its_neighbours_nor_on_their_order(texts, random):
    rows = [{"completion": text} for text in texts]
    order = list(range(len(rows)))
    random.shuffle(order)
    for reward in (brevity, lengths):
        scores = reward.score(rows)
        assert reward.score([rows[i] for i in order]) == [scores[i] for i in order]
        assert [reward.score([row])[0] for row in rows] == scores


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.text())), min_size=1, max_size=8))
def test_rows_columns_and_data_sets_give_the_same_scores(cells):
    @rk.reward
    def equal(completion: str, answer: str | None = "default") -> float:
        """Whether it is the answer."""
        return float(completion == answer)

    rows = [{"completion": c, "answer": a} for c, a in cells]
    columns = {"completion": [c for c, _ in cells], "answer": [a for _, a in cells]}
    expected = [float(c == ("default" if a is None else a)) for c, a in cells]
    assert values(equal.score(rows)) == expected
    assert equal.score(rows) == equal.score(columns)
    assert equal.score(rows) == equal.score(datasets.Dataset.from_dict(columns))


# Pickling

SPAWNED = '''
import rewardkit as rk


@rk.reward
def decorated(completion: str, *, limit: int = 1) -> float:
    """Short."""
    return float(len(completion) <= limit)


def plain(completions, *, limit=1):
    return [float(len(c) <= limit) for c in completions]


class Limited:
    def __init__(self, limit):
        self.limit = limit

    def __call__(self, completion):
        return float(len(completion) <= self.limit)

    def __eq__(self, other):
        return isinstance(other, Limited) and other.limit == self.limit

    def __hash__(self):
        return self.limit


@rk.filter
def long(completion, *, limit=1):
    """Rejects what is long."""
    return "long" if len(completion) > limit else None


@rk.selector
def some(candidates, *, n=1):
    """Some."""
    return candidates[:n]


inline = rk.reward(plain).using(limit=2)
stateful = rk.reward(Limited(2))
suite = (decorated.using(limit=2) + 0.5 * inline).gated_by(stateful).required()
suite = suite.on_failure("zero").read_with(rk.Reading(think="t"))
scheduled = rk.Schedule(0.0, 1.0, 10) * decorated.limited(deadline=5.0)
fallback = decorated.using(limit=2) | inline
chain = rk.FilterChain((long.using(limit=2), long.named("longer").using(limit=3)))
THINGS = [decorated.using(limit=2), inline, stateful, suite, scheduled, fallback, chain]
THINGS += [long.using(limit=2), long.named("other"), some.using(n=2)]


def same(thing):
    return [thing == other for other in THINGS].count(True), repr(thing)
'''


@pytest.fixture
def spawned(tmp_path, monkeypatch):
    (tmp_path / "spawned_rewards.py").write_text(textwrap.dedent(SPAWNED))
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("spawned_rewards")
    sys.modules.pop("spawned_rewards")


def test_rewards_filters_selectors_and_suites_pickle_by_reference(spawned):
    for thing in spawned.THINGS:
        back = pickle.loads(pickle.dumps(thing))
        assert back == thing
        assert hash(back) == hash(thing)
        assert repr(back) == repr(thing)
    decorated = pickle.loads(pickle.dumps(spawned.decorated))
    assert decorated.function is spawned.decorated.function


def test_they_arrive_in_a_spawned_process_as_they_left(spawned):
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = list(pool.map(spawned.same, spawned.THINGS))
        totals = pool.submit(spawned.suite.score, TEXTS).result().totals
    assert found == [(1, repr(thing)) for thing in spawned.THINGS]
    assert totals == spawned.suite.score(TEXTS).totals == [1.5, 1.5, 1.5, 0.0]


def test_closures_and_lambdas_travel_with_cloudpickle():
    limit = 2
    reward = made(lambda completion: float(len(completion) <= limit), name="inner")
    back = pickle.loads(cloudpickle.dumps(0.5 * reward))
    assert back.score(TEXTS).totals == [0.5, 0.5, 0.5, 0.0]
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(reward)


def test_a_trl_reward_of_token_ids_alone_gets_their_column_and_needs_it():
    def length(completion_ids, **kwargs):
        return [float(len(ids)) for ids in completion_ids]

    rows = [
        {"completion": "a", "completion_ids": [1, 2]},
        {"completion": "b", "completion_ids": [3]},
    ]
    assert [score.value for score in rk.reward(length).score(rows)] == [2.0, 1.0]
    with pytest.raises(ContractError, match="completion_ids"):
        rk.reward(length).score([{"completion": "a"}])
