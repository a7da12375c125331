"""The policies: each value of each makes the difference that docs/math.md says."""

import inspect
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rewardkit_math import math, verify
from rewardkit_math.policies import PRESETS, Policies

import rewardkit as rk

# option, value, reference, answer, verdict
POLICIES = [
    ("order", "any", "1, 2, 3", "3, 1, 2", 1.0),
    ("order", "given", "1, 2, 3", "3, 1, 2", 0.0),
    ("order", "given", r"\sqrt2, 2", r"2, \sqrt2", 0.0),
    ("tuples", "ordered", "(0,5)", r"\{0,5\}", 0.0),
    ("tuples", "sets", "(0,5)", r"\{5,0\}", 1.0),
    ("rounding", "reference", "85.71", r"\frac{600}{7}", 1.0),
    ("rounding", "reference", r"\frac{600}{7}", "85.71", 0.0),
    ("rounding", "reference", "0.3", r"\frac13", 0.0),
    ("rounding", "either", r"\frac{600}{7}", "85.71", 1.0),
    ("rounding", "either", r"\frac{600}{7}", "85.72", 0.0),
    ("rounding", "none", "85.71", r"\frac{600}{7}", 0.0),
    ("tolerance", 0.01, "100", "100.9", 1.0),
    ("tolerance", 0.01, "100", "102", 0.0),
    ("tolerance", 0.01, "0", "0.001", 0.0),
    ("percent", "strict", "28%", "28", 1.0),
    ("percent", "strict", "28%", "0.28", 1.0),
    ("percent", "strict", "28", "28%", 0.0),
    ("percent", "strict", "1/4", "25%", 1.0),
    ("percent", "value", "0.28", "28%", 1.0),
    ("percent", "value", "28%", "28", 0.0),
    ("percent", "optional", "28", "28%", 1.0),
    ("percent", "optional", "0.75", "75", 0.0),
    ("percent", "hundredfold", "0.75", "75", 1.0),
    ("percent", "hundredfold", "75", "0.75", 1.0),
    ("percent", "hundredfold", "28", "28%", 1.0),
    ("percent", "hundredfold", "0.80", "75", 0.0),
    ("percent", "hundredfold", "0.75", "7.5", 0.0),
    ("units", "optional", "10 km", "10", 1.0),
    ("units", "optional", "10 km", "10 m", 0.0),
    ("units", "required", "10 km", "10", 0.0),
    ("units", "required", "10 km", "10000 m", 1.0),
    ("units", "ignored", "10 km", "10 m", 1.0),
    ("degrees", "strict", r"30^\circ", "30", 0.0),
    ("degrees", "strict", "30", r"30^\circ", 1.0),
    ("degrees", "optional", r"30^\circ", "30", 1.0),
    ("case", "ignored", "Paris is large", "paris is large", 1.0),
    ("case", "exact", "Paris is large", "paris is large", 0.0),
    ("case", "ignored", "C", "c", 1.0),
    ("case", "exact", "C", "c", 0.0),
    ("sentences", "whole", "Petya will receive the last token.", "Petya", 0.0),
    ("sentences", "gist", "Petya will receive the last token.", "Petya", 1.0),
    ("sentences", "gist", "Petya will not receive the token.", "Petya", 0.0),
    ("sentences", "gist", "The function is odd.", "odd", 1.0),
    ("sentences", "gist", "The function is odd.", "is", 0.0),
    ("sentences", "whole", "Each A room is $240$ yuan, each B room $210$.", "240, 210", 0.0),
    ("sentences", "gist", "Each A room is $240$ yuan, each B room $210$.", "240, 210", 1.0),
    ("sentences", "gist", "Each A room is $240$ yuan, each B room $210$.", "210, 240", 0.0),
    ("sentences", "gist", "Each A room is $240$ yuan, each B room $210$.", "240", 0.0),
    ("sentences", "gist", "It takes at least 12 coins to pay.", "12", 0.0),
    ("sentences", "gist", "There are 12 ways to pay.", "not 12", 0.0),
    ("fractions", "any", "1/2", r"\frac{2}{4}", 1.0),
    ("fractions", "reduced", "1/2", r"\frac{2}{4}", 0.0),
    ("chains", "true", "11", "x = 7 = 11", 0.0),
    ("chains", "last", "11", "x = 7 = 11", 1.0),
    ("logs", "either", "2", r"\log 100", 0.0),
    ("logs", "decimal", "2", r"\log 100", 1.0),
    ("logs", "natural", r"\ln 100", r"\log 100", 1.0),
    ('sums', 'value', '113', 'm+n=113', 1.0),
    ('sums', 'value', '25', '|S| = 25', 1.0),
    ('sums', 'value', '25', '\\max f = 25', 1.0),
    ('sums', 'value', '7', 'a+b = 3+4 = 7', 1.0),
    ('sums', 'value', '7', 'a+b = 3+4 = 8', 0.0),
    ('sums', 'value', '10', '2x=10', 0.0),
    ('sums', 'value', '8', 'x+3=8', 0.0),
    ('sums', 'value', '25', '|x| = 25', 0.0),
    ('sums', 'value', 'm+n=113', '113', 0.0),
    ('sums', 'equation', '113', 'm+n=113', 0.0),
]  # fmt: skip

