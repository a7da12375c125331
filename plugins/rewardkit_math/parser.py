r"""A Pratt parser from the tokens of an answer to its tree.

One function parses everything by binding powers: lists, relations, sets, sums, products, powers.
Its recursion is bounded, so that ten thousand brackets are refused and not followed.
"""

from __future__ import annotations

from functools import reduce

from rewardkit_math.differentials import product_of
from rewardkit_math.names import FUNCTIONS
from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Ellipsis,
    Neg,
    Node,
    PlusMinus,
    Ratio,
    Relation,
    Seq,
    SetOp,
    Sym,
)
from rewardkit_math.parser_grammar import MAX_DEPTH, Power
from rewardkit_math.parser_products import Products
from rewardkit_math.spellings import respelled
from rewardkit_math.tokens import ParseError, tokenize

__all__ = ["parse"]

_RELATIONS = {
    "=": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "!=": "!=", "le": "<=", "ge": ">=",
    "ne": "!=",
    "in": "in", "notin": "notin", "approx": "~", "equiv": "=", "to": "to", "sim": "~", "cong": "~",
    "subset": "subset", "subseteq": "subseteq", "propto": "propto", "implies": "=>",
    "Rightarrow": "=>", "iff": "<=>", "mapsto": "to", "perp": "perp", "parallel": "parallel",
}  # fmt: skip
_INFIX: dict[str, int] = {
    ",": Power.LIST, ";": Power.LIST, "and": Power.LIST, "or": Power.LIST,
    **dict.fromkeys(_RELATIONS, Power.RELATION),
    "cup": Power.SET, "cap": Power.SET, "setminus": Power.SET, "backslash": Power.SET,
    ":": Power.RATIO, "bmod": Power.MOD, "mod": Power.MOD, "pmod": Power.MOD,
    "+": Power.SUM, "-": Power.SUM, "pm": Power.SUM, "mp": Power.SUM,
    "*": Power.PRODUCT, "/": Power.PRODUCT, "cdot": Power.PRODUCT, "times": Power.PRODUCT,
    "div": Power.PRODUCT, "circ": Power.PRODUCT,
    "^": Power.POWER, "!": Power.POWER, "'": Power.POWER, "%": Power.POWER,
}  # fmt: skip
INEQUALITIES = frozenset(("<", "<=", ">", ">=", "!="))
_CLOSERS = frozenset((")", "]", "}", "\\}", "|", "&", "\\\\"))
_NO_OPERAND = frozenset((*_INFIX, "end", "rangle", "rfloor", "rceil", "ldots", "over", "choose"))


def parse(text: str, *, grouping: bool = True) -> Node:
    """The tree of a text; `grouping`: "1,234" is a number where nothing says that it is a list.

    Raises:
        ParseError: The text is no formula, or one too long, too deep or too large.
    """
    parser = _Parser(tokenize(respelled(text)), grouping=grouping)
    try:
        return parser.whole()
    except RecursionError as error:
        raise ParseError("nested too deeply") from error


