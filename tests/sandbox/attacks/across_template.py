"""Writes into the template's memory and sockets, so that the next run is its own."""

import ctypes
import gc
import os
import socket

for thing in gc.get_objects():
    if isinstance(thing, socket.socket):
        try:
            thing.send(b"{}")
            thing.shutdown(2)
        except OSError:
            pass
for descriptor in range(3, 256):
    try:
        os.write(descriptor, b'{"kind": "program"}')
    except OSError:
        pass
libc = ctypes.CDLL(None)
for process in (os.getppid(), 1):
    libc.process_vm_writev(process, None, 0, None, 0, 0)
os.environ["LEFT"] = "secret"
# --- next run
import os


def attack():
    return "LEFT" in os.environ
