"""Makes sockets of every family and kind, by system call."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    kinds = [(f, k) for f in (1, 2, 10, 15, 16, 17, 38, 40) for k in (1, 2, 3, 5)]
    return any(libc.socket(family, kind, 0) >= 0 for family, kind in kinds)
