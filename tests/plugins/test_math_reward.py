r"""The reward `math`, and its figures on real completions."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from rewardkit_math import math, verify

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
        (r"\boxed{\sqrt{4}}", "2", None, "needs the symbolic layer"),
    ],
)
def test_the_reward_tells_right_wrong_no_answer_and_undecided_apart(
    completion, answer, value, reason
):
    result = score(completion, answer)
    assert result.value == value
    assert reason in result.reason


def test_the_evidence_says_where_the_answer_was_found():
    evidence = score(r"so \boxed{41}", "42").evidence
    assert evidence == {"layer": "exact", "reference": "42", "answer": "41", "found": "box"}


def test_importing_the_plugin_imports_no_sympy():
    code = "import sys, rewardkit_math; sys.exit('sympy' in sys.modules)"
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


# "Two points: (10,0) and (0,0). Either is acceptable": both are boxed, one is the reference.
TWO_ANSWERS = r"gives two points: $\boxed{(10, 0)}$ and $\boxed{(0,0)}.$"


def test_every_math_solution_is_right_by_its_own_answer():
    for row in rows("math_test_half.jsonl"):
        result = score(row["completion"], row["answer"])
        expected = None if TWO_ANSWERS in row["completion"] else 1.0
        assert result.value == expected, (row, result)


def test_no_math_solution_is_right_by_the_answer_of_the_next_problem():
    solutions = rows("math_test_half.jsonl")
    for row, following in zip(solutions, solutions[1:] + solutions[:1], strict=True):
        if row["answer"] != following["answer"]:
            assert score(row["completion"], following["answer"]).value != 1.0, (row, following)


# The probe wants 9% to be neither 9 nor 0.09; here a percent sign is a hundredth.
OTHER_POLICY = {"hack:pct2"}


def test_no_probe_is_decided_wrongly():
    for row in rows("math_probes.jsonl"):
        result = score(row["pred"], row["gold"])
        if row["where"] not in OTHER_POLICY:
            assert result.value in (None, float(row["expected"])), (row, result)


# What these suites hold is a policy: 2/4 is not 1/2, nothing counts outside a box or in another
# format, a decimal stands for what it rounds to, 75 is 0.75. One label is wrong: 784 is 785.12.
POLICIES = {
    "THUDM+slime", "rllm-org+rllm", "NVIDIA-NeMo+RL", "NovaSky-AI+SkyThought", "HardVerify",
    "huggingface+lighteval", "huggingface+Math-Verify",
}  # fmt: skip


def test_few_public_cases_are_decided_against_their_labels():
    against = []
    for row in rows("math_cases.jsonl"):
        judge = score if row["form"] == "text" else lambda pred, gold: verify(gold, pred)
        result = judge(row["pred"], row["gold"])
        if result.value not in (None, float(row["expected"])):
            against.append(row["where"])
    assert len(against) <= 21, against
    assert all(where.startswith(tuple(POLICIES)) for where in against), against
