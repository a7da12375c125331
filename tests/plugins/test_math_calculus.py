"""Derivatives, integrals, sums, limits, and what an integration leaves open."""

import pytest
from rewardkit_math import verify

RIGHT = [
    ("2x", r"\frac{d}{dx}x^2"),
    ("2x", r"\frac{d}{dx}(x^2)"),
    ("2x", r"\frac{d}{dx}\left[x^2\right]=2x"),
    (r"\cos x", r"\frac{d}{dx}\sin x"),
    (r"\frac{dy}{dx}=2x", "2x"),
    ("2x", r"\frac{dy}{dx}=2x"),
    ("2x", "y'=2x"),
    ("2x", "f'(x)=2x"),
    ("6x", r"\frac{d^2}{dx^2}x^3"),
    ("2xy", r"\frac{\partial}{\partial x}x^2y"),
    ("2xy", r"\frac{\partial f}{\partial x} = 2xy"),
    ("f'(x)=2x", r"\frac{d}{dx}f(x)=2x"),
    ("1/3", r"\int_0^1 x^2 dx"),
    ("1/3", r"\int_{0}^{1} x^{2}\,dx"),
    ("1/3", r"\int_0^1 x^2 \, \mathrm{d}x"),
    ("2", r"\int_0^\pi \sin x\,dx"),
    (r"\frac{x^3}{3}+C", r"\int x^2 dx = \frac{x^3}{3}+C"),
    ("55", r"\sum_{k=1}^{10} k"),
    (r"\frac{n(n+1)}{2}", r"\sum_{k=1}^n k"),
    (r"\frac{\pi^2}{6}", r"\sum_{n=1}^\infty \frac{1}{n^2}"),
    ("2", r"\sum_{n=0}^{\infty} \frac{1}{2^n}"),
    ("120", r"\prod_{i=1}^{5} i"),
    ("1", r"\lim_{x\to 0}\frac{\sin x}{x}"),
    ("1", r"\lim_{x \to 0} \frac{\sin x}{x} = 1"),
    ("e", r"\lim_{n\to\infty}\left(1+\frac1n\right)^n"),
    (r"\sqrt{\pi}", r"\int_{-\infty}^{\infty} e^{-x^2}dx"),
    (r"\int_0^1 f(x)dx", r"\int_0^1 f(t)\,dt"),
    (r"\sum_{k=1}^{n} a_k", r"\sum_{i=1}^n a_i"),
    ("3x^2+C", "3x^2 + C"),
    (r"\nabla f = (2x, 2y)", "(2x,2y)"),
    (r"\ln|x|+C", r"\ln |x| + C"),
    (r"\ln|x|+C", r"\log|x|+C"),
    ("y=Ce^{x}", "y = C e^x"),
    ("y=Ce^{x}", "y = Ae^x"),
    ("y=C_1e^x+C_2e^{-x}", "y=Ae^x+Be^{-x}"),
    ("y=C_1e^x+C_2e^{-x}", "c_1 e^{x}+c_2 e^{-x}"),
    ("2x", r"\dfrac{\mathrm{d}}{\mathrm{d}x} x^2"),
    ("2x e^{x^2}", r"\frac{d}{dx} e^{x^2}"),
    ("2^n-1", r"\sum_{i=0}^{n-1} 2^i"),
    ("n!", r"\prod_{k=1}^n k"),
    ("0", r"\frac{d}{dx}(5)"),
    ("3", r"\frac{d}{dx}3x"),
]

WRONG = [
    ("2x", r"\frac{d}{dx}x^3"),
    ("2x", r"\frac{d}{dx}x^2=x"),
    ("2x", r"\frac{d}{dy}x^2"),
    ("2xy", r"\frac{\partial}{\partial y}x^2y"),
    ("x", r"\frac{d}{dx}x^2=2x"),
    ("1/3", r"\int_0^1 x dx"),
    ("1/3", r"\int_1^0 x^2 dx"),
    ("55", r"\sum_{k=1}^{9} k"),
    ("1", r"\lim_{x\to 0}\frac{x}{2\sin x}"),
    (r"\int_0^1 f(x)dx", r"\int_0^2 f(x)dx"),
    (r"\frac{x^3}{3}+C", "x^3+C"),
    ("y=Ce^{x}", "y=Ce^{-x}"),
    ("y=Ce^x", "y=e^x"),
    ("y=C_1e^x+C_2e^{-x}", "y=C_1e^x+C_1e^{-x}"),
    ("f'(x)=2x", "f(x)=2x"),
    (r"\frac{dy}{dx}", r"\frac{dx}{dy}"),
    (r"\sum_{k=1}^{n} a_k", r"\sum_{k=1}^{n} b_k"),
    (r"\ln|x|+C", r"\ln x^2+C"),
    ("2x", r"\frac{d}{dx}"),
    ("2x", r"\frac{d}{dx}f(x)"),
    ("0", r"\frac{d}{dx}x"),
    ("dx", "d x^2"),
    ("0", r"\frac{d}{dx}y"),
    (r"\frac{dy}{dx}", r"\frac{dy}{dt}"),
    (r"\sum_{k=1}^n k", r"\frac{n^2+n}{2}+1"),
    (r"\frac{x^2}{3}+C", r"\int x^2 dx=\frac{x^2}{3}+C"),
]


@pytest.mark.parametrize(("reference", "answer"), RIGHT)
def test_the_same_in_another_form_is_right(reference, answer):
    score = verify(reference, answer)
    assert score.value == 1.0, score.reason


@pytest.mark.parametrize(("reference", "answer"), WRONG)
def test_what_is_near_it_is_wrong(reference, answer):
    score = verify(reference, answer)
    assert score.value == 0.0, score.reason


@pytest.mark.parametrize(("reference", "answer"), RIGHT + WRONG)
def test_the_symmetric_policy_does_not_depend_on_the_sides(reference, answer):
    one = verify(reference, answer, policy="symmetric")
    other = verify(answer, reference, policy="symmetric")
    assert (one.value == 1.0) == (other.value == 1.0), (one.reason, other.reason)
