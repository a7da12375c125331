"""The test side of a split run: runs test functions one by one, and reports on each.

`TESTS` is source that is trusted and runs in a sandbox without the candidate. It holds a stand-in
for what test files use of pytest, which need not be installed and takes long to import.
"""

from __future__ import annotations

from rewardkit_code.cases import SourceCase

__all__ = ["code_of"]


def code_of(case: SourceCase, share: bool) -> str:
    """The source that runs a case's tests and leaves in `report` what came of each.

    Without `share` it ends at the first test that fails.
    """
    check = bool(case.check)
    job = {"source": case.source, "tests": case.tests, "check": check, "share": share}
    stand_in = _PYTEST if "pytest" in case.source else ""
    return f"{stand_in}\n_job = {job!r}\n{_RUN}"


_PYTEST = """
def _stand_in():
    import re, sys, types

    # Kept here, not on the functions: what the candidate returns may have any attribute.
    fixtures = {}

    class Skipped(Exception):
        pass

    class Raises:
        def __init__(self, kinds, match):
            self.kinds, self.match, self.value = kinds, match, None

        def __enter__(self):
            return self

        def __exit__(self, kind, error, traceback):
            if kind is None:
                raise AssertionError(f"DID NOT RAISE {self.kinds}")
            self.type, self.value = kind, error
            if not issubclass(kind, self.kinds):
                return False
            if self.match is not None and not re.search(self.match, str(error)):
                raise AssertionError(f"{str(error)!r} does not match {self.match!r}")
            return True

    def raises(kinds, *args, match=None, **kwargs):
        manager = Raises(kinds, match)
        if not args:
            return manager
        with manager:
            args[0](*args[1:], **kwargs)
        return manager

    def near(got, expected, rel, abs_):
        if isinstance(expected, dict):
            return isinstance(got, dict) and got.keys() == expected.keys() and all(
                near(got[k], expected[k], rel, abs_) for k in expected)
        if hasattr(expected, "tolist") and not isinstance(expected, (int, float)):
            expected = expected.tolist()
            got = got.tolist() if hasattr(got, "tolist") else got
        if isinstance(expected, (list, tuple)):
            return isinstance(got, (list, tuple)) and len(got) == len(expected) and all(
                near(g, e, rel, abs_) for g, e in zip(got, expected))
        if got == expected:
            return True
        try:
            return abs(got - expected) <= max(rel * abs(expected), abs_)
        except TypeError:
            return False

    class approx:
        __hash__ = None
        __array_ufunc__ = None
        __array_priority__ = 100

        def __init__(self, expected, rel=None, abs=None, nan_ok=False):
            self.expected, self.nan_ok = expected, nan_ok
            self.rel = (0.0 if abs is not None else 1e-6) if rel is None else rel
            self.abs = 1e-12 if abs is None else abs

        def __eq__(self, got):
            nan = got != got and self.expected != self.expected
            return self.nan_ok if nan else near(got, self.expected, self.rel, self.abs)

        def __ne__(self, got):
            return not self == got

    class Mark:
        def parametrize(self, names, rows, **kwargs):
            if isinstance(names, str):
                names = [n.strip() for n in names.split(",")]
            rows = [getattr(row, "values_", row) for row in rows]

            def decorate(function):
                runs = [dict(zip(names, row if len(names) > 1 else [row])) for row in rows]
                old = getattr(function, "_runs", [{}])
                function._runs = [{**a, **b} for a in old for b in runs]
                return function

            return decorate

        def __getattr__(self, name):
            def decorate(*args, **kwargs):
                return args[0] if args and callable(args[0]) and not kwargs else lambda f: f

            return decorate

    def fixture(function=None, **kwargs):
        if function is None:
            return lambda f: fixture(f, **kwargs)
        name = kwargs.get("name") or function.__name__
        fixtures[name] = function, kwargs.get("autouse", False)
        return function

    def param(*values, **kwargs):
        return types.SimpleNamespace(values_=values if len(values) > 1 else values[0])

    def fail(reason="", **kwargs):
        raise AssertionError(reason)

    def skip(reason="", **kwargs):
        raise Skipped(reason)

    module = types.ModuleType("pytest")
    module.__dict__.update(
        raises=raises, approx=approx, mark=Mark(), fixture=fixture, param=param, fail=fail,
        skip=skip, Skipped=Skipped, fixtures=fixtures, main=lambda *args, **kwargs: 0,
        FixtureRequest=object,
        warns=raises,
    )
    sys.modules["pytest"] = module

_stand_in()
"""

_RUN = """
import sys

report = []

def _run(name, function):
    try:
        function()
    except BaseException as error:
        # By the class itself: one of the candidate's may have the same name.
        if isinstance(error, getattr(sys.modules.get("pytest"), "Skipped", ())):
            report.append([name, "", "", 0])
            return True
        report.append([name, type(error).__name__, str(error)[:500], _line(error)])
        if not _job["share"]:
            # Never the error itself: a SystemExit of the candidate's would end the run well.
            raise AssertionError(f"{type(error).__name__}: {error}") from error
        return False
    report.append([name, "", "", 0])
    return True

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

def _given(function, run, fixtures, made):
    import inspect

    given = {}
    for name in inspect.signature(function).parameters:
        given[name] = run[name] if name in run else _make(name, fixtures, made)
    return given

def _make(name, fixtures, made):
    if name not in made:
        if name not in fixtures:
            raise LookupError(f"fixture {name!r} not found")
        function = fixtures[name][0]
        value = function(**_given(function, {}, fixtures, made))
        if hasattr(value, "send") and hasattr(value, "throw"):
            made.setdefault("", []).append(value)
            value = next(value)
        made[name] = value
    return made[name]

def _call(function, run):
    fixtures, made = _fixtures(), {}
    for name, (_, autouse) in fixtures.items():
        if autouse:
            _make(name, fixtures, made)
    returned = function(**_given(function, run, fixtures, made))
    if hasattr(returned, "cr_await"):
        import asyncio

        asyncio.run(returned)
    for generator in reversed(made.get("", [])):
        next(generator, None)

def _functions(path):
    owner, _, method = path.rpartition(".")
    if not owner:
        function = globals()[path]
        for run in getattr(function, "_runs", [{}]):
            yield path, lambda run=run: _call(function, run)
        return
    kind = globals()[owner]
    if hasattr(kind, "assertEqual"):
        yield path, lambda: _unittest(kind, method)
        return
    for run in getattr(getattr(kind, method), "_runs", [{}]):
        yield path, lambda run=run: _method(kind, method, run)

def _method(kind, method, run):
    instance = kind()
    if hasattr(instance, "setup_method"):
        instance.setup_method(*[None] * (instance.setup_method.__code__.co_argcount - 1))
    _call(getattr(instance, method), run)

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
    report.append(["module", "", "", 0])
for _path in _job["tests"]:
    for _name, _function in _functions(_path):
        _run(_name, _function)
"""
