"""The reward `code`: rows in, scores out, programs run in the sandbox."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
import rewardkit_code
from rewardkit_code import code
from rewardkit_code.verdicts import Result, Verdict

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.sandbox import Split

ADD = "def add(a, b):\n    return a + b\n"
SUB = "def add(a, b):\n    return a - b\n"
ECHO = "print(sum(map(int, input().split())))"
PAIRS = {"inputs": ["1 2\n", "30 4\n"], "outputs": ["3\n", "34\n"]}
CALLS = {"fn_name": "add", "inputs": [[1, 2], [30, 4]], "outputs": [3, 34]}
SOLUTION = (
    "class Solution:\n    def add(self, a: int, b: int) -> List[int]:\n        return [a + b]\n"
)
LOOP = "def check(candidate):\n    for n in range(5):\n        assert candidate(n, 1) == n + 1\n"
FILE = "import pytest\nfrom solution import add\n"


@pytest.mark.parametrize(
    ("right", "wrong", "row"),
    [
        (ECHO, "print(3)", {"tests": PAIRS}),
        (ADD, SUB, {"tests": CALLS}),
        (SOLUTION, SOLUTION.replace("+", "-"),
         {"tests": [{"input": "1\n2", "output": "[3]", "testtype": "functional"}],
          "metadata": '{"func_name": "add"}'}),
        (ADD, SUB, {"tests": ["assert add(1, 2) == 3", "assert add(b=1, a=0) == 1"]}),
        (ADD, SUB, {"test": LOOP, "entry_point": "add"}),
        (ADD, SUB, {"tests": f"{FILE}def test():\n    assert add(1, 2) == pytest.approx(3)\n"}),
        (ADD, SUB, {"tests": f"{FILE}@pytest.mark.parametrize('n', range(3))\ndef test(n):\n"
                             "    xs = [add(n, i) for i in range(3)]\n"
                             "    assert xs == [n, n + 1, n + 2]\n"}),
        (ADD, SUB, {"tests": f"{FILE}@pytest.fixture\ndef two():\n    return 2\n\n"
                             "def test(two):\n    assert add(two, two) == 4\n"}),
        (ADD, SUB, {"tests": f"{FILE}import unittest\nclass T(unittest.TestCase):\n"
                             "    def setUp(self):\n        self.n = 5\n"
                             "    def test_it(self):\n"
                             "        self.assertEqual(add(self.n, 1), 6)\n"}),
        (ADD, SUB, {"tests": f"{FILE}n = 0\nfor i in range(3):\n    assert add(i, 1) == i + 1\n"}),
        ("def f(x):\n    if x < 0: raise ValueError('negative')\n    return x",
         "def f(x):\n    return x",
         {"tests": "import pytest\ndef test():\n    with pytest.raises(ValueError, match='neg'):\n"
                   "        f(-1)\n"}),
        ("def f(xs):\n    xs.sort()", "def f(xs):\n    return sorted(xs)",
         {"tests": "def test():\n    xs = [2, 1]\n    f(xs)\n    assert xs == [1, 2]\n"}),
        ("    return a + b\n", "    return a - b\n",
         {"test": LOOP, "entry_point": "add", "prompt": "def add(a, b):\n"}),
        (ADD, SUB, {"base_input": [[1, 2]], "plus_input": [[5, 6]], "entry_point": "add",
                    "prompt": "def add(a, b):\n", "canonical_solution": "    return b + a\n"}),
    ],
)  # fmt: skip
def test_a_right_program_earns_one_and_a_wrong_one_zero(score, right, wrong, row):
    assert score(right, **row).value == 1.0
    assert score(wrong, **row).value == 0.0


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("def add(a, b)", "the program does not load: SyntaxError"),
        ("import nowhere\n" + ADD, "the program does not load: ModuleNotFoundError"),
        ("def plus(a, b): return a + b", "NameError"),
        ("def add(a): return a", "TypeError"),
        ("def add(a, b): return object()", "no plain data"),
        ("def add(a, b): return 1 / 0", "ZeroDivisionError"),
        ("def add(a, b):\n    while True: pass", "out of CPU time"),
        ("def add(a, b): return [0] * 10 ** 10", "emory"),
        ("import os\ndef add(a, b): os._exit(0)", "the program ended"),
        ("raise SystemExit(0)", "name 'add' is not defined"),
        ("def add(a, b): return a + b\nraise SystemExit(3)", "the program does not load"),
        ("def add(a, b): return True + 1 + (a == 1)", "wrong value"),
    ],
)
def test_a_program_that_fails_says_how(score, program, reason):
    found = score(program, CALLS, {"seconds": 1.0})
    assert found.value == 0.0
    assert reason in found.reason


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        ("I cannot do this.", "no program found: the response has no code"),
        (f"<think>```python\n{ADD}```", "no program found: no response"),
        (f"<think>```python\n{ADD}```</think>Done.", "no program found"),
    ],
)
def test_no_program_is_zero(sandboxed, completion, reason):
    [found] = code([rk.Completion(completion)], [CALLS])
    assert found.value == 0.0
    assert reason in found.reason


def test_rows_without_tests_cost_no_thread_and_no_sandbox(monkeypatch):
    def touched(*args, **kwargs):
        raise AssertionError("it was needed")

    monkeypatch.setattr("rewardkit_code.reward.ThreadPoolExecutor", touched)
    monkeypatch.setattr("rewardkit_code.reward.Scorer", touched)
    answers = ["4", "{1, 2", None, {"ground_truth": "4"}]
    columns = {
        "ground_truth": [answers[0], None, None, None],
        "reward_model": [None, None, None, answers[3]],
        "answer": answers,
    }
    found = code([rk.Completion("4")] * 4, None, **columns)
    assert [(one.value, one.failed) for one in found] == [(None, False)] * 4


def test_a_row_without_tests_abstains(score):
    assert score(ADD) == rk.Score.abstain("the row has no tests")
    assert score(ADD, answer="42", prompt="1 + 1").value is None


@pytest.mark.parametrize(
    "tests",
    ["nonsense", {"inputs": ["1"], "outputs": []}, [{"input": "1"}], {"a": 1}, 42, "def f(:"],
)
def test_tests_that_cannot_be_read_fail_and_earn_no_zero(score, tests):
    found = score(ADD, tests)
    assert found.failed
    assert "the row's tests cannot be read" in found.reason


def test_tests_that_never_call_the_program_fail(score):
    source = "def check(candidate):\n    for f in []:\n        assert candidate(1)\n"
    found = score(ADD, test=source, entry_point="add")
    assert found.failed
    assert "never call the program" in found.reason


@pytest.mark.parametrize(
    ("tests", "reason"),
    [
        ("import nowhere\ndef test():\n    assert add(1, 2) == nowhere.three\n", "nowhere"),
        ("def test(nothing):\n    assert add(1, 2) == 3\n", "fixture 'nothing'"),
        ("def test():\n    xs = undone\n    for x in xs: assert add(x, 2) == 3\nundone = len(3)\n",
         "never call the program"),
    ],
)  # fmt: skip
def test_tests_that_cannot_run_fail_whatever_the_program_is(score, tests, reason):
    for program in (ADD, SUB):
        found = score(program, tests)
        assert (found.value, found.failed) == (None, True)
        assert reason in found.reason


def test_a_program_that_imports_what_is_missing_is_wrong(score):
    tests = "try:\n    import nowhere\nexcept ImportError: pass\n" + LOOP
    assert score(ADD, test=tests, entry_point="add").value == 1.0
    assert score("import nowhere\n" + ADD, test=tests, entry_point="add").value == 0.0


def test_a_copy_of_the_solution_in_the_test_file_is_not_what_is_tested(score):
    tests = f"{ADD}\ndef test():\n    assert add(1, 2) == 3\n"
    assert score(ADD, tests, prompt="Write `add(a, b)`.").value == 1.0
    assert score(SUB, tests, prompt="Write `add(a, b)`.").value == 0.0
    for prompt in ("Write it.", "Write `add`, like `sub`."):
        assert score(SUB, f"{SUB.replace('add', 'sub')}{tests}", prompt=prompt).failed


def test_the_evidence_has_the_first_failing_test(score):
    tests = {"inputs": ["1 2", "0 0", "1 1"], "outputs": ["3", "1", "3"]}
    evidence = score(ECHO, tests).evidence
    assert evidence["first_failure"] == {
        "test": "test 2", "reason": "wrong output", "input": "0 0", "expected": "1", "got": "0\n"
    }  # fmt: skip
    assert (evidence["passed"], evidence["ran"], evidence["total"]) == (1, 2, 3)
    assert 0 < evidence["slowest_seconds"] < 5
    assert evidence["format"] == "inputs and outputs"


def test_the_evidence_of_a_call_has_its_arguments_and_is_short(score):
    tests = {"fn_name": "add", "inputs": [["x" * 9999, "y"]], "outputs": ["z" * 9999]}
    failure = score(ADD, tests).evidence["first_failure"]
    assert failure["input"].startswith("add('xxx")
    assert failure["expected"].startswith("'zzz")
    assert failure["got"].startswith("'xxx")
    assert max(map(len, failure.values())) < 400


def test_an_asserts_failure_shows_its_condition(score):
    failure = score(SUB, ["assert sorted([add(1, 2)]) == [3]"]).evidence["first_failure"]
    assert failure["expected"] == "sorted([result]) == [3]"
    assert failure["got"] == "-1"


ODD = {"inputs": ["1 2", "0 0", "1 1", "2 2"], "outputs": ["3", "1", "2", "5"]}


def test_not_binary_pays_the_share_of_the_tests_that_pass(score):
    found = score(ECHO, ODD, {"binary": False})
    assert found.value == 0.5
    assert found.reason == "2 of 4 tests passed; test 2: wrong output"


@pytest.mark.parametrize("binary", [True, False])
def test_calls_that_die_fail_alone(score, binary):
    program = "import os\ndef f(x):\n    return os._exit(0) if x == 2 else x"
    tests = {"fn_name": "f", "inputs": [[1], [2], [3]], "outputs": [1, 2, 3]}
    assert score(program, tests, {"binary": binary}).value == (0.0 if binary else 2 / 3)


def test_test_functions_that_run_as_code_fail_alone(score):
    tests = f"{FILE}" + "".join(
        f"def test_{n}():\n    for i in range(1):\n        assert add(i, {n}) == {n % 3}\n"
        for n in range(4)
    )
    assert score(ADD, tests, {"binary": False}).value == 0.75
    assert score(ADD, tests).value == 0.0


def test_weights_count_groups_and_leave_out_those_of_weight_zero(score):
    row = {
        "public_tests": {"input": ["1 1"], "output": ["2"]},
        "private_tests": {"input": ["2 2"], "output": ["5"]},
        "generated_tests": {"input": ["3 3"], "output": ["6"]},
    }
    options = {"binary": False, "weights": {"public": 3.0}}
    assert score(ECHO, None, options, **row).value == pytest.approx(4 / 5)
    assert score(ECHO, None, {"weights": {"private": 0.0}}, **row).value == 1.0
    assert score(ECHO, None, {"weights": {"private": 0.0}}, **row).evidence["total"] == 2
    none = {"public": 0.0, "private": 0.0, "generated": 0.0}
    assert score(ECHO, None, {"weights": none}, **row).failed


@pytest.mark.parametrize(
    "options",
    [{"seconds": 0}, {"memory": -1}, {"tolerance": 1.0}, {"weights": {"a": -1}}, {"output": "x"},
     {"unsplit": "maybe"}, {"isolation": "docker"}, {"budget": 0}],
)  # fmt: skip
def test_a_wrong_option_raises_at_construction(options):
    with pytest.raises(OptionError):
        code.using(**options)


def test_the_tolerance_and_the_way_of_comparing_are_options(score):
    tests = {"inputs": [""], "outputs": ["0.3333\n"]}
    assert score("print(1 / 3)", tests).value == 0.0
    assert score("print(1 / 3)", tests, {"tolerance": 1e-3}).value == 1.0
    lines = {"inputs": [""], "outputs": ["1 2\n3"]}
    assert score("print(1)\nprint(2, 3)", lines).value == 1.0
    assert score("print(1)\nprint(2, 3)", lines, {"output": "lines"}).value == 0.0


def test_the_rows_limits_hold_and_the_options_go_before_them(score):
    slow = "x = 0\nfor i in range(12_000_000): x += i\nprint(1)"
    tests = {"inputs": [""], "outputs": ["1"]}
    assert "CPU" in score(slow, tests, time_limit=0.1).reason
    assert score(slow, tests, {"seconds": 10.0}, time_limit=0.1).value == 1.0
    big = "x = bytearray(600 << 20)\nprint(1)"
    assert score(big, tests).value == 1.0
    assert score(big, tests, memory_limit_bytes=300 << 20).value == 0.0


CHECKER = """
import sys
given, correct, got = (open(path).read().split() for path in sys.argv[1:])
print(int(sorted(got) == sorted(correct)))
"""


def test_a_checker_program_judges_the_output(score):
    row = {
        "official_tests": [{"input": "a\n", "output": "1 2"}, {"input": "b\n", "output": "3"}],
        "generated_checker": CHECKER,
    }
    right = "print('2 1' if input() == 'a' else 3)"
    assert score(right, **row).value == 1.0
    found = score("print('2 1')", **row)
    assert (found.value, found.evidence["first_failure"]["test"]) == (0.0, "test 2")
    broken = score(right, **{**row, "generated_checker": "1 / 0"})
    assert broken.failed
    assert "checker broke" in broken.reason


def test_an_output_that_breaks_the_checker_is_wrong(score):
    checker = (
        "import sys\nwords = open(sys.argv[3]).read().split()\n"
        "print(int(sum(map(int, words[:int(words[0])])) == 7))\n"
    )
    row = {"official_tests": [{"input": "", "output": "2 5"}], "generated_checker": checker}
    assert score("print(2, 5)", **row).value == 1.0
    for output in ("print('x')", "pass", "import os; os.write(1, b'\\xff')", "print(1, 2)"):
        found = score(output, **row)
        assert found.value == 0.0, found
    assert "the checker cannot read the output" in score("pass", **row).reason


def test_a_checker_is_asked_again_about_a_test_that_ran_alone(score):
    # What the first test leaves behind in the common process is not the second one's doing.
    program = "import json\nprint('1 2' if not hasattr(json, 'used') else 'spoilt')\njson.used = 1"
    pairs = [{"input": "a", "output": "1 2"}, {"input": "b", "output": "1 2"}]
    assert score(program, official_tests=pairs, generated_checker=CHECKER).value == 1.0


def test_a_verdict_needs_a_result_for_every_test():
    assert Verdict(2, [Result()]).score(True, {}, {}).failed
    assert Verdict(1, [Result()]).score(True, {}, {}).value == 1.0


PATCHES = """
from unittest.mock import patch
import solution

