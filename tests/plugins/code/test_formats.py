"""Tests as the field's data sets have them, read into cases."""

import base64
import json
import pickle
import zlib

import pytest
from rewardkit_code.cases import CallCase, SourceCase, StdinCase, TestsError
from rewardkit_code.formats import read_tests

PAIR = {"inputs": ["1 2\n", "3 4\n"], "outputs": ["3\n", "7\n"]}
LIST = [{"input": "1 2\n", "output": "3\n"}, {"input": "3 4\n", "output": "7\n"}]
CALLS = {"fn_name": "add", "inputs": [[1, 2], [3, 4]], "outputs": [3, 7]}
LINES = [{"input": "1\n[2]", "output": "[3]", "testtype": "functional"}]
CHECK = "def check(candidate):\n    assert candidate(1) == 2\n"


def packed(value):
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


@pytest.mark.parametrize(
    "row",
    [
        {"tests": PAIR},
        {"tests": LIST},
        {"tests": json.dumps(LIST)},
        {"tests": {"input": PAIR["inputs"], "output": PAIR["outputs"]}},
        {"input_output": json.dumps(PAIR)},  # APPS, TACO
        {"tests": {"input_output": json.dumps(PAIR)}},
        {"ground_truth": json.dumps(PAIR)},  # verl, PRIME
        {"reward_model": {"ground_truth": json.dumps(PAIR)}},
        {"tests": {"public_test_cases": json.dumps(LIST)}},
        {"public_tests": {"input": ["1 2\n"], "output": ["3\n"]},
         "private_tests": {"input": [], "output": []},
         "generated_tests": {"input": ["3 4\n"], "output": ["7\n"]}},  # CodeContests
        {"public_test_cases": json.dumps([{**LIST[0], "testtype": "stdin"}]),
         "private_test_cases": packed(json.dumps([{**LIST[1], "testtype": "stdin"}])),
         "metadata": "{}"},  # LiveCodeBench
        {"tests": [{**one, "testtype": "stdin_stdout", "metadata": {"func_name": None}}
                   for one in LIST]},  # DeepCoder
        {"verification_info": json.dumps({"language": "python", "test_cases": [
            {**one, "type": "stdin_stdout", "fn_name": None} for one in LIST]})},  # open-r1
        {"verification_info": repr({"language": "python", "test_cases": LIST})},  # SYNTHETIC-1
        {"official_tests": LIST, "input_mode": "stdio"},  # Codeforces
        {"tests": {"inputs": [["1 2"], ["3 4"]], "outputs": [["3"], ["7"]]}},  # lists of lines
    ],
)  # fmt: skip
def test_programs_that_read_stdin_are_found_in_every_form(row):
    tests = read_tests(row)
    assert [type(case) for case in tests.cases] == [StdinCase, StdinCase]
    assert [case.stdin.strip() for case in tests.cases] == ["1 2", "3 4"]
    assert [case.expected.strip() for case in tests.cases] == ["3", "7"]


@pytest.mark.parametrize(
    ("row", "function", "args", "accepted"),
    [
        ({"tests": CALLS}, "add", (1, 2), (3,)),
        ({"input_output": json.dumps(CALLS)}, "add", (1, 2), (3,)),
        ({"tests": {"fn_name": "f", "inputs": [["a"]], "outputs": [[3]]}}, "f", ("a",), ([3], 3)),
        ({"tests": LINES, "metadata": '{"func_name": "f"}'}, "f", (1, [2]), ([3],)),
        ({"tests": [{**LINES[0], "metadata": {"func_name": "f"}}]}, "f", (1, [2]), ([3],)),
        ({"private_test_cases": packed(json.dumps(LINES)), "metadata": '{"func_name": "f"}'},
         "f", (1, [2]), ([3],)),
        ({"ground_truth": json.dumps({"fn_name": "f", "inputs": ["1\n[2]"], "outputs": ["[3]"]})},
         "f", (1, [2]), ([3],)),
        ({"verification_info": {"test_cases": [
            {"fn_name": "f", "input": [1], "output": "x", "type": "function_call"}]}},
         "f", (1,), ("x",)),
        ({"tests": {"fn_name": "f", "inputs": ["'a'\n(1, 2)"], "outputs": ["None"]}},
         "f", ("a", (1, 2)), (None,)),
    ],
)  # fmt: skip
def test_calls_are_found_in_every_form(row, function, args, accepted):
    case = read_tests(row).cases[0]
    assert isinstance(case, CallCase)
    assert (case.calls[0].function, case.calls[0].args) == (function, args)
    assert case.checks[0].accepted == accepted


