"""Programs that are wrong and try to be paid, whatever the form of the tests."""

__all__ = ["FORGERIES", "PRINTED"]

# What a program is to do is to sum a list. None of these does, whatever else they try.
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

# What the server of a program's calls reads and writes, spoken by the program itself.
SAY = """
import os, struct
def say(data):
    os.write(3, struct.pack("<I", len(data)) + data)
"""


def saying(*answers):
    """A program that answers for its server each time that it is called."""
    return (
        f"{SAY}\nANSWERS = {list(answers)!r}\n"
        "def solve(xs):\n    say(ANSWERS[0])\n    ANSWERS.append(ANSWERS.pop(0))\n    return 1\n"
    )


FORGERIES |= {
    # What it returns.
    "clears its argument": "def solve(xs):\n    xs.clear()\n    return 0",
    "makes its argument the answer": "def solve(xs):\n    xs[:] = [0]\n    return 0",
    "is infinite": "def solve(xs): return float('inf')",
    "is a decimal that signals":
        "from decimal import Decimal\ndef solve(xs): return Decimal('sNaN')",
    "is a decimal of a billion digits":
        "from decimal import Decimal\ndef solve(xs): return Decimal('1e999999999')",
    "is an integer of a megabyte": "def solve(xs): return 1 << 8_000_000",
    "is half true": "def solve(xs): return complex(sum(xs), 1)",
    "is a type": "def solve(xs): return bool",
    "is an ellipsis": "def solve(xs): return ...",
    "is a generator that exits": "def solve(xs):\n    raise SystemExit(0)\n    yield sum(xs)",
    "is a generator without end": "def solve(xs):\n    while True: yield 26",
    "is an array of all answers": "import numpy as np\ndef solve(xs): return np.arange(-100, 100)",
    "is an array of no answers": "import numpy as np\ndef solve(xs): return np.array([])",
    "has a metaclass that equals everything": """
class Meta(type):
    def __eq__(cls, other): return True
    def __hash__(cls): return 0
    def __instancecheck__(cls, other): return True
class Sly(metaclass=Meta): pass
def solve(xs): return Sly
""",
    "says that it is an int": """
class Sly:
    __class__ = property(lambda self: int)
    def __eq__(self, other): return True
    __int__ = __index__ = lambda self: 26
def solve(xs): return Sly()
""",
    "is a large int with an index of its own": """
class Sly(int):
    def __add__(self, other): return 26
    __index__ = lambda self: 26
def solve(xs): return Sly(2**70)
""",
    "is a float that is shown as another": """
class Sly(float):
    def __repr__(self): return "26.0"
def solve(xs): return Sly("inf")
""",
    # What it raises.
    "raises a group of exits": "def solve(xs): raise BaseExceptionGroup('', [SystemExit(0)])",
    "raises a SystemExit of its own":
        "class SystemExit(Exception): code = 0\ndef solve(xs): raise SystemExit(0)",
    "raises a kind of interrupt": "class K(KeyboardInterrupt): pass\ndef solve(xs): raise K()",
    "raises what says that it is not there":
        "def solve(xs): raise NameError(\"name 'solve' is not defined\", name='solve')",
    "raises a class without a name": """
class Sly(ValueError): pass
Sly.__name__ = "a\ud800"
def solve(xs): raise Sly("\ud800")
""",
    # What it does to its process.
    "kills itself": "import os, signal\ndef solve(xs): os.kill(os.getpid(), signal.SIGKILL)",
    "closes the channel": "import os\ndef solve(xs): os.close(3)",
    "closes everything": "import os\nos.closerange(0, 64)\ndef solve(xs): return 1",
    "prints into the channel":
        "import os\ndef solve(xs):\n    os.dup2(3, 1)\n    os.write(1, b'x' * 100)\n    return 1",
    "ends by its hooks": """
import os, sys, threading
sys.excepthook = sys.unraisablehook = threading.excepthook = lambda *args: os._exit(0)
def solve(xs): raise ValueError
""",
    "floods the channel": f"""{SAY}
import threading
def flood():
    while True: say(b'{{"value": true, "changed": [], "instances": []}}')
threading.Thread(target=flood, daemon=True).start()
def solve(xs): return 1
""",
    # What it says in its server's name.
    "announces a message that never comes":
        f"{SAY}def solve(xs): os.write(3, struct.pack('<I', 1 << 29))",
    "sends messages of nothing": f"{SAY}def solve(xs): os.write(3, bytes(4000))",
    "sends what is nested": f"{SAY}def solve(xs): say(b'[' * 200_000 + b']' * 200_000)",
    "sends numbers that JSON has not":
        saying(b'{"value":NaN,"changed":[],"instances":[]}', b'{"value":-Infinity}'),
    "sends a number of many digits":
        saying(b'{"value":' + b"9" * 100_000 + b',"changed":[],"instances":[]}'),
    "sends a key twice":
        saying(b'{"value":1,"value":{"$":"x"},"changed":[],"changed":5,"instances":[]}'),
    "sends lone surrogates":
        saying(b'{"value":{"\\ud800":1},"changed":[["\\ud800",1]],"instances":[["\\ud800",{}]]}'),
    "sends tags that it should not": saying(*(
        b'{"value":%s,"changed":[],"instances":[]}' % value for value in (
            b'{"$":"type","v":"object"}', b'{"$":"handle","v":[0,"int"]}',
            b'{"$":"instance","v":-1}', b'{"$":"ndarray","v":["<f8",[0],[]]}',
            b'{"$":"set","v":[[1]]}', b'{"$":{},"v":1}',
            b'{"$":"range","v":["0","9999999999999","1"]}', b'{"$":"ellipsis"}',
        ))),
    "sends changes of what it was not given":
        saying(b'{"value":0,"changed":[[0,[0]],["xs",[0]],[-1,[0]],[99,[0]]],"instances":[]}'),
    "sends an exit": saying(b'{"raised":"SystemExit","base":"SystemExit","message":"0",'
                            b'"args":{"$":"tuple","v":[0]}}'),
    "sends an exception with a trillion arguments": saying(
        b'{"raised":"ValueError","base":"ValueError","args":'
        b'{"$":"range","v":["0","999999999999","1"]}}'),
    "sends that it has ended": saying(b'{"ended":"ok"}', b'{"unsendable":""}', b'{}', b'null'),
}  # fmt: skip

