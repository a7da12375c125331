"""What a row's own code imports: where that is not installed, no program can be judged."""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Iterator

from rewardkit.sandbox import Sandbox
from rewardkit_code.cases import SourceCase, Tests
from rewardkit_code.syntax import UNREADABLE, parse_python
from rewardkit_code.testfiles import CANDIDATE_MODULES

__all__ = ["missing_modules"]

# Of pytest the tests get a stand-in.
_GIVEN = CANDIDATE_MODULES | {"pytest"} | sys.stdlib_module_names


def missing_modules(tests: Tests, sandbox: Sandbox) -> str:
    """The modules that the row's tests and its preamble import and that the sandbox lacks.

    "" where it has them all. What a program imports of its own accord is its own affair.

    Raises:
        SandboxError: Untrusted code cannot be run here.
    """
    sources = {case.source for case in tests.cases if isinstance(case, SourceCase)}
    names = {name for source in (*sources, tests.preamble) for name in _imports(source)}
    return ", ".join(sorted(name for name in names if not _is_there(name, sandbox)))


@functools.lru_cache(maxsize=64)
def _imports(source: str) -> frozenset[str]:
    try:
        module = parse_python(source)
    except UNREADABLE:
        return frozenset()  # a preamble that is only a head, say; the program's own text has it
    return frozenset(_imported(module)) - _GIVEN


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Try):
        return  # it can do without
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]
    for part in ast.iter_child_nodes(node):
        yield from _imported(part)


@functools.lru_cache(maxsize=1024)
def _is_there(name: str, sandbox: Sandbox) -> bool:
    look = f"import importlib.util, sys\nsys.exit(importlib.util.find_spec({name!r}) is None)"
    return sandbox.run(look).outcome != "exit"
