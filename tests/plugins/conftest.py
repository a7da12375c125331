"""What the plugins' tests share."""

import threading
import time

import pytest

_STEP = 0.02


class Stopwatch:
    """Seconds since it began, but for those that the machine took from a thread beside it.

    A thread sleeps in short steps meanwhile; what its steps take too long, a busy machine took.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._late = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sleep)
        self._thread.start()

    def _sleep(self) -> None:
        while not self._done.is_set():
            began = time.monotonic()
            time.sleep(_STEP)
            self._late += time.monotonic() - began - _STEP

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began - self._late

    def stop(self) -> None:
        self._done.set()
        self._thread.join()


@pytest.fixture
def stopwatch():
    watch = Stopwatch()
    yield watch
    watch.stop()
