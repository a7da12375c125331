"""Becomes root, or gets its capabilities."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    for become in (os.setuid, os.setgid, os.seteuid):
        try:
            become(0)
            return True
        except OSError:
            continue
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    everything = (ctypes.c_uint32 * 6)(*([0xFFFFFFFF] * 6))
    return libc.capset(header, everything) == 0 or libc.prctl(38, 0, 0, 0, 0) == 0
