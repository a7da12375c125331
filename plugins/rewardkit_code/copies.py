"""Test code that computes what it expects from an argument, after the call.

`assert f(xs) == sum(xs)` believes what the program left in `xs`: one that clears it and returns 0
would pass. Yet tests of functions that work in place have to see what they did. So this module
looks at what is compared: an argument is handed over as a copy where what came of the program is
compared with something computed from that argument afterwards, unless the argument itself is
compared with something else (`assert xs == [1, 2]`), which the program cannot have chosen.
"""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Collection, Iterable, Iterator

from rewardkit_code.syntax import parse_python

__all__ = ["COPY", "with_copies"]

COPY = "_copied"
"""The function that the runner defines, by which a copy is handed over."""

_Bound = tuple[ast.expr, ast.expr]  # a target, and what is bound to it or iterated over
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What holds the program's output, where the tests read that.
_OUTPUT = frozenset({"capsys", "capfd", "StringIO", "io.StringIO"})


@functools.lru_cache(maxsize=64)
def with_copies(source: str, names: frozenset[str]) -> str:
    """The test code with a copy made of each argument from which it computes what it expects.

    Lines stay where they are. `names` are those that are the candidate's.
    """
    module = parse_python(source)
    derived = _shared(module, names | _OUTPUT)
    handed: dict[int, ast.expr] = {}
    for scope in _scopes(module):
        handed |= {id(node): node for node in _Scope(scope, derived).to_copy()}
    return _wrapped(source, handed.values())


def _scopes(module: ast.Module) -> Iterator[list[ast.stmt]]:
    """The bodies of functions and methods, and what is left of the module."""
    rest: list[ast.stmt] = []
    for node in module.body:
        if isinstance(node, _FUNCTIONS):
            yield node.body
        elif isinstance(node, ast.ClassDef):
            yield from (part.body for part in node.body if isinstance(part, _FUNCTIONS))
        else:
            rest.append(node)
    yield rest


