"""Leaves alarms, timers and asynchronous signals that would go off in the next run."""

import ctypes
import fcntl
import os
import signal

signal.alarm(1)
signal.setitimer(signal.ITIMER_REAL, 0.3)
libc = ctypes.CDLL(None)
timer = ctypes.c_void_p()
libc.timer_create(0, None, ctypes.byref(timer))
libc.prctl(1, signal.SIGKILL, 0, 0, 0)
for descriptor in range(8):
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getppid())
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC)
    except OSError:
        pass
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
os._exit(0)
# --- next run
import signal
import time


def attack():
    if signal.getitimer(signal.ITIMER_REAL)[0] or signal.alarm(0):
        return True
    if signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        return True
    if signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return True
    time.sleep(0.4)
    return False
