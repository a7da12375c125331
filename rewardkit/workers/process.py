"""What runs in a worker process: functions and items come in, what became of them goes out.

The parent runs this file as a script, by its path: neither rewardkit nor the parent's `__main__`
is imported here unless a function needs it, so that a worker starts in the time that Python takes.
It must therefore import nothing but the standard library.
"""

from __future__ import annotations

import faulthandler
import importlib
import mmap
import os
import pickle
import queue
import signal
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import connection
from pathlib import Path
from typing import Any

__all__ = ["LIMIT", "NEVER", "OUT_OF_MEMORY", "PAGE_BYTES", "POSITION", "STARTED", "main"]

PAGE_BYTES = mmap.ALLOCATIONGRANULARITY
NEVER = 2**62

OUT_OF_MEMORY = 112
"""The exit code of a worker with too little memory left even to say so."""

_FLUSH_SECONDS = 0.001  # results wait no longer than this for company
_GRACE_SECONDS = 5.0  # how long after its deadline an item may run where only `_Backstop` ends it
_PR_SET_PDEATHSIG = 1
_PLAIN = frozenset({bool, float, int, str, type(None)})  # these go as they are


class Field:
    """One number of the page of memory that the parent and the worker share.

    Through it the parent sees which item runs and since when, although the worker may be in a loop
    that lets no other Python code run. Native alignment makes each write a single store, so that
    a reader never sees half of one.
    """

    def __init__(self, code: str, offset: int) -> None:
        self._struct = struct.Struct(code)
        self._offset = offset

    def read(self, page: mmap.mmap) -> Any:
        """The number as it is now."""
        return self._struct.unpack_from(page, self._offset)[0]

    def write(self, page: mmap.mmap, value: float) -> None:
        """Set the number."""
        self._struct.pack_into(page, self._offset, value)


POSITION = Field("@q", 0)  # of the last item that was begun, in its chunk; -1 before the first
STARTED = Field("@d", 8)  # when it began, by time.monotonic(); 0.0 when no item runs
LIMIT = Field("@q", 16)  # the parent's: begin no item from this position on


def main(arguments: list[str]) -> None:
    """Serve the parent until it goes away.

    arguments: the channel's handle, the page's handle or tag, the parent's id, the cap in bytes
    (0: none).
    """
    handle, page, parent, cap = arguments
    tied = die_with_parent(int(parent))
    _print_to_standard_error()
    channel = open_channel(int(handle))
    if cap != "0":
        cap_memory(int(cap))
    worker = Worker(channel, open_page(page), Backstop(armed=not tied))
    try:
        worker.serve(inbox(channel, listening=not tied))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except (EOFError, OSError):
        os._exit(0)  # the parent is gone: nobody is left to tell


def die_with_parent(parent: int) -> bool:
    """Ask the kernel to kill this process when its parent ends; False where it can't be asked."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        failed = ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return False
    if os.getppid() != parent:
        os._exit(0)  # it ended before it was asked
    return not failed


def _print_to_standard_error() -> None:
    """Keep what a function prints out of the parent's standard output, which may be data."""
    with suppress(OSError):
        os.dup2(2, 1)
    sys.stdout = sys.stderr


def open_channel(handle: int) -> Any:
    """The worker's end of the channel, which no process that a function starts may hold."""
    if sys.platform == "win32":
        return connection.PipeConnection(handle)
    os.set_inheritable(handle, False)
    channel = connection.Connection(handle)
    os.register_at_fork(after_in_child=channel.close)
    return channel


def open_page(page: str) -> mmap.mmap:
    """The page that is shared with the parent."""
    if sys.platform == "win32":
        return mmap.mmap(-1, PAGE_BYTES, tagname=page)
    shared = mmap.mmap(int(page), PAGE_BYTES)
    os.close(int(page))
    return shared


def cap_memory(cap: int) -> None:
    """Limit what this process may allocate, where the system can; on Windows it can't.

    RLIMIT_DATA counts what is allocated. RLIMIT_AS also counts address space that is only
    reserved, of which numpy's and torch's libraries take many times what they use, so it is set
    only where the other has no effect (gVisor, macOS).
    """
    try:
        import resource
    except ImportError:
        return
    _limit(resource.RLIMIT_DATA, cap)
    if _can_allocate(cap):
        _limit(resource.RLIMIT_AS, cap)


def _limit(which: int, cap: int) -> None:
    import resource

    with suppress(OSError, ValueError):
        hard = resource.getrlimit(which)[1]
        resource.setrlimit(which, (cap if hard < 0 else min(cap, hard), hard))


def _can_allocate(size: int) -> bool:
    """Whether so much can be mapped at once; nothing is touched, so that it costs no memory."""
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError, OverflowError):
        return False
    return True


