"""One program and the tests that it is to pass, with the limits that hold."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from rewardkit.sandbox import Limits, Sandbox
from rewardkit_code.cases import Tests
from rewardkit_code.comparing import Output
from rewardkit_code.program import Program
from rewardkit_code.verdicts import Failure, Result

__all__ = [
    "BrokenError",
    "FaultError",
    "Job",
    "Settings",
    "UnsplitError",
    "not_run",
    "raise_fault",
]

# What LeetCode, and so LiveCodeBench and TACO, import for a `class Solution`. The builtin pow
# comes last: math's takes no modulus.
_LEETCODE_IMPORTS = """\
import bisect, collections, copy, datetime, functools, heapq, itertools, math, operator
import random, re, string, sys
from bisect import *
from collections import *
from functools import *
from heapq import *
from itertools import *
from math import *
from typing import *
from builtins import pow
"""


class FaultError(Exception):
    """There is no verdict, and it is not the program's fault; the message says whose."""


class BrokenError(Exception):
    """The process ended in a way that it should not be able to; the message says how."""


class UnsplitError(Exception):
    """The tests cannot be kept apart from the program after all; the message says why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The options of the reward that running and judging need."""

    binary: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)
    output: Output = "tokens"
    tolerance: float = 1e-6
    seconds: float | None = None
    memory: int | None = None
    budget: float = 120.0

    def weight(self, group: str) -> float:
        """What a test of this group counts for."""
        return self.weights.get(group, 1.0)


class Job:
    """What judging one program needs.

    Attributes:
        sandbox: Where untrusted code runs.
        tests: The row's tests.
        program: The completion's program.
        settings: The reward's options.
        limits: What each test may use.
        prelude: What the program finds defined.
    """

    def __init__(
        self, sandbox: Sandbox, tests: Tests, program: Program, settings: Settings
    ) -> None:
        self.sandbox = sandbox
        self.tests = tests
        self.program = program
        self.settings = settings
        self.limits = _limits(tests, settings)
        self.prelude = tests.preamble or _standard_imports(tests, program)
        self._ends = time.monotonic() + settings.budget

    @property
    def overdue(self) -> bool:
        """Whether the time for all tests of the program is used up."""
        return time.monotonic() > self._ends

    def defines(self, function: str) -> bool:
        """Whether the program defines or imports what a test calls, as far as its text tells."""
        first = re.escape(function.partition(".")[0].replace("()", ""))
        defined = rf"^[ \t]*(?:(?:async )?def|class) {first}\b|^{first}[ \t]*[:=]"
        imported = rf"^(?:from|import) .*\b{first}\b"
        return re.search(f"(?m){defined}|{imported}", self.program.source) is not None

    def path(self, function: str) -> str:
        """What a test calls, as the sandbox names it: a method of Solution where it is one."""
        source = self.program.source
        name = function.replace("()", "")
        if "." in name or re.search(
            rf"(?m)^(?:(?:async )?def|class) {name}\b|^{name}[ \t]*=", source
        ):
            return name
        solution = re.search(r"(?m)^class Solution\b", source)
        method = re.compile(rf"(?m)^[ \t]+(?:async )?def {name}\b")
        in_class = solution is not None and method.search(source, solution.end())
        return f"Solution.{name}" if in_class else name


def not_run(group: str) -> Result:
    """What came of a test that there was no time for."""
    return Result(group, Failure("time", "the time for all tests of a program is used up"))


def raise_fault(outcome: str, reason: str) -> None:
    """Raise where a process ended by no fault of its program's."""
    if outcome == "starved":
        raise FaultError(reason)
    if outcome == "broken":
        raise BrokenError(reason)


def _limits(tests: Tests, settings: Settings) -> Limits:
    default = Limits()
    seconds = settings.seconds or tests.seconds or default.cpu_seconds
    return Limits(
        cpu_seconds=seconds,
        # What sleeps its time away is slow, too. On a machine that gives it no CPU it is starved,
        # which is no verdict.
        wall_seconds=2.0 * seconds + 1.0,
        memory=settings.memory or tests.memory or default.memory,
    )


def _standard_imports(tests: Tests, program: Program) -> str:
    in_class = re.search(r"(?m)^class Solution\b", f"{tests.starter}\n{program.source}")
    return _LEETCODE_IMPORTS if in_class else ""
