"""One source for NumPy, PyTorch and JAX: what the array API standard lacks, and checks.

Everything else of rewardkit.grpo is written on the standard, through `array_api_compat`: arrays of
one library go in, arrays of that library come out, so that gradients flow where the library has
them. Only the functions of this module know which library it is. They ask in a way of their own,
since torch.compile warns of the caches in array_api_compat's.
"""

from __future__ import annotations

import math
import sys
from typing import Any

from rewardkit.errors import ArrayError

__all__ = [
    "as_float",
    "check_mask",
    "check_shape",
    "is_concrete",
    "is_jax",
    "is_numpy",
    "is_torch",
    "masked_mean",
    "masked_sum",
    "namespace",
    "namespace_of",
    "segment_max",
    "segment_sum",
    "stop_gradient",
]

# An array of whichever library, and the module that computes with it.
Array = Any
Namespace = Any


def namespace(**arrays: Array | None) -> Namespace:
    """The array namespace that all of these arguments share; None is no argument.

    >>> xp = namespace(logp=logp, mask=mask)

    Raises:
        ArrayError: An argument is no array of NumPy, PyTorch or JAX, they are of different
            libraries, or PyTorch's are on different devices (JAX says so of its own accord, and
            allows some mixtures).
    """
    given = [(name, array) for name, array in arrays.items() if array is not None]
    first, example = given[0]
    library = _library(first, example)
    for name, array in given[1:]:
        if _library(name, array) != library:
            raise ArrayError(
                f"{first} is an array of {library} and {name} one of {_library(name, array)}: "
                "give arrays of one library."
            )
        if library == "torch" and array.device != example.device:
            raise ArrayError(
                f"{first} is on {example.device} and {name} on {array.device}: "
                "move them to one device."
            )
    return _NAMESPACES[library]()


def namespace_of(array: Array) -> Namespace:
    """The array namespace of one array that has been checked before."""
    return _NAMESPACES[_library("the argument", array)]()


def _library(name: str, array: Array) -> str:
    if is_torch(array):
        return "torch"
    if is_jax(array):
        return "JAX"
    if is_numpy(array):
        return "NumPy"
    raise ArrayError(
        f"{name} is of {type(array).__name__}, and not an array of NumPy, PyTorch or JAX."
    )


def is_numpy(array: Array) -> bool:
    """Whether this is an array of NumPy, or one of its scalars."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(array, numpy.ndarray | numpy.generic)


def is_torch(array: Array) -> bool:
    """Whether this is a tensor of PyTorch, without importing it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(array, torch.Tensor)


