r"""The differentials of fractions and integrals: d/dx, dy/dx, and the dx that ends an integral."""

from __future__ import annotations

from rewardkit_math.nodes import Big, Call, Div, Mul, Node, Num, Pow, Sym
from rewardkit_math.tokens import ParseError

__all__ = [
    "differential_sign", "fraction_of", "integral_of", "order_of", "product_of", "variable_of",
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


def integral_of(low: Node | None, high: Node | None, body: Node) -> Node:
    """An integral whose body ends in d and a name: dx."""
    if isinstance(body, Mul) and len(body.factors) > 2 and body.factors[-2] == Sym("d"):
        var = body.factors[-1]
        if isinstance(var, Sym):
            return Big("int", var.name, low, high, product_of(list(body.factors[:-2])))
    raise ParseError("an integral over nothing")