@pytest.mark.parametrize(
    "row",
    [
        {"test": CHECK, "entry_point": "f", "prompt": "def f(x):\n"},  # HumanEval
        {"tests": CHECK, "entry_point": "f"},
        {"tests": {"test": CHECK, "entry_point": "f"}},
        {"test_list": ["assert f(1) == 2"], "text": "Write f.", "test_setup_code": ""},  # MBPP
        {"tests": ["assert f(1) == 2"]},
        {"tests": "assert f(1) == 2"},
        {"ground_truth": json.dumps({"assert_case": ["assert f(1) == 2"]})},  # PRIME
        {"test": "from solution import f\ndef test_f():\n    assert f(1) == 2\n"},  # KodCode
        {"tests": "from solution import f\ndef test_f():\n    assert f(1) == 2\n"},
        {"test": "import unittest\nclass TestCases(unittest.TestCase):\n    def test_f(self):\n"
                 "        self.assertEqual(f(1), 2)\n", "entry_point": "f"},  # BigCodeBench
    ],
)  # fmt: skip
def test_asserts_are_found_in_every_form(row):
    [case] = read_tests(row).cases
    assert isinstance(case, CallCase)
    assert (case.calls[0].function, case.calls[0].args) == ("f", (1,))
    assert case.checks[0].holds([2], 0.0)
    assert not case.checks[0].holds([3], 0.0)


def test_a_prompt_that_is_code_stands_before_the_program():
    row = {"test": CHECK, "entry_point": "Solution().f", "prompt": "import math\nclass Node: ..."}
    tests = read_tests(row)
    assert tests.preamble == row["prompt"]
    assert tests.entry == "Solution().f"
    for prompt in ("Write a function f.", "Sort", [{"role": "user", "content": "import x"}]):
        assert read_tests({**row, "prompt": prompt}).preamble == ""


def test_groups_are_named_as_the_data_sets_name_them():
    row = {
        "public_tests": {"input": ["1"], "output": ["1"]},
        "private_tests": {"input": ["2"], "output": ["2"]},
        "generated_tests": {"input": ["3"], "output": ["3"]},
    }
    assert [c.group for c in read_tests(row).cases] == ["public", "private", "generated"]
    row = {"test_list": ["assert f(1) == 1"], "challenge_test_list": ["assert f(2) == 2"]}
    assert [c.group for c in read_tests(row).cases] == ["base", "challenge"]


def test_humaneval_plus_expects_what_the_rows_own_solution_returns():
    row = {
        "prompt": "def f(x):\n",
        "canonical_solution": "    return x + 1\n",
        "entry_point": "f",
        "base_input": [[1]],
        "plus_input": [[2], [3]],
    }
    tests = read_tests(row)
    assert tests.reference == "def f(x):\n    return x + 1\n"
    assert [(c.group, c.calls[0].args) for c in tests.cases] == [
        ("base", (1,)), ("plus", (2,)), ("plus", (3,))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "seconds", "memory"),
    [
        ({}, None, None),
        ({"time_limit": 2.5, "memory_limit": 256.0}, 2.5, 256 * 2**20),
        ({"time_limit": {"seconds": 1, "nanos": 500_000_000}}, 1.5, None),
        ({"memory_limit_bytes": 1000, "time_limit": 0}, None, 1000),
    ],
)
def test_a_rows_limits_are_kept(row, seconds, memory):
    tests = read_tests({"tests": LIST, **row})
    assert (tests.seconds, tests.memory) == (seconds, memory)


def test_a_checker_and_a_language_are_kept():
    tests = read_tests({"official_tests": LIST, "generated_checker": "print(1)"})
    assert tests.checker == "print(1)"
    info = {"language": "CPP", "test_cases": LIST}
    assert read_tests({"verification_info": info}).language == "cpp"


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"prompt": "1 + 1", "answer": "2"},
        {"tests": None, "ground_truth": "42"},
        {"ground_truth": "{1, 2}"},
        {"ground_truth": {"numbers": [1, 2], "target": 3}},
        {"reward_model": {"ground_truth": "[1, 2]"}},
        {"test": "train"},
        {"test": True},
        {"input_output": None, "verification_info": None},
    ],
)
def test_a_row_without_tests_has_none(row):
    assert read_tests(row) is None


