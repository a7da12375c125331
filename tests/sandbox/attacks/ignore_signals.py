"""Ignores all signals, swallows all exceptions, and burns time."""

import contextlib
import signal
import time


def attack():
    for number in range(1, 65):
        with contextlib.suppress(Exception):
            signal.signal(number, signal.SIG_IGN)
    end = time.time() + 100
    while time.time() < end:
        with contextlib.suppress(BaseException):
            time.sleep(1)
