r"""What an operand may begin with: numbers, letters, brackets, words."""

from __future__ import annotations

import re

from rewardkit_math.names import (
    CONSTANTS,
    ENGLISH,
    FUNCTIONS,
    GREEK,
    UNKNOWN_FUNCTIONS,
)
from rewardkit_math.nodes import (
    Bracketed,
    Call,
    Const,
    Neg,
    Node,
    Num,
    Quantity,
    Relation,
    Seq,
    Sym,
    Words,
)
from rewardkit_math.parser_commands import Commands
from rewardkit_math.parser_grammar import Power, number_of
from rewardkit_math.parser_numbers import read_number
from rewardkit_math.tokens import ParseError, Token
from rewardkit_math.words import NUMBERS

__all__ = ["Operands"]


_CURRENCIES = {"$": "dollar", "€": "euro", "£": "sterling", "¥": "yuan", "₹": "rupee"}


class Operands(Commands):
    """The half of the parser that reads operands."""

    def prefix(self) -> Node:
        """An operand."""
        token = self.next()
        kind, text, _ = token
        if kind == "num":
            return self.number()
        if kind == "word":
            return self.word(text)
        if kind == "cmd":
            return self.command(text)
        if kind == "text":
            return self.words(text)
        if kind == "bold":
            self.bold.add(text)
            return self.letter(text)
        if text == "-":
            return Neg(self.expression(Power.PRODUCT))
        if text == "+":
            return self.expression(Power.PRODUCT)
        return self.opened(text)

    def opened(self, text: str) -> Node:
        """What a bracket, a bar or a currency opens."""
        if text in ("(", "["):
            return self.bracketed(text)
        if text == "{":
            return self.group_end("}")
        if text == "\\{":
            return self.set_braces()
        if text == "|":
            self.bars += 1
            node = self.expression(Power.SUM)
            self.need("|")
            self.bars -= 1
            return Call("abs", (node,))
        if text in _CURRENCIES:
            self.eat(text)  # $$10
            unit = _CURRENCIES[text]
            return Quantity(self.expression(Power.IMPLICIT), unit)
        raise ParseError(f"{text!r} is not expected there")

    def number(self) -> Node:
        """A number, in another base where it has an index."""
        literal = read_number(self.tokens, self.at - 1, self.grouping and not self.brackets)
        self.at = literal.end
        if self.eat("_"):
            base = self.argument()
            if isinstance(base, Words) and base.text.lower() in NUMBERS:
                base = Num(int(NUMBERS[base.text.lower()]))
            return Call("base", (Words(literal.digits), base))
        return literal.node

    def bracketed(self, opener: str) -> Node:
        """A tuple, an interval, or what stands in parentheses."""
        self.brackets += 1
        saved = self.bars, self.builders, self.arguments
        self.bars = self.builders = self.arguments = 0
        node = self.over(self.expression(0))
        closer = self.next().text
        self.bars, self.builders, self.arguments = saved
        self.brackets -= 1
        if closer not in (")", "]"):
            raise ParseError(f"{closer!r} does not close {opener!r}")
        brackets = opener + closer
        if isinstance(node, Seq) and node.kind != "set":
            return Bracketed(brackets, node.items)
        if brackets == "()":
            return node
        return Bracketed(brackets, (node,))

    def set_braces(self) -> Node:
        """A set: its items, or a condition."""
        if self.eat("\\}"):
            return Const("empty")
        self.brackets += 1
        self.builders += 1
        bars, self.bars = self.bars, 1
        node = self.expression(0)
        self.bars = bars
        self.builders -= 1
        if self.eat("|") or self.eat(":"):
            condition = self.expression(0)
            node = Call("such that", (node, condition), known=False)
        self.need("\\}")
        self.brackets -= 1
        if isinstance(node, Seq) and node.kind != "set":
            return Seq("set", node.items)
        return node if isinstance(node, Call) and node.name == "such that" else Seq("set", (node,))

    def words(self, text: str) -> Node:
        """The words of a text command, or the number or name that they are."""
        plain = text.strip()
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain):
            return number_of(plain)
        if plain in FUNCTIONS:
            return self.function(plain)
        if len(plain) == 1 and plain.isalpha():
            return self.letter(plain)
        if plain == "infinity":
            return Const("infty")
        if plain in ("or", "and", ""):
            raise ParseError(f"{plain!r} joins nothing")
        return Words(plain + self.subscript())

    def word(self, text: str) -> Node:
        """A function, a constant, or letters that are a product."""
        if text in FUNCTIONS:
            return self.function(text)
        if text in CONSTANTS:
            return Const(CONSTANTS[text])
        if len(text) == 1:
            return self.letter(text)
        if text in GREEK:
            return Sym(text)
        if self.is_op("=") and len(text) > 3:
            return Words(text)
        if self.is_op(":") and len(text) > 3:
            self.at += 1
            return Relation((Words(text), self.expression(Power.RATIO + 1)), ("=",))
        attached = self.is_op("^") or self.is_op("_") or self.follows_number()
        if (
            (text.lower() in ENGLISH and not attached)
            or (len(text) > 3 and not text.isupper())
            or len(text) > 5
        ):
            raise ParseError(f"{text!r} is a word")
        # Letters are a product: the last may have an index, an exponent or an argument of its own.
        self.at -= 1
        self.tokens[self.at : self.at + 1] = [Token("word", letter) for letter in text]
        return self.prefix()

    def follows_number(self) -> bool:
        """Whether the last token stands right after a number: the "at" of 0.5at."""
        before, last = self.tokens[max(0, self.at - 2)], self.tokens[self.at - 1]
        return before.kind == "num" and not last.space

    def letter(self, text: str) -> Node:
        """A letter with its index."""
        name = text + self.subscript()
        if name in ("e", "i") and name not in self.bound:
            return Const(name)
        return self.applied(Sym(name))

    def applied(self, symbol: Sym) -> Node:
        """`symbol`, with its arguments where it is a function."""
        if self.is_op("'"):
            self.at += 1
            return self.applied(Sym(symbol.name + "'"))
        base = symbol.name.rstrip("'").partition("_")[0]
        is_function = base in UNKNOWN_FUNCTIONS or symbol.name.endswith("'")
        return self.applied_to(symbol.name) if self.is_op("(") and is_function else symbol

    def applied_to(self, name: str) -> Node:
        """A function that nobody defined, of the arguments in the brackets that follow."""
        self.need("(")
        inner = self.bracketed("(")
        args = inner.items if isinstance(inner, Bracketed) else (inner,)
        return Call(name, args, known=False)

    def subscript(self) -> str:
        """The text of an index, with its underscore; nothing where there is none."""
        if not self.eat("_"):
            return ""
        if not self.eat("{"):
            return "_" + self.next().text
        parts: list[str] = []
        depth = 1
        while depth:
            piece = self.next().text
            depth += {"{": 1, "}": -1}.get(piece, 0)
            parts.append(piece)
        return "_" + "".join(parts[:-1])
