r"""What \log without a base is: natural, decimal, or either."""

from __future__ import annotations

import re

from rewardkit_math.identity import rational
from rewardkit_math.nodes import Call, Node, Num
from rewardkit_math.trees import kinds, nodes, rebuilt

__all__ = ["readings_of_logs"]


def readings_of_logs(one: Node, other: Node, policy: str) -> list[tuple[Node, Node]]:
    r"""The pair with \log natural, decimal, or both: \log 100 may be meant either way."""
    called = [side for side in (one, other) if Call in kinds(side)]
    if not any(_is_plain_log(part) for side in called for part in nodes(side)):
        return [(one, other)]
    decimal = (_with_decimal_logs(one), _with_decimal_logs(other))
    if policy == "either":
        of_ten = any(_is_log_of_ten(part) for side in (one, other) for part in nodes(side))
        return [(one, other), decimal] if of_ten else [(one, other)]
    return [decimal] if policy == "decimal" else [(one, other)]


def _is_plain_log(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "log" and len(node.args) == 1


def _is_log_of_ten(node: Node) -> bool:
    if not isinstance(node, Call) or not _is_plain_log(node):
        return False
    value = rational(node.args[0])
    return value is not None and bool(re.fullmatch(r"10+|1/10+", str(value)))


def _with_decimal_logs(node: Node) -> Node:
    def change(part: Node) -> Node:
        if isinstance(part, Call) and _is_plain_log(part):
            return Call("log", (part.args[0], Num(10)))
        return part

    result: Node = rebuilt(node, change)
    return result
