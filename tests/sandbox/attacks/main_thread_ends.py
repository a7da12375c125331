"""Ends its first thread and goes on in another, as a process that looks dead."""

import ctypes
import threading


def attack():
    def go_on():
        while True:
            pass

    threading.Thread(target=go_on).start()
    ctypes.CDLL(None).syscall(60, 0)
    return False
