"""What the parts of the parser ask of one another, and how strongly operators bind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import IntEnum
from fractions import Fraction

from rewardkit_math.nodes import (
    Const,
    Node,
    Num,
    Sym,
)
from rewardkit_math.parser_cursor import Cursor
from rewardkit_math.tokens import ParseError, Token

__all__ = ["MAX_DEPTH", "Grammar", "Power", "number_of"]

MAX_DEPTH = 100


class Power(IntEnum):
    """How strongly operators bind."""

    LIST = 5
    RELATION = 15
    SET = 25
    RATIO = 35
    MOD = 45
    SUM = 55
    PRODUCT = 65
    IMPLICIT = 75
    POWER = 85


class Grammar(Cursor, ABC):
    """What every part of the parser may read, whichever part reads it."""

    @abstractmethod
    def expression(self, power: int) -> Node:
        """What binds at least as strongly as `power`."""

    @abstractmethod
    def exponent(self) -> Node:
        """What stands after a sign of power."""

    @abstractmethod
    def group_end(self, closer: str) -> Node:
        """What stands in a group that is open, up to its end."""

    @abstractmethod
    def over(self, above: Node) -> Node:
        r"""The fraction or binomial of a group, where it has an \over or a \choose."""

    @abstractmethod
    def prefix(self) -> Node:
        """An operand."""

    @abstractmethod
    def bracketed(self, opener: str) -> Node:
        """What stands in brackets that are open."""

    @abstractmethod
    def set_braces(self) -> Node:
        """A set whose brace is open."""

    @abstractmethod
    def applied(self, symbol: Sym) -> Node:
        """A name, with its arguments where it is a function."""

    @abstractmethod
    def subscript(self) -> str:
        """The text of an index."""

    def skip_group(self) -> None:
        """Leave out a group whose text is no formula."""
        self.need("{")
        while not self.eat("}"):
            self.next()

    def argument(self) -> Node:
        r"""The argument of a command: a group, or one digit or letter: \frac12."""
        if self.eat("{"):
            return self.group_end("}")
        token = self.peek
        if token.kind == "num" and len(token.text) > 1 and token.text.isdigit():
            self.tokens[self.at] = Token("num", token.text[1:])
            return number_of(token.text[0])
        if token.kind == "word" and len(token.text) > 1:
            self.tokens[self.at] = Token("word", token.text[1:])
            return self.plain_letter(token.text[0])
        if token.kind == "num":
            self.at += 1
            return number_of(token.text)
        if token.kind == "word":
            self.at += 1
            return self.plain_letter(token.text)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ParseError("nested too deeply")
        node = self.prefix()
        self.depth -= 1
        return node

    @staticmethod
    def plain_letter(letter: str) -> Node:
        """A letter without an index."""
        return Const(letter) if letter in "ei" else Sym(letter)


def number_of(text: str) -> Num:
    """A number from its digits."""
    whole, point, places = text.partition(".")
    if not point:
        return Num(int(whole))
    return Num(Fraction(int((whole + places) or "0"), 10 ** len(places)), len(places))
