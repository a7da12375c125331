"""Derivatives of trees by the rules of calculus, and sums and integrals under one bound name."""

from __future__ import annotations

from rewardkit_math.nodes import (
    Add,
    Big,
    Bracketed,
    Call,
    Const,
    Div,
    Mul,
    Neg,
    Node,
    Num,
    Pow,
    Sym,
)
from rewardkit_math.tokens import ParseError
from rewardkit_math.trees import kinds, names, nodes, rebuilt

__all__ = ["bound_alike", "derivative"]

MAX_NODES = 2_000
_ONE, _TWO = Num(1), Num(2)


def derivative(node: Node, name: str) -> Node:
    """The derivative of a tree by a name; all other names are constants.

    Raises:
        ParseError: No rule says it, or it would be too large.
    """
    result = _derived(node, name)
    if len(nodes(result)) > MAX_NODES:
        raise ParseError("a derivative too large")
    return result


def _derived(node: Node, name: str) -> Node:
    if isinstance(node, Bracketed) and len(node.items) == 1:
        return _derived(node.items[0], name)
    if name not in names(node):
        return Num(0)
    if isinstance(node, Sym):
        return _ONE
    if isinstance(node, Add):
        return Add(tuple(_derived(term, name) for term in node.terms))
    if isinstance(node, Neg):
        return Neg(_derived(node.of, name))
    if isinstance(node, Mul):
        return Add((Num(0), *(_factor_derived(node, at, name) for at in range(len(node.factors)))))
    if isinstance(node, Div):
        above, below = node.above, node.below
        cross = Add(
            (Mul((_derived(above, name), below)), Neg(Mul((above, _derived(below, name)))))
        )
        return Div(cross, Pow(below, _TWO))
    if isinstance(node, Pow):
        return _power_derived(node, name)
    if isinstance(node, Call):
        return _call_derived(node, name)
    raise ParseError("a derivative that no rule says")


def _factor_derived(node: Mul, at: int, name: str) -> Node:
    rest = (*node.factors[:at], *node.factors[at + 1 :])
    return Mul((_derived(node.factors[at], name), *rest))


def _power_derived(node: Pow, name: str) -> Node:
    base, exponent = node.base, node.exponent
    if name not in names(exponent):
        lowered = Pow(base, Add((exponent, Neg(_ONE))))
        return Mul((exponent, lowered, _derived(base, name)))
    logarithm = _ONE if base == Const("e") else Call("ln", (base,))
    return Mul((node, _derived(Mul((exponent, logarithm)), name)))


def _call_derived(node: Call, name: str) -> Node:
    if not node.known and len(node.args) == 1 and node.args[0] == Sym(name):
        return Call(node.name + "'", node.args, known=False)
    if len(node.args) == 2 and node.name in ("log", "ln") and name not in names(node.args[1]):
        return _derived(Div(Call("ln", node.args[:1]), Call("ln", node.args[1:])), name)
    if len(node.args) == 2 and node.name == "root":
        return _derived(Pow(node.args[0], Div(_ONE, node.args[1])), name)
    if not node.known or len(node.args) != 1:
        raise ParseError(f"a derivative of {node.name}")
    inner = node.args[0]
    return Mul((_outer(node.name, inner), _derived(inner, name)))


def _outer(name: str, u: Node) -> Node:
    """The derivative of a function at u."""
    square = Pow(u, _TWO)
    table: dict[str, Node] = {
        "sin": Call("cos", (u,)),
        "cos": Neg(Call("sin", (u,))),
        "tan": Pow(Call("sec", (u,)), _TWO),
        "cot": Neg(Pow(Call("csc", (u,)), _TWO)),
        "sec": Mul((Call("sec", (u,)), Call("tan", (u,)))),
        "csc": Neg(Mul((Call("csc", (u,)), Call("cot", (u,))))),
        "sinh": Call("cosh", (u,)),
        "cosh": Call("sinh", (u,)),
        "tanh": Div(_ONE, Pow(Call("cosh", (u,)), _TWO)),
        "arcsin": Div(_ONE, Call("sqrt", (Add((_ONE, Neg(square))),))),
        "arccos": Neg(Div(_ONE, Call("sqrt", (Add((_ONE, Neg(square))),)))),
        "arctan": Div(_ONE, Add((_ONE, square))),
        "ln": Div(_ONE, u),
        "log": Div(_ONE, u),
        "exp": Call("exp", (u,)),
        "sqrt": Div(_ONE, Mul((_TWO, Call("sqrt", (u,))))),
        "abs": Div(u, Call("abs", (u,))),
    }
    if name not in table:
        raise ParseError(f"a derivative of {name}")
    return table[name]


def bound_alike(node: Node) -> Node:
    """A tree whose sums and integrals all bind one name: a sum over i of a_i is one over k."""

    def renamed(part: Node) -> Node:
        if not isinstance(part, Big):
            return part
        name = f"bound {sum(isinstance(inner, Big) for inner in nodes(part.body))}"
        ending = f"_{part.var}"

        def change(inner: Node) -> Node:
            if not isinstance(inner, Sym):
                return inner
            if inner.name == part.var:
                return Sym(name)
            return Sym(
                inner.name.removesuffix(ending) + f"_{name}"
                if inner.name.endswith(ending)
                else inner.name
            )

        return Big(part.kind, name, part.low, part.high, rebuilt(part.body, change))

    if Big not in kinds(node):
        return node
    result: Node = rebuilt(node, renamed)
    return result
