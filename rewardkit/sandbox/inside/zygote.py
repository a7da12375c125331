"""The zygote: confines itself once, then forks one throw-away child for each run.

It has one thread, runs one child at a time, and never sees a program, an input or an answer: the
child reads those itself, from a channel that comes with the job and is closed here at once. So
there is nothing in its memory, which every child inherits, that a program could want.
"""

from __future__ import annotations

import _sitebuiltins
import builtins
import gc
import importlib
import os
import resource
import signal
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from rewardkit.sandbox.inside.child import become
from rewardkit.sandbox.inside.confinement import Confinement
from rewardkit.sandbox.inside.marker import Marker
from rewardkit.sandbox.inside.watch import Watch
from rewardkit.sandbox.linux import landlock, namespaces, seccomp
from rewardkit.sandbox.linux.calls import set_thread_stack
from rewardkit.sandbox.linux.identity import drop_root, is_root, unused_user
from rewardkit.sandbox.linux.numbers import machine
from rewardkit.sandbox.linux.root import FOLDER, place_inside
from rewardkit.sandbox.wire import receive_packet, send_packet

__all__ = ["main"]

_STACK = 512 * 2**20
_THREAD_STACK = 8 * 2**20

# What most programs import. Each is paid for once here, and by every fork with its pages.
_MODULES = (
    "array",
    "ast",
    "atexit",
    "bisect",
    "builtins",
    "cmath",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "functools",
    "gc",
    "heapq",
    "io",
    "itertools",
    "json",
    "linecache",
    "math",
    "numbers",
    "operator",
    "os",
    "queue",
    "random",
    "re",
    "signal",
    "statistics",
    "string",
    "struct",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "warnings",
)


def main(control: int, owner: int) -> NoReturn:
    """Serve jobs from the socket `control` until it closes or the process of the pidfd ends."""
    _grow_stack()
    endpoint = socket.socket(fileno=control)
    try:
        config, _ = receive_packet(endpoint)
        zygote = _Zygote(endpoint, owner, config)
        send_packet(endpoint, {"ready": zygote.confinement.describe()})
    except (OSError, EOFError, ImportError, ValueError) as error:
        with suppress(OSError):
            send_packet(endpoint, {"error": f"{error}"[:2000] or type(error).__name__})
        os._exit(1)
    with suppress(EOFError, OSError):
        zygote.serve()
    os._exit(0)


def _grow_stack() -> None:
    """Start anew with room for a deep stack: how far it may grow is settled at exec."""
    soft, hard = resource.getrlimit(resource.RLIMIT_STACK)
    roomy = soft == resource.RLIM_INFINITY or soft >= _STACK
    if roomy or (hard != resource.RLIM_INFINITY and hard < _STACK):
        return
    resource.setrlimit(resource.RLIMIT_STACK, (_STACK, hard))
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - the same command again


class _Zygote:
    def __init__(self, endpoint: socket.socket, owner: int, config: dict[str, Any]) -> None:
        self._endpoint = endpoint
        self._owner = owner
        _be_an_ordinary_interpreter()
        set_thread_stack(_THREAD_STACK)
        _forget_surroundings()
        processes = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        sys.path += config["packages"]
        _import(_MODULES)
        self.confinement = _confine(config, owner)
        self._watch = Watch(endpoint, owner, processes)
        self._marker = Marker()
        _import(config["preload"])
        _quieten()
        gc.collect()
        gc.freeze()  # so that no collection of a child's touches, and copies, inherited pages

    def serve(self) -> None:
        while self._watch.wait_for_job():
            job, descriptors = receive_packet(self._endpoint)
            if isinstance(job, dict):  # else it was meant for a run that has just ended
                self._run(job, descriptors)

    def _run(self, job: dict[str, Any], descriptors: list[int]) -> None:
        self._marker.clear()
        try:
            child = self.confinement.fork()
        except OSError as error:  # no process, no memory: the machine's state, not the program's
            _close(descriptors)
            send_packet(self._endpoint, {"why": "broken", "error": str(error)})
            return
        if child == 0:
            become(job, descriptors, self.confinement, self._marker)
        _close(descriptors)
        ended = self._watch.until_end(child, job)
        if not self._marker.is_set():
            ended["why"] = "broken"
        send_packet(self._endpoint, ended)


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _confine(config: dict[str, Any], owner: int) -> Confinement:
    isolation = config["isolation"]
    if isolation == "none":
        return Confinement("none", config)
    machine()
    if not seccomp.available():
        raise OSError("the kernel has no seccomp filters")
    if isolation == "namespaces":
        namespaces.enter(config["folders"], owner)
        config = _moved(config)
    else:
        if not landlock.version():
            raise OSError("the kernel has no Landlock")
        _become_nobody()
    os.environ["PATH"] = os.pathsep.join(config["programs"])
    return Confinement(isolation, config)


def _moved(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration with the folders where they stand in the new root."""
    sys.path[:] = [place_inside(path) for path in sys.path]
    importlib.invalidate_caches()
    moved = ("folders", "packages", "programs")
    return {**config, **{key: [place_inside(path) for path in config[key]] for key in moved}}


def _become_nobody() -> None:
    """Drop root, if the interpreter stays readable; if not, Landlock and seccomp hold alone."""
    user = unused_user()
    if is_root() and user is not None and _readable_by_others(Path(os.__file__)):
        drop_root(user)


def _readable_by_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in path.parents)


def _forget_surroundings() -> None:
    """Keep nothing of the caller's: environment, folder."""
    os.environ.clear()
    os.environ.update(PATH="/usr/bin:/bin", HOME=FOLDER, LANG="C.UTF-8")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy would start a thread a core
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _be_an_ordinary_interpreter() -> None:
    """Define what programs end by, as `site` does, and write integers of any length.

    Programs are older than the limit of 4300 digits, and CPU time is limited here.
    """
    for name in ("exit", "quit"):
        setattr(builtins, name, _sitebuiltins.Quitter(name, "Ctrl-D (i.e. EOF)"))
    sys.set_int_max_str_digits(0)


def _import(names: Iterable[str]) -> None:
    for name in names:
        importlib.import_module(name)


def _quieten() -> None:
    """Let go of the parent's pipe for errors: everything from here on is reported by message."""
    null = os.open("/dev/null", os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.close(null)
