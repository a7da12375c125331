"""Types of options: a wrong value raises where it is given, and says what is wanted."""

from typing import Annotated

import pytest

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.option_types import (
    Checked,
    NonNegativeFloat,
    NotAbove,
    PositiveFloat,
    PositiveInt,
    Share,
)


def require_even(value):
    if value % 2:
        raise ValueError("it must be even")


Even = Annotated[int, Checked(require_even)]


@rk.reward
def probe(
    completion: str,
    *,
    count: PositiveInt = 1,
    length: PositiveFloat | None = None,
    penalty: NonNegativeFloat = 0.0,
    share: Share = 0.5,
    even: Even = 2,
    least: Annotated[int | None, NotAbove("most")] = 1,
    most: int | None = 3,
) -> float:
    """1.0 always."""
    return 1.0


@pytest.mark.parametrize(
    ("option", "right"),
    [
        *(("count", 3), ("length", 0.1), ("length", None), ("penalty", 0.0)),
        *(("share", 0.0), ("share", 1.0), ("even", 4)),
    ],
)
def test_a_right_value_is_taken_as_it_is(option, right):
    assert probe.using(**{option: right}).options[option] == right


@pytest.mark.parametrize(
    ("option", "wrong", "said"),
    [
        ("count", 0, "it must be more than 0"),
        ("count", 1.5, "integer"),
        ("length", -1.0, "it must be more than 0"),
        ("length", float("inf"), "finite"),
        ("penalty", -0.1, "it must be 0 or more"),
        ("penalty", float("nan"), "finite"),
        ("share", 1.01, "a share is from 0 to 1"),
        ("share", -0.01, "a share is from 0 to 1"),
        ("even", 3, "it must be even"),
    ],
)
def test_a_wrong_value_raises_and_says_what_is_wanted(option, wrong, said):
    with pytest.raises(OptionError, match=said):
        probe.using(**{option: wrong})


def test_an_option_is_bounded_by_another_whether_that_is_given_or_not():
    for options in ({"least": 4}, {"most": 5, "least": 6}, {"least": 6, "most": 5}):
        with pytest.raises(OptionError, match=r"least = .: it must not be above most"):
            probe.using(**options)
    for options in (
        {"least": 3},
        {"least": 5, "most": 5},
        {"least": None},
        {"least": 9, "most": None},
    ):
        assert probe.using(**options).options["least"] == options["least"]


def test_the_message_names_the_reward_the_option_and_the_value_and_says_what_is_wanted():
    with pytest.raises(OptionError) as raised:
        probe.using(count=0)
    assert str(raised.value) == "Reward 'probe': count = 0: it must be more than 0."
