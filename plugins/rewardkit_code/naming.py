"""Programs whose function bears another name than the tests', where nobody told them the name.

KodCode's instructions read "Write a function that ...", and its tests then want a name. A program
cannot know a name that its prompt does not mention: its one function is called by the tests' name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import replace

from rewardkit_code.program import Program

__all__ = ["named_as_tested"]


def named_as_tested(
    program: Program, names: Collection[str], prompt: object
) -> tuple[Program, str]:
    """The program, with its one function also under the name that tests want; and its own name.

    The own name is "" where the program stays as it is: it defines what is wanted, or the prompt
    says the name, or is no text, or the program has no one function that the others serve.
    """
    if not isinstance(prompt, str) or program.language != "python":
        return program, ""
    try:
        body = ast.parse(program.source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return program, ""
    missing = set(names) - _defined(body)
    if len(missing) != 1:
        return program, ""
    [wanted] = missing
    own = _main_function(body)
    if not own or own in names or not wanted.isidentifier() or re.search(rf"\b{wanted}\b", prompt):
        return program, ""
    source = f"{program.source.rstrip()}\n\n{wanted} = {own}\n"
    return replace(program, source=source), own


def _defined(body: list[ast.stmt]) -> set[str]:
    """The names that a module's statements define."""
    names: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).partition(".")[0] for a in node.names}
        else:
            names |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return names


def _main_function(body: list[ast.stmt]) -> str:
    """The one function that no other function uses; "" where there is not exactly one."""
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    used = {
        part.id
        for name, node in functions.items()
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and part.id != name
    }
    own = [name for name in functions if name not in used and name != "main"]
    return own[0] if len(own) == 1 else ""
