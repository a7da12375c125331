"""What a run may use, and what happened in it: plain, frozen, picklable values."""

from __future__ import annotations

import math
import signal as signals
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from rewardkit.errors import OptionError

__all__ = ["Binary", "Call", "Limits", "Outcome", "Run", "Split"]

Outcome = Literal[
    "ok", "exit", "signal", "cpu_time", "wall_time", "memory", "output", "starved", "broken"
]
"""How a process ended.

- `ok`: by itself, with exit status 0;
- `exit`: by itself, with another exit status;
- `signal`: by a signal, such as a segmentation fault;
- `cpu_time`: it used up its CPU seconds;
- `wall_time`: it used up its wall seconds while it slept or waited;
- `starved`: it used up its wall seconds because the machine gave it no CPU: not its fault;
- `memory`: it wanted more memory than it may have;
- `output`: it wrote more than it may;
- `broken`: the sandbox itself failed, for instance because it was closed: not its fault.
"""

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use.

    Attributes:
        cpu_seconds: CPU time, of all its threads. In a batch or a session: of each test or call,
            and up to a tenth more.
        wall_seconds: Time on the clock; None for twice the CPU seconds and five more, so that a
            busy machine does not turn a right program into a slow one.
        memory: Bytes of address space; for compiled languages, of writable private memory.
        output: Most bytes of standard output, and as many again of standard error.
        file_bytes: Most bytes of all files in its folder together, and of each one.
        open_files: Most open file descriptors.
        processes: Most threads; where a program may start processes, these count, too.

    Raises:
        OptionError: a number that is not positive.
    """

    cpu_seconds: float = 10.0
    wall_seconds: float | None = None
    memory: int = 1024 * MIB
    output: int = 4 * MIB
    file_bytes: int = 64 * MIB
    open_files: int = 128
    processes: int = 64

    def __post_init__(self) -> None:
        for name in self.__slots__:
            number = getattr(self, name)
            if name == "wall_seconds" and number is None:
                continue
            if not (number > 0 and math.isfinite(number)):
                raise OptionError(f"{name} is {number!r}: it must be more than 0, and finite.")

    @property
    def wall(self) -> float:
        """The wall seconds, derived where they are not given."""
        return self.wall_seconds or 2.0 * self.cpu_seconds + 5.0


@dataclass(frozen=True, slots=True)
class Run:
    """What happened in one run of a program.

    Attributes:
        outcome: How it ended.
        exit_code: Its exit status, or None when a signal or a limit ended it.
        signal: The number of the signal that ended it, or None.
        stdout: What it wrote to standard output, cut at the limit.
        stderr: What it wrote to standard error, cut at the limit.
        cpu_seconds: CPU time used, user and system. For a test of a batch that took less wall
            time than a tenth of its limit this is the wall time.
        wall_seconds: Time on the clock.
        peak_memory: Most bytes resident, the interpreter included; 0 where it is not known.
    """

    outcome: Outcome
    exit_code: int | None = None
    signal: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0
    peak_memory: int = 0

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit status 0."""
        return self.outcome == "ok"

    @property
    def reason(self) -> str:
        """How it ended, in a few words."""
        return _reason(self.outcome, self.exit_code, self.signal, self.cpu_seconds)


CallOutcome = Literal["returned", "raised", "unsendable"] | Outcome