class _Parser(Products):
    def whole(self) -> Node:
        node = self.over(self.expression(0))
        if self.peek.kind != "end":
            raise ParseError(f"{self.peek.text!r} is not expected there")
        return node

    # -- the Pratt loop

    def expression(self, power: int) -> Node:
        """What binds at least as strongly as `power`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ParseError("nested too deeply")
        left = self.prefix()
        while True:
            binding = self.binding(left)
            if binding < power:
                break
            left = self.infix(left, binding)
        self.depth -= 1
        return left

    def binding(self, left: Node) -> int:
        """How strongly the next token binds to what is left of it; -1: not at all."""
        kind, text, _ = self.peek
        if kind == "end" or (kind == "op" and text in _CLOSERS and (text != "|" or self.bars)):
            return -1
        if kind == "text" or kind == "word":
            return self.word_binding(kind, text, left)
        if text in _INFIX:
            return -1 if text == ":" and self.builders else _INFIX[text]
        if kind == "num" and (left == Const("i") or self.tokens[self.at - 1].text == "!"):
            return Power.IMPLICIT  # n! 2^n
        if kind == "num":
            return -1 if not isinstance(left, Degree) else Power.POWER
        if text in _NO_OPERAND or (self.arguments and text in FUNCTIONS):
            return -1
        return Power.IMPLICIT

    def word_binding(self, kind: str, text: str, left: Node) -> int:
        if text.strip(" ,").lower() in ("and", "or"):
            return Power.LIST
        if kind == "word" and text == "mod":
            return Power.MOD
        if text == "U" and isinstance(left, Bracketed | Seq | SetOp):
            return Power.SET
        if text == "choose":
            return -1
        if self.arguments and (text in FUNCTIONS or self.is_differential(text)):
            return -1
        return Power.IMPLICIT

    def infix(self, left: Node, binding: int) -> Node:
        if binding == Power.IMPLICIT or binding == Power.PRODUCT:
            return self.product(left, binding)
        if binding == Power.SUM:
            return self.sum(left)
        if binding == Power.POWER:
            return self.postfix(left)
        if binding == Power.LIST:
            return self.items(left)
        if binding == Power.RELATION:
            return self.relation(left)
        token = self.next()
        if binding == Power.SET:
            op = (
                "cup"
                if token.text == "U"
                else "setminus"
                if token.text == "backslash"
                else token.text
            )
            return SetOp(op, left, self.expression(Power.SET + 1))
        if binding == Power.RATIO:
            return self.ratio(left)
        return self.modulus(left, token.text)

    def items(self, left: Node) -> Node:
        items = [left]
        start, joined = self.at, set[str]()
        logical = True
        while self.separator():
            joined |= {token.text.strip(" ,").lower() for token in self.tokens[start : self.at]}
            logical = logical and all(
                token.kind == "cmd" for token in self.tokens[start : self.at]
            )
            if self.peek.kind == "end" or (self.peek.kind == "op" and self.peek.text in _CLOSERS):
                if joined & {"and", "or"}:
                    raise ParseError("nothing is joined")
                break
            items.append(self.expression(Power.LIST + 1))
            start = self.at
        if logical and len(joined) == 1 and all(isinstance(item, Sym) for item in items):
            statements = tuple(sorted(items, key=str))  # p and q is q and p
            return Call(f"logical {joined.pop()}", statements, known=False)
        if logical and joined == {"and"} and all(map(_is_inequality, items)):
            return reduce(lambda one, other: SetOp("cap", one, other), items)
        kind = "and" if joined == {"and"} else "list"
        if "or" in joined and all(map(_is_inequality, items)):
            kind = "or"
        return Seq(kind, tuple(items)) if len(items) > 1 else left

    def separator(self) -> bool:
        found = False
        while self.binding(Ellipsis()) == Power.LIST:
            self.at += 1
            found = True
        return found

    def relation(self, left: Node) -> Node:
        sides, ops = [left], []
        while self.binding(left) == Power.RELATION:
            sign = self.next().text
            side = self.expression(Power.RELATION + 1)
            if sign == "equiv" and isinstance(side, Call) and side.name == "mod":
                side = _residue(*side.args)
            ops.append(_RELATIONS[sign])
            sides.append(side)
        return _apart(sides, ops)

    def ratio(self, left: Node) -> Node:
        parts = [left, self.expression(Power.RATIO + 1)]
        while self.binding(left) == Power.RATIO:
            self.at += 1
            parts.append(self.expression(Power.RATIO + 1))
        return Ratio(tuple(parts))

    def modulus(self, left: Node, name: str) -> Node:
        if name == "pmod":
            return _residue(left, self.argument())
        return Call("mod", (left, self.expression(Power.MOD + 1)))

    def sum(self, left: Node) -> Node:
        terms = [left]
        while self.binding(left) == Power.SUM:
            op = self.next().text
            right = self.expression(Power.SUM + 1)
            if op == "-" and isinstance(right, Seq) and right.kind == "set":
                return SetOp("setminus", product_of(terms), right)  # R - {0}
            if op in ("pm", "mp"):
                before = terms[0] if len(terms) == 1 else Add(tuple(terms))
                terms = [PlusMinus(before, right, op == "mp")]
            else:
                terms.append(Neg(right) if op == "-" else right)
        return Add(tuple(terms)) if len(terms) > 1 else terms[0]

    def over(self, above: Node) -> Node:
        r"""The fraction or binomial of a group, where it has an \over or a \choose."""
        if self.peek.kind not in ("cmd", "word") or self.peek.text not in ("over", "choose"):
            return above
        binomial = self.next().text == "choose"
        below = self.expression(0)
        return Call("binom", (above, below)) if binomial else Div(above, below)

    def group_end(self, closer: str) -> Node:
        bars, self.bars = self.bars, 0
        arguments, self.arguments = self.arguments, 0
        node = self.over(self.expression(0))
        self.need(closer)
        self.bars, self.arguments = bars, arguments
        return node


def _apart(sides: list[Node], ops: list[str]) -> Node:
    r"""A relation; x < 1 \cup x > 3 as the union of two."""
    for at, side in enumerate(sides[1:-1], 1):
        if isinstance(side, SetOp) and {ops[at - 1], ops[at]} <= INEQUALITIES:
            left = _apart([*sides[:at], side.left], ops[:at])
            return SetOp(side.op, left, _apart([side.right, *sides[at + 1 :]], ops[at:]))
    return Relation(tuple(sides), tuple(ops))


def _residue(value: Node, modulus: Node) -> Node:
    """A residue class, which 3 and 10 name alike modulo 7."""
    return Call("congruent", (Call("mod", (value, modulus)), modulus), known=False)


def _is_inequality(node: Node) -> bool:
    return isinstance(node, Relation) and set(node.ops) <= INEQUALITIES - {"!="}
