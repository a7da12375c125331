"""GRPO's mathematics on arrays of NumPy, PyTorch or JAX: advantages, KL and policy losses.

One source for the three libraries: arrays go in, arrays of the same library come out, and
gradients flow through them. bfloat16 and float16 are computed in float32. Masks are boolean.
"""

from __future__ import annotations

__all__: list[str] = []
