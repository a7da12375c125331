r"""Environments: matrices, cases, rows of equations."""

from __future__ import annotations

from rewardkit_math.nodes import (
    Call,
    Matrix,
    Node,
    Seq,
)
from rewardkit_math.parser_grammar import Grammar, Power
from rewardkit_math.piecewise import OTHERWISE, definition
from rewardkit_math.tokens import ParseError

__all__ = ["Environments"]

_MATRICES = frozenset(
    ("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array", "vmatrix")
)
_ROWS = frozenset(("cases", "aligned", "align", "gathered", "array"))
_IF = frozenset(("if", "when", "for", "where", "as"))
_OTHERWISE = frozenset(("otherwise", "else", "elsewhere"))


class Environments(Grammar):
    r"""What stands between \begin and \end."""

    def environment(self) -> Node:
        """A matrix, or the rows of cases."""
        name = self.environment_name()
        if name == "array" and self.is_op("{"):
            self.skip_group()
        if name not in _MATRICES and name not in _ROWS:
            raise ParseError(f"{name} is not known")
        rows: list[list[Node]] = [[]]
        while self.peek.text != "end":
            rows[-1].append(self.condition() if name == "cases" and rows[-1] else self.cell(name))
            if self.eat("&"):
                continue
            if self.eat("\\\\"):
                rows.append([])
            elif self.peek.text != "end":
                raise ParseError(f"{self.peek.text!r} is not expected there")
        self.next()
        self.environment_name()
        filled = tuple(tuple(row) for row in rows if row)
        if name in _MATRICES:
            matrix = Matrix(filled)
            return Call("det", (matrix,)) if name == "vmatrix" else matrix
        by_cases = definition(filled) if name == "cases" else None
        return by_cases or Seq("list", tuple(cell for row in filled for cell in row))

    def cell(self, environment: str) -> Node:
        """A cell of a matrix, or what stands in a row of equations."""
        return self.expression(Power.LIST if environment in _ROWS else Power.LIST + 1)

    def condition(self) -> Node:
        """When a value holds: what follows "if", or "otherwise"."""
        words = self.peek.text.strip(" ,.").lower() if self.peek.kind in ("text", "word") else ""
        if words in _OTHERWISE:
            self.next()
            self.eat(".")
            return OTHERWISE
        if words in _IF:
            self.next()
        return self.expression(Power.LIST)

    def environment_name(self) -> str:
        """The name in braces after begin and end."""
        self.need("{")
        name = self.next().text
        self.eat("*")
        self.need("}")
        return name
