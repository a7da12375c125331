"""Messages between processes: framed JSON on a stream, descriptors beside them."""

from __future__ import annotations

import array
import json
import select
import socket
import struct
import time
from collections.abc import Sequence
from typing import Any

__all__ = [
    "CLOCK",
    "KILL",
    "LAP",
    "OUT_OF_TIME",
    "Channel",
    "receive_packet",
    "send_packet",
]

# What the parent tells a zygote of a run, as [what, the run's number]; see watch.py.
LAP, CLOCK, OUT_OF_TIME, KILL = "lap", "clock", "out of time", "kill"

_LENGTH = struct.Struct("<I")
_PACKET_BYTES = 1 << 16
_DESCRIPTORS = 8
_READ_BYTES = 1 << 16


class Channel:
    """One end of a stream socket that carries messages, each with its length before it.

    Nothing that comes is trusted: a message beyond the cap, or that is no JSON, is a ValueError;
    the other side's end an EOFError.

    Args:
        endpoint: The socket. Where it doesn't block, this waits, until the deadline.
        cap: Most bytes of a message that comes.
    """

    def __init__(self, endpoint: socket.socket, cap: int = 1 << 30) -> None:
        self.socket = endpoint
        self.cap = cap
        self.deadline: float | None = None
        """On the monotonic clock: what is not through by then is a TimeoutError."""
        self._ahead = bytearray()

    def send(self, message: object, descriptors: Sequence[int] = ()) -> None:
        """Send a message, and descriptors that `receive_with_descriptor` gets."""
        self.send_bytes(json.dumps(message, separators=(",", ":")).encode(), descriptors)

    def send_bytes(self, data: bytes, descriptors: Sequence[int] = ()) -> None:
        """Send bytes as a message."""
        framed = memoryview(_LENGTH.pack(len(data)) + data)
        rights = [_rights(descriptors)] if descriptors else []
        while framed:
            try:
                framed = framed[self.socket.sendmsg([framed], rights, socket.MSG_NOSIGNAL) :]
                rights = []
            except BlockingIOError:
                self._wait(select.POLLOUT)

    def receive(self) -> Any:
        """The next message."""
        return _parsed(self.receive_bytes())

    def receive_bytes(self) -> bytes:
        """The next message's bytes."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size))
        if length > self.cap:
            raise ValueError(f"a message of {length} bytes; {self.cap} are allowed")
        return self._exactly(length)

    def receive_with_descriptor(self) -> tuple[Any, int]:
        """The next message and the descriptor that came beside it; only from who is trusted."""
        head, rights, _, _ = self.socket.recvmsg(_LENGTH.size, socket.CMSG_SPACE(4))
        if not head:
            raise EOFError
        (length,) = _LENGTH.unpack(head + self._exactly(_LENGTH.size - len(head)))
        return _parsed(self._exactly(length)), _descriptors(rights)[0]

    def read_ahead(self) -> bool:
        """Take what has come, in one call for a message; whether there is any of one.

        Only where the socket doesn't block and no descriptors come; raises EOFError at the end.
        """
        if not self._ahead:
            try:
                self._ahead += self._received(_READ_BYTES)
            except BlockingIOError:
                return False
        return True

    @property
    def has_some(self) -> bool:
        """Whether something of a message was read ahead."""
        return bool(self._ahead)

    def close(self) -> None:
        """Let go of the socket."""
        self.socket.close()

    def _exactly(self, count: int) -> bytes:
        while len(self._ahead) < count:
            try:
                self._ahead += self._received(count - len(self._ahead))
            except BlockingIOError:
                self._wait(select.POLLIN)
        data = bytes(self._ahead[:count])
        del self._ahead[:count]
        return data

    def _received(self, most: int) -> bytes:
        received = self.socket.recv(min(most, 1 << 20))
        if not received:
            raise EOFError
        return received

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.socket, event)
        left = None if self.deadline is None else max(self.deadline - time.monotonic(), 0.001)
        if not poll.poll(None if left is None else 1000.0 * left):
            raise TimeoutError


def send_packet(endpoint: socket.socket, message: object, descriptors: Sequence[int] = ()) -> None:
    """Send one packet, and descriptors, on a SOCK_SEQPACKET socket."""
    data = json.dumps(message, separators=(",", ":")).encode()
    rights = [_rights(descriptors)] if descriptors else []
    endpoint.sendmsg([data], rights, socket.MSG_NOSIGNAL)


def receive_packet(endpoint: socket.socket) -> tuple[Any, list[int]]:
    """The next packet and its descriptors; raises EOFError at the end."""
    space = socket.CMSG_SPACE(4 * _DESCRIPTORS)
    data, rights, _, _ = endpoint.recvmsg(_PACKET_BYTES, space, socket.MSG_CMSG_CLOEXEC)
    if not data:
        raise EOFError
    return json.loads(data), _descriptors(rights)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("a message that is nested too deep") from None


def _rights(descriptors: Sequence[int]) -> tuple[int, int, array.array[int]]:
    return socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors)


def _descriptors(ancillary: Sequence[tuple[int, int, bytes]]) -> list[int]:
    found = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return list(found)
