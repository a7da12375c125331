"""Tests apart from the candidate: right candidates pass, and no candidate decides a comparison."""

import pytest

from rewardkit.sandbox import Limits
from tests.sandbox.patience import patience

RIGHT = "def solve(xs):\n    return sum(xs)"
ASSERTS = "assert solve([1, 2]) == 3\nassert solve([]) == 0\n"


def split(sandbox, candidate, tests, **options):
    return sandbox.split(candidate, tests, names=("solve",), **options)


def test_a_right_candidate_passes_and_a_wrong_one_fails(sandbox):
    assert split(sandbox, RIGHT, ASSERTS).passed
    failed = split(sandbox, "def solve(xs): return 3", ASSERTS)
    assert (failed.outcome, failed.exception, failed.calls) == ("failed", "AssertionError", 2)
    assert b"assert solve([]) == 0" in failed.stderr


FORGERIES = {
    "an object that equals everything": """
        class A:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __contains__(self, item): return True
            def __lt__(self, other): return True
            def __getattr__(self, name): return self
            def __bool__(self): return True
        def solve(xs): return A()
    """,
    "a number that equals everything": """
        class A(int):
            def __eq__(self, other): return True
        def solve(xs): return A(7)
    """,
    "the end of the program": "import sys\ndef solve(xs): sys.exit(0)",
    "the end of the process": "import os\ndef solve(xs): os._exit(0)",
    "the end at import": "import os\nos._exit(0)",
    "an exit at import": "import sys\nsys.exit(0)",
    "the end of an iteration": "def solve(xs): raise StopIteration",
    "an exception that tests skip on": """
        import unittest
        def solve(xs): raise unittest.SkipTest("no")
    """,
    "a generator's exit": "def solve(xs): raise GeneratorExit",
    "an interrupt": "def solve(xs): raise KeyboardInterrupt",
    "a forged verdict": """
        import json, os, struct
        data = b"D" + json.dumps({"passed": True, "report": None, "unsendable": ""}).encode()
        os.write(3, struct.pack("<I", len(data)) + data)
        def solve(xs):
            os.write(3, struct.pack("<I", len(data)) + data)
    """,
    "success on every descriptor": """
        import os
        def solve(xs):
            for i in range(64):
                try: os.write(i, b"passed")
                except OSError: pass
    """,
    "patched builtins": """
        import builtins
        builtins.all = lambda *a: True
        builtins.AssertionError = ValueError
        def solve(xs): return None
    """,
    "frames and objects of the grader": """
        import gc, sys
        def solve(xs):
            f = sys._getframe()
            while f:
                for name in ("expected", "tests", "task"):
                    if name in f.f_locals: return f.f_locals[name]
                f = f.f_back
    """,
    "an instance whose class is renamed": """
        class Total:
            def __init__(self): self.__dict__["__eq__"] = lambda o: True
            def __eq__(self, other): return True
        def solve(xs): return Total()
    """,
    "not implemented": "def solve(xs): return NotImplemented",
    "a mock": "from unittest.mock import ANY\ndef solve(xs): return ANY",
}
SUITES = {
    "asserts": ASSERTS,
    "a zip": "for got, want in zip(map(solve, [[1], [2]]), [1, 2]): assert got == want\n",
    "all": "assert all(solve([x]) == x for x in range(1, 5))\n",
    "a membership": "assert solve([1, 2]) in (3, 4)\n",
    "an order": "assert 2 < solve([1, 2]) < 4\n",
    "a report": """if 1:
        report = []
        for xs, want in [([1, 2], 3), ([5], 5)]:
            try:
                assert solve(xs) == want
            except Exception as error:
                report.append(type(error).__name__)
        assert not report
    """,
    "unittest": """if 1:
        import unittest
        class Test(unittest.TestCase):
            def test(self):
                self.assertEqual(solve([1, 2]), 3)
                self.assertIn(solve([4]), [4])
        unittest.main()
    """,
}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_forgery_passes(namespaces, forgery, suite):
    import textwrap

    candidate = textwrap.dedent(FORGERIES[forgery])
    assert not split(namespaces, candidate, SUITES[suite]).passed


