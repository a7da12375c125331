"""Test code (asserts, `check(candidate)`, pytest, unittest) read into cases."""

from __future__ import annotations

import ast
import builtins
import copy
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from rewardkit_code.cases import CallCase, Case, SourceCase, TestsError
from rewardkit_code.expressions import UnreadableError, evaluate
from rewardkit_code.straightline import Line
from rewardkit_code.syntax import parse_python

__all__ = [
    "CANDIDATE_MODULES",
    "parse",
    "read_asserts",
    "read_check",
    "read_test_file",
    "unsplit_reason",
]

CANDIDATE_MODULES = frozenset({"solution", "main", "candidate"})
"""What test files call the module of the program."""
_TestFunction = ast.FunctionDef | ast.AsyncFunctionDef


def parse(source: str, what: str = "tests") -> ast.Module:
    """The syntax tree of test code.

    Raises:
        TestsError: It does not parse; the message has the line.
    """
    try:
        return parse_python(source)
    except SyntaxError as error:
        raise TestsError(f"the {what} do not parse: line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:  # NUL bytes, nesting
        raise TestsError(f"the {what} do not parse: {error}") from error


def read_asserts(asserts: Iterable[str], setup: str, group: str = "") -> list[Case]:
    """The cases of a list of assert statements, as MBPP has them: each is a test."""
    asserts = list(asserts)
    module = parse("\n".join([setup, *asserts]))
    names = _candidates(module)
    cases: list[Case] = []
    for text in asserts:
        # A setup that does more than import may change what follows: it goes with each test.
        source = SourceCase(f"{setup}\n{text}", names, group=group)
        cases.append(_case(parse(text).body, _values(parse(setup)), names, source, name=text))
    return cases


def read_check(source: str, entry: str, group: str = "") -> list[Case]:
    """The cases of a module with a function `check(candidate)`, as HumanEval has them.

    Each check of it is a test. What the row's preamble defines (helpers, imports), the test may
    use: it runs on both sides, and the candidate cannot change the copy of the tests.
    """
    module = parse(source)
    checks = [n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == "check"]
    if not checks or not checks[-1].args.args:
        raise TestsError("the tests have no function check(candidate)")
    check = checks[-1]
    name = entry.rpartition(".")[2]
    names = {name: entry, check.args.args[0].arg: entry}
    if not any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(check)):
        raise TestsError("the tests never call the candidate")
    whole = SourceCase(source, {name: entry}, check=entry, group=group)
    case = _case(check.body, _values(module), names, whole, name="check")
    return [replace(case, counts_each=True) if isinstance(case, CallCase) else case]


def read_test_file(source: str, group: str = "", prompt: str = "") -> list[Case]:
    """The cases of a pytest or unittest file: each test function is one.

    Names that the file takes from `solution`, or that it uses and nobody defines, are the
    candidate's. Where there are none, the file may bring a copy of the solution along: the one
    function of it that the prompt names is left out. A file without test functions, but with
    asserts, is one test.
    """
    module = parse(source)
    names = _candidates(module)
    if not names:
        source = _without_copies(module, prompt)
        module = parse(source)
        names = _candidates(module)
    if not names:
        raise TestsError("the tests never call the candidate")
    values = _values(module)
    functions = list(_test_functions(module))
    whole = SourceCase(source, names, group=group)
    if not functions:
        if not any(isinstance(n, ast.Assert | ast.Raise) for n in ast.walk(module)):
            raise TestsError("the tests assert nothing")
        return [_case(module.body, {}, names, whole, name="module")]
    cases: list[Case] = []
    for path, function in functions:
        alone = replace(whole, tests=(path,))
        cases += _function_cases(path, function, values, names, alone)
    return _together(cases)


def _function_cases(
    path: str,
    function: _TestFunction,
    values: Mapping[str, Any],
    names: Mapping[str, str],
    alone: SourceCase,
) -> list[Case]:
    try:
        parameters = list(_parameters(function, values))
    except UnreadableError:
        return [alone]
    cases: list[Case] = []
    for given in parameters:
        body = copy.deepcopy(function.body) if len(parameters) > 1 else function.body
        case = _case(body, {**values, **given}, names, alone, name=path)
        if isinstance(case, SourceCase):
            return [alone]
        cases.append(case)
    return cases


def _case(
    body: Iterable[ast.stmt],
    values: Mapping[str, Any],
    names: Mapping[str, str],
    source: SourceCase,
    name: str,
) -> CallCase | SourceCase:
    """The statements as calls where they can be read as such, else as test code."""
    line = Line({n: path for n, path in names.items() if n not in values}, values)
    try:
        line.read(body)
    except UnreadableError:
        return source
    if not line.calls:
        return source
    return CallCase(tuple(line.calls), tuple(line.checks), source.group, name=name, source=source)


def _together(cases: list[Case]) -> list[Case]:
    """The functions that run as code in one case, so that their module is run once."""
    code = [case for case in cases if isinstance(case, SourceCase)]
    calls: list[Case] = [case for case in cases if not isinstance(case, SourceCase)]
    if not code:
        return calls
    tests = tuple(itertools.chain.from_iterable(case.tests for case in code))
    return [*calls, replace(code[0], tests=tests)]


def _test_functions(module: ast.Module) -> Iterator[tuple[str, _TestFunction]]:
    """The tests that pytest would collect, with their paths in the module."""
    for node in module.body:
        if isinstance(node, _TestFunction) and node.name.startswith("test"):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and _holds_tests(node):
            for method in node.body:
                if isinstance(method, _TestFunction) and method.name.startswith("test"):
                    yield f"{node.name}.{method.name}", method


