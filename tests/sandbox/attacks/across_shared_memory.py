"""Leaves System V shared memory, semaphores, queues and keys for the next run."""

import ctypes

libc = ctypes.CDLL(None)
libc.shmget(47711, 4096, 0o1666)
libc.msgget(47711, 0o1666)
libc.semget(47711, 1, 0o1666)
libc.mq_open(b"/left", 0o102, 0o666, None)
libc.shm_open(b"/left", 0o102, 0o666)
libc.syscall(248, b"user", b"left", b"secret", 6, -4)
# --- next run
import ctypes


def attack():
    libc = ctypes.CDLL(None)
    return any(
        result >= 0
        for result in (
            libc.shmget(47711, 4096, 0),
            libc.msgget(47711, 0),
            libc.semget(47711, 1, 0),
            libc.mq_open(b"/left", 0),
            libc.shm_open(b"/left", 0, 0),
            libc.syscall(249, b"user", b"left", None, 0),
        )
    )
