"""Reading Python source from several threads at once."""

from __future__ import annotations

import ast
import threading
from typing import cast

__all__ = ["UNREADABLE", "parse_expression", "parse_python"]

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What `parse_python` raises where a text is no Python: NUL bytes and deep nesting included."""

# CPython counts a tree's depth in one place for all threads: where another thread parses before
# this one is done, it raises SystemError (python/cpython#106905).
_ONE_AT_A_TIME = threading.Lock()
_MORE_TRIES = 4  # threads of other libraries do not wait for the lock


def parse_python(source: str) -> ast.Module:
    """The syntax tree of a module.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: It is no Python (`UNREADABLE`).
    """
    return cast("ast.Module", _tree(source, "exec"))


def parse_expression(source: str) -> ast.expr:
    """The syntax tree of one expression; raises as `parse_python` does."""
    return cast("ast.Expression", _tree(source, "eval")).body


def _tree(source: str, mode: str) -> ast.AST:
    for _ in range(_MORE_TRIES):
        try:
            return _alone(source, mode)
        except SystemError:
            continue
    return _alone(source, mode)


def _alone(source: str, mode: str) -> ast.AST:
    with _ONE_AT_A_TIME:
        return ast.parse(source, mode=mode)
