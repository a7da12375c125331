"""Waits for the next run on abstract and named Unix sockets, and in FIFOs."""

import ctypes
import os
import socket as sockets
import threading


def wait(address):
    try:
        server = sockets.socket(sockets.AF_UNIX)
        server.bind(address)
        server.listen()
        server.accept()
    except OSError:
        pass


for address in ("\0left", "/tmp/left.socket", "/run/left.socket"):
    threading.Thread(target=wait, args=(address,), daemon=True).start()
libc = ctypes.CDLL(None)
for place in ("/tmp/left.pipe", "/run/left.pipe", "/left.pipe"):
    libc.mkfifo(place.encode(), 0o666)
os._exit(0)
# --- next run
import os
import socket


def attack():
    if any(
        os.path.exists(f"{place}/left.{kind}")
        for place in ("/tmp", "/run", "")
        for kind in ("pipe", "socket")
    ):
        return True
    for address in ("\0left", "\0rewardkit-lab"):
        try:
            socket.socket(socket.AF_UNIX).connect(address)
            return True
        except OSError:
            continue
    return False
