"""One source for NumPy, PyTorch and JAX: what the array API standard lacks, and checks.

Everything else of rewardkit.grpo is written on the standard, through `array_api_compat`: arrays of
one library go in, arrays of that library come out, so that gradients flow where the library has
them. Only this module and `segments` know which library it is. They ask in a way of their own,
since torch.compile warns of the caches in array_api_compat's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rewardkit.errors import ArrayError, OptionError, nearest

__all__ = [
    "as_float",
    "as_index",
    "as_tensor",
    "check_choice",
    "check_mask",
    "check_positive",
    "check_shape",
    "is_concrete",
    "is_jax",
    "is_numpy",
    "is_plain",
    "is_torch",
    "masked_mean",
    "masked_sum",
    "namespace",
    "namespace_of",
    "reverse_scan",
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


def check_choice(name: str, value: object, choices: Iterable[str]) -> None:
    """Check an option that is one of some words.

    Raises:
        OptionError: It is none of them; the message offers the nearest one.
    """
    known = list(choices)
    if value not in known:
        raise OptionError(
            f"{name} is {value!r}.{nearest(str(value), known)} There are: {', '.join(known)}."
        )


def check_positive(name: str, value: float | None) -> None:
    """Check that a number is positive; None is no number.

    Raises:
        OptionError: It is not, or it is NaN.
    """
    if value is not None and not value > 0:
        raise OptionError(f"{name} is {value}, and should be a positive number.")


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


def is_plain(array: Array) -> bool:
    """Whether this is a tensor of PyTorch that can as well be an array of NumPy.

    That is: in the CPU's memory, and with nothing that follows what is computed from it.
    """
    if not is_torch(array):
        return False
    import torch

    return (
        type(array) is torch.Tensor
        and array.device.type == "cpu"
        and not array.requires_grad
        and is_concrete(array)
    )


def as_tensor(array: Array) -> Array:
    """An array of NumPy as a tensor that shares its memory."""
    import torch

    return torch.from_numpy(array)


def stop_gradient(array: Array) -> Array:
    """The same values, as a constant to differentiation. NumPy's arrays are that anyway."""
    if is_torch(array):
        return array.detach()
    if is_jax(array):
        import jax

        return jax.lax.stop_gradient(array)
    return array


def as_index(array: Array) -> Array:
    """Integers in the type that the library indexes with. Bytes mean a mask to PyTorch."""
    if is_torch(array):
        return array.long()
    if is_jax(array):
        return array
    import numpy as np

    return array.astype(np.intp, copy=False)


def masked_sum(array: Array, mask: Array, axis: int | None = None) -> Array:
    """The sum where the mask is true: what stands elsewhere can be NaN or infinite."""
    xp = namespace_of(array)
    return xp.sum(xp.where(mask, array, xp.zeros_like(array)), axis=axis)


def masked_mean(array: Array, mask: Array, axis: int | None = None) -> Array:
    """The mean where the mask is true, and 0 where it is nowhere true."""
    xp = namespace_of(array)
    count = xp.sum(xp.astype(mask, array.dtype), axis=axis)
    return masked_sum(array, mask, axis) / xp.clip(count, min=1.0)


def reverse_scan(array: Array, decay: Array) -> Array:
    """Run y[:, t] = x[:, t] + decay[:, t] * y[:, t + 1] from the last column to the first.

    array, decay: (B, T) of one type. A loop over T where the library runs as it is written; in
    JAX it is one step that is compiled once, however long T is.
    """
    if array.shape[1] == 0:
        return array
    if is_jax(array):
        import jax

        def step(after: Array, column: tuple[Array, Array]) -> tuple[Array, Array]:
            now = column[0] + column[1] * after
            return now, now

        start = jax.numpy.zeros_like(array[:, 0])
        _, rows = jax.lax.scan(step, start, (array.T, decay.T), reverse=True)
        return rows.T
    xp = namespace_of(array)
    after = xp.zeros_like(array[:, 0])
    columns = []
    for t in range(array.shape[1] - 1, -1, -1):
        after = array[:, t] + decay[:, t] * after
        columns.append(after)
    return xp.stack(columns[::-1], axis=1)
