"""Reads the caller's secret from environments: its own, its ancestors', and its own memory."""

import ctypes
import os


def attack():
    if "LAB_SECRET" in os.environ:
        return True
    for process in ["self", *range(1, 400)]:
        try:
            with open(f"/proc/{process}/environ", "rb") as file:
                if b"LAB_SECRET=" in file.read():
                    return True
        except OSError:
            continue
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    i = 0
    while environ and environ[i]:
        if b"LABSECRET" in environ[i]:
            return True
        i += 1
    return False
