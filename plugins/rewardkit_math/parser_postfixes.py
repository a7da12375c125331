"""What stands after an operand and binds to it alone: powers, primes, factorials, degrees."""

from __future__ import annotations

from typing import TypeGuard

from rewardkit_math.calculus import derivative
from rewardkit_math.names import UNKNOWN_FUNCTIONS
from rewardkit_math.nodes import (
    Add,
    Call,
    Degree,
    Div,
    Neg,
    Node,
    Num,
    Percent,
    Pow,
    Quantity,
    Sym,
)
from rewardkit_math.parser_grammar import Power, number_of
from rewardkit_math.parser_operands import Operands
from rewardkit_math.tokens import ParseError
from rewardkit_math.trees import names

__all__ = ["Postfixes"]


class Postfixes(Operands):
    """The part of the parser that reads what an operand ends in."""

    def postfix(self, left: Node) -> Node:
        """An operand with the sign, the power or the minutes of arc that follow it."""
        if self.peek.kind == "num":  # 60 degrees 42'
            minutes = self.next()
            self.need_minutes()
            return Add((left, Degree(Div(number_of(minutes.text), Num(60)))))
        op = self.next().text
        if op == "!":
            return Call("factorial", (left,))
        if op == "%":
            return Percent(left)
        if op == "'":
            return self.primed(left)
        if self.peek.text == "circ" or self.has("{", "circ", "}"):
            self.at += 1 if self.peek.text == "circ" else 3
            return self.degrees(left)
        for primes in (1, 2, 3):
            if self.has("{", *"'" * primes, "}"):
                self.at += primes + 2
                return self.primed(left, primes)
        exponent = self.exponent()
        if exponent == Neg(Num(1)) and self.is_op("(") and _is_function(left):
            return self.applied_to(f"{left.name}^-1")  # the inverse, not 1/f
        return Pow(left, exponent)

    def has(self, *texts: str) -> bool:
        """Whether these are the next tokens."""
        return [token.text for token in self.tokens[self.at : self.at + len(texts)]] == list(texts)

    def degrees(self, left: Node) -> Node:
        """An angle, or a temperature where its scale follows."""
        scale = self.peek.text.strip() if self.peek.kind in ("text", "word") else ""
        if scale in ("C", "F"):
            self.at += 1
            return Quantity(left, f"°{scale}")
        return Degree(left)

    def need_minutes(self) -> None:
        """Take the mark, or the word, of minutes of arc."""
        if self.peek.kind in ("word", "text") and self.peek.text.strip() in ("minutes", "min"):
            self.at += 1
            return
        self.eat("^")
        self.need("'")

    def primed(self, left: Node, primes: int = 1) -> Node:
        """A name with a prime: another name, or the derivative of a function.

        Of an expression in one name it is calculated.
        """
        if isinstance(left, Sym):
            return self.applied(Sym(left.name + "'" * primes))
        if isinstance(left, Num) or len(names(left)) != 1:
            raise ParseError("a prime after what is no name")
        for _ in range(primes):
            left = derivative(left, next(iter(names(left)), ""))
        return left

    def exponent(self) -> Node:
        """What stands after a sign of power: a group, or what a sign and one operand are."""
        if self.eat("{"):
            return self.group_end("}")
        if self.eat("-"):
            return Neg(self.expression(Power.POWER))
        self.eat("+")
        return self.expression(Power.POWER)


def _is_function(node: Node) -> TypeGuard[Sym]:
    return isinstance(node, Sym) and node.name in UNKNOWN_FUNCTIONS
