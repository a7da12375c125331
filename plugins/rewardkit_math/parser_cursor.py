"""Where a parser is among its tokens."""

from __future__ import annotations

from rewardkit_math.tokens import ParseError, Token

__all__ = ["Cursor"]


class Cursor:
    """A place among tokens, and what is open there."""

    def __init__(self, tokens: list[Token], *, grouping: bool) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.bars = 0  # the | that are open: another one closes
        self.builders = 0  # the set braces that are open: a colon there divides them
        self.brackets = 0
        self.arguments = 0  # in the argument of \sin x, which another function ends
        self.grouping = grouping
        self.bold: set[str] = set()  # the letters that were bold: vectors
        self.bound: list[str] = []  # the names that sums bind here; an integral binds ""

    @property
    def peek(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def next(self) -> Token:
        """Take the next token.

        Raises:
            ParseError: There is none.
        """
        token = self.tokens[self.at]
        if token.kind == "end":
            raise ParseError("it ends too early")
        self.at += 1
        return token

    def is_op(self, text: str) -> bool:
        """Whether the next token is this sign."""
        token = self.tokens[self.at]
        return token.text == text and token.kind == "op"

    def eat(self, text: str) -> bool:
        """Take the next token if it is this sign."""
        if self.is_op(text):
            self.at += 1
            return True
        return False

    def need(self, text: str) -> None:
        """Take the next token, which must be this sign."""
        if not self.eat(text):
            raise ParseError(f"{text!r} is missing")