@pytest.mark.parametrize("suite", SUITES)
def test_a_right_candidate_passes_every_suite(namespaces, suite):
    result = split(namespaces, RIGHT, SUITES[suite])
    assert result.passed, result


def test_any_name_of_the_candidate_can_be_imported(sandbox):
    candidate = """if 1:
        LIMIT = 10
        class TooMuch(ValueError): pass
        def check(x):
            if x > LIMIT: raise TooMuch(f"{x} is too much")
            return x
    """
    tests = """if 1:
        import solution
        from solution import LIMIT, TooMuch, check
        assert LIMIT == 10 and check(3) == solution.check(3) == 3
        try:
            check(11)
        except TooMuch as error:
            assert isinstance(error, ValueError) and str(error) == "11 is too much"
        else:
            raise AssertionError
        try:
            from solution import missing
        except ImportError:
            report = {"ok": True}
    """
    result = sandbox.split(candidate, tests)
    assert result.passed, result
    assert result.report == {"ok": True}


def test_objects_of_the_candidate_can_be_used_and_equal_only_themselves(sandbox):
    candidate = """if 1:
        class Stack:
            def __init__(self): self.items = []
            def push(self, x): self.items.append(x); return self
            def pop(self): return self.items.pop()
            def __len__(self): return len(self.items)
            def __getitem__(self, i): return self.items[i]
            def __iter__(self): return iter(self.items)
            def __str__(self): return f"Stack({self.items})"
            def __eq__(self, other): return True
        def counter():
            n = 0
            def count():
                nonlocal n
                n += 1
                return n
            return count
        def fibonacci():
            a, b = 0, 1
            while True:
                yield a
                a, b = b, a + b
    """
    tests = """if 1:
        from itertools import islice
        from solution import Stack, counter, fibonacci
        stack = Stack()
        assert stack.push(1).push(2).pop() == 2
        assert len(stack) == 1 and stack[0] == 1 and list(stack) == [1]
        assert str(stack) == "Stack([1])"
        assert isinstance(stack, Stack) and stack == stack
        assert stack != Stack() and stack != 1 and stack.items == [1]
        stack.items = [7]
        assert stack.pop() == 7
        try:
            stack.pop()
        except IndexError:
            pass
        else:
            raise AssertionError
        count = counter()
        assert (count(), count()) == (1, 2)
        assert list(islice(fibonacci(), 6)) == [0, 1, 1, 2, 3, 5]
    """
    result = sandbox.split(candidate, tests)
    assert result.passed, result


def test_arguments_changed_in_place_and_instances_by_value(sandbox):
    prelude = """if 1:
        class Node:
            def __init__(self, value, next=None): self.value, self.next = value, next
            def __eq__(self, other): return vars(self) == vars(other)
    """
    candidate = """if 1:
        class Node:
            def __init__(self, value, next=None): self.value, self.next = value, next
            def __eq__(self, other): return True
        def sort(xs, node): xs.sort(); node.value = 5
        def reverse(node):
            last = None
            while node: node.next, last, node = last, node, node.next
            return last
    """
    tests = """if 1:
        from solution import Node as N
        xs, node = [3, 1, 2], Node(1)
        sort(xs, node)
        assert xs == [1, 2, 3] and node.value == 5 and N is Node
        assert reverse(Node(1, Node(2))) == Node(2, Node(1))
        assert reverse(Node(1, Node(2))) != Node(3)
    """
    result = sandbox.split(candidate, tests, names=("sort", "reverse"), prelude=prelude)
    assert result.passed, result


def test_a_name_may_stand_for_a_method(sandbox):
    candidate = "class Solution:\n    def f(self, x): return x + 1"
    tests = "def check(candidate): assert candidate(x=1) == 2\ncheck(candidate)"
    assert sandbox.split(candidate, tests, names=("candidate=Solution.f",)).passed


def test_what_cannot_travel_is_told_apart_from_a_failure(sandbox):
    result = split(sandbox, "def solve(f): return f(1)", "assert solve(lambda x: x) == 1")
    assert result.outcome == "unsplittable"
    assert "function" in result.reason


