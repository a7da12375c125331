"""Searches its memory for what the template left there: sockets, jobs, other programs."""

import gc
import socket
import sys


def attack():
    secrets = [o for o in gc.get_objects() if isinstance(o, socket.socket) and o.fileno() >= 0]
    frame = sys._getframe()
    while frame is not None:
        if "descriptors" in frame.f_locals:
            for descriptor in frame.f_locals["descriptors"]:
                try:
                    __import__("os").fstat(descriptor)
                except OSError:
                    continue
                if descriptor > 4:
                    return True
        frame = frame.f_back
    return bool(secrets)
