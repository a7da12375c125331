"""The reward on real data sets, where they lie beside the project."""

import gzip
import json
from pathlib import Path

import pytest
from rewardkit_code import code

import rewardkit as rk

DATA = Path(__file__).parents[3] / ".." / "shared" / "data"

# What the authors' runner recorded and the reward does not, by question and sample.
AGAINST = {
    # Of several blocks they ran the first, and here it is the last that has the function.
    ("Prefill_00000118_I", 2), ("Prefill_00000118_C", 2),
    # It is right, by tests that one can follow by hand, and is recorded as failed.
    ("Prefill_00000091_I", 2), ("Leetcode_00000031_I", 1),
    # It gives the function another name than the prompt does, and is recorded as passed.
    ("Prefill_00000162_C", 2),
    # It does not sort; the test file brings a solution along and tested that.
    ("Algorithm_00000041_I", 0),
}  # fmt: skip


def rows(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path.name} is not at {DATA}")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def scores(completions, found):
    columns = {
        "prompts" if name == "prompt" else name: [row[name] for row in found]
        for name in ("prompt", "test", "entry_point", "starter_code")
        if name in found[0]
    }
    tests = [row.get("tests") for row in found]
    return code([rk.Completion(text) for text in completions], tests, **columns)


@pytest.mark.parametrize(
    "form", ["{canonical_solution}", "```python\n{prompt}{canonical_solution}```"]
)
def test_humanevals_own_solutions_pass(sandboxed, form):
    found = rows("HumanEval.jsonl.gz")
    results = scores([form.format(**row) for row in found], found)
    assert [
        (row["task_id"], r) for row, r in zip(found, results, strict=True) if r.value != 1
    ] == []


def test_an_object_that_equals_everything_passes_none_of_humanevals_tests(sandboxed):
    found = rows("HumanEval.jsonl.gz")
    equal = "class A:\n    __eq__ = lambda *a: True\n\ndef {entry_point}(*args):\n    return A()\n"
    empty = [f"```python\n{equal.format(**row)}```" for row in found]
    results = scores(empty, found)
    assert [
        (row["task_id"], r) for row, r in zip(found, results, strict=True) if r.value != 0
    ] == []


def test_leetcodes_own_solutions_pass(sandboxed):
    # Every sixth, and those whose tests are more than literal calls: all 228 take a minute.
    found = rows("leetcode_v0.3.1_test.jsonl.gz")
    found = [r for i, r in enumerate(found) if i % 12 == 0 or "node(" in r["test"]]
    results = scores([f"```python\n{row['completion']}\n```" for row in found], found)
    assert [
        (row["task_id"], r) for row, r in zip(found, results, strict=True) if r.value != 1
    ] == []


def in_place(found):
    """The recorded verdicts, by question and sample, with the completions that they are of.

    A question's verdicts are recorded for its completions that hold a Python block: these come
    first, in their order, and what is left over is unknown.
    """
    questions = {}
    for row in found:
        questions.setdefault(row["question_id"], []).append(row)
    for question, samples in questions.items():
        known = [row["passed"] for row in samples if row["passed"] is not None]
        judged = [s for s in samples if "```python" in s["completion"].partition("</think>")[2]]
        assert len(known) == len(judged)
        yield from (((question, s["sample"]), v) for s, v in zip(judged, known, strict=True))


def test_r1s_completions_are_judged_as_their_authors_did(sandboxed):
    pytest.importorskip("scipy")  # six rows' tests need it
    found = rows("r1_code_rollouts.jsonl.gz")
    results = scores([row["completion"] for row in found], found)
    ours = {
        (row["question_id"], row["sample"]): result
        for row, result in zip(found, results, strict=True)
    }
    recorded = dict(in_place(found))
    against = {place for place, verdict in recorded.items() if ours[place].value != verdict}
    assert {place: ours[place] for place in against - AGAINST} == {}
    assert against == AGAINST
    assert 1 - len(against) / len(recorded) >= 0.99
    # Where they stand, those that are a sample or two too far up make more of them differ.
    as_they_stand = {(r["question_id"], r["sample"]): r["passed"] for r in found}
    known = {place: verdict for place, verdict in as_they_stand.items() if verdict is not None}
    assert sum(ours[place].value == verdict for place, verdict in known.items()) == 668
