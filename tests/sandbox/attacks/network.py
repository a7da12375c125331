"""Connects to a service on the host, by IPv4, IPv6, and an abstract Unix socket."""

import socket


def attack():
    for family, address in [
        (socket.AF_INET, ("127.0.0.1", 47711)),
        (socket.AF_INET6, ("::1", 47711)),
        (socket.AF_UNIX, "\0rewardkit-lab"),
    ]:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as s:
                s.settimeout(0.5)
                s.connect(address)
                return s.recv(5) == b"hello"
        except OSError:
            continue
    return False
