"""Segments: what each library's own way of adding up groups has to agree on."""

import numpy as np
import pytest

from rewardkit.grpo.segments import segments

VALUES = [1.0, 10.0, -3.0, 30.0, 0.5]
ORDERS = {"any order": [2, 0, 2, 0, 2], "one after another": [0, 0, 2, 2, 2]}


def of(library, groups, number=4):
    return segments(library.array(groups, "int64"), number)


@pytest.mark.parametrize("groups", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_library_finds_what_a_loop_finds(library, groups, dtype):
    values, found = library.array(VALUES, dtype), of(library, groups)
    mine = [[v for v, g in zip(VALUES, groups, strict=True) if g == each] for each in range(4)]
    for result, expected in (
        (found.counts(values), [len(each) for each in mine]),
        (found.sum(values), [sum(each) for each in mine]),
        (found.max(values), [max(each, default=-np.inf) for each in mine]),
        (found.spread(found.sum(values)), [sum(mine[each]) for each in groups]),
    ):
        assert library.numpy(result).tolist() == expected
        assert library.numpy(result).dtype == dtype
    some = library.numpy(found.some(values))
    assert all(some[each] in mine[each] for each in (0, 2))


@pytest.mark.parametrize("groups", [[], [1], [3, 2, 1, 0]], ids=["none", "one", "each its own"])
def test_few_entries_are_segments_too(library, groups):
    found, values = of(library, groups), library.array(VALUES[: len(groups)])
    expected = np.zeros(4)
    expected[np.array(groups, int)] = VALUES[: len(groups)]
    assert library.numpy(found.sum(values)).tolist() == expected.tolist()


def test_a_long_sum_of_single_precision_is_added_in_double():
    ones = np.full(1 << 18, 0.1, np.float32)
    for groups in (np.zeros(len(ones), int), np.arange(len(ones)) % 2):
        total = segments(groups, 2).sum(ones).sum(dtype=np.float64)
        assert total == pytest.approx(float(np.float32(0.1)) * len(ones), rel=1e-7)


def test_gradients_flow_through_sums_of_segments(other_library):
    found, weights = of(other_library, [1, 0, 1], 2), other_library.array([5.0, 7.0])
    gradient = other_library.gradient(lambda x: (found.sum(x) * weights).sum(), [1.0, 2.0, 3.0])
    assert gradient == pytest.approx([7, 5, 7])
