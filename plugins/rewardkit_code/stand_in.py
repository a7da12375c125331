"""A stand-in for what test files use of pytest, as source.

pytest itself need not be installed, takes long to import.
"""

from __future__ import annotations

__all__ = ["FIXTURES", "STAND_IN"]

FIXTURES = ("capsys", "capfd", "monkeypatch", "tmp_path")
"""The fixtures that pytest has without an import, as far as they are here."""

STAND_IN = """
def _stand_in():
    import collections, contextlib, importlib, io, os, re, sys, types

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

        def skipif(self, condition, *args, **kwargs):
            return self.skip if condition else lambda function: function

        def skip(self, *args, **kwargs):
            def decorate(function):
                function._runs = []
                return function

            return decorate(args[0]) if args and callable(args[0]) else decorate

        xfail = skip

        def __getattr__(self, name):
            def decorate(*args, **kwargs):
                return args[0] if args and callable(args[0]) and not kwargs else lambda f: f

            return decorate

    def fixture(function=None, **kwargs):
        if function is None:
            return lambda f: fixture(f, **kwargs)
        name = kwargs.get("name") or function.__name__
        fixtures[name] = function, kwargs.get("autouse", False), kwargs.get("params")
        return function

    def param(*values, **kwargs):
        return types.SimpleNamespace(values_=values if len(values) > 1 else values[0])

    def fail(reason="", **kwargs):
        raise AssertionError(reason)

    def skip(reason="", **kwargs):
        raise Skipped(reason)

    Read = collections.namedtuple("CaptureResult", "out err")

    class Captured:
        def __init__(self):
            self.streams = io.StringIO(), io.StringIO()

        def readouterr(self):
            read = Read(*(stream.getvalue() for stream in self.streams))
            for stream in self.streams:
                stream.seek(0)
                stream.truncate()
            return read

        def disabled(self):
            return contextlib.nullcontext()

    @fixture
    def capsys():
        captured = Captured()
        out, err = captured.streams
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield captured

    fixture(capsys, name="capfd")

    class MonkeyPatch:
        def __init__(self):
            self.undone = contextlib.ExitStack()

        def setattr(self, target, name, *value, raising=True):
            from unittest import mock

            if not value:  # ("module.name", value)
                path, value = target, [name]
                target, _, name = path.rpartition(".")
                target = importlib.import_module(target)
            self.undone.enter_context(
                mock.patch.object(target, name, *value, create=not raising))

        def setitem(self, mapping, name, value):
            from unittest import mock

            self.undone.enter_context(mock.patch.dict(mapping, {name: value}))

        def delitem(self, mapping, name, raising=True):
            from unittest import mock

            self.undone.enter_context(mock.patch.dict(mapping))
            mapping.pop(name, *([] if raising else [None]))

        def setenv(self, name, value, prepend=None):
            self.setitem(os.environ, name, str(value))

        def delenv(self, name, raising=True):
            self.delitem(os.environ, name, raising)

    @fixture
    def monkeypatch():
        patches = MonkeyPatch()
        with patches.undone:
            yield patches

    @fixture
    def tmp_path():
        import pathlib, tempfile

        return pathlib.Path(tempfile.mkdtemp())

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
