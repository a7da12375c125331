"""Expressions of test code, evaluated over plain data without Python's own `eval`.

Operators and functions are those that pure assertions need. What is not here raises
UnreadableError, and the test is then run as code, in a sandbox. Work is bounded: a data set cannot
make it big.
"""

from __future__ import annotations

import ast
import math
import operator
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

__all__ = [
    "UNREAD",
    "Approx",
    "Opaque",
    "OpaqueError",
    "UnreadableError",
    "evaluate",
    "require_readable",
]

_MOST = 2_000_000  # elements of a sequence that an expression may make, digits of an integer
_MOST_HASHED = 10_000  # numbers in a set can be chosen so that n of them take n * n steps
_MOST_BITS = 100_000  # of an integer in arithmetic that takes n * n steps
_SEQUENCES = (str, bytes, bytearray, list, tuple, deque)


class UnreadableError(Exception):
    """An expression that this module does not evaluate."""


class OpaqueError(UnreadableError):
    """An expression looks into a value that is no plain data."""


UNREAD: Any = object()
"""The value of a name that stands for something that is not read."""


class Opaque:
    """Stands for a value that the candidate returned and that is no plain data."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __repr__(self) -> str:
        return f"<{self.kind}>"

    def _looked_into(self, *_: object) -> bool:
        raise OpaqueError(f"the candidate returned a {self.kind}")

    # Equality too: the class may define one, and a test may compare two of them.
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _looked_into
    __hash__ = None  # type: ignore[assignment]  # an unhashable object, as its __eq__ says


class Approx:
    """`pytest.approx`: equal within 1e-6 relatively or 1e-12 absolutely, lists and dicts too."""

    def __init__(
        self,
        expected: Any,
        rel: float | None = None,
        abs: float | None = None,
        nan_ok: bool = False,
    ) -> None:
        self.expected = expected
        # As pytest has it: an absolute tolerance alone switches the relative one off.
        self.relative = (0.0 if abs is not None else 1e-6) if rel is None else rel
        self.absolute = 1e-12 if abs is None else abs
        self.nan_ok = nan_ok

    __hash__ = None  # type: ignore[assignment]  # equal within a tolerance has no hash

    def __eq__(self, got: object) -> bool:
        return self._near(got, self.expected)

    def _near(self, got: Any, expected: Any) -> bool:
        if isinstance(got, Opaque):
            raise OpaqueError(f"the candidate returned a {got.kind}")
        if isinstance(expected, Mapping):
            return (
                isinstance(got, Mapping)
                and got.keys() == expected.keys()
                and all(self._near(got[key], expected[key]) for key in expected)
            )
        if isinstance(expected, list | tuple):
            return (
                isinstance(got, list | tuple)
                and len(got) == len(expected)
                and all(map(self._near, got, expected))
            )
        return self._near_number(got, expected)

    def _near_number(self, got: Any, expected: Any) -> bool:
        numbers = int | float | complex
        if not isinstance(got, numbers) or not isinstance(expected, numbers):
            return bool(got == expected)
        if got == expected:
            return True
        if got != got and expected != expected:
            return self.nan_ok
        if math.inf in (abs(got), abs(expected)):
            return False
        return abs(got - expected) <= max(self.relative * abs(expected), self.absolute)


def evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of an expression, given that of each name.

    Raises:
        UnreadableError: It has something that is not evaluated here.
        OpaqueError: It looks into an `Opaque`.
        Exception: What Python would raise.
    """
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise UnreadableError(f"{type(node).__name__} is not evaluated here")
    return handler(node, names)


def require_readable(node: ast.expr, names: Mapping[str, Any]) -> None:
    """Check that an expression can be evaluated, whatever the values of the names are.

    Raises:
        UnreadableError: It has something that is not evaluated here.
    """
    if type(node) not in _HANDLERS:
        raise UnreadableError(f"{type(node).__name__} is not evaluated here")
    if isinstance(node, ast.Name):
        _name(node, names)
    elif isinstance(node, ast.Attribute):
        _attribute(node, names)
    elif isinstance(node, ast.BinOp) and type(node.op) not in _BINARY:
        raise UnreadableError(f"the operator {type(node.op).__name__}")
    elif isinstance(node, ast.Call):
        _require_known(node, names)
    else:
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.expr):
                require_readable(part, names)