class Sneaky:
    def __reduce__(self):
        return print, ("gotcha",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"tests": ["f(1)"]}, "any program would pass"),
        (
            {"tests": "import os\n\ndef test_f():\n    os.sep.join(f(1))\n"},
            "any program would pass",
        ),
        ({"tests": "nonsense"}, "no form that is known: 'nonsense'"),
        ({"tests": {"a": 1}}, "no form that is known: a dict with a"),
        ({"tests": [1, 2]}, "no form that is known"),
        ({"tests": 3}, "no form that is known: int"),
        ({"tests": {"inputs": ["1", "2"], "outputs": ["1"]}}, "2 inputs have 1 outputs"),
        ({"tests": [{"input": "1", "output": None}]}, "test 1 has no expected output"),
        ({"tests": [{"input": "1"}]}, "test 1 has no expected output"),
        ({"tests": [*LIST, {"input": None, "output": "1"}]}, "test 3 has no input"),
        ({"tests": [{"input": "1", "output": {}}]}, "test 1 holds dict"),
        ({"tests": LINES}, "calls a function, and the row does not say which"),
        ({"tests": [{**LINES[0], "input": "{1", "fn_name": "f"}]}, "is no JSON"),
        ({"tests": '[{"input": '}, "cannot be read as JSON"),
        ({"input_output": "{"}, "cannot be read as JSON"),
        ({"tests": CHECK}, "no entry_point"),
        ({"tests": "def check(candidate)\n    assert"}, "no entry_point"),
        (
            {"tests": "def check(candidate)\n    assert", "entry_point": "f"},
            "do not parse: line 1",
        ),
        ({"tests": ["assert f("]}, "do not parse"),
        ({"verification_info": "{'a': f()}"}, "verification_info cannot be read"),
        ({"official_tests": LIST, "input_mode": "file"}, "has to read a file"),
        ({"public_tests": {"input": ["1"], "output": ["1"]}, "input_file": "a.in"}, "read a file"),
        ({"base_input": [[1]], "entry_point": "f"}, "a canonical_solution"),
        ({"private_test_cases": packed(Sneaky())}, "may hold plain data alone"),
        ({"private_test_cases": "QUJD"}, "neither JSON nor base64"),
        ({"private_test_cases": "!!"}, "neither JSON nor base64"),
        ({"private_test_cases": packed("[")}, "cannot be read as JSON"),
        ({"tests": "[" * 100_000}, "cannot be read as JSON"),
        ({"input_output": {"inputs": ["1"], "outputs": [None]}}, "test 1 has no expected output"),
        ({"tests": '{"inputs": [[1]], "outputs": [%s]}' % ("9" * 400_000)}, "400000 digits"),
    ],
)
def test_tests_that_cannot_be_read_say_what_is_wrong(row, reason, capsys):
    with pytest.raises(TestsError, match=reason):
        read_tests(row)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "row",
    [
        {"tests": ""},
        {"tests": []},
        {"tests": {"inputs": [], "outputs": []}},
        {"verification_info": {"language": "python"}},
        {"test_cases": []},
    ],
)
def test_an_empty_list_of_tests_is_none(row):
    assert read_tests(row) is None


@pytest.mark.parametrize("field", ["test_cases", "unit_tests"])
@pytest.mark.parametrize("write", [list, json.dumps])
def test_lists_of_asserts_have_other_names_too(field, write):
    asserts = ["assert f(1) == 2", "assert f(2) == 3"]
    assert len(read_tests({field: write(asserts)}).cases) == 2


@pytest.mark.parametrize(
    "tests",
    [
        {"fn_name": "f", "inputs": [[1]], "outputs": [None]},
        {"fn_name": "f", "inputs": ["1"], "outputs": ["null"]},
        [{"fn_name": "f", "input": "1", "output": None}],
    ],
)
def test_a_function_may_have_to_return_none(tests):
    [case] = read_tests({"tests": tests}).cases
    assert case.checks[0].accepted == (None,)


@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_of_any_length_are_read(sign):
    text = f'{{"fn_name": "f", "inputs": [[1]], "outputs": [{sign}{"9" * 5000}]}}'
    [case] = read_tests({"tests": text}).cases
    nines = 10**5000 - 1
    assert case.checks[0].accepted == (-nines if sign else nines,)
    assert "too large to be shown" in case.checks[0].wanted


def test_a_packed_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr("rewardkit_code.formats.packed._MOST_BYTES", 1000)
    with pytest.raises(TestsError, match="larger than"):
        read_tests({"private_test_cases": packed("[" + " " * 2000 + "]")})


def test_code_is_left_as_code_with_what_it_calls():
    [case] = read_tests(
        {"tests": "def test():\n    for i in range(3):\n        assert f(i)\n"}
    ).cases
    assert isinstance(case, SourceCase)
    assert case.names == {"f": "f"}
