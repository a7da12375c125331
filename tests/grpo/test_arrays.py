"""The array layer: one library at a time, checks, and what the standard lacks."""

import numpy as np
import pytest

from rewardkit.errors import ArrayError
from rewardkit.grpo import arrays


def test_no_gradient_flows_through_a_stopped_one(library):
    if library.name == "numpy":
        value = library.array([3.0])
        assert arrays.stop_gradient(value) is value
        return
    gradient = library.gradient(lambda x: (x * arrays.stop_gradient(x)).sum(), [3.0])
    assert gradient.tolist() == [3.0]  # and not 6


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_computed_in_float32(library, dtype):
    if (library.name, dtype) == ("numpy", "bfloat16"):
        pytest.skip("NumPy has no bfloat16")
    wide = arrays.as_float("x", library.array([1.5], dtype))
    assert library.numpy(wide).dtype == np.float32


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_single_and_double_precision_stay_as_they_are(library, dtype):
    array = library.array([1.5], dtype)
    assert arrays.as_float("x", array) is array


@pytest.mark.parametrize("dtype", ["bool", "int32"])
def test_integers_and_booleans_become_floats(library, dtype):
    wide = library.numpy(arrays.as_float("x", library.array([1], dtype)))
    assert wide.dtype.kind == "f"


def test_what_is_masked_out_of_a_sum_may_be_anything(library):
    array = library.array([[1.0, np.nan, 3.0], [np.inf, -np.inf, np.nan]])
    mask = library.array([[True, False, True], [False, False, False]], "bool")
    assert library.numpy(arrays.masked_sum(array, mask, 1)).tolist() == [4, 0]
    assert library.numpy(arrays.masked_mean(array, mask, 1)).tolist() == [2, 0]
    assert float(arrays.masked_mean(array, mask)) == 2


def test_values_can_be_looked_at_unless_they_are_traced(library):
    array = library.array([1.0])
    assert arrays.is_concrete(array)
    seen = []

    def traced(x):
        seen.append(arrays.is_concrete(x))
        return x + 1

    library.compiled(traced)(array)
    assert seen == [library.name == "numpy"]


def test_arrays_of_two_libraries_are_an_error_that_names_both(other_library):
    ours, theirs = np.zeros(2), other_library.array([0.0, 0.0])
    with pytest.raises(ArrayError, match="logp is an array of NumPy and mask one of"):
        arrays.namespace(logp=ours, old_logp=None, mask=theirs)


def test_arrays_on_two_devices_are_an_error_that_names_both(library):
    if library.name != "torch":
        pytest.skip("JAX checks devices itself, NumPy has one")
    here, there = library.array([0.0]), library.array([0.0]).to("meta")
    with pytest.raises(ArrayError, match="rewards is on cpu and groups on meta"):
        arrays.namespace(rewards=here, groups=there)


@pytest.mark.parametrize("thing", [[0.0], 1.0, "x"])
def test_what_is_no_array_is_an_error_that_names_the_argument(thing):
    with pytest.raises(ArrayError, match=f"rewards is of {type(thing).__name__}"):
        arrays.namespace(rewards=thing)


@pytest.mark.parametrize(
    ("shape", "wanted", "message"),
    [
        ((2,), ("B", "T"), r"x has the shape \(2,\), and should have \(B, T\)"),
        ((2, 3), (2, 4), r"x has the shape \(2, 3\), and should have \(2, 4\)"),
        ((2, 3), (2,), r"should have \(2,\)"),
    ],
)
def test_a_wrong_shape_is_an_error_that_says_both(library, shape, wanted, message):
    with pytest.raises(ArrayError, match=message):
        arrays.check_shape("x", library.array(np.zeros(shape)), wanted)


def test_a_right_shape_passes(library):
    arrays.check_shape("x", library.array(np.zeros((2, 3))), ("B", 3))
    arrays.check_mask("x", library.array(np.zeros((2, 3)), "bool"), (2, 3))


@pytest.mark.parametrize("dtype", ["float32", "int64"])
def test_a_mask_of_numbers_is_refused(library, dtype):
    with pytest.raises(ArrayError, match=r"mask holds .*, and should hold booleans"):
        arrays.check_mask("mask", library.array([0, 1], dtype), (2,))


def test_a_mask_of_the_wrong_shape_is_refused(library):
    with pytest.raises(ArrayError, match="mask has the shape"):
        arrays.check_mask("mask", library.array([0, 1], "bool"), (3,))
