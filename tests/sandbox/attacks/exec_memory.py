"""Makes a program in memory and executes it."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    descriptor = libc.syscall(319, b"x", 0)
    if descriptor < 0:
        return False
    with open("/bin/true", "rb") as file:
        os.write(descriptor, file.read())
    return True
