"""Every test of the mathematics runs in each array library that is there.

NumPy always is. PyTorch and JAX are where they are installed; where REWARDKIT_ARRAYS names them
("numpy,torch,jax") they must be, and their tests fail rather than being skipped.
"""

import importlib
import importlib.util
import os

import numpy as np
import pytest

REQUIRED = os.environ.get("REWARDKIT_ARRAYS", "numpy").split(",")
assert set(REQUIRED) <= {"numpy", "torch", "jax"}


class NumPy:
    """Arrays of NumPy, and gradients by central differences."""

    name = "numpy"

    def array(self, values, dtype="float64"):
        return np.asarray(values, dtype)

    def numpy(self, array):
        return np.asarray(array)

    def compiled(self, function):
        return function

    def gradient(self, function, at, step=1e-6):
        at = np.asarray(at, "float64")
        found = np.zeros_like(at)
        for place in np.ndindex(at.shape):
            above, below = at.copy(), at.copy()
            above[place] += step
            below[place] -= step
            found[place] = (function(above) - function(below)) / (2 * step)
        return found


class Torch:
    """PyTorch, eager and compiled."""

    name = "torch"

    def __init__(self):
        self.torch = importlib.import_module("torch")

    def array(self, values, dtype="float64"):
        # By way of NumPy only where it knows the type: bfloat16 it does not.
        values = values if isinstance(values, np.ndarray) else np.asarray(values)
        return self.torch.tensor(values, dtype=getattr(self.torch, dtype))

    def numpy(self, array):
        array = array.detach()
        return (array.float() if array.dtype == self.torch.bfloat16 else array).numpy()

    def compiled(self, function):
        # Traced as for any backend; a backend that emits C++ takes seconds a function, and warns.
        return self.torch.compile(function, fullgraph=True, backend="aot_eager")

    def gradient(self, function, at, step=None):
        at = self.array(at).requires_grad_()
        (found,) = self.torch.autograd.grad(function(at), at)
        return found.numpy()


class Jax:
    """JAX with its 64-bit types."""

    name = "jax"

    def __init__(self):
        self.jax = importlib.import_module("jax")
        self.jax.config.update("jax_enable_x64", True)

    def array(self, values, dtype="float64"):
        return self.jax.numpy.asarray(np.asarray(values), dtype)

    def numpy(self, array):
        return np.asarray(array)

    def compiled(self, function):
        return self.jax.jit(function)

    def gradient(self, function, at, step=None):
        return np.asarray(self.jax.grad(function)(self.array(at)))


LIBRARIES = {"numpy": NumPy, "torch": Torch, "jax": Jax}


def _is_there(name):
    return name in REQUIRED or importlib.util.find_spec(name) is not None


@pytest.fixture(params=LIBRARIES, scope="session")
def library(request):
    """A library's arrays: `array`, `numpy`, `gradient` and `compiled`."""
    if not _is_there(request.param):
        pytest.skip(f"{request.param} is not installed")
    return LIBRARIES[request.param]()


@pytest.fixture(params=[name for name in LIBRARIES if name != "numpy"], scope="session")
def other_library(request):
    """A library that is not NumPy."""
    if not _is_there(request.param):
        pytest.skip(f"{request.param} is not installed")
    return LIBRARIES[request.param]()
