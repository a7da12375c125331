"""Changes the clock, the host's name and the domain for those who come after."""

import ctypes
import time

libc = ctypes.CDLL(None)
libc.sethostname(b"left", 4)
try:
    time.clock_settime(time.CLOCK_REALTIME, 0)
except OSError:
    pass
# --- next run
import os
import time


def attack():
    return os.uname().nodename == "left" or time.time() < 1e9
