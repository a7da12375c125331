"""What the parser reads, what it refuses, and that it comes back from everything."""

import contextlib
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_math.nodes import (
    Add,
    Bracketed,
    Call,
    Const,
    Degree,
    Div,
    Mul,
    Neg,
    Num,
    Percent,
    PlusMinus,
    Pow,
    Quantity,
    Ratio,
    Relation,
    Seq,
    SetOp,
    Sym,
)
from rewardkit_math.parser import parse
from rewardkit_math.tokens import ParseError

X, Y = Sym("x"), Sym("y")

TREES = [
    ("12", Num(12)),
    ("1.50", Num(Fraction(3, 2), 2)),
    ("1,234,567", Num(1234567)),
    ("1 234", Num(1234)),
    ("-x^2", Neg(Pow(X, Num(2)))),
    ("2x", Mul((Num(2), X))),
    ("1/2x", Mul((Div(Num(1), Num(2)), X))),
    (r"\frac12", Div(Num(1), Num(2))),
    (r"\frac{1}2", Div(Num(1), Num(2))),
    (r"2\frac12", Add((Num(2), Div(Num(1), Num(2))))),
    ("2 1/2", Add((Num(2), Div(Num(1), Num(2))))),
    (r"\sqrt2x", Mul((Call("sqrt", (Num(2),)), X))),
    ("√2", Call("sqrt", (Num(2),))),
    ("x²", Pow(X, Num(2))),
    ("2^3^2", Pow(Num(2), Pow(Num(3), Num(2)))),
    ("x**2", Pow(X, Num(2))),
    (r"\sin^2 x", Pow(Call("sin", (X,)), Num(2))),
    (r"\sin x\cos y", Mul((Call("sin", (X,)), Call("cos", (Y,))))),
    (r"\sin 2x", Call("sin", (Mul((Num(2), X)),))),
    (r"\log_2 8", Call("log", (Num(8), Num(2)))),
    ("|x|", Call("abs", (X,))),
    ("f'(x)", Call("f'", (X,), known=False)),
    ("x_{12}", Sym("x_12")),
    (r"\alpha", Sym("alpha")),
    ("5!", Call("factorial", (Num(5),))),
    ("5%", Percent(Num(5))),
    (r"90^{\circ}", Degree(Num(90))),
    ("10 cm^2", Quantity(Num(10), "cm^2")),
    (r"10\text{ km/h}", Quantity(Num(10), "km/h")),
    ("2 million", Mul((Num(2), Num(10**6)))),
    (r"\$5", Quantity(Num(5), "dollar")),
    (r"1 \pm x", PlusMinus(Num(1), X)),
    ("(1, 2]", Bracketed("(]", (Num(1), Num(2)))),
    ("(1,234)", Bracketed("()", (Num(1), Num(234)))),
    (r"\{1, 2\}", Seq("set", (Num(1), Num(2)))),
    (r"1 \text{ and } 2", Seq("and", (Num(1), Num(2)))),
    ("x = 1, 2", Seq("list", (Relation((X, Num(1)), ("=",)), Num(2)))),
    ("1 < x <= 2", Relation((Num(1), X, Num(2)), ("<", "<="))),
    (r"A \cup B", SetOp("cup", Sym("A"), Sym("B"))),
    ("1:2", Ratio((Num(1), Num(2)))),
    (r"\left( \dfrac{1}{2} \right)", Div(Num(1), Num(2))),
    (r"0.\overline{3}", Num(Fraction(1, 3))),
    ("2e^{x}", Mul((Num(2), Pow(Const("e"), X)))),
]

REFUSED = [
    "", "(", ")", "1 +", "* 2", r"\frac{1}", "{", "}", "(1, 2", "[1}", r"\unknown", "hello there",
    "5 or", r"\begin{pmatrix}1", r"\begin{verbatim}1\end{verbatim}", "x^", "x_", "|x",
    "1..2", "@", r"\sum k",

    "1" * 2001, "1+" * 1001 + "1",
    "9" * 1500, "(" * 150 + "1" + ")" * 150, r"\sqrt" * 150 + "2", "5 more",
]  # fmt: skip


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_a_text_is_read_as_this_tree(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize("text", REFUSED)
def test_a_text_that_is_no_formula_is_refused(text):
    with pytest.raises(ParseError):
        parse(text)


def test_forty_brackets_are_read_and_a_hundred_and_fifty_are_not():
    assert parse("(" * 40 + "1" + ")" * 40) == Num(1)


@given(
    st.text(
        alphabet="0123456789xyzei()[]{}|\\,;:.+-*/^_=<>!'%$& \nfracsqrtpmtexand°π√", max_size=60
    )
)
def test_every_text_is_read_or_refused(text):
    with contextlib.suppress(ParseError):
        parse(text)


@pytest.mark.parametrize(
    "piece", ["1+", "x", "(x)", r"\frac12", "x,", "2 ", "a_1", "-", "=x", r"\pm1", "'"]
)
def test_parsing_takes_time_linear_in_the_text(piece):
    def seconds(size):
        text = piece * (size // len(piece))
        best = 1.0
        for _ in range(3):
            began = time.process_time()
            with contextlib.suppress(ParseError):
                parse(text)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(1_960) < 11 * max(seconds(490), 0.001)
