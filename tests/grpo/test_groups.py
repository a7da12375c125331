"""Groups: numbered by first appearance, never cast, and checked before anything is computed."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError, ContractError
from rewardkit.grpo import group_advantages, group_index


@pytest.mark.parametrize(
    ("labels", "groups", "count"),
    [
        (["b", "a", "b", "c"], [0, 1, 0, 2], 3),
        (["1", "01", "1"], [0, 1, 0], 2),
        (["1", 1, 1.5], [0, 1, 2], 3),
        ([(1, "x"), None, (1, "x")], [0, 1, 0], 2),
        (np.array([7, 3, 7]), [0, 1, 0], 2),
        ([], [], 0),
    ],
)
def test_labels_are_numbered_as_they_first_appear_and_never_cast(labels, groups, count):
    found, num_groups = group_index(labels)
    assert (found.tolist(), num_groups) == (groups, count)


def test_the_numbers_are_of_the_library_that_is_asked_for(library):
    like = library.array([0.5, 1.5])
    groups, _ = group_index(["a", "b"], like=like)
    assert type(groups) is type(like)
    assert library.numpy(group_advantages(like, groups)).tolist() == [0, 0]


def test_an_array_of_labels_is_read_by_its_values(library):
    groups, count = group_index(library.array([5, 5, 2], "int64"))
    assert (groups.tolist(), count) == ([0, 0, 1], 2)


def test_a_label_that_cannot_be_hashed_is_an_error():
    with pytest.raises(ContractError, match="unhashable type: 'list'"):
        group_index([["a"]])


@pytest.mark.parametrize(
    ("groups", "dtype", "num_groups", "message"),
    [
        ([0, 1], "int64", None, r"groups has the shape \(2,\), and should have \(3,\)"),
        ([0, 1, 1], "float64", None, "should hold integers"),
        ([0, 1, 1], "bool", None, "should hold integers"),
        ([0, 1, -1], "int64", None, "holds -1 to 1, and should hold 0 to 1"),
        ([0, 1, 2], "int64", 2, "holds 0 to 2, and should hold 0 to 1"),
    ],
)
def test_wrong_groups_are_an_error(library, groups, dtype, num_groups, message):
    with pytest.raises(ArrayError, match=message):
        group_advantages(library.array([1.0, 2, 3]), library.array(groups, dtype), num_groups)


def test_groups_of_any_integers_are_taken(library):
    rewards = library.array([1.0, 2, 3, 5])
    expected = library.numpy(group_advantages(rewards, library.array([0, 0, 1, 1], "int64")))
    for dtype in ("int32", "uint8"):
        groups = library.array([0, 0, 1, 1], dtype)
        assert library.numpy(group_advantages(rewards, groups)) == pytest.approx(expected)


def test_traced_groups_need_their_number(other_library):
    rewards, groups = other_library.array([1.0, 2]), other_library.array([0, 0], "int64")
    compiled = other_library.compiled(lambda r, g: group_advantages(r, g))
    with pytest.raises(Exception, match="num_groups must be given"):
        compiled(rewards, groups)