PRESET_CASES = [
    ("math-verify", "10", "10%", 1.0),
    ("math-verify", "(0,5)", r"\{0,5\}", 1.0),
    ("math-verify", "10 km", "10 m", 1.0),
    ("open-r1", r"30^\circ", "30", 1.0),
    ("strict", "1/2", "2/4", 0.0),
    ("strict", "1, 2", "2, 1", 0.0),
    ("strict", "10 cm", "10", 0.0),
    ("strict", r"\frac12", "0.5", 1.0),
]


@pytest.mark.parametrize(("option", "value", "reference", "answer", "verdict"), POLICIES)
def test_a_policy_decides_what_mathematics_leaves_open(option, value, reference, answer, verdict):
    score = verify(reference, answer, **{option: value})
    assert score.value == verdict, score


@pytest.mark.parametrize(("preset", "reference", "answer", "verdict"), PRESET_CASES)
def test_a_preset_is_a_set_of_policies(preset, reference, answer, verdict):
    assert verify(reference, answer, policy=preset).value == verdict


def test_an_option_goes_before_the_preset():
    assert verify("1, 2", "2, 1", policy="strict", order="any").value == 1.0


@pytest.mark.parametrize(
    "options", [{"policy": "lenient"}, {"order": "some"}, {"tolerance": -1.0}, {"tolerance": 1.0}]
)
def test_a_policy_that_there_is_none_of_is_an_error(options):
    with pytest.raises(ValueError, match="must be"):
        verify("1", "1", **options)


def test_the_reward_takes_the_policies_as_options():
    lenient = math.using(percent="optional")
    rows = [{"prompt": "?", "completion": r"\boxed{28\%}", "answer": "28"}]
    assert (1.0 * lenient).score(rows).totals == [1.0]
    assert (1.0 * math).score(rows).totals == [0.0]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_recipe_reaches_every_preset(preset):
    recipe = rk.load_recipe({"rewards": {"math": {"policy": preset}}})
    rows = [{"prompt": "?", "completion": r"\boxed{42}", "answer": "42"}]
    assert recipe.suite.score(rows).totals == [1.0]


@pytest.mark.parametrize("function", [verify, math])
def test_every_policy_is_a_keyword_that_may_be_left_out(function):
    parameters = inspect.signature(function).parameters
    for field in fields(Policies):
        assert parameters[field.name].kind is inspect.Parameter.KEYWORD_ONLY
        assert parameters[field.name].default is None


def test_an_option_that_is_no_policy_is_an_error():
    with pytest.raises(TypeError, match="no policy is named 'percents'"):
        verify("1", "1", percents="optional")


@pytest.mark.parametrize("preset", ["open-r1", "strict"])
def test_these_presets_want_a_box(preset):
    assert math(rk.Completion("The answer is 42."), "42", policy=preset).value == 0.0
    assert math(rk.Completion(r"\boxed{42}"), "42", policy=preset).value == 1.0
    assert (
        math(rk.Completion("The answer is 42."), "42", policy=preset, box="optional").value == 1.0
    )


def test_every_preset_is_documented():
    assert set(PRESETS) == {"default", "symmetric", "math-verify", "open-r1", "strict"}


FORMULAS = st.recursive(
    st.sampled_from(["1", "2", "0.5", "x", "y", r"\pi", "10 cm", "30^\\circ", "5\\%", "e", "i"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/,<="), inner).map("".join),
        inner.map(lambda text: rf"\sqrt{{{text}}}"),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"|{text}|"),
        inner.map(lambda text: rf"\{{{text}\}}"),
        st.tuples(inner, inner).map(lambda pair: rf"\frac{{{pair[0]}}}{{{pair[1]}}}"),
        st.tuples(inner, inner).map(lambda pair: rf"[{pair[0]}, {pair[1]})"),
        inner.map(lambda text: rf"x \in {text}"),
    ),
    max_leaves=5,
)  # fmt: skip


@settings(
    suppress_health_check=[HealthCheck.too_slow]
)  # formulas are drawn slowly when it is busy
@given(FORMULAS, FORMULAS)
def test_the_symmetric_preset_is_symmetric(one, other):
    there, back = (verify(*pair, policy="symmetric") for pair in ((one, other), (other, one)))
    assert there.value == back.value, (there, back)


@given(FORMULAS)
def test_every_formula_is_itself(text):
    assert verify(text, f" {text} ").value == 1.0