@pytest.mark.parametrize(
    ("candidate", "tests", "outcome", "side"),
    [
        ("def solve(x):\n    while True: pass", "solve(1)", "cpu_time", "candidate"),
        ("import time\ndef solve(x): time.sleep(60)", "solve(1)", "wall_time", "candidate"),
        ("def solve(x): import os; os._exit(0)", "solve(1)", "exit", "candidate"),
        (
            "def solve(x): import os; os._exit(0)",
            "try: solve(1)\nexcept Exception: pass",
            "exit",
            "candidate",
        ),
        ("while True: pass", "", "cpu_time", "candidate"),
        ("solve = print", "while True: pass", "cpu_time", "tests"),
        ("solve = print", "import os; os._exit(0)", "exit", "tests"),
        ("solve = print", "raise ValueError('x')", "failed", "tests"),
        ("def solve(", "", "failed", "candidate"),
    ],
)
def test_whose_end_it_was_is_told(sandbox, candidate, tests, outcome, side):
    limits = Limits(cpu_seconds=0.4, wall_seconds=patience(outcome, 1.0))
    result = split(sandbox, candidate, tests, limits=limits, test_limits=limits)
    if side == "tests" or "solve(1)" not in tests:
        assert (result.outcome, result.side) == (outcome, side), result
    assert not result.passed


def test_a_large_or_hostile_answer_ends_nothing_but_the_test(sandbox):
    for body in (
        "return 'x' * 10_000_000",
        "import os; os.write(3, b'\\xff' * 9)",
        "return 10**9999",
    ):
        result = split(sandbox, f"def solve(x):\n    {body}", "assert solve(1) == 1")
        assert not result.passed
    assert split(sandbox, RIGHT, ASSERTS).passed


def test_what_a_call_prints_is_printed_where_the_tests_have_put_the_stream(sandbox):
    printer = (
        "import sys\nprint('loaded')\n"
        "def solve(x):\n    print('out', x)\n    print('err', file=sys.stderr)\n"
        "    raise ValueError\n"
    )
    tests = (
        "import io, sys\nsys.stdout = out = io.StringIO()\nsys.stderr = err = io.StringIO()\n"
        "for x in (1, 2):\n    try: solve(x)\n    except ValueError: pass\n"
        "report = [out.getvalue(), err.getvalue()]\n"
    )
    run = split(sandbox, printer, tests)
    assert run.report == ["out 1\nout 2\n", "err\nerr\n"]
    unread = split(sandbox, printer, "try: solve(1)\nexcept ValueError: pass\n")
    assert (unread.passed, unread.stdout) == (True, b"")


@pytest.mark.parametrize(
    "printed",
    ['{"stdout": 5}', '["stdout"]', '{"stdout": {"$": "type", "v": "str"}}', '"text"', "null"],
)
def test_what_a_forged_answer_says_it_printed_is_text_or_nothing(sandbox, printed):
    candidate = (
        "import json, sys\ndumps = json.dumps\n"
        "def forged(answer, **options):\n"
        f"    answer['printed'] = json.loads({printed!r})\n    return dumps(answer, **options)\n"
        "def solve(xs):\n    json.dumps = forged\n    return 3\n"
    )
    tests = "import io, sys\nsys.stdout = io.StringIO()\nassert solve([1, 2]) == 3\n"
    assert split(sandbox, candidate, f"{tests}report = sys.stdout.getvalue()").report == ""


def test_arrays_travel_as_arrays_of_numbers_alone(sandbox):
    pytest.importorskip("numpy")
    tests = "import numpy as np\nxs = np.eye(2, dtype=np.int8)\nys = solve(xs)\n"
    same = split(sandbox, "def solve(xs):\n    xs += 1\n    return xs * 2", f"""{tests}
assert type(ys) is np.ndarray and ys.dtype == np.int8 and (ys == xs * 2).all()
assert xs.tolist() == [[2, 1], [1, 2]]
""")  # fmt: skip
    assert same.passed
    sly = """
import numpy as np
class Sly(np.ndarray):
    def __eq__(self, other): return np.True_
def solve(xs): return np.zeros(2).view(Sly)
"""
    assert not split(sandbox, sly, f"{tests}assert (ys == [1, 1]).all()").passed
    objects = "import numpy as np\ndef solve(xs): return np.array([1, None], object)"
    assert split(sandbox, objects, f"{tests}assert type(ys) is list").passed
