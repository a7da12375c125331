"""Test code that runs straight on (asserts, plain variables, `raises`), as calls and checks.

Nothing of it is executed: the candidate's calls are taken out of the syntax tree, and what is left
are conditions over the values that they return. Code that does more raises UnreadableError, and
runs apart from the candidate in a sandbox instead.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any

from rewardkit_code.cases import Call
from rewardkit_code.checks import Check, Condition, Raises, Returns, hole
from rewardkit_code.expressions import UNREAD, UnreadableError, evaluate, require_readable
from rewardkit_code.syntax import parse_expression

__all__ = ["Line", "is_main_guard"]


class Line:
    """Reads statements one after the other; their syntax trees are used up.

    Args:
        candidates: The names that are the candidate's, to what is called: {"candidate": "f"}.
        names: Values of the names that the test module defines; None for one that is not plain.
    """

    def __init__(self, candidates: Mapping[str, str], names: Mapping[str, Any]) -> None:
        self.candidates = candidates
        self.names: dict[str, Any] = dict(names)
        self.calls: list[Call] = []
        self.checks: list[Check] = []
        self._bound: dict[str, ast.expr] = {}  # variables that hold what a call returned

    def read(self, statements: Iterable[ast.stmt]) -> None:
        """Read `statements` on.

        Raises:
            UnreadableError: One of them is none that this module reads.
        """
        try:
            for statement in statements:
                self._statement(statement)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise UnreadableError(f"{type(error).__name__}: {error}") from error

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assert):
            self._assert(node.test)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assign(node.targets[0], node.value)
        elif isinstance(node, ast.With):
            self._raises(node)
        elif isinstance(node, ast.Expr):
            self._expression(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node)
        elif not (isinstance(node, ast.Pass) or is_main_guard(node)):
            raise UnreadableError(f"{type(node).__name__} in a test")

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = alias.asname or alias.name
            if name in self.candidates:
                raise UnreadableError(f"{name} is imported")
            if name not in ("math", "pytest") or alias.asname:
                self.forget(name)

    def forget(self, name: str) -> None:
        """Note that a name stands for something that is not read."""
        self._bound.pop(name, None)
        self.names[name] = UNREAD

    def _assert(self, test: ast.expr) -> None:
        if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
            for part in test.values:
                self._assert(part)
            return
        taken = _Taken(self)
        condition = taken.visit(test)
        self._taint(taken.arguments)
        require_readable(condition, self.names)
        if taken.calls:
            self.checks.append(
                Condition(condition, tuple(sorted(taken.calls)), self._used(condition))
            )
        elif not evaluate(condition, self.names):
            raise UnreadableError("an assert that never holds")

    def _used(self, condition: ast.expr) -> dict[str, Any]:
        used = {n.id for n in ast.walk(condition) if isinstance(n, ast.Name)}
        return {name: self.names[name] for name in used if name in self.names}

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        taken = _Taken(self)
        value = taken.visit(value)
        self._taint(taken.arguments)
        if taken.calls:
            if not isinstance(target, ast.Name):
                raise UnreadableError("a call's value is unpacked")
            require_readable(value, self.names)
            self._bound[target.id] = value
            self.names.pop(target.id, None)
            self.checks.append(Returns(tuple(sorted(taken.calls))))
            return
        self._store(target, evaluate(value, self.names))

    def _store(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            if target.id in self.candidates:
                raise UnreadableError(f"{target.id} is assigned to")
            self._bound.pop(target.id, None)
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            for part, item in zip(target.elts, list(value), strict=True):
                self._store(part, item)
        else:
            raise UnreadableError(f"{type(target).__name__} is assigned to")

    def _expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            return
        if isinstance(node, ast.Call):
            condition = _unittest_condition(node)
            if condition is not None:
                self._assert(condition)
                return
            if self.path(node.func) is not None:
                self.checks.append(Returns((self._called(node),)))
                return
        raise UnreadableError(f"a statement of {ast.unparse(node)[:60]}")

    def _raises(self, node: ast.With) -> None:
        kinds, pattern = _expected_exception(node, self.names)
        if len(node.body) != 1 or not isinstance(node.body[0], ast.Expr | ast.Assign):
            raise UnreadableError("several statements that are to raise")
        value = node.body[0].value
        if not isinstance(value, ast.Call) or self.path(value.func) is None:
            raise UnreadableError("what is to raise is no call of the candidate")
        self.checks.append(Raises(kinds, pattern, (self._called(value),)))

    def _called(self, node: ast.Call) -> int:
        taken = _Taken(self)
        taken.visit(node)
        self._taint(taken.arguments)
        return max(taken.calls)

    def _taint(self, arguments: Iterable[ast.expr]) -> None:
        """What the candidate got it may have changed: its value is not known any more."""
        for argument in arguments:
            for part in ast.walk(argument):
                if isinstance(part, ast.Name) and _can_change(self.names.get(part.id)):
                    self._taint_value(self.names[part.id])

    def _taint_value(self, value: Any) -> None:
        self.names = {n: UNREAD if v is value else v for n, v in self.names.items()}

    def path(self, function: ast.expr) -> str | None:
        """What a call calls: the candidate's function by its path, or None where it is not its."""
        if isinstance(function, ast.Name):
            if function.id in self.names or function.id in self._bound:
                return None
            return self.candidates.get(function.id)
        if isinstance(function, ast.Attribute):
            return self._attribute_path(function)
        return None

    def _attribute_path(self, function: ast.Attribute) -> str | None:
        owner = function.value
        if isinstance(owner, ast.Call) and not (owner.args or owner.keywords):
            made = self.path(owner.func)
            return None if made is None else f"{made}().{function.attr}"
        if isinstance(owner, ast.Name) and self.candidates.get(owner.id) == "":
            return function.attr  # the module itself: solution.f
        return None

    def add(self, node: ast.Call, path: str) -> int:
        """Note a call, whose arguments are plain; its number."""
        if any(isinstance(a, ast.Starred) for a in node.args):
            raise UnreadableError("a starred argument")
        if any(k.arg is None for k in node.keywords):
            raise UnreadableError("a ** argument")
        args = tuple(evaluate(a, self.names) for a in node.args)
        kwargs = {str(k.arg): evaluate(k.value, self.names) for k in node.keywords}
        for value in (*args, *kwargs.values()):
            if not _is_plain(value):
                raise UnreadableError(f"an argument of type {type(value).__name__}")
        self.calls.append(Call(path, args, kwargs))
        self.names[hole(len(self.calls) - 1)] = None  # any value, until there is one
        return len(self.calls) - 1

    def bound(self, name: str) -> ast.expr | None:
        """The expression that a variable holds, where a call's value is in it."""
        return self._bound.get(name)


