"""Arrays that grow while others read them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column"]


class Column:
    """An array that grows at its end. What was taken from it stays as it was taken."""

    def __init__(self, dtype: Any, *width: int) -> None:
        self.values: NDArray[Any] = np.zeros((1024, *width), dtype=dtype)
        self.filled = 0

    def extend(self, new: Any) -> None:
        """Add rows; to a copy where there is no room, as others may read the array."""
        end = self.filled + len(new)
        if end > len(self.values):
            larger = np.zeros((2 * end, *self.values.shape[1:]), dtype=self.values.dtype)
            larger[: self.filled] = self.values[: self.filled]
            self.values = larger
        self.values[self.filled : end] = new
        self.filled = end
