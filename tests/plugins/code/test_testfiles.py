"""Test code read into calls where it can be, and left as code where it cannot."""

import pytest
from rewardkit_code.cases import CallCase, SourceCase, TestsError
from rewardkit_code.checks import Raised
from rewardkit_code.expressions import Opaque, UnreadableError
from rewardkit_code.testfiles import read_asserts, read_check, read_test_file, unsplit_reason


def check(*lines):
    body = "\n".join(f"    {line}" for line in lines)
    [case] = read_check(f"def check(candidate):\n{body}\n", "f")
    return case


def calls(case):
    return [(call.function, call.args, dict(call.kwargs)) for call in case.calls]


def holds(case, *values):
    return all(one.holds(values, 1e-6) for one in case.checks)


@pytest.mark.parametrize(
    ("line", "right", "wrong"),
    [
        ("assert candidate(1) == [1, 2]", [1, 2], [1, 2, 3]),
        ("assert candidate(1) == [1, 2]", [1, 2], (1, 2)),  # as in Python
        ("assert candidate(1) == True", 1, 0),  # as in Python
        ("assert candidate(1) is True", True, 1),
        ("assert candidate(1)", [0], []),
        ("assert not candidate(1)", "", "x"),
        ("assert candidate(1) is None", None, 0),
        ("assert candidate(1) != 3", 4, 3),
        ("assert abs(candidate(1) - 2.0 / 3.0) < 1e-6", 0.66666669, 0.667),
        ("assert math.isclose(candidate(1), 0.1, rel_tol=1e-3)", 0.10001, 0.11),
        ("assert sorted(candidate(1)) == [1, 2]", [2, 1], [2, 2]),
        ("assert set(candidate(1)) == {1, 2}", [2, 1, 1], [1]),
        ("assert len(candidate(1)) == 2", "ab", "abc"),
        ("assert candidate(1)[0] == 2", [2, 1], [1, 2]),
        ("assert candidate(1) in ([1], [2])", [2], [3]),
        ("assert candidate(1) == -math.inf", -float("inf"), 0),
        ("assert 1 < candidate(1) <= 2", 2, 1),
        ("assert tuple(candidate(1)) == tuple([3])", [3], [4]),
        ("assert candidate(1).strip() == 'a'", " a ", "b"),
        ("assert candidate(1) == 'a', 'message'", "a", "b"),
        ("assert candidate(1) == {'a': (1, {2})}", {"a": (1, {2})}, {"a": (1, [2])}),
    ],
)  # fmt: skip
def test_an_assert_becomes_a_call_and_its_condition(line, right, wrong):
    case = check(line)
    assert isinstance(case, CallCase)
    assert calls(case) == [("f", (1,), {})]
    assert holds(case, right)
    assert not holds(case, wrong)


def test_a_condition_that_raises_does_not_hold():
    assert not holds(check("assert candidate(1)[0] == 2"), None)
    assert not holds(check("assert candidate(1) < 2"), "a")


def test_a_condition_over_an_object_is_for_code_to_judge():
    with pytest.raises(UnreadableError):
        holds(check("assert candidate(1) == [1]"), Opaque("Node"))


def test_a_sum_of_lists_is_for_code_to_judge():
    # Each step copies what is there already: a program could make it take this process hours.
    for call in ("sum(candidate(1), [])", "sum(candidate(1), start=[])"):
        with pytest.raises(UnreadableError):
            holds(check(f"assert {call} == [1]"), [[1]])
    assert holds(check("assert sum(candidate(1), 5) == 6"), [1])


def test_arguments_are_evaluated_and_keywords_kept():
    case = check("assert candidate(3 * 19, 'a' + 'b', [1] * 3, x=-1.5, y={'k': None}) == 1")
    assert calls(case) == [("f", (57, "ab", [1, 1, 1]), {"x": -1.5, "y": {"k": None}})]


def test_each_assert_of_a_check_counts():
    case = check("assert candidate(1) == 1", "assert candidate(2) == 2", "assert True")
    assert case.counts_each
    assert len(case.checks) == 2


def test_variables_hold_plain_values_and_what_calls_return():
    case = check(
        "a, b = 30, [45]",
        "got = candidate(a)",
        "assert got == 2 * a",
        "assert candidate(b) * got == 90",
    )
    assert calls(case) == [("f", (30,), {}), ("f", ([45],), {})]
    assert holds(case, 60, 1.5)
    assert not holds(case, 60, 2)


@pytest.mark.parametrize(
    "lines",
    [
        ["for i in range(3):", "    assert candidate(i) == i"],
        ["xs = [2, 1]", "candidate(xs)", "assert xs == [1, 2]"],  # it may sort in place
        ["xs = [2, 1]", "ys = xs", "candidate(xs)", "assert ys == [2, 1]"],
        ["xs = [2, 1]", "assert candidate(xs) == xs"],
        ["assert candidate(candidate(1)) == 1"],
        ["assert candidate(Node(1)) == 1"],
        ["assert candidate(*[1]) == 1"],
        ["assert all(candidate(i) for i in [1, 2])"],
        ["assert candidate(1) if candidate(2) else True"],
        ["assert helper(candidate(1)) == 1"],
        ["assert isinstance(candidate(1), list)"],
        ["import random", "assert candidate(random.randint(1, 2)) == 1"],
        ["try:", "    candidate(1)", "except ValueError:", "    pass"],
        ["with open('x') as f:", "    assert candidate(1)"],
        ["candidate = str", "assert candidate(1) == '1'"],
        ["assert candidate(1) == 1", "assert False"],
        ["with pytest.raises(ValueError, match='(a+)+b'):", "    candidate(1)"],  # slow to search
    ],
)
def test_what_does_more_is_left_as_code(lines):
    case = check(*lines)
    assert isinstance(case, SourceCase)
    assert case.check == "f"


