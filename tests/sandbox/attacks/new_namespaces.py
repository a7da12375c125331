"""Makes user namespaces in each way there is: clone, clone3, unshare, setns."""

import ctypes
import os

# The last one, of time, is a part of the signal's number in clone.
NEW = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
NEW_TIME = 0x80


def attack():
    libc = ctypes.CDLL(None)
    for flag in NEW:
        for process in (
            libc.syscall(56, flag | 17, 0, 0, 0, 0),
            libc.syscall(56, flag | 0x10F00, 0, 0, 0, 0),
            libc.syscall(435, (ctypes.c_uint64 * 11)(flag, *[0] * 3, 17), 88),
            libc.syscall(435, (ctypes.c_uint64 * 11)(NEW_TIME, *[0] * 3, 17), 88),
        ):
            if process == 0:
                os._exit(0)
            if process > 0:
                return True
        if libc.unshare(flag) == 0 or libc.unshare(NEW_TIME) == 0:
            return True
    return any(libc.setns(descriptor, 0) == 0 for descriptor in range(16))