def inbox(channel: Any, *, listening: bool) -> Iterator[tuple[Any, ...]]:
    """The parent's messages; raises EOFError when the parent is gone.

    When listening, a thread waits for them, and ends the process at once when the parent goes
    while a function is at work: what the kernel does where `die_with_parent` worked.
    """
    receive = channel.recv_bytes
    if listening:
        received: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(channel, received.put), daemon=True).start()
        receive = received.get
    while True:
        yield pickle.loads(receive())  # noqa: S301 - it comes from the parent


def _listen(channel: Any, put: Callable[[bytes], None]) -> None:
    try:
        while True:
            put(channel.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)


class Backstop:
    """Ends a process whose function holds the GIL after the parent is gone, where no kernel does.

    `_listen` can't run then, but faulthandler's timer is a thread of C that needs no GIL.
    """

    def __init__(self, *, armed: bool) -> None:
        self._nowhere = Path(os.devnull).open("w") if armed else None  # noqa: SIM115 - kept open
        self._set_at = 0.0

    def extend(self, now: float, deadline: float | None) -> None:
        """An item begins now; setting the timer starts a thread, so do it once a second."""
        if self._nowhere and deadline is not None and now - self._set_at > 1.0:
            self._set_at = now
            until = deadline + _GRACE_SECONDS
            faulthandler.dump_traceback_later(until, exit=True, file=self._nowhere)

    def release(self) -> None:
        """No item runs any more."""
        if self._nowhere:
            faulthandler.cancel_dump_traceback_later()
            self._set_at = 0.0


class Worker:
    """Holds the functions that were loaded, and runs them over chunks of items."""

    def __init__(self, channel: Any, page: mmap.mmap, backstop: Backstop) -> None:
        self._channel = channel
        self._page = page
        self._backstop = backstop
        self._functions: dict[bytes, Callable[[Any], Any]] = {}

    def serve(self, messages: Iterator[tuple[Any, ...]]) -> None:
        """Answer every message of the parent."""
        self._send("ready")
        for verb, *details in messages:
            if verb == "load":
                self._load(*details)
            else:
                self._run(*details)

    def _send(self, *message: Any) -> None:
        self._channel.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def _load(self, key: bytes, packed: bytes, path: list[str], forget: bytes | None) -> None:
        sys.path[:] = path
        importlib.invalidate_caches()
        if forget is not None:
            del self._functions[forget]
        try:
            self._functions[key] = pickle.loads(packed)  # noqa: S301 - it comes from the parent
        except BaseException as error:  # noqa: BLE001 - an import may raise anything
            self._send("unloadable", describe(error), _formatted(error))
        else:
            self._send("loaded")

    def _run(self, key: bytes, deadline: float | None, items: list[bytes]) -> None:
        """Run the function on each item, and send what became of them every millisecond or so."""
        function, page = self._functions[key], self._page
        batch: list[tuple[Any, ...]] = []
        flushed = time.monotonic()
        for position, item in enumerate(items):
            if position >= LIMIT.read(page):
                break
            POSITION.write(page, position)
            started = time.monotonic()
            self._backstop.extend(started, deadline)
            STARTED.write(page, started)
            result = attempt(function, item)
            ended = time.monotonic()
            STARTED.write(page, 0.0)
            batch.append((position, ended - started, *result))
            if result[0] == "spent":
                break
            if ended - flushed > _FLUSH_SECONDS:
                self._send("results", batch)
                batch, flushed = [], time.monotonic()
        self._backstop.release()
        self._send("done", batch)


def attempt(function: Callable[[Any], Any], packed: bytes) -> tuple[Any, ...]:
    """Call the function: ("plain", value), ("pickled", bytes), ("raised", why, traceback) or
    ("spent",) when memory ran out.

    All of it belongs to the item and to its deadline: reading it and pickling the result, too.
    """
    stage = "the item can't be unpickled: "
    try:
        item = pickle.loads(packed)  # noqa: S301 - it comes from the parent
        stage = ""
        value = function(item)
        if type(value) in _PLAIN:
            return "plain", value
        stage = "the result can't be pickled: "
        return "pickled", _pickled(value)
    except MemoryError:
        return ("spent",)
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a function must not end the worker
        return "raised", stage + describe(error), _formatted(error)


def _pickled(value: Any) -> bytes:
    """Plain pickle, which is fast, or by value when the parent could not import its class."""
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - if it is a real failure, this raises it again
        from rewardkit.workers.packing import pack

        return pack(value)


def describe(error: BaseException) -> str:
    """The error in one line: "ValueError: x"."""
    name = type(error).__name__
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001 - an exception whose __str__ is broken, too
        lines = []
    return f"{name}: {lines[0][:500]}" if lines else name


def _formatted(error: BaseException) -> str:
    """The traceback, without this file's own frame."""
    try:
        frames = error.__traceback__ and error.__traceback__.tb_next
        return "".join(traceback.format_exception(type(error), error, frames))
    except Exception:  # noqa: BLE001 - an exception whose __str__ is broken, too
        return ""


if __name__ == "__main__":
    main(sys.argv[1:])
