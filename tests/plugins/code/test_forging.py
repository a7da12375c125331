"""Programs that try to be paid for a wrong solution, in every form of test."""

import sys
from pathlib import Path

import pytest
from rewardkit_code import code

import rewardkit as rk

sys.path.insert(0, str(Path(__file__).parent))
from forgeries import FORGERIES, PRINTED

XS = [[918273645, 3, 4], [-90000001, -2, -3], [5, 6, 7, 8]]
SUMS = [sum(xs) for xs in XS]
ASSERTS = [f"assert solve({xs}) == {sum(xs)}" for xs in XS]
BODY = "".join(f"    {line}\n" for line in ASSERTS)
CHECK = "def check(candidate):\n" + BODY.replace("solve", "candidate")
LOOP = f"def check(candidate):\n    for xs in {XS}:\n        assert candidate(xs) == sum(xs)\n"
FILE = "import pytest\nfrom solution import solve\n\n"
UNITTEST = f"""
import unittest
from solution import solve

class TestSum(unittest.TestCase):
    def setUp(self): self.xs = {XS}
    def test_sum(self):
        for xs in self.xs: self.assertEqual(solve(xs), sum(xs))
"""

FORMS = {
    "stdin": {"tests": {
        "inputs": [f"{len(xs)}\n{' '.join(map(str, xs))}\n" for xs in XS],
        "outputs": [f"{sum(xs)}\n{len(xs)}\n" for xs in XS]}},
    "calls": {"tests": {"fn_name": "solve", "inputs": [[xs] for xs in XS], "outputs": SUMS}},
    "asserts": {"tests": ASSERTS},
    "check": {"test": CHECK, "entry_point": "solve"},
    "check as code": {"test": LOOP, "entry_point": "solve"},
    "pytest": {"tests": f"{FILE}def test_sum():\n{BODY}"},
    "pytest as code": {"tests": f"{FILE}def test_sum():\n    for xs in {XS}:\n"
                                "        assert solve(xs) == pytest.approx(sum(xs))\n"},
    "a module": {"tests": f"{FILE}for xs in {XS}:\n    assert solve(xs) == sum(xs)\n"},
    "unittest": {"tests": UNITTEST},
    "what it prints": {"tests": f"{FILE}def test_sum(capsys):\n    for xs in {XS}:\n"
                                "        print(solve(xs), end=' ')\n"
                                "        assert capsys.readouterr().out == f'{sum(xs)} '\n"},
}  # fmt: skip

AS_CODE = ("check as code", "pytest as code", "a module", "unittest", "what it prints")
READ = "n, *xs = map(int, open(0).read().split())\nprint(solve(xs))\nprint(n)"


@pytest.mark.parametrize("form", FORMS)
def test_the_right_solution_is_paid_in_every_form(score, form):
    program = "def solve(xs):\n    return sum(xs)\n" + (READ if form == "stdin" else "")
    for binary in (True, False):
        assert score(program, options={"binary": binary}, **FORMS[form]).value == 1.0


RIGHT_ONCE = """
class Skipped(Exception): pass
Skipped._fixture = "xs"
def solve(xs):
    if xs[0] == 918273645: return sum(xs)
    raise Skipped()
solve._fixture, solve._autouse = "xs", True
"""


def test_a_program_cannot_skip_the_tests_that_it_fails(score):
    tests = (
        f"{FILE}@pytest.mark.parametrize('xs', {XS})\ndef test_sum(xs):\n"
        "    for _ in range(1):\n        assert solve(xs) == sum(xs)\n"
    )
    assert score(RIGHT_ONCE, tests).value == 0.0
    assert score(RIGHT_ONCE, tests, {"binary": False}).value == pytest.approx(1 / 3)


def test_a_program_cannot_replace_the_helpers_of_the_prompt(score):
    prompt = "def encode(s):\n    return s[::-1]\n\ndef decode(s):\n    pass\n"
    test = (
        "def check(candidate):\n    for s in ('ab', 'xyz'):\n"
        "        assert candidate(encode(s)) == s\n"
    )
    row = {"test": test, "entry_point": "decode", "prompt": prompt}
    assert score("def decode(s):\n    return s[::-1]", **row).value == 1.0
    forgery = "def encode(s):\n    return s\n\ndef decode(s):\n    return s"
    assert score(forgery, **row).value == 0.0


@pytest.mark.parametrize("form", FORMS)
def test_no_forgery_is_paid_in_any_form(sandboxed, form):
    programs = dict(FORGERIES)
    if form == "stdin":
        programs = {name: f"{forgery}\n{READ}" for name, forgery in FORGERIES.items()} | PRINTED
    completions = [rk.Completion(f"```python\n{text}\n```") for text in programs.values()]
    columns = {name: [cell] * len(programs) for name, cell in FORMS[form].items()}
    paid = {}
    # Where one test is as good as none, what the tests' own side does is different.
    for binary in (True, False) if form in AS_CODE else (False,):
        judge = code.using(binary=binary, seconds=0.3)
        scores = judge.function(completions, **{**judge.options, **columns})
        for name, found in zip(programs, scores, strict=True):
            # On a busy machine a run may get no CPU: that has no verdict, and is paid nothing.
            if found.value or (found.value is None and "no CPU" not in found.reason):
                paid[name, binary] = found
    assert paid == {}


NODE = """
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
    def same(self, other): return self.value == other.value and self.rest() == other.rest()
    def rest(self): return self.next and (self.next.value, self.next.rest())
    @functools.cached_property
    def total(self): return self.value + (self.next.total if self.next else 0)
    def __eq__(self, other): return self.same(other)
"""
LINKED = {
    "prompt": f"import functools\n{NODE}\ndef build(xs):\n    pass\n",
    "entry_point": "build",
    "test": "def check(candidate):\n    for xs in ([1, 2], [3, 4]):\n"
    "        wanted = Node(xs[0], Node(xs[1]))\n        got = candidate(xs)\n"
    "        assert got == wanted\n        assert got.same(wanted) and got.total == sum(xs)\n",
}


@pytest.mark.parametrize(
    ("made", "value"),
    [
        ("", 1.0),
        ("made.value = 9", 0.0),
        ("made.value = 9; made.same = lambda other: True", 0.0),
        ("made.value = 9; made.same = bool", 0.0),
        ("made.value = 9; made.rest = lambda: xs", 0.0),
        ("made.value = 9; vars(made)['total'] = sum(xs); made.same = bool", 0.0),
    ],
)
def test_the_methods_of_the_rows_own_classes_are_the_rows(score, made, value):
    program = f"{NODE}\ndef build(xs):\n    made = Node(xs[0], Node(xs[1]))\n    {made}\n"
    assert score(f"import functools\n{program}    return made", **LINKED).value == value