def test_a_helper_of_the_prompt_is_run_on_the_side_of_the_tests():
    source = "def check(candidate):\n    assert candidate(encode('a')) == 'a'\n"
    [case] = read_check(source, "decode")
    assert isinstance(case, SourceCase)
    assert "encode" not in case.names


FILE = """
import pytest
from solution import f, Box

LIMIT = 10

def test_calls():
    assert f(LIMIT) == 1
    assert f(2) == 2

@pytest.mark.parametrize("x, y", [(1, 2), (3, 4)])
def test_pairs(x, y):
    assert f(x) == y

def test_raises():
    with pytest.raises((ValueError, KeyError), match="neg"):
        f(-1)

class TestMore:
    def test_method(self):
        assert f(0) == 0

def test_objects():
    box = Box(3)
    assert box.size == 3

if __name__ == "__main__":
    pytest.main()
"""


def test_the_functions_of_a_pytest_file_are_calls_where_they_can_be():
    cases = read_test_file(FILE)
    read = [case for case in cases if isinstance(case, CallCase)]
    assert [case.name for case in read] == [
        "test_calls", "test_pairs", "test_pairs", "test_raises", "TestMore.test_method"
    ]  # fmt: skip
    assert calls(read[0]) == [("f", (10,), {}), ("f", (2,), {})]
    assert calls(read[2]) == [("f", (3,), {})]
    [code] = [case for case in cases if isinstance(case, SourceCase)]
    assert code.tests == ("test_objects",)
    assert code.names == {"f": "f", "Box": "Box"}


@pytest.mark.parametrize(
    ("raised", "right"),
    [
        (Raised("ValueError", "it is negative", ("ValueError", "Exception")), True),
        (Raised("ValueError", "wrong", ("ValueError", "Exception")), False),
        (Raised("TypeError", "it is negative", ("TypeError", "Exception")), False),
        (5, False),
    ],
)
def test_raises_wants_the_class_and_the_message(raised, right):
    [case] = [c for c in read_test_file(FILE) if getattr(c, "name", "") == "test_raises"]
    assert holds(case, raised) is right


UNITTEST = """
import unittest
from solution import f

class Tests(unittest.TestCase):
    def test_one(self):
        self.assertEqual(f(1), [1])
        self.assertTrue(f(2))
        self.assertAlmostEqual(f(3), 0.5)
        self.assertIn(f(4), (1, 2), "message")
        with self.assertRaises(ValueError):
            f(5)

    def test_two(self):
        self.assertEqual(f(self.x), 1)
"""


def test_unittests_methods_are_read_as_what_they_assert():
    one, two = read_test_file(UNITTEST)
    raised = Raised("ValueError", "", ("ValueError",))
    assert holds(one, [1], 1, 0.5000000001, 2, raised)
    assert not holds(one, [1], 1, 0.51, 2, raised)
    assert not holds(one, [1], 1, 0.5, 3, raised)
    assert two.tests == ("Tests.test_two",)


def test_names_that_nobody_defines_are_the_candidates():
    [case] = read_test_file("def test():\n    assert g([1]) == 1\n")
    assert calls(case) == [("g", ([1],), {})]


def test_what_the_test_file_defines_is_not_the_candidates():
    source = "from solution import f\ndef f(x): return x\ndef test():\n    assert f(1) == 1\n"
    [case] = read_test_file(source)
    assert isinstance(case, SourceCase)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(:", "the tests do not parse: line 1"),
        ("def test():\n    assert 1 == 1\n", "the tests never call the candidate"),
        ("x = f(1)\n", "the tests assert nothing"),
    ],
)
def test_a_test_file_that_tests_nothing_is_the_rows_fault(source, reason):
    with pytest.raises(TestsError, match=reason):
        read_test_file(source)


def test_a_check_that_never_calls_the_candidate_is_the_rows_fault():
    with pytest.raises(TestsError, match="never call the candidate"):
        read_check("def check(candidate):\n    assert True\n", "f")


def test_asserts_are_tests_of_their_own_with_their_setup():
    cases = read_asserts(["assert f(A) == 1", "assert f(g(2)) == B()"], "A = 3\ndef B(): return 1")
    assert calls(cases[0]) == [("f", (3,), {})]
    assert cases[1].source.startswith("A = 3")
    assert cases[1].names == {"f": "f", "g": "g"}


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("from unittest.mock import patch\n@patch('solution.g')\ndef test(g): pass", "patch"),
        ("def test(monkeypatch):\n    monkeypatch.setattr(f, 'x', 1)", "monkeypatch"),
        ("import inspect\ndef test():\n    assert 'for' in inspect.getsource(f)", "getsource"),
        ("def test():\n    assert f('patch') == 1", ""),
        ("import io\n@patch('sys.stdout', new_callable=io.StringIO)\ndef test(out): f()", ""),
        ("def test(monkeypatch):\n    monkeypatch.setattr(sys, 'stdout', out)", ""),
        ("def test(monkeypatch):\n    monkeypatch.setattr(sys, 'stdin', out)", "monkeypatch"),
        ("@patch('sys.stdout')\n@patch('builtins.input')\ndef test(a, b): pass", "patch"),
        ("def test(capsys):\n    stdout = f()\n    assert capsys.readouterr().out", ""),
        ("def test(tmp_path):\n    f(tmp_path / 'a')", "tmp_path"),
    ],
)
def test_tests_that_patch_or_look_into_the_program_are_marked(source, marked):
    reason = unsplit_reason(source)
    assert marked in reason
    assert bool(reason) is bool(marked)