def _holds_tests(node: ast.ClassDef) -> bool:
    return node.name.startswith("Test") or any("TestCase" in ast.unparse(b) for b in node.bases)


def _parameters(function: _TestFunction, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What the function's parameters are in each of its runs, by `pytest.mark.parametrize`.

    Raises:
        UnreadableError: It has other decorators, or parameters that are fixtures.
    """
    if isinstance(function, ast.AsyncFunctionDef):
        raise UnreadableError("a coroutine")
    runs: list[list[dict[str, Any]]] = [_parametrized(d, values) for d in function.decorator_list]
    wanted = {a.arg for a in function.args.args} - {"self"}
    for run in itertools.product(*runs):
        given = {name: value for part in run for name, value in part.items()}
        if given.keys() != wanted:
            raise UnreadableError("a fixture")
        yield given


def _parametrized(decorator: ast.expr, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    known = isinstance(decorator, ast.Call) and not decorator.keywords
    if not known or ast.unparse(decorator.func) != "pytest.mark.parametrize":  # type: ignore[attr-defined]
        raise UnreadableError("a decorator")
    names, rows = (evaluate(a, values) for a in decorator.args)  # type: ignore[attr-defined]
    if isinstance(names, str):
        names = [name.strip() for name in names.split(",") if name.strip()]
    return [dict(zip(names, row if len(names) > 1 else [row], strict=True)) for row in rows]


def _values(module: ast.Module) -> dict[str, Any]:
    """What the module defines: its plain constants, and UNREAD for everything else."""
    line = Line({}, {})
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            line.forget(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if getattr(node, "module", None) not in CANDIDATE_MODULES:
                line.read([node])
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            _assigned(line, node)
    return line.names


def _assigned(line: Line, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
    try:
        line.read([node])
    except UnreadableError:
        for name in ast.walk(node):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                line.forget(name.id)


def _candidates(module: ast.Module) -> dict[str, str]:
    """The names that are the candidate's, and what they are there.

    KodCode's files import from `solution`, or from nowhere: their runner adds a star import.
    """
    names: dict[str, str] = {}
    defined = set(dir(builtins)) | {"__file__"}
    loaded: dict[str, None] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module in CANDIDATE_MODULES:
            names |= {a.asname or a.name: a.name for a in node.names if a.name != "*"}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if alias.name in CANDIDATE_MODULES:
                    names[alias.asname or alias.name] = ""
                defined.add((alias.asname or alias.name).partition(".")[0])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.arg):
            defined.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            defined.add(node.name)
        elif isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                loaded[node.id] = None
            else:
                defined.add(node.id)
    return names | {n: n for n in loaded if n not in defined and n not in names}


def _without_copies(module: ast.Module, prompt: str) -> str:
    """The module without the one function or class, but for tests, that the prompt names.

    Where it names more than one, some are helpers, and there is no telling which.
    """
    tests = {path.partition(".")[0] for path, _ in _test_functions(module)}
    copies = [
        node
        for node in module.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.name not in tests
        and re.search(rf"\b{re.escape(node.name)}\b", prompt)
    ]
    body = [node for node in module.body if len(copies) != 1 or node is not copies[0]]
    return ast.unparse(ast.Module(body, []))


# What changes the process that the candidate would have to share, or looks into its code.
_PATCHES = frozenset({"patch", "monkeypatch", "MagicMock", "Mock", "mocker"})
_LOOKS = frozenset({"__code__", "getsource", "getsourcelines"})
# What the program logs or writes to files stays on its own side; what it prints does not.
_SHARES = frozenset({"assertLogs", "caplog", "tempfile", "tmp_path", "tmpdir"})
_MARKS = re.compile("|".join(sorted(_PATCHES | _LOOKS | _SHARES)))
_STREAMS = frozenset({"sys.stdout", "sys.stderr"})


def unsplit_reason(source: str) -> str:
    """Why test code cannot be kept apart from the candidate; "" where it can be."""
    if not _MARKS.search(source):
        return ""
    names = _names_in_use(parse(source))
    for name in sorted(names & _PATCHES):
        return f"they patch what the program uses ({name})"
    for name in sorted(names & _LOOKS):
        return f"they look into the program's own code ({name})"
    for name in sorted(names & _SHARES):
        return f"they share files or logs with the program ({name})"
    return ""


def _names_in_use(module: ast.Module) -> set[str]:
    """The names and attributes of a module, but not of what puts another stream in place."""
    nodes = list(ast.walk(module))
    streams = [node.func for node in nodes if isinstance(node, ast.Call) and _sets_stream(node)]
    harmless = {id(part) for function in streams for part in ast.walk(function)}
    return {
        _identifier(node)
        for node in nodes
        # A fixture's use tells what it is for.
        if id(node) not in harmless and not (isinstance(node, ast.arg) and node.arg in _PATCHES)
    }


def _sets_stream(call: ast.Call) -> bool:
    """Whether this is `patch("sys.stdout", ...)`, `setattr(sys, "stdout", ...)` or the like."""
    named = [ast.unparse(argument).strip("'\"") for argument in call.args[:2]]
    return not _STREAMS.isdisjoint({*named[:1], ".".join(named)})


def _identifier(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.arg if isinstance(node, ast.arg) else ""
