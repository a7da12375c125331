r"""The differentials of fractions and integrals: d/dx, dy/dx, and the dx that ends an integral."""

from __future__ import annotations

from rewardkit_math.nodes import Big, Call, Div, Mul, Node, Num, Pow, Sym
from rewardkit_math.tokens import ParseError
from rewardkit_math.trees import names

__all__ = [
    "differential_sign", "differentiated", "fraction_of", "integral_of", "order_of",
    "product_of", "variable_of",
]  # fmt: skip


def product_of(factors: list[Node]) -> Node:
    """The product of factors, or the only one."""
    return factors[0] if len(factors) == 1 else Mul(tuple(factors))


def fraction_of(above: Node, below: Node) -> Node:
    """A fraction; dy/dx is no fraction of products but a name of its own.

    Raises:
        ParseError: It is the operator d/dx, which is no number.
    """
    sign = differential_sign(below)
    if sign is None or _head(above) != sign:
        return Div(above, below)
    if not isinstance(above, Mul):
        raise ParseError("a derivative that is not calculated")
    return Call("derivative", (above, below), known=False)


def differentiated(above: Node, below: Node) -> Node | None:
    """The x^2 + 1 of d(x^2 + 1)/dx; None where it is a mere name, or no derivative."""
    sign = differential_sign(below)
    if sign != Sym("d") or not isinstance(above, Mul) or above.factors[0] != sign:
        return None
    body = product_of(list(above.factors[1:]))
    known = not isinstance(body, Sym) and names(body) == {variable_of(below)}
    return body if known else None


def order_of(above: Node, below: Node) -> int:
    """The order of the operator d/dx or d^2/dx^2; 0 where a fraction is none."""
    sign = differential_sign(below)
    order = above.exponent if isinstance(above, Pow) else Num(1)
    if sign is None or _head(above) != sign or isinstance(above, Mul) or not variable_of(below):
        return 0
    return int(order.value) if order in (Num(1), Num(2), Num(3)) else 0


def variable_of(below: Node) -> str:
    """The x of dx; nothing where it is no single name."""
    last = below.factors[1] if isinstance(below, Mul) and len(below.factors) == 2 else None
    last = last.base if isinstance(last, Pow) else last
    return last.name if isinstance(last, Sym) else ""


def _head(node: Node) -> Node:
    """The first factor of a product, without its power."""
    first = node.factors[0] if isinstance(node, Mul) else node
    return first.base if isinstance(first, Pow) else first


def differential_sign(node: Node) -> Node | None:
    """The d of dx, or the sign of a partial derivative."""
    if isinstance(node, Mul) and node.factors[0] in (Sym("d"), Sym("partial")):
        return node.factors[0]
    return None


def _differential_in(above: Node) -> tuple[Sym, Node] | None:
    """The x of the dx in a numerator, which stands first or last, and what is left of it."""
    factors = list(above.factors) if isinstance(above, Mul) else []
    for at in {0, len(factors) - 2}:
        if len(factors) > 1 and factors[at] == Sym("d") and isinstance(factors[at + 1], Sym):
            var, rest = factors[at + 1], factors[:at] + factors[at + 2 :]
            return var, product_of(rest or [Num(1)])  # type: ignore[return-value]  # a Sym it is
    return None


def integral_of(low: Node | None, high: Node | None, body: Node) -> Node:
    """An integral whose body ends in d and a name: dx."""
    if isinstance(body, Mul) and body.factors[-2] == Sym("d"):
        var, factors = body.factors[-1], list(body.factors[:-2])
        if isinstance(var, Sym):
            return Big("int", var.name, low, high, product_of(factors or [Num(1)]))
    if isinstance(body, Div) and (differential := _differential_in(body.above)):
        var, rest = differential
        return Big("int", var.name, low, high, Div(rest, body.below))
    raise ParseError("an integral over nothing")