def test():
    with patch("solution.helper", return_value=5):
        assert solution.f() == 5
"""


@pytest.mark.parametrize(("unsplit", "value"), [("zero", 0.0), ("abstain", None), ("trust", 1.0)])
def test_tests_that_patch_the_program_are_marked_and_earn_what_the_option_says(
    score, unsplit, value
):
    program = "def helper(): return 1\ndef f(): return helper()"
    found = score(program, PATCHES, {"unsplit": unsplit})
    assert found.value == value
    assert not found.failed
    assert "patch" in found.evidence["unsplit"]


def test_a_trusted_test_still_fails_a_wrong_program(score):
    assert (
        score("def helper(): return 1\ndef f(): return 1", PATCHES, {"unsplit": "trust"}).value
        == 0.0
    )


def test_a_name_that_the_prompt_does_not_say_is_not_asked_for(score):
    tests = f"{FILE}def test():\n    assert add(1, 2) == 3\n"
    prompt = "Write a function that sums two numbers."
    program = "def plus(a, b):\n    plus_ = a + b\n    return plus_\n"
    for own in (program, program.replace("plus_", "plus")):
        found = score(own, tests, prompt=prompt)
        assert (found.value, found.evidence["renamed"]) == (1.0, "plus")
    assert score(program, tests, prompt="Write a function `add`.").value == 0.0
    assert score(program, tests).value == 0.0
    # With more functions, or uses of the name, there is no telling what it is the name of.
    assert score(f"{program}def more(): pass\n", tests, prompt=prompt).value == 0.0
    assert score(f"{program}print(plus(1, 2))\n", tests, prompt=prompt).value == 0.0
    two = "def test_two():\n    from solution import add, Node\n    assert add(1, 2) == 3\n"
    assert score(ADD, two, prompt="Write it.").value == 0.0


C = '#include <stdio.h>\nint main(){int a,b;scanf("%d %d",&a,&b);printf("%d\\n",a+b);}'
CPP = "#include <iostream>\nint main(){int a,b;std::cin>>a>>b;std::cout<<a+b<<std::endl;}"
JAVA = """import java.util.*;
public class Main { public static void main(String[] x) {
  Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.nextInt()); } }"""
JS = "const [a,b]=require('fs').readFileSync(0,'utf8').split(' ').map(Number);console.log(a+b)"
GO = 'package main\nimport "fmt"\nfunc main(){var a,b int;fmt.Scan(&a,&b);fmt.Println(a+b)}'
RUST = """use std::io::*;
fn main(){let mut s=String::new();stdin().read_to_string(&mut s).unwrap();
println!("{}",s.split_whitespace().map(|x|x.parse::<i64>().unwrap()).sum::<i64>());}"""


@pytest.mark.parametrize(
    ("tag", "program", "tool"),
    [("c", C, "gcc"), ("c++", CPP, "g++"), ("java", JAVA, "javac"), ("javascript", JS, "node"),
     ("go", GO, "go"), ("rust", RUST, "rustc")],
)  # fmt: skip
def test_programs_in_other_languages_are_compiled_and_run(score, tag, program, tool):
    found = score(program, PAIRS, {"seconds": 2.0}, tag=tag)
    if shutil.which(tool) is None:
        assert found.failed
        assert tool in found.reason
        pytest.skip(f"{tool} is not installed")
    if found.failed:
        # Installed where the sandbox does not reach: no verdict, and never a 0 for the program.
        assert "REWARDKIT_SANDBOX_FOLDERS" in found.reason
        pytest.skip(found.reason)
    assert found.value == 1.0, found
    wrong = {**PAIRS, "outputs": ["3", "35"]}
    assert score(program, wrong, tag=tag).evidence["first_failure"]["got"] == "34\n"


def test_a_source_that_does_not_compile_is_zero_and_says_why(score):
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    found = score("int main( {", PAIRS, tag="c")
    assert found.value == 0.0
    assert "does not compile" in found.reason


def test_a_language_that_nobody_runs_fails_and_functions_are_called_in_python_only(score):
    row = {"verification_info": {"language": "cobol", "test_cases": [{"input": "", "output": ""}]}}
    assert score("STOP RUN.", tag="cobol", **row).reason == "no plugin runs cobol"
    row = {"verification_info": {"language": "cpp", "test_cases": [
        {"fn_name": "f", "input": [1], "output": 1}]}}  # fmt: skip
    found = score("int f(int x){return x;}", tag="cpp", **row)
    assert found.failed
    assert "call functions" in found.reason


def test_rows_of_a_suite_are_scored_by_their_own_tests(sandboxed):
    rows = [
        {"completion": f"```python\n{ADD}```", "tests": json.dumps(CALLS), "answer": None},
        {"completion": f"```python\n{SUB}```", "tests": json.dumps(CALLS), "answer": None},
        {"completion": "I say 42", "tests": None, "answer": "42"},
        {"completion": "```python\nprint(1)\n```", "tests": "nonsense", "answer": None},
    ]
    registry = rk.Registry(discover=False)
    registry.register(rewardkit_code)
    scores = (registry.reward("code") + registry.reward("code").named("again")).score(rows)
    assert scores.totals == [2.0, 0.0, None, None]
    assert [s.failed for s in scores.scores["code"]] == [False, False, False, True]


def test_eight_threads_at_once_are_right(sandboxed):
    def batch(number):
        programs = [
            f"def add(a, b):\n    return a + b + {n % 2}\n" for n in range(number, number + 12)
        ]
        completions = [rk.Completion(f"```python\n{text}```") for text in programs]
        return [s.value for s in code(completions, [CALLS] * 12)]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(batch, range(8)))
    assert results == [[float(n % 2 == 0) for n in range(k, k + 12)] for k in range(8)]


def test_languages_are_offered_to_the_registry():
    registry = rk.Registry(discover=False)
    registry.register(rewardkit_code)
    assert set(registry.languages) == {"c", "cpp", "java", "javascript", "go", "rust"}


def test_the_plugin_is_light_to_import():
    heavy = ["numpy", "pydantic", "pytest", "sympy", "torch", "unittest"]
    source = f"import sys, rewardkit_code; sys.exit(any(m in sys.modules for m in {heavy}))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, 'plugins'); {source}"]
    assert subprocess.run(command, check=False).returncode == 0


GREET = """import sys
def greet(name):
    print("hello", name)
    sys.stderr.write("warned")