@dataclass(frozen=True, slots=True)
class Call:
    """What came of calling a function of the program.

    Attributes:
        outcome: `returned`, `raised`, `unsendable` (what it returned is no plain data), or how the
            process ended during this call, or had ended before it.
        value: What it returned, decoded: plain data, see `rewardkit.sandbox.plain`.
        exception: Name of the exception's type: "ValueError".
        base: Name of the nearest builtin type that it is, or derives from.
        message: The exception's text, cut at 2000 characters.
        changed: By position or keyword, those arguments of a mutable type (list, dict, set,
            instance) that the call changed in place, as they are now.
        wall_seconds: Time on the clock.
        instances: How many `Instance`s the value and the arguments refer to. Several values may
            refer to one: to compare or print all that such a value leads to can take for ever.
    """

    outcome: CallOutcome
    value: Any = None
    exception: str = ""
    base: str = ""
    message: str = ""
    changed: Mapping[int | str, Any] = field(default_factory=dict, hash=False)
    wall_seconds: float = 0.0
    instances: int = 0

    @property
    def ok(self) -> bool:
        """Whether it returned a value that could be sent."""
        return self.outcome == "returned"

    @property
    def reason(self) -> str:
        """What happened, in a few words."""
        if self.outcome == "returned":
            return "returned"
        if self.outcome in ("raised", "unsendable"):
            said = f"{self.exception}: {self.message}" if self.message else self.exception
            return said.splitlines()[0][:300] if said else self.outcome
        return _reason(self.outcome, None, None, None)


@dataclass(frozen=True, slots=True)
class Split:
    """What came of tests that ran apart from the candidate.

    Attributes:
        outcome: `passed` when the test code ran to its end; `failed` when it raised;
            `unsplittable` when the tests handed the candidate, or took from it, something that
            can't travel between two processes; else how the side named by `side` ended.
        side: Whose end `outcome` tells: "tests" or "candidate".
        exception: Name of the type of the exception that the test code raised.
        message: Its text, cut at 2000 characters.
        report: What the test code left in its variable `report`: plain data, or None. It is the
            tests' word, not the candidate's.
        calls: How many calls the tests made of the candidate.
        stdout: What the test code printed.
        stderr: What the test code wrote to standard error, with the traceback.
        wall_seconds: Time on the clock.
    """

    outcome: Literal["passed", "failed", "unsplittable"] | Outcome
    side: Literal["tests", "candidate"] = "tests"
    exception: str = ""
    message: str = ""
    report: Any = None
    calls: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    wall_seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the test code ran to its end."""
        return self.outcome == "passed"

    @property
    def reason(self) -> str:
        """What happened, in a few words."""
        if self.outcome == "passed":
            return "passed"
        if self.outcome in ("failed", "unsplittable"):
            said = f"{self.exception}: {self.message}" if self.message else self.exception
            return said.splitlines()[0][:300] if said else self.outcome
        return f"{self.side}: {_reason(self.outcome, None, None, None)}"


@dataclass(frozen=True, slots=True)
class Binary:
    """A program made ready to run by `Sandbox.compile`: its files and the command.

    Attributes:
        language: The language's name.
        command: What runs it, in the folder of its files.
        files: What the compiler left, by name; the source where nothing is compiled.
        compiled: What happened in the compiler; `compiled.ok` is False when the source is wrong,
            and `compiled.stderr` then says why. Such a binary can't be run.
    """

    language: str
    command: tuple[str, ...]
    files: Mapping[str, bytes] = field(hash=False, repr=False)
    compiled: Run = Run("ok", 0)

    @property
    def ok(self) -> bool:
        """Whether it can be run."""
        return self.compiled.ok


def _reason(
    outcome: str, exit_code: int | None, signal: int | None, cpu_seconds: float | None
) -> str:
    if outcome == "exit" and exit_code is not None:
        return f"exit status {exit_code}"
    if outcome == "signal" and signal is not None:
        return f"ended by {_signal_name(signal)}"
    used = "" if cpu_seconds is None else f" after {cpu_seconds:.2f} s of CPU"
    return {
        "ok": "ended well",
        "exit": "the program ended",
        "signal": "ended by a signal",
        "cpu_time": f"out of CPU time{used}",
        "wall_time": f"still waiting at the wall limit{used}",
        "starved": f"the machine gave it no CPU{used}",
        "memory": "out of memory",
        "output": "too much output",
        "broken": "the sandbox failed",
    }[outcome]


def _signal_name(number: int) -> str:
    try:
        return signals.Signals(number).name
    except ValueError:
        return f"signal {number}"
