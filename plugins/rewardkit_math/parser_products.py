"""Products: factors with a sign or side by side, quotients, units and words after a value."""

from __future__ import annotations

from abc import abstractmethod

from rewardkit_math.differentials import product_of
from rewardkit_math.nodes import (
    Add,
    Call,
    Degree,
    Div,
    Mul,
    Node,
    Num,
    Percent,
    Quantity,
    Sym,
)
from rewardkit_math.parser_grammar import Power
from rewardkit_math.parser_labels import Label, labelled, read_label
from rewardkit_math.parser_numbers import read_number
from rewardkit_math.parser_postfixes import Postfixes
from rewardkit_math.units import read_unit

__all__ = ["Products"]


class Products(Postfixes):
    """The part of the parser that reads factors and what stands beside them."""

    @abstractmethod
    def binding(self, left: Node) -> int:
        """How strongly the next token binds to what is left of it; -1: not at all."""

    def product(self, left: Node, binding: int) -> Node:
        """Factors that bind at least as strongly as `binding`, and quotients among them."""
        factors = [left]
        signs = 0
        while True:
            found = self.binding(factors[-1])
            if found < binding or found not in (Power.PRODUCT, Power.IMPLICIT):
                break
            if found == Power.PRODUCT:
                op = self.next().text
                right = self.expression(Power.IMPLICIT + 1)
                signs += 1
                if op in ("/", "div"):
                    factors = [Div(product_of(factors), right)]
                elif op == "circ":
                    factors[-1] = Call("after", (factors[-1], right), known=False)
                elif op == "times" and (name := self.cross(factors[-1], right, signs)):
                    factors[-1] = Call(name, (factors[-1], right), known=False)
                else:
                    factors.append(right)
            else:
                self.beside(factors)
        return product_of(factors)

    def cross(self, left: Node, right: Node, signs: int) -> str:
        r"""The name of a product whose order counts, or may: of vectors, of two letters."""
        if all(self.is_vector(node) for node in (left, right)):
            return "cross"
        letters = isinstance(left, Sym) and isinstance(right, Sym) and left != right
        return "times" if letters and signs == 1 and self.peek.text != "times" else ""

    def is_vector(self, node: Node) -> bool:
        """Whether a tree is a vector by its mark, or by bold letters."""
        if isinstance(node, Call) and node.name in ("vec", "hat", "cross"):
            return True
        return isinstance(node, Sym) and node.name.partition("_")[0] in self.bold

    def beside(self, factors: list[Node]) -> None:
        """Take what stands beside a factor: another, a unit, the fraction of a mixed number."""
        in_integral = self.peek.kind == "text" and self.is_differential(self.peek.text.strip())
        label = None if in_integral else read_label(self.tokens, self.at, factors[-1])
        if isinstance(label, Label):
            self.at = label.end
            factors[:] = [self.compound(labelled(product_of(factors), label.text))]
            return
        before = self.tokens[self.at - 1]
        right = self.expression(Power.IMPLICIT + 1)
        last = factors[-1]
        whole = isinstance(last, Num) and last.places is None and before.kind == "num"
        inner = right.of if isinstance(right, Percent | Degree) else right
        if whole and isinstance(inner, Div) and _is_plain_fraction(inner):
            mixed = Add((last, inner))
            kind = type(right) if isinstance(right, Percent | Degree) else None
            factors[-1] = kind(mixed) if kind else mixed
        else:
            factors.append(right)

    def compound(self, whole: Node) -> Node:
        """A quantity with those of smaller units after it: 1 hour 30 minutes."""
        while isinstance(whole, Quantity):
            start = self.at + (self.peek.text.strip() in ("and", ","))
            if self.tokens[start].kind != "num":
                break
            literal = read_number(self.tokens, start, False)
            label = read_label(self.tokens, literal.end, literal.node)
            unit, smaller = read_unit(whole.unit), read_unit(label.text) if label else None
            if label is None or unit is None or smaller is None:
                break
            if unit.dimension != smaller.dimension or unit.factor <= smaller.factor:
                break
            part = Mul((literal.node, Num(smaller.factor / unit.factor)))
            whole = Quantity(Add((whole.of, part)), whole.unit)
            self.at = label.end
        return whole

    def is_differential(self, text: str) -> bool:
        """Whether a word in an integral is its dx, which ends the argument of a function."""
        word = text if len(text) > 1 else text + self.tokens[self.at + 1].text
        return bool(self.bound) and not self.bound[-1] and len(word) == 2 and word[0] == "d"


def _is_plain_fraction(node: Div) -> bool:
    return isinstance(node.above, Num) and isinstance(node.below, Num)
