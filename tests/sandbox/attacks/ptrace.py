"""Attaches to other processes, reads their memory, and takes their descriptors."""

import ctypes
import os


def attack():
    libc = ctypes.CDLL(None)
    buffer = ctypes.create_string_buffer(64)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
    for process in (os.getppid(), os.getppid() - 1, 1):
        if process in (0, os.getpid()):
            continue
        if libc.ptrace(16, process, 0, 0) == 0 or libc.ptrace(0x4206, process, 0, 0) == 0:
            return True
        remote = (ctypes.c_void_p * 2)(id(buffer), 64)
        if libc.process_vm_readv(process, local, 1, remote, 1, 0) > 0:
            return True
        pidfd = libc.syscall(434, process, 0)
        if pidfd >= 0 and libc.syscall(438, pidfd, 0, 0) >= 0:
            return True
        try:
            with open(f"/proc/{process}/mem", "rb"):
                return True
        except OSError:
            continue
    return False
