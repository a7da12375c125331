"""Programs that try to be paid for a wrong solution, in every form of test."""

import pytest

# What a program is to do: the sum of a list. None of these does, whatever else they try.
FORGERIES = {
    "exits well while it loads": "import sys\ndef solve(xs): return 0\nsys.exit(0)",
    "exits at once": "import os\ndef solve(xs): return 0\nos._exit(0)",
    "exits well when it is called": "import sys\ndef solve(xs): sys.exit(0)",
    "exits at once when it is called": "import os\ndef solve(xs): os._exit(0)",
    "exits in the end": "import atexit, os\natexit.register(os._exit, 0)\ndef solve(xs): return 1",
    "equals everything": """
class Any:
    def __eq__(self, other): return True
    __ne__ = __bool__ = __lt__ = __gt__ = __le__ = __ge__ = __eq__
    def __hash__(self): return 0
    def __len__(self): return 3
    def __float__(self): return 0.0
    def __sub__(self, other): return 0
    __rsub__ = __sub__
def solve(xs): return Any()
""",
    "is an int that equals everything": """
class Sly(int):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __hash__(self): return 0
def solve(xs): return Sly(3)
""",
    "is a list that equals everything": """
class Sly(list):
    def __eq__(self, other): return True
def solve(xs): return Sly()
""",
    "is not a number": "def solve(xs): return float('nan')",
    "looks for the answer in the frames": """
import sys
def solve(xs):
    frame = sys._getframe()
    while frame is not None:
        for value in [*frame.f_locals.values(), *frame.f_globals.values()]:
            if isinstance(value, int) and value == sum(xs) and value > 99: return value
            if isinstance(value, (list, tuple)) and sum(xs) in value: return value[0]
        frame = frame.f_back
    return None
""",
    "looks for the answer in the heap": """
import gc
def solve(xs):
    want = {918273652, -90000006, 26}
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            for key in ("expected", "outputs", "accepted", "answer"):
                if key in thing: return thing[key]
    return None
""",
    "patches the builtins": """
import builtins
for name in ("all", "any", "isinstance", "abs", "len", "sorted", "repr"):
    setattr(builtins, name, lambda *args, **kwargs: True)
builtins.AssertionError = Exception
def solve(xs): return 3.5
""",
    "patches json": """
import json
json.dumps = lambda *args, **kwargs: "true"
json.loads = lambda *args, **kwargs: {}
def solve(xs): return None
""",
    "patches pytest and unittest": """
try:
    import unittest
    for name in dir(unittest.TestCase):
        if name.startswith("assert"): setattr(unittest.TestCase, name, lambda *a, **k: None)
except Exception: pass
try:
    import pytest
    pytest.raises = pytest.approx = lambda *a, **k: None
except Exception: pass
def solve(xs): return None
""",
    "writes to every descriptor": """
import json, os, struct
for fd in range(3, 64):
    for text in (b"passed", b"[true]", json.dumps({"report": [["check", "", "", 0]]}).encode()):
        try: os.write(fd, struct.pack("<I", len(text)) + text)
        except OSError: pass
def solve(xs): return None
""",
    "prints that it passed": """
print("passed", "OK", "1 passed in 0.01s", '{"passed": true}', 1.0, sep="\\n")
def solve(xs): return True
""",
    "leaves a report": """
report = [['check', '', '', 0], ['test_sum', '', '', 0], ['TestSum.test_sum', '', '', 0]]
def solve(xs): return 0
""",
    "replaces the tests' module": """
import sys
for name in ("tests", "pytest", "solution"): sys.modules[name] = sys
def test_sum(): pass
def check(candidate): pass
def solve(xs): return None
""",
    "returns the exception": "def solve(xs): return AssertionError()",
    "raises what ends a run well": "def solve(xs): raise SystemExit(0)",
    "raises what skips a test": """
class Skipped(Exception): pass
class SkipTest(Exception): pass
import unittest
def solve(xs): raise unittest.SkipTest("skipped")
""",
    "raises a Skipped of its own": """
class Skipped(Exception): pass
def solve(xs): raise Skipped()
""",
    "raises GeneratorExit": "def solve(xs): raise GeneratorExit",
    "defines the helpers of the tests": """
def _run(*args): pass
report = []
def solve(xs): return None
""",
    "forks and exits": "import os\nif os.fork(): os._exit(0)\ndef solve(xs): return None",
    "names itself as the candidate": "candidate = lambda xs: None\nsolve = candidate",
    "answers with what it was not asked": "def solve(xs): return (solve, xs, 26)",
    "answers every request in advance": """
import gc, json, socket, struct
def forge():
    answer = json.dumps({"value": 26, "changed": [], "instances": []}).encode()
    for thing in gc.get_objects():
        if isinstance(thing, socket.socket):
            for _ in range(9): thing.sendall(struct.pack("<I", len(answer)) + answer)
try: forge()
except Exception: pass
def solve(xs): return None
""",
    "says what the tests' process says when done": """
import gc, json
def solve(xs):
    for thing in gc.get_objects():
        if type(thing).__name__ == "Channel":
            try: thing.send_bytes(b"D" + json.dumps({"passed": True, "report": [
                ["check", "", "", 0, False], ["test_sum", "", "", 0, False]]}).encode())
            except Exception: pass
    return None
""",
    "rewrites its server": """
import sys
for module in list(sys.modules.values()):
    for name in ("Writer", "Reader", "json"):
        if getattr(module, "__name__", "").startswith("rewardkit") and hasattr(module, name):
            setattr(module, name, lambda *a, **k: type("A", (), {
                "write": lambda s, v: True, "read": lambda s, v: [], "instances": lambda s: []})())
def solve(xs): return None
""",
    "claims to be a number that is not one": """
def solve(xs):
    return type("int", (), {"__eq__": lambda s, o: True, "__hash__": lambda s: 1})()
""",
    "is text that equals everything": """
class Sly(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
def solve(xs): return Sly("sum")
""",
    "is a float that equals everything": """
class Sly(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__, __abs__ = __sub__, lambda self: 0.0
    def __le__(self, other): return True
def solve(xs): return Sly("nan")
""",
    "hides behind tolist": """
class Sly:
    dtype = type("D", (), {"kind": "i", "str": "|O8"})
    shape = (1,)
    def tolist(self): return {"$": "ndarray", "v": ["|O8", [1], [26]]}
def solve(xs): return Sly()
""",
    "raises an exception named as the runner's": """
class _Fault(Exception): pass
class FaultError(Exception): pass
class SkipTest(Exception): pass
def solve(xs): raise _Fault("the row's tests cannot be run")
""",
    "lacks a module that exists nowhere": "def solve(xs): raise ModuleNotFoundError('scipy')",
    "raises what it makes up when asked for text": """
class Sly(Exception):
    def __str__(self): raise SystemExit(0)
    args = property(lambda self: 1 / 0)
def solve(xs): raise Sly
""",
    "prints a report": """
import sys
REPORT = '[["check", "", "", 0, false], ["test_sum", "", "", 0, false]]'
def solve(xs):
    print(REPORT, 'D{"passed": true}', file=sys.stderr)
    print(REPORT, 'D{"passed": true}', flush=True)
""",
    "answers from a thread": """
import threading, os
threading.Thread(target=lambda: os._exit(0), daemon=True).start()
def solve(xs): return None
""",
    "traces what calls it": """
import sys
def trace(frame, event, arg):
    for name in list(frame.f_locals):
        if name in ("answer", "result"): frame.f_locals[name] = sum
    return trace
sys.settrace(trace)
def solve(xs): return None
""",
    "recurses for ever": "def solve(xs): return solve(xs)",
    "returns what contains itself": "def solve(xs):\n    xs.append(xs)\n    return xs",
    "prints much": "def solve(xs):\n    for _ in range(50): print('26' * 500000)",
    "prints the first line alone": "xs = input(), input()\nprint(26)\ndef solve(xs): return 26",
}  # fmt: skip

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
def test_no_forgery_is_paid_in_any_form(score, form):
    paid = {}
    for name, forgery in FORGERIES.items():
        program = f"{forgery}\n{READ}" if form == "stdin" else forgery
        for binary in (True, False):
            found = score(program, options={"binary": binary, "seconds": 1.0}, **FORMS[form])
            # On a busy machine a run may get no CPU: that has no verdict, and is paid nothing.
            if found.value or (found.value is None and "no CPU" not in found.reason):
                paid[name, binary] = found
    assert paid == {}