"""
CAPTURES = {
    "capsys": "def test(capsys):\n    greet(1)\n"
              "    assert capsys.readouterr() == ('hello 1\\n', 'warned')\n    greet(2)\n"
              "    assert capsys.readouterr().out == 'hello 2\\n'\n",
    "capfd": "def test(capfd):\n    greet(1)\n    assert capfd.readouterr().out == 'hello 1\\n'\n",
    "redirect_stdout": "import io\nfrom contextlib import redirect_stdout\ndef test():\n"
                       "    with redirect_stdout(io.StringIO()) as out:\n        greet(1)\n"
                       "    assert out.getvalue() == 'hello 1\\n'\n",
    "patch as a decorator": "import io\nfrom unittest.mock import patch\n"
                            "@patch('sys.stdout', new_callable=io.StringIO)\ndef test(out):\n"
                            "    greet(1)\n    assert out.getvalue() == 'hello 1\\n'\n",
    "patch.object": "import io, sys\nfrom unittest import mock\ndef test():\n"
                    "    with mock.patch.object(sys, 'stdout', io.StringIO()) as out:\n"
                    "        greet(1)\n    assert out.getvalue() == 'hello 1\\n'\n",
    "monkeypatch": "import io, sys\ndef test(monkeypatch):\n    out = io.StringIO()\n"
                   "    monkeypatch.setattr(sys, 'stdout', out)\n    greet(1)\n"
                   "    assert out.getvalue() == 'hello 1\\n'\n",
    "an assignment": "import io, sys\ndef test():\n    sys.stdout = io.StringIO()\n"
                     "    greet(1)\n    out, sys.stdout = sys.stdout, sys.__stdout__\n"
                     "    assert out.getvalue() == 'hello 1\\n'\n",
}  # fmt: skip


@pytest.mark.parametrize("way", CAPTURES)
def test_what_the_program_prints_is_read_where_the_tests_look(score, way):
    tests = f"from solution import greet\n{CAPTURES[way]}"
    found = score(GREET, tests)
    assert (found.value, found.evidence.get("unsplit")) == (1.0, None)
    assert score(GREET.replace("hello", "hallo"), tests).value == 0.0


def test_what_is_printed_for_ever_or_to_a_closed_stream_is_no_matter(score):
    for line in ("for _ in range(99): print('x' * 10 ** 6)", "import sys; sys.stdout.close()"):
        program = ADD.replace("return", f"{line}\n    return")
        assert score(program, test=LOOP, entry_point="add").value == 1.0


def test_fixtures_with_parameters_marks_and_skips_are_as_in_pytest(score):
    tests = f"""{FILE}
