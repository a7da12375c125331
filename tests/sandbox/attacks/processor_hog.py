"""Wants more of the machine than others get: real time, all processors, locked and huge pages."""

import ctypes
import mmap
import os

MAP_HUGETLB, MAP_LOCKED = 0x40000, 0x2000


def attack():
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
    attempts = [
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99)),
        lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
        lambda: os.nice(-5),
        lambda: os.sched_setaffinity(0, range(1024)),
    ]
    for attempt in attempts:
        try:
            attempt()
            return True
        except OSError:
            continue
    failed = ctypes.c_void_p(-1).value
    huge = [
        libc.mmap(None, 2 << 20, 3, private | flag, -1, 0) for flag in (MAP_HUGETLB, MAP_LOCKED)
    ]
    page = ctypes.create_string_buffer(1 << 20)
    locked = [libc.mlockall(3), libc.mlock(page, 1 << 20), libc.syscall(251, 1, 0, 0)]
    refused = ctypes.CDLL(None, use_errno=True)
    refused.syscall(9, 0, 2 << 20, 3, private | MAP_HUGETLB, -1, 0)
    unfiltered = ctypes.get_errno() != 1
    return any(address != failed for address in huge) or 0 in locked or unfiltered
