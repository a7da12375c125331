"""Asks for an io_uring, which can open files and sockets without system calls."""

import ctypes


def attack():
    parameters = ctypes.create_string_buffer(256)
    return ctypes.CDLL(None).syscall(425, 8, parameters) >= 0
