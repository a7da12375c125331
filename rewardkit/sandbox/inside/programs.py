"""Running a whole Python program as `__main__`, once or for one test after the other."""

from __future__ import annotations

import atexit
import builtins
import gc
import io
import linecache
import os
import random
import sys
import threading
import traceback
import types
from contextlib import suppress
from typing import Any, NoReturn

from rewardkit.sandbox.wire import Channel

__all__ = [
    "compiled",
    "fresh_module",
    "open_standard_streams",
    "print_error",
    "run_code",
    "serve",
]

SOURCE = "solution.py"
_OWN = os.path.dirname(__file__)  # noqa: PTH120 - compared as text


def serve(channel: Channel, task: dict[str, Any]) -> NoReturn:
    """Run the program on descriptor 0, or on the one that comes with each test's message."""
    open_standard_streams()
    tests = task["tests"]
    code = _compiled(task)
    if tests is None:
        channel.close()  # the program has no way to reach anybody
        os._exit(_run(code, task["args"])["exit"])
    output = os.dup(1)
    for _ in range(tests):
        _, stdin = channel.receive_with_descriptor()
        os.dup2(stdin, 0)
        os.dup2(output, 1)
        os.close(stdin)
        channel.send(_run(code, []))
    os._exit(0)


def open_standard_streams() -> None:
    """Give `sys` the streams that a new interpreter would have, on descriptors 0 to 2."""
    stdin = io.BufferedReader(_named(0, "r", "<stdin>"))
    stdout = io.BufferedWriter(_named(1, "w", "<stdout>"))
    stderr = io.BufferedWriter(_named(2, "w", "<stderr>"))
    streams = {
        "stdin": io.TextIOWrapper(stdin, "utf-8", "surrogateescape"),
        "stdout": io.TextIOWrapper(stdout, "utf-8", "surrogateescape"),
        "stderr": io.TextIOWrapper(stderr, "utf-8", "backslashreplace", line_buffering=True),
    }
    for name, stream in streams.items():
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _named(descriptor: int, mode: str, name: str) -> io.FileIO:
    file = io.FileIO(descriptor, mode, closefd=False)
    file.name = name  # as the interpreter names them
    return file


def fresh_module(name: str) -> types.ModuleType:
    """An empty module, that is also `__main__`, and random numbers that are the same each time."""
    random.seed(0)
    module = types.ModuleType(name)
    module.__dict__["__builtins__"] = builtins
    module.__file__ = f"/tmp/{SOURCE}"  # noqa: S108 - where a program would look for itself
    sys.modules["__main__"] = sys.modules[name] = module
    return module


def compiled(source: str, name: str) -> types.CodeType:
    """The code; tracebacks and `inspect` find its source under this name."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec", dont_inherit=True)


def run_code(code: types.CodeType, module: types.ModuleType) -> None:
    """Run code in a module."""
    exec(code, module.__dict__)  # noqa: S102 - running code is what this is for


def print_error(error: BaseException) -> None:
    """Print a traceback that begins in the program, as `sys.excepthook` would."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(_OWN):
        frames = frames.tb_next
    error.__traceback__ = frames
    with suppress(BaseException):  # whatever hook the program has set
        if sys.excepthook is sys.__excepthook__:  # it would look for the source in a file
            traceback.print_exception(error)
        else:
            sys.excepthook(type(error), error, frames)


def _compiled(task: dict[str, Any]) -> list[types.CodeType]:
    """The prelude and the program; nothing, once the error is printed, where it is no Python."""
    try:
        sources = [(task["prelude"], "prelude.py"), (task["program"], SOURCE)]
        return [compiled(source, name) for source, name in sources]
    except BaseException as error:  # noqa: BLE001 - SyntaxError, MemoryError, RecursionError, ...
        print_error(error)
        return []


def _run(code: list[types.CodeType], args: list[str]) -> dict[str, Any]:
    """Run the program as an interpreter would, to the end of its threads and exit handlers.

    Gives its exit status, and whether this process can run no other test: the end of threads,
    which `multiprocessing` brings about in the same way, is the interpreter's.
    """
    open_standard_streams()
    sys.argv = [SOURCE, *args]
    if not code:
        return {"exit": 1, "last": True}
    module = fresh_module("__main__")
    status = _executed(code, module)
    threads = threading.active_count() > 1
    if threads:
        with suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001 - see above
    with suppress(BaseException):
        atexit._run_exitfuncs()  # noqa: SLF001 - there is no public way to run them
    return {"exit": _flushed() or _finalised(module) or status, "last": threads}


def _executed(code: list[types.CodeType], module: types.ModuleType) -> int:
    try:
        for part in code:
            run_code(part, module)
    except SystemExit as error:
        return _status(error)
    except BaseException as error:  # noqa: BLE001 - whatever ends a program
        print_error(error)
        return 1
    return 0


def _status(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return (error.code or 0) & 255
    with suppress(BaseException):
        print(error.code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    return 1


def _flushed() -> int:
    """Flush what `sys.stdout` is now; 120 is what the interpreter exits with when that fails."""
    try:
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001 - it may be anything
        return 0 if getattr(sys.stdout, "closed", False) is True else 120
    return 0


def _finalised(module: types.ModuleType) -> int:
    """Let go of the program's objects: files that it forgot to close are written then."""
    with suppress(BaseException):
        module.__dict__.clear()
        gc.collect()
    return _flushed()
