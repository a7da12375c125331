"""Answers as people, textbooks and programs write them: the same in another notation, and not."""

import re

import pytest
from rewardkit_math import verify

# A reference, what is the same, and what only looks like it.
TABLE = [
    # LaTeX that is for the eye alone, plain TeX, programs
    (
        r"\frac{1}{2}",
        [r"\ensuremath{\frac{1}{2}}", r"\hphantom{x}\frac12", r"\hspace{1cm}\frac12"],
        [],
    ),
    (r"\sqrt{3}", [r"\surd 3", r"\root 2 \of 3", "math.sqrt(3)"], ["math.sqrt(2)", "sqrt(3)+0.1"]),
    (r"\sqrt[3]{4}", [r"\root 3 \of 4", "np.cbrt(4)"], [r"\root 4 \of 3"]),
    (r"\ln 2", ["np.log(2)", r"\int_1^2\frac{dx}{x}"], ["np.log(3)", r"\int_1^3\frac{dx}{x}"]),
    (r"\log_2 x", ["log2(x)", "np.log2(x)"], ["log10(x)", "log(2x)"]),
    (
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        [
            "Matrix([[1, 2], [3, 4]])",
            "np.array([[1,2],[3,4]])",
            r"\begin{pmatrix}1&2\cr3&4\end{pmatrix}",
            r"\begin{pmatrix}1&2\\[2pt]3&4\end{pmatrix}",
            r"\begin{bmatrix}1&2\\\hline 3&4\end{bmatrix}",
            r"\pmatrix{1&2\cr3&4}",
        ],
        ["Matrix([[1, 3], [2, 4]])", r"\pmatrix{1&2\cr3&5}"],
    ),
    ("2+3i", ["2+3*I"], ["2-3*I", "2*I+3"]),
    ("12", [r"\therefore 12", r"\implies x=12", '"12"', "“12”", r"12\n", "<b>12</b>"], ['"21"']),
    ("12", [r"\text{The answer is }12", r"\text{Total: }12", "|AB|=12"], ["|x|=12"]),
    ("12", [], [r"\text{The answer is not }12", r"\text{The answer is at least }12"]),
    # units, currencies, degrees
    (r"\$12.50", ["USD 12.50", "US$12.50", r"\textdollar 12.50"], ["EUR 12.50", "USD 12.05"]),
    (r"75^\circ", [r"75^\text{o}", "75^{o}", "75 deg", r"75\text{°}"], ["76 deg", "75'"]),
    (r"\frac{\pi}{3}", ["60 deg"], [r"\frac{\pi}{3}^\circ"]),
    (r"20^\circ C", ["20℃"], ["20℉", "21℃"]),
    (r"15\text{ cm}^2", ["15 sq. cm"], ["15 cu. cm", "15 cm."]),
    (r"9.8\text{ m/s}^2", [r"9.8\text{ meters per second squared}"], ["9.8 meters per second"]),
    ("5 m/s", ["5 ms^{-1}"], ["5 ms^{-2}", "5 ms"]),
    ("2 h 15 min", ["135 min", "2.25 h", "2 hours and 15 minutes"], ["2 h", "2.15 h", "215 min"]),
    (r"60^\circ 30'", [r"60^\circ30^\prime", "60 degrees 30 minutes"], [r"60.3^\circ"]),
    # numbers in words
    ("2 hours", ["two hours"], ["three hours", "two minutes", "two or three hours"]),
    ("25 apples", ["twenty-five apples", "twenty-five"], ["twenty apples", "twenty-five pears"]),
    (r"10\%", ["ten percent"], ["twenty percent", "one percent"]),
    ("3.5 hours", ["three and a half hours", "3 and a half hours"], ["three hours"]),
    ("2/5", ["two fifths", "two-fifths", "2 out of 5"], ["two thirds", "two fifth", "5 out of 2"]),
    ("1/3", ["one third", "a third"], ["third", "one thirds", "twenty-third"]),
    # sets of reals
    ("[2,5)", [r"[2,4)\cup[4,5)", r"[2,4]\cup[3,5)"], [r"[2,4)\cup(4,5)", r"[2,3)\cup[4,5)"]),
    (
        r"(-\infty,-1)\cup(1,\infty)",
        [r"\mathbb{R}\setminus[-1,1]"],
        [r"\mathbb{R}\setminus(-1,1)", r"\mathbb{R}\setminus[-1,2]"],
    ),
    (r"\mathbb{R}\setminus\{0\}", [r"\mathbb{R}^*"], [r"\mathbb{R}^+", r"\mathbb{Z}^*"]),
    ("-1<x<3", ["x < 3, x > -1"], ["x < 3 or x > -1", "x < -1, x > 3"]),
    (r"\{1,2,3\}", [r"\{x\mid x=1,2,3\}"], [r"\{x\mid x=1,2\}", "6"]),
    (
        r"(-2,1)\cup(3,\infty)",
        ["(x+2)(x-1)(x-3)>0"],
        ["(x+2)(x-1)(x-3)<0", "(x+2)(x-1)(x-3)>=0", "(x+2)(x-1)>0"],
    ),
    (
        r"(-\infty,-2)\cup[1,\infty)",
        [r"\frac{x-1}{x+2}\ge0"],
        [r"\frac{x-1}{x+2}>0", r"\frac{x+2}{x-1}\ge0", r"(x-1)(x+2)\ge0"],
    ),
    (r"\mathbb{R}", ["x^2+1>0", "x^2+x+1>=0"], ["x^2>0", "x^2-1>0"]),
    (r"\emptyset", ["x^2+1<0"], ["x^2<=0", "x^2<1"]),
    (r"(-\sqrt2,\sqrt2)", ["x^2<2"], ["x^2<=2", "x^4-x^2-2>0"]),
    # unknowns
    (
        "x=2, y=3",
        ["(y,x)=(3,2)", "y=3, x=2", "(x,y)=(2,3)"],
        ["(y,x)=(2,3)", "(y,y)=(2,3)", "y=2, y=3", "x=3, y=2"],
    ),
    ("y=2x+1", [r"y=2x+1, x\in\mathbb{R}"], [r"y=2x-1, x\in\mathbb{R}"]),
    # equations
    ("xy=1", ["y=1/x", r"x=\frac{1}{y}"], ["y=2/x", "y=1/x^2", "xy=-1"]),
    (r"\frac1x+\frac1y=1", ["x+y=xy", "xy-x-y=0"], ["x+y=1", "x-y=xy"]),
    (r"y=\frac{x}{x-1}", ["y(x-1)=x", "xy=x+y"], ["y(x+1)=x", "y(x-1)=1"]),
    ("y=1", [], ["xy=x", "y^2=y"]),
    ("xy=x^2", [], [r"y=\frac{x^2}{x}", "y=x"]),
    # derivatives
    (
        r"\frac{dy}{dx}=2x",
        ["y'=2x", "y'(x)=2x", "dy/dx=2x"],
        ["y''=2x", "y=2x", "dy/dt=2x", "x'=2x", "dy/dx=3x"],
    ),
    (
        "y''+y=0",
        [
            r"\frac{d^2y}{dx^2}+y=0",
            r"y^{\prime\prime}=-y",
            r"\frac{\mathrm{d}^2y}{\mathrm{d}x^2}=-y",
        ],
        ["y'+y=0", r"\frac{dy}{dx}+y=0", r"\frac{d^2y}{dx^3}+y=0", r"\frac{d^2y}{dy^2}+y=0"],
    ),
    ("2x", ["(x^2)'", r"\frac{d(x^2)}{dx}"], ["(x^3)'", r"\frac{d(x^2)}{dy}"]),
    ("f'(x)=3x^2", [r"\frac{df}{dx}=3x^2"], [r"\frac{df}{dt}=3x^2", "f''(x)=3x^2"]),
    # cases
    (
        "|x|",
        [
            r"\begin{cases}x&x\ge0\\-x&x<0\end{cases}",
            r"\begin{cases}x,&x>0\\0,&x=0\\-x,&x<0\end{cases}",
        ],
        [
            r"\begin{cases}x&x\ge1\\-x&x<1\end{cases}",
            r"\begin{cases}x&x\ge0\\-x&x<1\end{cases}",
            r"\begin{cases}x&x\ge0\end{cases}",
            r"\begin{cases}x&x>0\\-x&x<0\end{cases}",
        ],
    ),
    (
        r"\max(1,a)",
        [
            r"\begin{cases}1&a\le1\\a&a>1\end{cases}",
            r"\begin{cases}a,&a>1\\1,&\text{otherwise}\end{cases}",
        ],
        [r"\begin{cases}1&a\ge1\\a&a<1\end{cases}", r"\begin{cases}1&a\le2\\a&a>2\end{cases}"],
    ),
    (
        r"\begin{cases}x^2&x<0\\x&x\ge0\end{cases}",
        [r"\begin{cases}x^2&x\le0\\x&x>0\end{cases}"],
        [r"\begin{cases}x^2&x<2\\x&x\ge2\end{cases}", "x^2"],
    ),
    (r"\lfloor x\rfloor", [], [r"\begin{cases}0&x<1\\1&x\ge1\end{cases}"]),
    # counting, choices, logic
    ("120", ["10C3", "(10 choose 3)", r"^{10}C_3"], ["10C4", "(3 choose 10)"]),
    (r"n \equiv 1 \pmod 4", [r"n\equiv 1\ (\mathrm{mod}\ 4)", "n ≡ 1 (mod 4)"], ["n ≡ 1 (mod 8)"]),
    (r"\text{(B)}", ["(b)", r"\text{Choice (B)}", "B Boston"], ["(a)", "C Boston", "(b) or (c)"]),
    (r"p \implies q", [r"p \to q", r"p\rightarrow q"], [r"q \to p", r"p \iff q"]),
    ("3:4", ["3 ∶ 4"], ["4 ∶ 3"]),
    (r"\pm\sqrt{2}", ["+/- sqrt(2)", "+-sqrt(2)", "x = +-sqrt(2)"], ["+sqrt(2)", "1 +/- sqrt(2)"]),
    ("1101_2", [r"1101_{\text{base }2}", "{1101}_2"], [r"1101_{\text{base }3}"]),
]
RIGHT = [(reference, answer) for reference, same, _ in TABLE for answer in same]
WRONG = [(reference, answer) for reference, _, near in TABLE for answer in near]


