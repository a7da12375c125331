"""Uses what sockets of its own can do: filters that the kernel compiles, urgent bytes, pidfds."""

import ctypes
import socket
import struct

SO_ATTACH_FILTER, SO_ATTACH_BPF, SO_PEERPIDFD, SO_PASSCRED = 26, 50, 77, 16


def attack():
    ours, theirs = socket.socketpair()
    code = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0xFFFFFFFF))
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(code))
    attempts = [
        lambda: ours.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program),
        lambda: ours.setsockopt(socket.SOL_SOCKET, SO_ATTACH_BPF, 0),
        lambda: ours.setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1),
        lambda: ours.getsockopt(socket.SOL_SOCKET, SO_PEERPIDFD),
        lambda: ours.send(b"x", socket.MSG_OOB),
        lambda: theirs.recv(1, socket.MSG_OOB | socket.MSG_DONTWAIT),
    ]
    done = False
    for attempt in attempts:
        try:
            attempt()
            done = True
        except PermissionError:
            continue
        except OSError:  # the kernel looked at it
            done = True
    return done
