"""The test side of a split run: runs test functions one by one, and reports on each.

It is source that is trusted, and runs in a sandbox without the candidate.
"""

from __future__ import annotations

import re

from rewardkit_code.cases import SourceCase
from rewardkit_code.copies import COPY, with_copies
from rewardkit_code.stand_in import FIXTURES, STAND_IN

__all__ = ["code_of"]

_USES_PYTEST = re.compile(r"\b(?:pytest|{})\b".format("|".join(FIXTURES)))


def code_of(case: SourceCase, share: bool) -> str:
    """The source that runs a case's tests and leaves in `report` what came of each.

    Without `share` it ends at the first test that fails.
    """
    check = bool(case.check)
    names = {*case.names, "candidate"} if check else {*case.names}
    source = with_copies(case.source, frozenset(names))
    job = {"source": source, "tests": case.tests, "check": check, "share": share}
    stand_in = STAND_IN if _USES_PYTEST.search(case.source) else ""
    return f"{stand_in}\n_job = {job!r}\n{_COPY}{_RUN}"


_COPY = f"""
def {COPY}(value):
    import copy

    try:
        return copy.deepcopy(value)
    except Exception:
        return value  # an iterator, say: nothing is computed of it once it is used up
"""

_RUN = """
import sys

report = []

class _Fault(Exception):
    pass  # the tests are at fault, whatever the candidate does

def _run(name, function):
    try:
        function()
    except BaseException as error:
        if isinstance(error, _skips()):
            report.append([name, "", "", 0, False])
            return True
        fault = type(error) is _Fault
        report.append([name, type(error).__name__, str(error)[:500], _line(error), fault])
        if not _job["share"]:
            # Never the error itself: a SystemExit of the candidate's would end the run well.
            raise AssertionError(f"{type(error).__name__}: {error}") from error
        return False
    report.append([name, "", "", 0, False])
    return True

def _skips():
    # The classes themselves: one of the candidate's may have the same name.
    modules = (sys.modules.get("pytest"), "Skipped"), (sys.modules.get("unittest"), "SkipTest")
    return tuple(getattr(module, name) for module, name in modules if hasattr(module, name))

def _line(error):
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "tests.py":
            line = step.tb_lineno
        step = step.tb_next
    return line

def _load():
    exec(compile(_job["source"], "tests.py", "exec"), globals())

def _fixtures():
    return getattr(sys.modules.get("pytest"), "fixtures", {})

class _Test:
    # One run of a test function: the values of its parameters, and its fixtures.

    def __init__(self, run):
        self.run, self.made, self.generators = run, {}, []

    def call(self, function):
        try:
            for name, (_, autouse, _) in _fixtures().items():
                if autouse:
                    self.make(name)
            returned = function(**self.given(function))
            if hasattr(returned, "cr_await"):
                import asyncio

                asyncio.run(returned)
        finally:
            for generator in reversed(self.generators):
                next(generator, None)

    def given(self, function, fixture=""):
        names = _parameters(function)
        return {name: self.value(name, fixture) for name in names}

    def value(self, name, fixture):
        if name == "request" and f"request of {fixture}" in self.run:
            import types

            return types.SimpleNamespace(param=self.run[f"request of {fixture}"])
        return self.run[name] if name in self.run else self.make(name)

    def make(self, name):
        if name not in self.made:
            if name not in _fixtures():
                raise _Fault(f"fixture {name!r} not found")
            function = _fixtures()[name][0]
            value = function(**self.given(function, name))
            if hasattr(value, "send") and hasattr(value, "throw"):
                self.generators.append(value)
                value = next(value)
            self.made[name] = value
        return self.made[name]

def _parameters(function):
    import inspect

    return list(inspect.signature(function).parameters)[_mocks(function):]

def _mocks(function):
    # What mock.patch passes itself, as the first arguments.
    patches = getattr(function, "patchings", [])
    default = patches and sys.modules["unittest.mock"].DEFAULT
    return sum(patch.new is default and not patch.attribute_name for patch in patches)

def _runs(function):
    # The parameters of each run, by `parametrize` and those of the fixtures that it uses.
    import itertools

    fixtures, used = _fixtures(), {}
    waiting = [function, *(entry[0] for entry in fixtures.values() if entry[1])]
    while waiting:
        for name in _parameters(waiting.pop()):
            if name in fixtures and name not in used:
                used[name] = fixtures[name][2]
                waiting.append(fixtures[name][0])
    params = [
        [(f"request of {name}", getattr(value, "values_", value)) for value in values]
        for name, values in used.items() if values is not None
    ]
    for run in getattr(function, "_runs", [{}]):
        for given in itertools.product(*params):
            yield {**run, **dict(given)}

def _functions(path):
    owner, _, method = path.rpartition(".")
    if not owner:
        function = globals()[path]
        for run in _runs(function):
            yield lambda run=run: _Test(run).call(function)
        return
    kind = globals()[owner]
    if hasattr(kind, "assertEqual"):
        yield lambda: _unittest(kind, method)
        return
    for run in _runs(getattr(kind(), method)):
        yield lambda run=run: _method(kind, method, run)

def _method(kind, method, run):
    if hasattr(kind, "setup_class") and kind not in _ready:
        kind.setup_class()
    _ready.append(kind)
    instance = kind()
    if hasattr(instance, "setup_method"):
        instance.setup_method(*[None] * (instance.setup_method.__code__.co_argcount - 1))
    _Test(run).call(getattr(instance, method))

def _unittest(kind, method):
    if kind not in _ready:
        kind.setUpClass()
        _ready.append(kind)
    case = kind(method)
    case.setUp()
    try:
        getattr(case, method)()
    finally:
        case.tearDown()
        case.doCleanups()

_ready = []
_load()
if _job["check"]:
    _run("check", lambda: check(candidate))
elif not _job["tests"]:
    report.append(["module", "", "", 0, False])
for _path in _job["tests"]:
    _ran = [_run(_path, _function) for _function in _functions(_path)]
    if not _ran:
        report.append([_path, "", "", 0, False])  # it is skipped
"""
