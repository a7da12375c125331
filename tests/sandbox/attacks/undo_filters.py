"""Makes system calls that the filter would not see: x32, 32-bit, a filter of its own."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    return libc.prctl(22, 1, 0, 0, 0) == 0 or libc.syscall(0x40000000 + 41, 2, 1, 0) >= 0
