r"""Products whose order counts: a \times b of vectors, and of letters that may be vectors."""

from __future__ import annotations

from rewardkit_math.nodes import Call, Mul, Node
from rewardkit_math.trees import kinds, nodes, rebuilt

__all__ = ["with_products"]


def with_products(reference: Node, answer: Node) -> tuple[Node, Node]:
    r"""The trees with each letters' \times read alike: of vectors where both sides have it.

    v \times B is not B \times v, but b \times h is bh.
    """
    if Call not in kinds(reference) and Call not in kinds(answer):
        return reference, answer
    signs = [
        {part.name for part in nodes(node) if isinstance(part, Call)}
        for node in (reference, answer)
    ]
    if not any("times" in names for names in signs):
        return reference, answer
    crossed = all(names & {"times", "cross"} for names in signs)
    return _read(reference, crossed=crossed), _read(answer, crossed=crossed)


def _read(node: Node, *, crossed: bool) -> Node:
    def change(part: Node) -> Node:
        if not isinstance(part, Call) or part.name != "times":
            return part
        return Call("cross", part.args, known=False) if crossed else Mul(part.args)

    result: Node = rebuilt(node, change)
    return result