# What stdin runs can be told, in place of the answer.
PRINTED = {
    "prints the answers to all tests": "for x in (918273652, 3, -90000006, 3, 26, 4): print(x)",
    "prints digits of another script": "print('\u0662\u0666')\nprint('\u0664')",
    "prints what no float is near": "print('nan')\nprint('inf')",
    "prints almost the answer":
        "n, *xs = map(int, open(0).read().split())\nprint(sum(xs) * 1.0000000001)\nprint(n)",
    "prints NULs and half a character": "import os\nos.write(1, b'26\\0\\n4\\xe2\\x82')",
    "prints later": """
import threading, time
def later():
    time.sleep(0.05)
    print(918273652, 3)
threading.Thread(target=later, daemon=True).start()
""",
    "prints when it is let go":
        "class Last:\n    def __del__(self): print(25, 4)\nlast = Last()",
    "says for its server that all went well": """
import os, struct
for number in range(3, 10):
    for data in (b'{"exit":0,"last":false}', b'{"exit":0,"last":true}'):
        try: os.write(number, struct.pack("<I", len(data)) + data)
        except OSError: pass
""",
    "exits in a thread":
        "import os, threading\nprint(918273652)\nthreading.Timer(0, os._exit, [0]).start()",
    "reads the tests to come": """
import os, select
for number in range(3, 20):
    try:
        if select.select([number], [], [], 0)[0]: print(os.read(number, 100))
    except OSError: pass
""",
}  # fmt: skip
