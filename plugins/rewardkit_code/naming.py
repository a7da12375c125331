"""Programs whose function bears another name than the tests', where nobody told them the name.

KodCode's instructions read "Write a function that ...", and its tests then want a name. A program
cannot know a name that its prompt does not mention: its one function is called by the tests' name.
The rule is that of KodCode's recorded verdicts: a program is renamed where it holds one function
and no more, inner ones counted, and does not itself use the name that it gave it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from dataclasses import replace

from rewardkit_code.program import Program
from rewardkit_code.syntax import UNREADABLE, parse_python

__all__ = ["named_as_tested"]


def named_as_tested(
    program: Program, names: Collection[str], prompt: object
) -> tuple[Program, str]:
    """The program, with its one function also under the name that tests want; and its own name.

    The own name is "" where the program stays as it is: it defines what is wanted, or the prompt
    says the name, or is no text, or it is not one function alone.
    """
    if not isinstance(prompt, str) or program.language != "python":
        return program, ""
    try:
        module = parse_python(program.source)
    except UNREADABLE:
        return program, ""
    missing = set(names) - _defined(module.body)
    if len(missing) != 1:
        return program, ""
    [wanted] = missing
    own = _only_function(module)
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


def _only_function(module: ast.Module) -> str:
    """The one function of a module, at its top; "" where there are more, or its name is used."""
    functions = [
        n for n in ast.walk(module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    if len(functions) != 1 or functions[0] not in module.body:
        return ""
    [function] = functions
    # A variable of the function may have its name, and is another thing.
    variables = _names(function, ast.Store)
    rest = [node for node in module.body if node is not function]
    used = _names(function, ast.Load) - variables
    used |= {name for node in rest for name in _names(node, ast.Load)}
    return "" if function.name in used else function.name


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, context)}
