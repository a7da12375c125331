"""Errors: one tree, each also the built-in that fits, each picklable, and messages that help."""

import inspect
import pickle
import re

import pytest

from rewardkit import errors
from rewardkit.errors import RewardkitError, UnknownNameError, nearest

CLASSES = [
    thing
    for _, thing in inspect.getmembers(errors, inspect.isclass)
    if issubclass(thing, RewardkitError)
]


def test_the_docstring_draws_every_error_with_its_builtin():
    drawn = dict(re.findall(r"[├└]── (\w+) \((\w+)\)", errors.__doc__))
    own = {c for c in CLASSES if c is not RewardkitError}
    assert set(drawn) == {c.__name__ for c in own}
    for error in own:
        assert drawn[error.__name__] in {base.__name__ for base in error.__mro__}


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_is_exported_documented_and_picklable(error):
    assert error.__name__ in errors.__all__
    assert error.__doc__
    back = pickle.loads(pickle.dumps(error("what happened")))
    assert type(back) is error
    assert str(back) == "what happened"


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("acuracy", ["accuracy", "format"], " Did you mean 'accuracy'?"),
        ("zzz", ["accuracy", "format"], ""),
        ("x", [], ""),
        ("", ["accuracy"], ""),
    ],
)
def test_the_nearest_name_is_offered_where_one_is_near(name, known, said):
    assert nearest(name, known) == said


def test_an_unknown_name_error_lists_what_there_is():
    error = UnknownNameError.among("reward", "mth", ["math", "format"], hint=" Hint.")
    assert str(error) == (
        "No reward named 'mth'. Did you mean 'math'? There are: format, math. Hint."
    )
    assert "There are: none." in str(UnknownNameError.among("filter", "x", []))
    assert isinstance(error, LookupError)