def is_jax(array: Array) -> bool:
    """Whether this is an array of JAX, traced or not, without importing it."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(array, jax.Array)


def _numpy() -> Namespace:
    import array_api_compat.numpy

    return array_api_compat.numpy


def _torch() -> Namespace:
    import array_api_compat.torch

    return array_api_compat.torch


def _jax() -> Namespace:
    import jax.numpy

    return jax.numpy


_NAMESPACES = {"NumPy": _numpy, "torch": _torch, "JAX": _jax}


def check_shape(name: str, array: Array, shape: tuple[int | str, ...]) -> None:
    """Check an argument's shape; a word in `shape` stands for any number.

    >>> check_shape("logp", logp, ("B", "T"))
    >>> check_shape("mask", mask, logp.shape)

    Raises:
        ArrayError: The argument has another shape.
    """
    found = tuple(array.shape)
    if len(found) == len(shape) and all(
        isinstance(wanted, str) or wanted == size
        for size, wanted in zip(found, shape, strict=True)
    ):
        return
    raise ArrayError(f"{name} has the shape {_shape(found)}, and should have {_shape(shape)}.")


def _shape(sizes: tuple[int | str, ...]) -> str:
    return f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})"


def check_mask(name: str, mask: Array, shape: tuple[int | str, ...]) -> None:
    """Check that a mask is boolean and of this shape.

    Zeros and ones are refused: `mask * x` keeps NaN and infinity where `where(mask, x, 0)` does
    not, so that a mask of numbers invites the wrong one.

    Raises:
        ArrayError: It is not.
    """
    xp = namespace_of(mask)
    if not xp.isdtype(mask.dtype, "bool"):
        raise ArrayError(f"{name} holds {mask.dtype}, and should hold booleans: {name} != 0.")
    check_shape(name, mask, shape)


def as_float(name: str, array: Array) -> Array:
    """The array in the precision that it is computed in: float32, or float64 if it is that.

    bfloat16 and float16 are widened: a sum of some hundred of them has no digit left that is
    right. Integers and booleans become the library's default (NumPy float64, others float32).

    Raises:
        ArrayError: It holds no real numbers.
    """
    xp = namespace_of(array)
    if xp.isdtype(array.dtype, "real floating"):
        wide = xp.result_type(array.dtype, xp.float32)
    elif xp.isdtype(array.dtype, ("bool", "integral")):
        wide = xp.asarray(0.0).dtype
    else:
        raise ArrayError(f"{name} holds {array.dtype}, and should hold real numbers.")
    return array if array.dtype == wide else xp.astype(array, wide)


def is_concrete(array: Array) -> bool:
    """Whether the values can be looked at: not while `jax.jit` or `torch.compile` traces."""
    if is_torch(array):
        import torch

        return not torch.compiler.is_compiling()
    if is_jax(array):
        import jax

        return not isinstance(array, jax.core.Tracer)
    return True


def stop_gradient(array: Array) -> Array:
    """The same values, as a constant to differentiation. NumPy's arrays are that anyway."""
    if is_torch(array):
        return array.detach()
    if is_jax(array):
        import jax

        return jax.lax.stop_gradient(array)
    return array


def segment_sum(array: Array, groups: Array, num_groups: int) -> Array:
    """The sums of each group's entries: (N,) or (N, K), to (G,) or (G, K); 0 of an empty group.

    groups: (N,) integers from 0 to G - 1, in any order.
    """
    if is_torch(array):
        return array.new_zeros((num_groups, *array.shape[1:])).index_add(0, groups, array)
    if is_jax(array):
        import jax

        return jax.ops.segment_sum(array, groups, num_segments=num_groups)
    import numpy as np

    if array.ndim == 1:  # bincount adds in float64, and takes a third of the time of add.at
        return np.bincount(groups, array, num_groups).astype(array.dtype)
    sums = np.zeros((num_groups, *array.shape[1:]), array.dtype)
    np.add.at(sums, groups, array)
    return sums


def segment_max(array: Array, groups: Array, num_groups: int) -> Array:
    """The greatest of each group's entries: (N,) to (G,); minus infinity of an empty group.

    groups: (N,) integers from 0 to G - 1, in any order.
    """
    if is_torch(array):
        lowest = array.new_full((num_groups,), -math.inf)
        return lowest.scatter_reduce(0, groups, array, "amax")
    if is_jax(array):
        import jax

        return jax.ops.segment_max(array, groups, num_segments=num_groups)
    import numpy as np

    greatest = np.full(num_groups, -np.inf, array.dtype)
    np.maximum.at(greatest, groups, array)
    return greatest


def masked_sum(array: Array, mask: Array, axis: int | None = None) -> Array:
    """The sum where the mask is true: what stands elsewhere can be NaN or infinite."""
    xp = namespace_of(array)
    return xp.sum(xp.where(mask, array, xp.zeros_like(array)), axis=axis)


def masked_mean(array: Array, mask: Array, axis: int | None = None) -> Array:
    """The mean where the mask is true, and 0 where it is nowhere true."""
    xp = namespace_of(array)
    count = xp.sum(xp.astype(mask, array.dtype), axis=axis)
    return masked_sum(array, mask, axis) / xp.clip(count, min=1.0)