def _require_known(node: ast.Call, names: Mapping[str, Any]) -> None:
    if not _is_known(node.func, names):
        if not isinstance(node.func, ast.Attribute) or node.func.attr not in _METHODS:
            raise UnreadableError(f"the function {ast.unparse(node.func)}")
        require_readable(node.func.value, names)
    for argument in (*node.args, *(k.value for k in node.keywords)):
        require_readable(argument, names)


def _name(node: ast.Name, names: Mapping[str, Any]) -> Any:
    value = names.get(node.id, UNREAD)
    if value is UNREAD:
        raise UnreadableError(f"the name {node.id} is not known")
    return value


def _elements(nodes: Sequence[ast.expr], names: Mapping[str, Any]) -> list[Any]:
    if any(isinstance(node, ast.Starred) for node in nodes):
        raise UnreadableError("a starred element")
    return [evaluate(node, names) for node in nodes]


def _dict(node: ast.Dict, names: Mapping[str, Any]) -> dict[Any, Any]:
    keys = [key for key in node.keys if key is not None]
    if len(keys) < len(node.keys):
        raise UnreadableError("a ** in a dict")
    return dict(zip(_elements(keys, names), _elements(node.values, names), strict=True))


def _unary(node: ast.UnaryOp, names: Mapping[str, Any]) -> Any:
    return _UNARY[type(node.op)](evaluate(node.operand, names))


def _binary(node: ast.BinOp, names: Mapping[str, Any]) -> Any:
    apply = _BINARY.get(type(node.op))
    if apply is None:
        raise UnreadableError(f"the operator {type(node.op).__name__}")
    left, right = evaluate(node.left, names), evaluate(node.right, names)
    for operand in (left, right):
        if isinstance(operand, Opaque):
            raise OpaqueError(f"the candidate returned a {operand.kind}")
        _require_small(operand)
    return apply(left, right)


def _multiply(left: Any, right: Any) -> Any:
    for size, of in ((left, right), (right, left)):
        if isinstance(size, int) and isinstance(of, _SEQUENCES):
            _bound(size * max(len(of), 1))
    if isinstance(left, int) and isinstance(right, int):
        _bound(left.bit_length() + right.bit_length())
    return left * right


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _bound(left.bit_length() * abs(right))
    if isinstance(left, Fraction | Decimal) or isinstance(right, Fraction | Decimal):
        raise UnreadableError("a power of a fraction")
    return left**right


