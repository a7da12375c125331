"""The filter unfinished_markup: what a response opens and never closes, and what only looks so."""

import pytest
from rewardkit_hygiene import unfinished_markup

import rewardkit as rk


@pytest.mark.parametrize(
    ("response", "count"),
    [
        (r"\begin{align} x", 1),
        (r"\begin{cases} \begin{matrix} x \end{cases}", 2),
        (r"so \boxed{3", 1),
        (r"so \boxed{\frac{1}{2}", 1),
        (r"so \sqrt[3]{x", 1),
        (r"so \frac{1}{2", 1),
        (r"so \frac{\sqrt{2}}{\sqrt{3", 2),
        (r"so $f(x) = x^2 for every x", 1),
        (r"so $\text{a word or two} = y", 1),
        (r"\[ x^2", 1),
        (r"\( x \) and \( y", 1),
        ("$$ x^2", 1),
        (r"so $\frac12 and", 1),
        ("$x$ and $y_1\n\nnext $z$", 1),
        ("it costs $5,\n\nso $x^2 is", 1),
        ("```python\nx = 1", 1),
        ("<answer>3", 1),
        ("<details><summary>x</summary>", 1),
        ("<table><tr><td>", 1),
        ("因此 $x^2 是", 1),
    ],
)
def test_what_is_opened_and_not_closed_is_found(response, count):
    found = unfinished_markup(rk.Completion(response))
    assert found is not None
    assert found.value == count
    assert found.reason.startswith(f"{count} opening")


def test_of_two_formulas_side_by_side_the_open_one_is_shown():
    assert unfinished_markup(rk.Completion("$x$$y_1")).reason.endswith(": '$y_1'")


@pytest.mark.parametrize(
    "response",
    [
        "",
        r"\begin{align} x \end{align} $$y$$ \[z\] \(w\) $v$ \boxed{3} <answer>4</answer>",
        r"\[ \begin{cases} a \\[2pt] b \end{cases} \]",
        r"$\{1, 2\}$ and $\left[0, 1\right)$ and [0, 1) and :) and 1) 2)",
        r"$\text{a \$5 bill}$",
        "He has $5 and she has $10.50, or US$3 in all; $HOME/${x}",
        "2 * $5 = $10 and $3 x 4",
        "$x,$$y,$ and $z_1$",
        "It is $5, and $x_1$ is not.",
        "a_b costs $5",
        "$user_name is a variable, and $mime_type_query another",
        "The $ sign and x_1, or what ends with $, a^b",
        r"\frac{1}{2} {a",
        r"the set {1, 2 and \frac12 {a",
        '[asy]\nlabel("$A_1$"); // \\begin{x}\n[/asy]',
        "$5 or x$ and $y$ but z_1",
        r"`$x^2` and ``\begin{a}`` and ```\boxed{```",
        "```\n<div> $x^2 \\begin{a}\n```\ndone",
        "List<int> x < y and y > z, <br> <p> <li> <img src=x>",
        r"C:\new{x} and \{ and \\{",
        "~~~\n$x_1\n~~~",
        "</div> }",
    ],
)
def test_what_is_whole_or_no_markup_is_let_be(response):
    assert unfinished_markup(rk.Completion(response)) is None


def test_the_thinking_may_be_unfinished_and_tags_are_the_readings():
    assert unfinished_markup(rk.Completion(r"<think>$x^2 \begin{a}</think>3")) is None
    reading = rk.Reading(answer="答案")
    assert unfinished_markup(rk.Completion("<答案>3", reading)) is not None
    assert unfinished_markup(rk.Completion("<answer>3", reading)) is None
