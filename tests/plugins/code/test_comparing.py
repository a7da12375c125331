"""Comparing printed text and plain data."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rewardkit_code.comparing import same_data, same_output


@pytest.mark.parametrize(
    ("got", "expected", "same"),
    [
        ("1 2\n3\n", "1 2\n3", True),
        ("1\n2 3", "1 2\n3", True),
        ("1 2", "1 2 3", False),
        ("1 2 3 4", "1 2 3", False),
        ("", "", True),
        ("", "1", False),
        ("0.333333333", "0.33333333", True),
        ("0.3334", "0.3333", False),
        ("3", "3.0", True),
        ("3.0", "3", False),
        ("1000000008", "1000000007", False),
        ("1000000.5", "1000000.0", True),
        ("2e-7", "1e-7", True),
        ("nan", "0.5", False),
        ("inf", "1e999", False),
        ("YES", "Yes", False),
        ("1_0.0", "10.0", False),
        ("٣.٠", "3.0", False),
        ("9" * 5000, "9" * 5000 + ".0", False),
    ],
)
def test_words_are_compared_as_text_but_for_expected_decimal_fractions(got, expected, same):
    assert same_output(got, expected, "tokens", 1e-6) is same


@pytest.mark.parametrize(
    ("got", "expected", "how", "same"),
    [
        ("1\n2 3", "1 2\n3", "lines", False),
        ("1 2 \n3\n\n", "1 2\n3", "lines", True),
        ("1  2\n3", "1 2\n3", "lines", False),
        ("0.50001\n", "0.5", "lines", False),
        ("0.5000000001\n", "0.5", "lines", True),
        ("1 2\n", "1 2", "exact", True),
        ("1 2 \n", "1 2", "exact", False),
        ("1.0", "1.00", "exact", False),
    ],
)
def test_lines_keep_their_order_and_exact_keeps_every_character(got, expected, how, same):
    assert same_output(got, expected, how, 1e-6) is same


def test_a_tolerance_of_zero_is_exact():
    assert not same_output("0.30000000000000004", "0.3", "tokens", 0.0)
    assert not same_data(0.1 + 0.2, 0.3, 0.0)


@pytest.mark.parametrize(
    ("got", "expected", "same"),
    [
        (3, 3, True),
        (3, 4, False),
        (True, 1, False),
        (1, True, False),
        (True, True, True),
        (2.0, 2, True),
        (2.5, 2, False),
        (2, 2.0, True),
        (0.1 + 0.2, 0.3, True),
        (0.31, 0.3, False),
        (math.nan, math.nan, True),
        (1.0, math.nan, False),
        (math.inf, math.inf, True),
        (10**400, 1.5, False),
        ((1, 2), [1, 2], True),
        ([1, 2], [1, 2, 3], False),
        ([[1, (2,)]], [[1, [2]]], True),
        ({1, 2}, [1, 2], False),
        ({1: "a"}, {"1": "a"}, True),
        ({"1": "a"}, {"1": "b"}, False),
        ({True: 1}, {"true": 1}, True),
        ("a", "a", True),
        ("1", 1, False),
        (None, None, True),
        (None, 0, False),
        (None, False, False),
        ([], None, False),
    ],
)
def test_data_is_compared_as_json_means_it(got, expected, same):
    assert same_data(got, expected, 1e-6) is same


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(plain)
def test_all_plain_data_is_the_same_as_itself(value):
    assert same_data(value, value, 1e-6)


def test_two_keys_that_json_would_write_alike_are_no_one_key():
    assert same_data({1: 2}, {"1": 2}, 0.0)
    assert not same_data({1: 3, "1": 2}, {"1": 2}, 0.0)
