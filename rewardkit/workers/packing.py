"""Pickles what goes to a worker, by value where the worker could not import it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Packer", "pack", "packing"]

_STATE = threading.local()


def packing() -> bool:
    """True while this thread pickles an object for a worker, or a result for the parent."""
    return getattr(_STATE, "depth", 0) > 0


@contextmanager
def _packing() -> Iterator[None]:
    _STATE.depth = getattr(_STATE, "depth", 0) + 1
    try:
        yield
    finally:
        _STATE.depth -= 1


def pack(thing: Any) -> bytes:
    """The thing as bytes that `pickle.loads` reads in another process."""
    return Packer().pack(thing)


class Packer:
    """Pickles many things, each on its own.

    One pickler serves them all, since making one costs more than pickling a short row with it.
    """

    def __init__(self) -> None:
        import cloudpickle

        self._buffer = io.BytesIO()
        self._pickler = cloudpickle.Pickler(self._buffer)

    def pack(self, thing: Any) -> bytes:
        """The thing as bytes; raises whatever pickling it raises."""
        self._buffer.seek(0)
        self._buffer.truncate()
        try:
            with _packing():
                self._pickler.dump(thing)
            return self._buffer.getvalue()
        finally:
            self._pickler.clear_memo()
