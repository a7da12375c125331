"""Suites as TRL calls them: batches, columns, threads, spawned children, hostile completions."""

import math
import pickle
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

import rewardkit as rk
from rewardkit.errors import ContractError, RewardFailedError
from rewardkit.trainers.trl import reward_funcs, total

CALLS = []


@rk.reward
def right(completion: rk.Completion, answer: str | None = None) -> float | None:
    """1.0 when the answer is the reference; abstains without one."""
    CALLS.append(str(completion))
    return None if answer is None else float(completion.answer == answer)


@rk.reward
def short(completion: str, *, limit: int = 40) -> float:
    """1.0 when the completion is no longer than `limit` characters."""
    return float(len(completion) <= limit)


@rk.reward
def explosive(completion: str) -> float:
    """Breaks on completions that say so."""
    if "boom" in completion:
        raise RuntimeError("boom")
    return 0.5


@rk.reward
def huge(completion: str) -> float:
    """More than float32 holds."""
    return 1e300 if completion == "huge" else 1.0


@rk.reward
def uncut(completion: rk.Completion) -> float:
    """1.0 when the limit of tokens did not end the completion."""
    return float(not completion.cut_off)


HOSTILE = [
    "<think>a</think><answer>4</answer>",
    "boom",
    "",
    None,
    "\ud800 lone surrogate \x00",
    "<think>" * 3000,
    "x" * 200_000,
    [{"role": "assistant", "content": "<think>a</think><answer>4</answer>"}],
    [{"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}],
    [
        {"role": "assistant", "content": "let me look"},
        {"role": "tool", "name": "f", "content": "boom"},
        {"role": "assistant", "content": [{"type": "text", "text": "<answer>4</answer>"}]},
    ],
    [{"role": "assistant", "content": [{"type": "image"}, {"type": "text", "text": "4"}]}],
    [],
    ["not a message"],
    [{"role": "assistant", "content": 7}],
    7,
    {"role": "assistant", "content": "no list"},
    "huge",
]
CHAT = [{"role": "user", "content": "2 + 2?"}]


def batch(completions=HOSTILE, **columns):
    return {
        "prompts": [CHAT] * len(completions),
        "completions": completions,
        "completion_ids": [[1, 2]] * len(completions),
        "answer": ["4"] * len(completions),
        **columns,
    }


def rows(given):
    names = {"prompts": "prompt", "completions": "completion"}
    return {names.get(name, name): column for name, column in given.items()}


def summed(functions, weights, given):
    """TRL's sum: NaN takes no part, and a row of NaN alone has no reward."""
    columns = [function(**given) for function in functions]
    products = [
        [None if value is None else weight * value for value in column]
        for weight, column in zip(weights, columns, strict=True)
    ]
    said = [[v for v in row if v is not None] for row in zip(*products, strict=True)]
    return [sum(values) if values else None for values in said]


SUITES = {
    "sum": right + 0.5 * short + -0.25 * explosive,
    "gated": (right + 0.5 * short).gated_by(explosive),
    "required": right.required() + short,
    "failures are zero": right + explosive.on_failure("zero"),
    "fallback": (right | short).named("first") + 2 * explosive,
    "presets": rk.preset("r1-zero"),
}


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_what_trl_sums_is_what_the_suite_totals(suite):
    given = batch(answer=["4", None] * 8 + ["5"])
    wanted = suite.score(rows(given)).totals
    functions, weights = reward_funcs(suite)
    assert summed(functions, weights, given) == pytest.approx(wanted)
    assert total(suite)(**given) == wanted
    assert any(wanted)


def test_a_schedule_follows_the_trainers_step():
    suite = right + rk.Schedule(0.0, 1.0, steps=100) * short
    functions, weights = reward_funcs(suite)
    for step in (0, 25, 400):
        given = batch(["<answer>4</answer>", "x" * 50])
        state = SimpleNamespace(global_step=step)
        wanted = suite.score(rows(given), step=step).totals
        assert summed(functions, weights, {**given, "trainer_state": state}) == wanted
        assert total(suite)(**given, trainer_state=state) == wanted
    with pytest.raises(ContractError, match="say at which step"):
        total(suite)(**batch())


def test_every_value_is_a_finite_float32_or_none_and_there_is_one_a_completion():
    for suite in (right + huge, 1e-300 * huge + short, right + explosive):
        functions, _ = reward_funcs(suite)
        for function in [*functions, total(suite)]:
            values = function(**batch())
            assert len(values) == len(HOSTILE)
            assert all(v is None or (type(v) is float and abs(v) < 3.5e38) for v in values)
    assert functions[0](prompts=[], completions=[]) == []


def test_a_batch_is_scored_once_for_all_functions_and_anew_when_it_comes_again():
    CALLS.clear()
    functions, _ = reward_funcs(right + short + explosive)
    given = batch(["a", "b"])
    for _ in range(2):
        for function in functions:
            function(**given)
    assert CALLS == ["a", "b"] * 2
    functions[0](**given)
    functions[1](**batch(["c", "d"]))
    functions[1](**given)
    assert CALLS == ["a", "b"] * 3 + ["c", "d"]
    CALLS.clear()
    once_more = batch(["e"])
    functions[2](**once_more)
    functions[2](**once_more)
    assert CALLS == ["e", "e"]


def test_other_references_or_another_step_are_another_batch():
    functions, _ = reward_funcs(right + short)
    completions = ["<answer>4</answer>"]
    functions[1](prompts=["?"], completions=completions, answer=["4"])
    assert functions[0](prompts=["?"], completions=completions, answer=["5"]) == [0.0]


def test_a_function_that_is_never_called_makes_no_batches_pile_up():
    functions, _ = reward_funcs(right + short)
    for number in range(100):
        functions[0](**batch([str(number)]))
    assert len(functions[0]._batches._waiting) <= 16


def test_threads_that_score_several_batches_at_once_each_get_their_own():
    CALLS.clear()
    functions, _ = reward_funcs(right + short + explosive)
    given = [batch([f"<answer>{n}</answer>"] * 5, answer=["3"] * 5) for n in range(8)]
    found = {}
    ready = threading.Barrier(24)

    def ask(number, place):
        ready.wait()
        found[number, place] = functions[place](**given[number])

    threads = [threading.Thread(target=ask, args=(n, p)) for n in range(8) for p in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(CALLS) == 8 * 5
    assert {n: found[n, 0] for n in range(8)} == {n: [float(n == 3)] * 5 for n in range(8)}


def test_the_first_batch_shows_a_column_that_is_missing_and_later_ones_stop_nothing(caplog):
    @rk.reward
    def needs(completion: str, reference: str) -> float:
        return float(completion == reference)

    function = total(needs)
    with pytest.raises(ContractError, match="needs \\['reference'\\]"):
        function(prompts=["?"], completions=["a"])
    assert function(prompts=["?"], completions=["a"], reference=["a"]) == [1.0]
    assert function(prompts=["?"], completions=["a"]) == [0.0]

    def fails(step):
        return 1.0 if step < 5 else math.nan

    function = total(fails * right.to_suite())
    assert function(**batch(["a"]), trainer_state=SimpleNamespace(global_step=1)) == [0.0]
    assert function(**batch(["a"]), trainer_state=SimpleNamespace(global_step=9)) == [None]
    assert "could not be scored" in caplog.text


def test_a_term_that_is_to_raise_raises():
    functions, _ = reward_funcs(right + explosive.on_failure("raise"))
    with pytest.raises(RewardFailedError, match="boom"):
        functions[0](**batch())


def test_every_component_is_logged_once_a_batch():
    suite = (right + 0.5 * short).gated_by(explosive)
    functions, _ = reward_funcs(suite)
    given = batch(["<answer>4</answer>", "boom", "x" * 50, "y"], answer=["4", "4", None, "4"])
    columns, metrics = {}, {}

    def log_extra(name, values):
        assert name not in columns
        columns[name] = values

    def log_metric(name, value):
        assert name not in metrics
        metrics[name] = value

    for function in functions:
        function(**given, log_extra=log_extra, log_metric=log_metric)
    assert set(columns) == {"reason_right", "reason_short", "reason_explosive"}
    assert columns["reason_explosive"][1] == "failed: RuntimeError: boom"
    assert metrics == {
        "rewards/right/failed": 0.0,
        "rewards/right/abstained": 0.25,
        "rewards/short/failed": 0.0,
        "rewards/short/abstained": 0.0,
        "rewards/explosive/failed": 0.25,
        "rewards/explosive/abstained": 0.0,
        "rewards/explosive/mean": 0.5,
    }
    columns.clear()
    metrics.clear()
    total(suite)(**given, log_extra=log_extra, log_metric=log_metric)
    assert metrics["rewards/right/mean"] == pytest.approx(1 / 3)
    assert metrics["rewards/short/mean"] == 0.75


def test_names_are_unique_and_a_trainers_weights_are_plain_numbers():
    functions, weights = reward_funcs(2 * right + short.named("brief"))
    assert [function.__name__ for function in functions] == ["right", "brief"]
    assert weights == [2.0, 1.0]
    assert reward_funcs(right)[1] == [1.0]
    assert total(right, "all").__name__ == "all"
    with pytest.raises(ContractError, match="a suite or a reward, not function"):
        reward_funcs(right.function)


@pytest.mark.parametrize(
    ("ids", "eos", "cut_off"),
    [
        ([1, 2], None, False),
        ([1, 2, 3], None, True),
        ([1, 2, 9], 9, False),
        ([1, 2, 9], [8, 9], False),
        ([1, 2, 3], 9, True),
        ([1, 2], 9, False),
        ([], 9, False),
        (None, 9, False),
    ],
)
def test_a_completion_that_the_limit_ended_is_known_by_its_tokens(ids, eos, cut_off):
    function = total(uncut, max_completion_length=3, eos_token_id=eos)
    given = batch(["a"], completion_ids=[ids])
    assert function(**given) == [float(not cut_off)]
    assert function(**given, finish_reason=["length"]) == [0.0]
    assert total(uncut)(**given) == [1.0]
    with pytest.raises(ContractError, match="at least 1"):
        total(uncut, max_completion_length=0)


def test_functions_that_were_pickled_together_still_share_their_batches():
    CALLS.clear()
    functions, _ = pickle.loads(pickle.dumps(reward_funcs(right + short)))
    given = batch(["a"])
    assert [function(**given) for function in functions] == [[0.0], [1.0]]
    assert CALLS == ["a"]


def test_functions_work_in_a_fresh_child_process():
    functions, _ = reward_funcs(rk.suite(format=1.0, repetition=0.5))
    call = "[f(prompts=['?'], completions=['<think>a</think>b']) for f in functions]"
    code = f"import pickle, sys; functions = pickle.load(sys.stdin.buffer); print({call})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(functions),
        capture_output=True,
        check=True,
    )
    here = [f(prompts=["?"], completions=["<think>a</think>b"]) for f in functions]
    assert done.stdout.decode().strip() == str(here)


def test_importing_it_imports_no_trainer():
    code = (
        "import sys, pkgutil, importlib, rewardkit.trainers as t\n"
        "for module in pkgutil.iter_modules(t.__path__):\n"
        "    importlib.import_module(f'{t.__name__}.{module.name}')\n"
        "print([m for m in ('torch', 'trl', 'verl', 'ray', 'openrlhf', 'verifiers') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
