r"""The reward `math`, and its figures on real completions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rewardkit_math import math

import rewardkit as rk

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"


def score(completion, answer):
    return math(rk.Completion(completion), answer)


@pytest.mark.parametrize(
    ("completion", "answer", "value", "reason"),
    [
        (r"<think>easy</think> \boxed{42}", "42", 1.0, "identical: 42"),
        (r"<think>easy</think> \boxed{41}", 42, 0.0, "41 is not 42"),
        (r"\boxed{42}", ["41", "42"], 1.0, "identical: 42"),
        (r"\boxed{12x -34}, or $\boxed{-34 + 12x}$.", "-34 + 12x", 1.0, "identical"),
        (r"\boxed{41} or \boxed{42}", "42", 0.0, "41, 42 is not 42"),
        (r"\boxed{41} and \boxed{42}", "42", 0.0, "41, 42 is not 42"),
        (r"\boxed{A}, \boxed{B}, \boxed{C}", "B", 0.0, "A, B, C is not B"),
        (r"\boxed{42}. Wait, that is wrong: the answer is 41.", "42", 0.0, "41 is not 42"),
        (r"<think>\boxed{42}</think> I am done.", "42", 0.0, "no answer found"),
        (r"<think>\boxed{42}", "42", 0.0, "no answer found"),
        ("<answer></answer>", "42", 0.0, "no answer found: the answer block is empty"),
        (r"\boxed{}", "42", 0.0, "no answer found: the box is empty"),
        (r"\boxed{42", "42", 0.0, "no answer found: the box is not closed"),
        (r"\boxed{42}", None, None, "the reference cannot be read: missing"),
        (r"\boxed{42}", "", None, "the reference cannot be read: empty"),
        (r"\boxed{\sqrt{4}}", "2", 1.0, r"\sqrt{4} is 2"),
    ],
)
def test_the_reward_tells_right_wrong_no_answer_and_unreadable_apart(
    completion, answer, value, reason
):
    result = score(completion, answer)
    assert result.value == value
    assert reason in result.reason


END_TOKENS = [
    "<|im_end|>", "</s>", "<|eot_id|>", " <|endoftext|>", "<end_of_turn>", "<｜end▁of▁sentence｜>",
    "<|im_end|>\n<|endoftext|>", "[EOS]",
]  # fmt: skip


@pytest.mark.parametrize("token", END_TOKENS)
def test_the_end_tokens_of_a_turn_are_no_part_of_an_answer(token):
    assert score(f"The answer is 42{token}", "42").value == 1.0
    assert score(f"The answer is 41{token}", "42").value == 0.0


def test_a_second_block_of_thinking_is_thinking():
    assert score(r"<think>a</think><think>\boxed{42}</think>", "42").value == 0.0
    assert score(r"<think>a</think> <think>\boxed{42}", "42").value == 0.0
    assert score(r"<think>a</think><think>\boxed{41}</think>\boxed{42}", "42").value == 1.0


def test_thinking_that_begins_again_is_thinking():
    assert score(r"<think>a</think>b<think>\boxed{42}", "42").value == 0.0
    assert score(r"<think>a</think>b<think>\boxed{42}</think>", "42").value == 0.0
    assert score(r"<think>a</think>\boxed{41}<think>\boxed{42}</think> ", "42").value == 0.0
    assert score(r"<think>a</think>\boxed{42}<think>is it?", "42").value == 1.0
    assert score(r"<think>a</think>b<think>c</think>\boxed{42}", "42").value == 1.0
    assert score(r"a</think>b<think>\boxed{42}</think>c", "42").value == 0.0


def test_an_answer_that_names_another_is_not_its_own():
    assert score("The answer is 41. The reference answer is 42.", "42").value == 0.0


def test_the_evidence_says_where_the_answer_was_found():
    evidence = score(r"so \boxed{41}", "42").evidence
    assert evidence == {"layer": "exact", "reference": "42", "answer": "41", "found": "box"}


def test_importing_the_plugin_imports_no_sympy():
    code = (
        "import sys, rewardkit_math as m; sys.exit(bool({'sympy', 'mpmath'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def rows(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path.name} is not at {DATA}")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_gsm8k_rollout_is_scored_as_its_authors_did():
    for row in rows("gsm8k_rollouts.jsonl"):
        result = score(row["completion"], row["answer"])
        assert result.value == float(row["is_correct"]), (row, result)


# "Two points: (10,0) and (0,0). Either is acceptable": both are boxed, one is the reference. What
# would pay this would pay \boxed{41} and \boxed{42} for 41, so it is wrong here.
TWO_ANSWERS = r"gives two points: $\boxed{(10, 0)}$ and $\boxed{(0,0)}.$"


def test_every_math_solution_is_right_by_its_own_answer():
    for row in rows("math_test_half.jsonl"):
        result = score(row["completion"], row["answer"])
        expected = 0.0 if TWO_ANSWERS in row["completion"] else 1.0
        assert result.value == expected, (row, result)


def test_no_math_solution_is_right_by_the_answer_of_the_next_problem():
    solutions = rows("math_test_half.jsonl")
    for row, following in zip(solutions, solutions[1:] + solutions[:1], strict=True):
        same = row["answer"].removesuffix(r"^\circ") == following["answer"]  # 36 degrees and 36
        if not same:
            result = score(row["completion"], following["answer"])
            assert result.value == 0.0, (row, following, result)


# Their labels say no more than that the grader must come back: 3 in 40 brackets is 3, the sum of
# these two real cube roots is 1, x^2 < 3 is the interval, and 009 is 9.
TRUE_AFTER_ALL = {
    "hang:nested parens 40", "hang:power 1/3", "hang:set builder", "hang:torchtitan#4442",
}  # fmt: skip


def test_every_probe_is_decided_rightly_and_in_time(stopwatch):
    for row in rows("math_probes.jsonl"):
        began = stopwatch.seconds
        result = score(row["pred"], row["gold"])
        expected = row["expected"] or row["where"] in TRUE_AFTER_ALL
        assert (result.value == 1.0) == expected, (row, result)
        assert stopwatch.seconds - began < 5.5, row


@pytest.mark.parametrize("spoilt", ["unknown", "late"])
def test_a_verdict_that_could_not_be_reached_is_not_kept(monkeypatch, spoilt):
    said = iter([spoilt, "equal"])
    monkeypatch.setattr("rewardkit_math.remainder.decide", lambda *_: next(said))
    completion = rf"\boxed{{\int_0^1 x^{len(spoilt)} e^x dx}}"
    assert score(completion, "1/7").value != 1.0
    assert score(completion, "1/7").value == 1.0


def test_a_verdict_that_is_kept_is_the_one_that_was_found():
    first = [score(rf"\boxed{{\sqrt{{{n}}}}}", "4") for n in (15, 16)]
    assert [score(rf"\boxed{{\sqrt{{{n}}}}}", "4") for n in (15, 16)] == first
    assert [one.value for one in first] == [0.0, 1.0]
    lenient = math.using(policy="math-verify")
    pair = (rk.Completion(r"\boxed{\frac{60}{2}}"), r"\frac{30}{1}^\circ")
    assert [math(*pair).value, lenient(*pair).value] == [0.0, 1.0]