@pytest.mark.parametrize(("reference", "answer"), RIGHT)
def test_another_notation_is_the_same_answer(reference, answer):
    score = verify(reference, answer)
    assert score.value == 1.0, score.reason


@pytest.mark.parametrize(("reference", "answer"), WRONG)
def test_what_only_looks_like_it_is_wrong(reference, answer):
    score = verify(reference, answer)
    assert score.value == 0.0, score.reason


# Those that say the same with another digit: lengths in TeX, ends within a union, x^2 + 2 > 0.
ANY_DIGIT = {
    r"\hspace{1cm}\frac12",
    r"\begin{pmatrix}1&2\\[2pt]3&4\end{pmatrix}",
    r"[2,4)\cup[4,5)",
    r"[2,4]\cup[3,5)",
    "x^2+1>0",
    "x^2+x+1>=0",
    "x^2+1<0",
}


def changed_digits(answer):
    """The answer with each of its digits one higher in turn."""
    for digit in re.finditer("[0-9]", answer):
        yield answer[: digit.start()] + str((int(digit[0]) + 1) % 10) + answer[digit.end() :]


@pytest.mark.parametrize(
    ("reference", "answer"), [pair for pair in RIGHT if pair[1] not in ANY_DIGIT]
)
def test_an_answer_with_another_digit_is_wrong(reference, answer):
    for changed in changed_digits(answer):
        score = verify(reference, changed)
        assert score.value == 0.0, f"{changed}: {score.reason}"
