"""A byte that a child can set once, and never again: whether its program ever began.

A program must not be able to say that the sandbox failed, for that is not counted against it.
"""

from __future__ import annotations

import mmap

__all__ = ["Marker"]


class Marker:
    """A page that the zygote shares with a child until the program begins."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, mmap.PAGESIZE)

    def clear(self) -> None:
        """Begin anew, before the fork."""
        self._page[0] = 0

    def set_and_forget(self) -> None:
        """In the child: say that the program begins, and unmap the page: it can't unsay it."""
        self._page[0] = 1
        self._page.close()

    def is_set(self) -> bool:
        """Whether the program began."""
        return self._page[0] == 1
