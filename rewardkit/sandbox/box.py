"""The sandbox, as its users see it."""

from __future__ import annotations

import atexit
import json
import os
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal, get_args

from rewardkit.errors import OptionError, SandboxError
from rewardkit.sandbox.batch import run_batches
from rewardkit.sandbox.compiling import COMPILING, Compiler
from rewardkit.sandbox.outcomes import Binary, Limits, Run, Split
from rewardkit.sandbox.pool import Pool, cpus
from rewardkit.sandbox.running import Running
from rewardkit.sandbox.session import Candidate, Session
from rewardkit.sandbox.split import run_split
from rewardkit.sandbox.toolchains import folders_of_environment
from rewardkit.sandbox.zygotes import config
from rewardkit.types import Language

__all__ = ["Isolation", "Sandbox"]

Isolation = Literal["auto", "namespaces", "seccomp", "none"]


class Sandbox:
    """Runs untrusted Python, and compiled programs, confined and limited.

    Any thread may use it, several at once. It starts on first use, and ends with `close`, with the
    process, however that ends, and is never shared with a forked child, which starts its own.

    Args:
        isolation: `auto` takes the best that this machine offers and refuses to run where it
            offers none; `namespaces` and `seccomp` insist on one; `none` has only resource limits,
            is no protection, and warns.
        size: Most runs at once; a further one waits. As many as there are CPUs when None.
        preload: Modules that each run finds already imported, "numpy" for instance.
        packages: Whether programs may import what is installed beside rewardkit (read-only).
        folders: Further folders that programs may read: a compiler's that is not beneath /usr,
            for instance, whose `bin` is then searched for programs. Those that the environment
            variable REWARDKIT_SANDBOX_FOLDERS names, with colons, when None. Everything in them
            is in reach of untrusted code.

    Raises:
        OptionError: an unknown isolation, a size that is not positive.

    Every method raises SandboxError where untrusted code can't be run, or after `close`.
    """

    def __init__(
        self,
        isolation: Isolation = "auto",
        *,
        size: int | None = None,
        preload: Sequence[str] = (),
        packages: bool = True,
        folders: Sequence[str] | None = None,
    ) -> None:
        if isolation not in get_args(Isolation):
            known = ", ".join(get_args(Isolation))
            raise OptionError(f"isolation is {isolation!r}: it must be one of {known}.")
        if size is not None and size < 1:
            raise OptionError(f"size is {size!r}: it must be at least 1.")
        if folders is None:
            folders = folders_of_environment()
        settings = config(preload=preload, packages=packages, folders=folders)
        self._pool = Pool(isolation, size or cpus(), settings)
        self._compiler = Compiler(self._build, folders)
        _POOLS.add(self._pool)
        weakref.finalize(self, self._pool.close).atexit = False  # `_at_exit` does that

    def run(
        self,
        program: str,
        *,
        stdin: bytes = b"",
        limits: Limits | None = None,
        files: Mapping[str, bytes] | None = None,
        args: Sequence[str] = (),
        prelude: str = "",
    ) -> Run:
        """Run a whole Python program, with a real standard input, in a process of its own.

        Args:
            program: Its source. It runs as `__main__`, in an empty folder of its own, /tmp.
            stdin: What it can read from descriptor 0, a regular file.
            limits: What it may use; `Limits()` when None.
            files: What its folder holds, by name. Needs namespaces.
            args: Its `sys.argv[1:]`.
            prelude: Source that runs in the program's namespace before it: imports that the
                tests' authors take for granted. It shifts no line number, and the program may
                still begin with `from __future__`.
        """
        task = {
            "kind": "program",
            "tests": None,
            "program": program,
            "prelude": prelude,
            "args": list(args),
        }
        return self._once(task, stdin, limits or Limits(), files)

    def run_tests(
        self,
        program: str,
        stdins: Sequence[bytes],
        *,
        accept: Callable[[int, Run], bool] | None = None,
        stop_early: bool = False,
        limits: Limits | None = None,
        prelude: str = "",
    ) -> list[Run]:
        """Run one program on many standard inputs, as fast as may be; one Run an input, in order.

        The tests share a process as long as all goes well. A test that doesn't end well, or that
        `accept` refuses, counts only if it was the first of its process: else it runs again, as
        the first of a new one. Limits hold for each test.

        Args:
            program: As for `run`.
            stdins: A standard input a test.
            accept: Called in this process with a test's position and its run when it ended well:
                whether its output is right. All are when None.
            stop_early: End after the first test that fails for good; the list is then shorter.
            limits: What each test may use.
            prelude: As for `run`.
        """
        with self._pool.slot():
            return run_batches(
                self._pool,
                {"kind": "program", "program": program, "prelude": prelude},
                stdins,
                limits or Limits(),
                accept or _anything,
                stop_early=stop_early,
            )

    def session(
        self,
        program: str,
        *,
        limits: Limits | None = None,
        prelude: str = "",
    ) -> Session:
        """Load a program as the module `solution`, to call its functions: a context manager.

        Limits hold for loading it, and then for each call. A program that fails to load makes
        every call say so.
        """
        used = limits or Limits()
        done = self._pool.queue()
        try:
            return Session(Candidate(self._pool, program, prelude, used, handles=False), done)
        except BaseException:
            done()
            raise

    def split(
        self,
        candidate: str,
        tests: str,
        *,
        names: Sequence[str] = (),
        modules: Sequence[str] = ("solution",),
        prelude: str = "",
        limits: Limits | None = None,
        test_limits: Limits | None = None,
    ) -> Split:
        """Run test code in a sandbox of its own, without the candidate, which it calls from afar.

        Each call is relayed by this process as plain data: values are flattened, so that no
        `__eq__` of the candidate decides anything; arguments changed in place come back; builtin
        exceptions are raised as what they were, others as subclasses of Exception. Instances of
        classes that the prelude defines travel by value. Other instances of the candidate's
        classes stay where they are: tests can call their methods, read and set their attributes,
        index, iterate, `len` and `str` them; they equal nothing but themselves.
        What a call prints is printed to the `sys.stdout` and `sys.stderr` that the tests have set
        in the meantime, so that they can read it.

        Args:
            candidate: The untrusted program; it runs as the module `solution`.
            tests: Trusted source. It has passed when it ran to its end, or to `sys.exit(0)`. What
                it leaves in the variable `report` comes back, also when it raised.
            names: Names of the candidate's that the test code finds defined. "Solution().f" or
                "Solution.f" may stand for a method: `("candidate=Solution.f",)` names it.
            modules: Names under which the test code may import the candidate: any name in it.
            prelude: Trusted source that runs first on both sides: imports, helper classes.
            limits: What the candidate may use: CPU and wall time for each call.
            test_limits: What the tests may use; as `limits`, with six times the time, when None.
        """
        used = limits or Limits()
        if test_limits is None:
            test_limits = replace(
                used, cpu_seconds=6 * used.cpu_seconds, wall_seconds=6 * used.wall
            )
        task = {"tests": tests, "names": list(names), "modules": list(modules)}
        with self._pool.slot():
            return run_split(
                self._pool, candidate, {**task, "prelude": prelude}, used, test_limits
            )

    def compile(
        self,
        language: Language,
        source: str,
        *,
        limits: Limits | None = None,
    ) -> Binary:
        """Compile a program in a sandbox that may run the compiler; cached by source.

        A source that doesn't compile is data: see `Binary.ok`. Needs namespaces.

        Raises:
            SandboxError: the language's compiler, or what runs it, is not installed.
        """
        self._need_namespaces("compiled languages")
        return self._compiler.compile(language, source, limits or COMPILING)

    def execute(
        self,
        binary: Binary,
        *,
        stdin: bytes = b"",
        limits: Limits | None = None,
        files: Mapping[str, bytes] | None = None,
        args: Sequence[str] = (),
    ) -> Run:
        """Run a compiled program: it may start threads, but no other program.

        Raises:
            ValueError: the binary is not `ok`.
        """
        if not binary.ok:
            raise ValueError(f"The program was not compiled: {binary.compiled.reason}.")
        self._need_namespaces("compiled languages")
        task = {"kind": "command", "command": [*binary.command, *args]}
        return self._once(task, stdin, limits or Limits(), {**binary.files, **(files or {})})

    def start(self) -> str:
        """Start now rather than on first use; says which isolation holds."""
        zygote = self._pool.take()
        self._pool.give(zygote, healthy=True)
        return str(zygote.holds["isolation"])

    def close(self) -> None:
        """End it; a run in another thread ends as `broken`. Twice is fine."""
        self._pool.close()

    @property
    def closed(self) -> bool:
        """Whether it can't be used any more."""
        return self._pool.closed

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _once(
        self,
        task: Mapping[str, Any],
        stdin: bytes,
        limits: Limits,
        files: Mapping[str, bytes] | None,
    ) -> Run:
        for name in files or {}:
            _check_name(name)
        if files:
            self._need_namespaces("files")
        with self._pool.slot():
            zygote = self._pool.take()
            running = Running(zygote, limits, task, stdin=stdin, files=files)
            try:
                return running.result()
            finally:
                running.close()
                self._pool.give(zygote, healthy=(running.ended or {}).get("why") != "broken")

    def _build(
        self, command: list[str], files: Mapping[str, bytes], limits: Limits
    ) -> tuple[Run, dict[str, bytes]]:
        with self._pool.slot():
            zygote = self._pool.take()
            running = Running(zygote, limits, {"kind": "build", "command": command}, files=files)
            running.channel.cap = limits.file_bytes
            try:
                left = _files_of(running)
                return running.result(), left
            finally:
                running.close()
                self._pool.give(zygote, healthy=(running.ended or {}).get("why") != "broken")

    def _need_namespaces(self, what: str) -> None:
        if self._pool.isolation == "auto":
            self.start()
        if self._pool.isolation == "seccomp":
            raise SandboxError(
                f"{what} need a folder of their own, and that needs namespaces, which are refused"
                " here: `rewardkit doctor` says why."
            )


def _anything(_position: int, _run: Run) -> bool:
    return True


def _files_of(running: Running) -> dict[str, bytes]:
    """What a build sends when it is done: names, then the files."""
    if running.wait() == "ended":
        return {}
    try:
        names = json.loads(running.receive() or b"[]")
        for name in names:
            _check_name(name)
        return {name: running.channel.receive_bytes() for name in names}
    except (ValueError, TypeError, EOFError, OSError):
        return {}


def _check_name(name: str) -> None:
    if not name or "/" in name or "\0" in name or name in (".", ".."):
        raise ValueError(f"{name!r} is no plain file name.")


_POOLS: weakref.WeakSet[Pool] = weakref.WeakSet()


def _at_exit() -> None:
    for pool in list(_POOLS):
        pool.close()


def _after_fork() -> None:
    """The zygotes are the parent's: this process begins with none."""
    for pool in list(_POOLS):
        pool.disown()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