def _shift(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _bound(left.bit_length() + right)
    return left << right


def _remainder(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes):
        raise UnreadableError("formatting with %")
    return left % right


def _require_small(value: Any) -> None:
    """Check that arithmetic with a value, and making another type of it, takes no time at all."""
    if isinstance(value, int):
        big = value.bit_length() > _MOST_BITS
    elif isinstance(value, Fraction):
        big = max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS
    elif isinstance(value, Decimal):
        # As an integer it has all the digits that its exponent stands for.
        big = value.is_finite() and (abs(value.adjusted()) > _MOST_BITS or len(str(value)) > 400)
    else:
        big = isinstance(value, range) and value[-1:] != value[:_MOST][-1:]
    if big:
        raise UnreadableError(f"a very large {type(value).__name__}")


def _require_few_hashes(values: Iterable[Any]) -> None:
    large = isinstance(values, _SEQUENCES) and len(values) > _MOST_HASHED
    if large and any(type(value) is not str for value in values):
        raise UnreadableError("a set of numbers that is too large to be safe")


def _bound(size: int) -> None:
    if size > _MOST:
        raise UnreadableError(f"a value of size {size}")


def _and_or(node: ast.BoolOp, names: Mapping[str, Any]) -> Any:
    value: Any = None
    stops = isinstance(node.op, ast.Or)
    for operand in node.values:
        value = evaluate(operand, names)
        if bool(value) is stops:
            return value
    return value


def _compare(node: ast.Compare, names: Mapping[str, Any]) -> bool:
    left = evaluate(node.left, names)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(right_node, names)
        if isinstance(op, ast.In | ast.NotIn):
            _require_small(right)  # a range is asked for each of its numbers
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _is(left: Any, right: Any) -> bool:
    # Identity means something for these alone; two equal lists may be one or not.
    if not any(isinstance(side, bool) or side is None for side in (left, right)):
        raise UnreadableError("`is` between values that may or may not be one object")
    return left is right


def _if_else(node: ast.IfExp, names: Mapping[str, Any]) -> Any:
    return evaluate(node.body if evaluate(node.test, names) else node.orelse, names)


def _subscript(node: ast.Subscript, names: Mapping[str, Any]) -> Any:
    container = evaluate(node.value, names)
    if isinstance(container, Opaque):
        raise OpaqueError(f"the candidate returned a {container.kind}")
    return container[evaluate(node.slice, names)]


def _slice(node: ast.Slice, names: Mapping[str, Any]) -> slice:
    parts = [p and evaluate(p, names) for p in (node.lower, node.upper, node.step)]
    return slice(*parts)


def _attribute(node: ast.Attribute, names: Mapping[str, Any]) -> Any:
    dotted = ast.unparse(node)
    if dotted in _CONSTANTS:
        return _CONSTANTS[dotted]
    raise UnreadableError(f"the attribute {dotted}")


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    function = _function(node.func, names)
    if any(keyword.arg is None for keyword in node.keywords):
        raise UnreadableError("a ** in a call")
    args = _elements(node.args, names)
    kwargs = {str(k.arg): evaluate(k.value, names) for k in node.keywords}
    if any(isinstance(a, Opaque) for a in (*args, *kwargs.values())):
        raise OpaqueError("a function is applied to what is no plain data")
    for argument in (*args, *kwargs.values()):
        _require_small(argument)
    if function in (set, frozenset, dict):
        for argument in args:
            _require_few_hashes(argument)
    if function is sum and not isinstance([*args[1:], *kwargs.values(), 0][0], int | float):
        raise UnreadableError("a sum of sequences")  # each step would copy all before it
    if function is round and len(args) > 1:
        _bound(abs(args[1]) * 1000)
    return function(*args, **kwargs)


def _function(node: ast.expr, names: Mapping[str, Any]) -> Callable[..., Any]:
    if _is_known(node, names):
        return _FUNCTIONS[ast.unparse(node)]
    if isinstance(node, ast.Attribute) and node.attr in _METHODS:
        owner = evaluate(node.value, names)
        if type(owner) in (str, list, tuple, dict):
            method: Callable[..., Any] = getattr(owner, node.attr)
            return method
    raise UnreadableError(f"the function {ast.unparse(node)}")


def _is_known(node: ast.expr, names: Mapping[str, Any]) -> bool:
    dotted = ast.unparse(node)
    return dotted in _FUNCTIONS and dotted.partition(".")[0] not in names


def _range(*args: int) -> range:
    made = range(*args)
    _bound(len(made))
    return made


_CONSTANTS: dict[str, Any] = {
    "math.inf": math.inf,
    "math.nan": math.nan,
    "math.pi": math.pi,
    "math.e": math.e,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        f.__name__: f
        for f in (abs, all, any, bool, dict, float, frozenset, int, len, list, max, min, round)
    },
    **{f.__name__: f for f in (set, sorted, str, sum, tuple)},
    **{f"math.{f.__name__}": f for f in (math.isclose, math.isnan, math.isinf, math.sqrt)},
    "range": _range,
    "approx": Approx,
    "pytest.approx": Approx,
}  # fmt: skip
# Methods of plain data that change nothing and make nothing big.
_METHODS = frozenset(
    [
        "count",
        "endswith",
        "get",
        "index",
        "isdigit",
        "isupper",
        "islower",
        "items",
        "keys",
        "lower",
        "lstrip",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "upper",
        "values",
    ]
)
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _multiply,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: _remainder,
    ast.Pow: _power,
    ast.LShift: _shift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
    ast.NotIn: lambda item, container: item not in container,
    ast.Is: _is,
    ast.IsNot: lambda left, right: not _is(left, right),
}
_HANDLERS: dict[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]] = {
    ast.Constant: lambda node, names: node.value,
    ast.Name: _name,
    ast.List: lambda node, names: _elements(node.elts, names),
    ast.Tuple: lambda node, names: tuple(_elements(node.elts, names)),
    ast.Set: lambda node, names: set(_elements(node.elts, names)),
    ast.Dict: _dict,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.BoolOp: _and_or,
    ast.Compare: _compare,
    ast.IfExp: _if_else,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Attribute: _attribute,
    ast.Call: _call,
}