class _Taken(ast.NodeTransformer):
    """Takes the candidate's calls out of an expression and leaves holes."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.calls: set[int] = set()
        self.arguments: list[ast.expr] = []

    def visit_Call(self, node: ast.Call) -> ast.expr:
        path = self.line.path(node.func)
        if path is None:
            self.generic_visit(node)
            return node
        number = self.line.add(node, path)
        self.arguments += [*node.args, *(k.value for k in node.keywords)]
        self.calls.add(number)
        return ast.Name(hole(number), ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.expr:
        bound = self.line.bound(node.id)
        if bound is None:
            return node
        for part in ast.walk(bound):
            if isinstance(part, ast.Name) and part.id.startswith("call "):
                self.calls.add(int(part.id.removeprefix("call ")))
        return bound

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Go into an expression, but into no part that is run on a condition or several times."""
        if isinstance(node, _NOT_STRAIGHT):
            raise UnreadableError(f"{type(node).__name__} in an expression")
        return super().generic_visit(node)


_NOT_STRAIGHT = (
    ast.Await,
    ast.DictComp,
    ast.GeneratorExp,
    ast.IfExp,
    ast.Lambda,
    ast.ListComp,
    ast.NamedExpr,
    ast.SetComp,
)


def _unittest_condition(node: ast.Call) -> ast.expr | None:
    """The condition that `self.assertEqual(a, b)` and its like assert; None for other calls."""
    function = node.func
    if not isinstance(function, ast.Attribute) or not _is_self(function.value):
        return None
    make = _UNITTEST.get(function.attr)
    if make is None or node.keywords:
        return None
    given = {f"argument{i}": argument for i, argument in enumerate(node.args)}
    arity = make.count("{}")
    if not arity <= len(given) <= arity + 1:  # one more is the message
        return None
    condition = parse_expression(make.format(*given))
    return _Filled(given).visit(condition)  # type: ignore[no-any-return]  # an expression as before


class _Filled(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, given: Mapping[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.given.get(node.id, node)


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


# By the name of TestCase's method: what it asserts of its arguments.
_UNITTEST = {
    "assertEqual": "{} == {}",
    "assertEquals": "{} == {}",
    "assertListEqual": "{} == {}",
    "assertDictEqual": "{} == {}",
    "assertSetEqual": "{} == {}",
    "assertTupleEqual": "{} == {}",
    "assertNotEqual": "{} != {}",
    "assertTrue": "{}",
    "assertFalse": "not {}",
    "assertIsNone": "{} is None",
    "assertIsNotNone": "{} is not None",
    "assertIs": "{} is {}",
    "assertIn": "{} in {}",
    "assertNotIn": "{} not in {}",
    "assertGreater": "{} > {}",
    "assertGreaterEqual": "{} >= {}",
    "assertLess": "{} < {}",
    "assertLessEqual": "{} <= {}",
    "assertCountEqual": "sorted({}) == sorted({})",
    "assertAlmostEqual": "round(abs({} - {}), 7) == 0",
}


def _expected_exception(node: ast.With, names: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """The classes and the message's pattern that `pytest.raises` and its like wait for."""
    context = node.items[0].context_expr
    if len(node.items) != 1 or not isinstance(context, ast.Call) or not context.args:
        raise UnreadableError("a `with` that is no `raises`")
    how = ast.unparse(context.func)
    if how not in ("pytest.raises", "raises", "self.assertRaises", "self.assertRaisesRegex"):
        raise UnreadableError(f"a `with` of {how}")
    patterns = [*context.args[1:], *(k.value for k in context.keywords if k.arg == "match")]
    if len(patterns) + 1 != len(context.args) + len(context.keywords):
        raise UnreadableError("an option of `raises`")
    pattern = str(evaluate(patterns[0], names)) if patterns else ""
    if not _REPEATS_NOTHING.fullmatch(pattern):
        raise UnreadableError("a pattern that a message can make slow")
    wanted = context.args[0]
    kinds = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
    return tuple(_builtin_exception(kind, names) for kind in kinds), pattern


# The message that is searched is the candidate's: it could make any other take years.
_REPEATS_NOTHING = re.compile(r"(?:[^\\*+?{]|\\[^1-9])*")


def _builtin_exception(node: ast.expr, names: Mapping[str, Any]) -> str:
    if isinstance(node, ast.Name) and node.id not in names:
        kind = getattr(builtins, node.id, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            return kind.__name__
    raise UnreadableError(f"the exception {ast.unparse(node)}")


def _can_change(value: Any) -> bool:
    return not isinstance(value, int | float | str | bytes | NoneType)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value)) and all(map(_is_plain, value.values()))
    return value is None or isinstance(value, bool | int | float | complex | str | bytes)


def is_main_guard(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__": ...`: false in a module of tests."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