class _Scope:
    """The statements of one function, and which of its values the candidate may have chosen."""

    def __init__(self, body: list[ast.stmt], derived: Collection[str]) -> None:
        self._nodes = list(ast.walk(ast.Module(body, [])))
        self._derived = _derived(_bindings(self._nodes), derived)
        self._calls = {id(n) for n in self._nodes if self._is_candidates(n)}
        self._handed: dict[str, list[ast.expr]] = {}
        for node in self._nodes:
            if isinstance(node, ast.Call) and id(node) in self._calls:
                for argument in _handed_over(node):
                    self._handed.setdefault(_text(argument), []).append(argument)

    def to_copy(self) -> Iterator[ast.expr]:
        """The arguments, where they are handed over, that the candidate has to get a copy of."""
        for name, places in self._handed.items():
            if self._is_expected_from(name, min(map(_begin, places))):
                # Before 3.12 nodes in an f-string do not say where they are.
                strings = (n for n in self._nodes if isinstance(n, ast.JoinedStr))
                lost = {id(part) for string in strings for part in ast.walk(string)}
                yield from (place for place in places if id(place) not in lost)

    def _is_candidates(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and _mentions(node.func, self._derived)

    def _is_expected_from(self, name: str, since: tuple[int, int]) -> bool:
        aliases, computed = self._computed_from(name, since)
        values = aliases | computed
        expected = False
        for one, other, bare in self._compared(since):
            for got, wanted in ((one, other), (other, one)):
                reads = self._reads(wanted, values)
                if not _mentions(got, self._derived):
                    independent = reads and not _mentions(wanted, self._derived)
                    if independent and not self._reads(got, values):
                        return False
                elif reads and (bare or _text(wanted) not in aliases):
                    expected = True
        return expected

    def _computed_from(self, name: str, since: tuple[int, int]) -> tuple[set[str], set[str]]:
        """The names of the argument, and of what is computed from it after the call."""
        aliases, computed = {name}, set[str]()
        for target, value in _bindings(self._nodes):
            if _mentions(value, self._derived):
                continue
            if _text(value) in aliases:
                aliases |= _texts(target)
            elif _begin(target) > since and self._reads(value, aliases | computed):
                computed |= _texts(target)
        return aliases, computed

    def _reads(self, node: ast.AST, values: Collection[str]) -> bool:
        """Whether an expression reads one of these, but to hand it over."""
        if id(node) in self._calls:
            return False
        if _text(node) in values:
            return True
        return any(self._reads(part, values) for part in ast.iter_child_nodes(node))

    def _compared(self, since: tuple[int, int]) -> Iterator[tuple[ast.expr, ast.expr, bool]]:
        """Pairs that are compared once the argument is handed over.

        The last says whether the second is looked into though it stands there by itself.
        """
        for node in self._nodes:
            if not isinstance(node, ast.expr | ast.Assert) or _end(node) < since:
                continue
            if isinstance(node, ast.Compare):
                yield from ((a, b, False) for a, b in itertools.pairwise(_operands(node)))
            elif isinstance(node, ast.Assert) and not isinstance(node.test, ast.Compare):
                yield node.test, ast.Constant(True), False
            elif isinstance(node, ast.Call) and id(node) not in self._calls:
                asserts = _text(node.func).startswith("self.assert")
                arguments = node.args[:2] if asserts else node.args
                yield from ((a, b, not asserts) for a, b in itertools.combinations(arguments, 2))


def _derived(bindings: Iterable[_Bound], names: Collection[str]) -> set[str]:
    """The names, and those of what may come of them."""
    found, bindings = set(names), list(bindings)
    size = 0
    while size < len(found):
        size = len(found)
        for target, value in bindings:
            if _mentions(value, found):
                found |= _texts(target)
    return found


def _shared(module: ast.Module, names: Collection[str]) -> set[str]:
    """What of the candidate's all functions see: variables, attributes of `self`, helpers."""
    *functions, rest = _scopes(module)
    bindings = [*_bindings(part for node in rest for part in ast.walk(node))]
    methods = _bindings(part for body in functions for node in body for part in ast.walk(node))
    bindings += [bound for bound in methods if _text(bound[0]).startswith("self.")]
    found = set(names)
    size = 0
    while size < len(found):
        size = len(found)
        found = _derived(bindings, found)
        found |= {name for name, node in _functions(module) if _mentions(node, found)}
    return found


def _functions(module: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in module.body:
        if isinstance(node, _FUNCTIONS):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"self.{m.name}", m) for m in node.body if isinstance(m, _FUNCTIONS))


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[_Bound]:
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _bound(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            if node.value is not None:
                yield node.target, node.value
        elif isinstance(node, ast.For | ast.comprehension):
            yield from _iterated(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            yield node.optional_vars, node.context_expr


def _bound(target: ast.expr, value: ast.expr) -> Iterator[_Bound]:
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _iterated(target: ast.expr, over: ast.expr) -> Iterator[_Bound]:
    """What a loop binds: by `zip` and `enumerate` part by part, by `range` nothing."""
    how = _text(over.func) if isinstance(over, ast.Call) else ""
    if how == "range":
        return
    if (
        how in ("zip", "enumerate")
        and isinstance(target, ast.Tuple)
        and isinstance(over, ast.Call)
    ):
        values = over.args if how == "zip" else [ast.Constant(0), *over.args]
        for part, value in zip(target.elts, values, strict=False):
            yield from _iterated(part, value)
        return
    yield target, over


def _handed_over(call: ast.Call) -> Iterator[ast.expr]:
    waiting = [*call.args, *(keyword.value for keyword in call.keywords)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Starred):
            waiting.append(node.value)
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            waiting += node.elts
        elif isinstance(node, ast.Dict):
            waiting += node.values
        elif _text(node):
            yield node


def _operands(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _mentions(node: ast.AST, texts: Collection[str]) -> bool:
    return any(_text(part) in texts for part in ast.walk(node))


def _texts(target: ast.expr) -> set[str]:
    """What a target binds; an element of a list changes the list, too."""
    if isinstance(target, ast.Tuple | ast.List):
        return set().union(*map(_texts, target.elts))
    if isinstance(target, ast.Starred):
        return _texts(target.value)
    whole = {_text(target.value)} if isinstance(target, ast.Subscript) else set[str]()
    return (whole | {_text(target)}) - {""}


def _text(node: ast.AST) -> str:
    """A variable, attribute or element, as it is written; "" for any other expression."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute | ast.Subscript) and _text(node.value):
        return ast.unparse(node)
    return ""


def _begin(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _wrapped(source: str, nodes: Iterable[ast.expr]) -> str:
    edits = [(_begin(node), f"{COPY}(") for node in nodes] + [(_end(node), ")") for node in nodes]
    lines = source.encode().splitlines(keepends=True)
    for (line, column), text in sorted(edits, reverse=True):
        whole = lines[line - 1]
        lines[line - 1] = whole[:column] + text.encode() + whole[column:]
    return b"".join(lines).decode()