@pytest.fixture(params=[1, pytest.param(2)])
def n(request):
    return request.param

@pytest.mark.parametrize("m", [0, 1])
def test_sums(n, m):
    assert add(n, m) == n + m

@pytest.mark.skip(reason="not yet")
def test_skipped():
    assert False

@pytest.mark.skipif(True, reason="no")
def test_also():
    assert False

@pytest.mark.xfail
def test_known():
    assert add(1, 1) == 3
"""
    assert score(ADD, tests).value == 1.0
    assert score("def add(a, b): return a if b == 0 else 2", tests).value == 0.0


def test_arrays_are_arrays_on_both_sides(score):
    pytest.importorskip("numpy")
    tests = """import numpy as np
from solution import double
def test():
    given = np.array([[1, 2], [3, 4]])
    got = double(given)
    assert got.shape == (2, 2) and (got == [[2, 4], [6, 8]]).all()
    assert (given == 0).all() and double(np.zeros((0, 3))).shape == (0, 3)
"""
    right = "def double(xs):\n    ys = xs * 2\n    xs[...] = 0\n    return ys"
    assert score(right, tests).value == 1.0
    assert score(right.replace("= 0", "= 1"), tests).value == 0.0
    assert score(right.replace("* 2", "* 3"), tests).value == 0.0


@pytest.mark.parametrize("outcome", ["starved", "broken"])
@pytest.mark.parametrize(
    "row",
    [
        {"tests": PAIRS},
        {"tests": CALLS},
        {"test": LOOP, "entry_point": "add"},
        {"tests": {**PAIRS, "outputs": ["3\n", "34\n"]}, "tag": "cpp"},
    ],
    ids=["stdin", "calls", "split", "compiled"],
)
def test_a_run_that_the_machine_failed_is_not_held_against_the_program(
    sandboxed, monkeypatch, outcome, row
):
    def failing(*args, **kwargs):
        return SimpleNamespace(outcome=outcome, reason="no CPU", stderr=b"", stdout=b"", ok=False)

    class Box:
        run = execute = staticmethod(failing)
        compile = staticmethod(lambda *args: SimpleNamespace(ok=False, compiled=failing()))
        run_tests = staticmethod(lambda *args, **kwargs: [failing()])

        @staticmethod
        def split(*args, **kwargs):
            return Split(outcome)

        @staticmethod
        @contextmanager
        def session(*args, **kwargs):
            yield SimpleNamespace(loaded=failing())

    monkeypatch.setattr("rewardkit_code.scoring.shared_sandbox", Box)
    row = dict(row)
    tag = row.pop("tag", "python")
    tests = row.pop("tests", None)
    columns = {name: [cell] for name, cell in row.items()}
    [found] = code([rk.Completion(f"```{tag}\n{ADD}```")], [tests], **columns)
    assert (found.value, found.failed) == (None, True)


HOSTILE = {
    "large integers": "return [10**5000, {10**5000: 1}, (10**6000,)]",
    "larger": "return 1 << 3_000_000",
    "key": "return {10**5000: 1}",
    "fraction": "from fractions import Fraction; return Fraction(10**5000, 3)",
    "decimal": "from decimal import Decimal; return Decimal('1e999999999')",
    "signalling": "from decimal import Decimal; return Decimal('sNaN')",
    "range": "return range(10**12)",
    "longer range": "return range(10**30)",
    "surrogate": "return chr(0xd800)",
    "raised": "raise KeyError(10**5000)",
    "raised surrogate": "raise ValueError(chr(0xd800))",
    "name": "raise type(chr(0xd800), (Exception,), {})('x')",
    "nested": "x = []\n    for _ in range(900): x = [x]\n    return x",
    "nested deeper": "x = []\n    for _ in range(100_000): x = [x]\n    return x",
    "raised nested": "x = []\n    for _ in range(900): x = [x]\n    raise KeyError(x)",
    "shared": "n = []\n    for _ in range(99): m = Node(); m.l = m.r = n; n = m\n    return n",
    "type": "return type",
    "hashes": "return [i * ((1 << 61) - 1) for i in range(20_000)]",
}  # fmt: skip
ANSWERS = [
    b'{"raised":{"a":1}}', b'{"raised":"\\ud800","message":[[1]]}', b'"raised"',
    b"[]", b"1", b"null",
    b"\xff\xfe", b"", b'{"value":' + b"9" * 5000 + b',"changed":[],"instances":[]}',
    b'{"value":' + b"[" * 50_000 + b"]" * 50_000 + b',"changed":[],"instances":[]}',
    b'{"value":3,"changed":[],"instances":5}', b'{"value":3,"changed":[[[],1]],"instances":[]}',
    *(b'{"value":{"$":%s,"v":%s},"changed":[],"instances":[]}' % pair for pair in [
        (b'"type"', b'"nope"'), (b'"instance"', b"1e999"), (b"[1]", b"1"), (b'"Decimal"', b'"x"'),
        (b'"set"', b"[[1]]"), (b'"Fraction"', b'["1","0"]'), (b'"Fraction"', b"[]"),
        (b'"int"', b"5"), (b'"range"', b'["1","2","0"]'), (b'"timedelta"', b"[1e300,1,1]"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {"tests": {"fn_name": "f", "inputs": [[1]], "outputs": [{"a": [1]}]}},
        {"tests": ["assert f(1) == f(2) == 3"]},
        {"tests": ["assert sorted(f(1)) == [1]", "assert set(f(1)) == {1}"]},
        {"tests": ["assert list(f(1)) == [3] and round(f(1), 2) == 3"]},
        {"tests": "import pytest\ndef test():\n    assert f(1) == pytest.approx(3.0)\n"},
        {"tests": "def test():\n    for n in range(2):\n        assert f(n) == 3, f(n)\n"},
        {"tests": "def check(candidate):\n    assert candidate(1) == 3\n", "entry_point": "f",
         "prompt": "class Node:\n    pass\n"},
    ],
)  # fmt: skip
def test_no_value_of_a_program_keeps_it_from_being_judged(sandboxed, row):
    bodies = dict(HOSTILE)
    for number, answer in enumerate(ANSWERS):
        written = f"w = {answer!r}; os.write(3, struct.pack('<I', len(w)) + w)"
        bodies[f"answer {number}"] = f"import os, struct; {written}; return 7"
    programs = [f"def f(a):\n    {body}\n" for body in bodies.values()]
    completions = [rk.Completion(f"```python\n{program}```") for program in programs]
    columns = {name: [cell] * len(programs) for name, cell in row.items()}
    for name, score in zip(bodies, code(completions, **columns), strict=True):
        assert (name, score.value, score.failed) == (name, 0.0, False), score.reason
        f"{score.reason}{score.evidence}".encode()


def test_large_integers_are_compared(score):
    tests = f'{{"fn_name": "f", "inputs": [[5000]], "outputs": [{"9" * 5000}]}}'
    assert score("def f(n): return 10**n - 1", tests).value == 1.0
    wrong = score("def f(n): return 10**n - 2", tests)
    assert wrong.value == 0.0
    assert len(str(wrong.evidence)) < 2000
