"""Trees as sympy's expressions, built node by node, never from text; what sympy says of two.

Only workers import this module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy

from rewardkit_math.evaluate import UndefinedError
from rewardkit_math.nodes import (
    Add,
    Big,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Percent,
    Pow,
    Quantity,
    Sym,
)

__all__ = ["compare", "to_sympy"]

_DIGITS = 25

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "sec": sympy.sec,
    "csc": sympy.csc, "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan,
    "arccot": sympy.acot, "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh,
    "coth": sympy.coth, "ln": sympy.log, "log": sympy.log, "exp": sympy.exp, "abs": sympy.Abs,
    "sqrt": sympy.sqrt, "root": sympy.real_root, "floor": sympy.floor, "ceil": sympy.ceiling,
    "min": sympy.Min, "max": sympy.Max, "gcd": sympy.gcd, "lcm": sympy.lcm, "mod": sympy.Mod,
    "sgn": sympy.sign, "Re": sympy.re, "Im": sympy.im, "arg": sympy.arg, "conj": sympy.conjugate,
    "cis": lambda angle: sympy.exp(sympy.I * angle),
}  # fmt: skip
_CONSTANTS = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "infty": sympy.oo}


def compare(one: Node, other: Node) -> str:
    """ "equal", "different", or "unknown"."""
    try:
        left, right = to_sympy(one), to_sympy(other)
    except (UndefinedError, TypeError, ValueError):
        return "unknown"
    if left.free_symbols or right.free_symbols:
        return "equal" if sympy.simplify((left - right).doit()) == 0 else "unknown"
    gap, size = _number(left - right), max(abs(_number(left)), abs(_number(right)))
    if not (gap.is_finite and size.is_finite):
        return "unknown"
    return "equal" if abs(gap) <= size * sympy.Float(10) ** (-_DIGITS + 8) else "different"


def _number(expression: Any) -> Any:
    done = expression.doit()
    return sympy.N(done, _DIGITS, maxn=200)


def to_sympy(node: Node) -> Any:
    """The sympy expression of a tree.

    Raises:
        UndefinedError: sympy has nothing for it here.
    """
    rule = _RULES.get(type(node))
    if rule is None:
        raise UndefinedError(f"a {type(node).__name__} is no expression")
    return rule(node)


def _num(node: Num) -> Any:
    value = node.value
    return (
        sympy.Integer(value)
        if isinstance(value, int)
        else sympy.Rational(*value.as_integer_ratio())
    )


def _const(node: Const) -> Any:
    if node.name not in _CONSTANTS:
        raise UndefinedError(node.name)
    return _CONSTANTS[node.name]


def _call(node: Call) -> Any:
    if node.name == "base":
        raise UndefinedError("a numeral of another base")
    args = [to_sympy(arg) for arg in node.args]
    if not node.known:
        return sympy.Function(node.name)(*args)
    if node.name in ("factorial", "binom"):
        if any(arg.is_number and abs(arg) > 10_000 for arg in args):
            raise UndefinedError(f"{node.name} too large")
        return (sympy.factorial if node.name == "factorial" else sympy.binomial)(*args)
    if node.name not in _FUNCTIONS:
        raise UndefinedError(node.name)
    return _FUNCTIONS[node.name](*args)


def _pow(node: Pow) -> Any:
    base, exponent = to_sympy(node.base), to_sympy(node.exponent)
    large = exponent.is_number and exponent.is_finite and abs(exponent) > 1_000
    return sympy.Pow(base, exponent, evaluate=not large)


def _big(node: Big) -> Any:
    symbol = sympy.Symbol(node.var)
    body = to_sympy(node.body)
    if node.kind == "lim" and node.low is not None:
        return sympy.Limit(body, symbol, to_sympy(node.low))
    if node.kind == "int" and node.low is None:
        return sympy.Integral(body, symbol)
    if node.low is None or node.high is None:
        raise UndefinedError(f"{node.kind} without bounds")
    build = {"sum": sympy.Sum, "prod": sympy.Product, "int": sympy.Integral}[node.kind]
    return build(body, (symbol, to_sympy(node.low), to_sympy(node.high)))


def _bracketed(node: Bracketed) -> Any:
    if len(node.items) != 1:
        raise UndefinedError("a tuple")
    return to_sympy(node.items[0])


_RULES: dict[type, Callable[[Any], Any]] = {
    Num: _num,
    Const: _const,
    Sym: lambda node: sympy.Symbol(node.name),
    Add: lambda node: sympy.Add(*map(to_sympy, node.terms)),
    Neg: lambda node: -to_sympy(node.of),
    Mul: lambda node: sympy.Mul(*map(to_sympy, node.factors)),
    Div: lambda node: to_sympy(node.above) / to_sympy(node.below),
    Percent: lambda node: to_sympy(node.of) / 100,
    Degree: lambda node: to_sympy(node.of) * sympy.pi / 180,
    Quantity: lambda node: to_sympy(node.of) * sympy.Symbol("unit " + node.unit),
    Pow: _pow,
    Call: _call,
    Big: _big,
    Bracketed: _bracketed,
}
