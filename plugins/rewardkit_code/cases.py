"""The one form that every data set's tests are read into: cases, and what they are run with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rewardkit_code.checks import Check

__all__ = ["Call", "CallCase", "Case", "SourceCase", "StdinCase", "Tests", "TestsError"]


class TestsError(ValueError):
    """The tests of a row cannot be read; the message names what is wrong with the row."""

    __test__ = False  # pytest collects what begins with Test


@dataclass(frozen=True, slots=True)
class StdinCase:
    """One run of the whole program: what it is fed, and what it has to print."""

    stdin: str
    expected: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the candidate; `function` is a path such as "f", "Solution().f" or "Counter"."""

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceCase:
    """Test code that is not read as calls: it runs, apart from the candidate.

    Attributes:
        source: The module.
        tests: The functions and "Class.method"s of it that are tests; none: the module is one.
        names: What is the candidate's: by the name that the module calls it, its path there.
        check: The function of the candidate that the module's `check` is given, or "".
    """

    source: str
    names: Mapping[str, str]
    tests: tuple[str, ...] = ()
    check: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class CallCase:
    """Calls of the candidate in their order, and what has to hold of what they return.

    Attributes:
        calls: The calls.
        checks: What has to hold; each counts as a test of its own where `counts_each` says so.
        source: The same as test code, for when a value turns out to be no plain data.
    """

    calls: tuple[Call, ...]
    checks: tuple[Check, ...]
    group: str = ""
    name: str = ""
    counts_each: bool = False
    source: SourceCase | None = None


Case = StdinCase | CallCase | SourceCase


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of one row.

    Attributes:
        cases: In the row's order.
        format: Which data set's form they came in, for the evidence.
        entry: What is called, where the tests call one thing: "f" or "Solution().f".
        preamble: Code that stands before the program: imports, helpers, the prompt's header.
        starter: The head that a program without one is the body of.
        language: What the program has to be written in; "" where the row does not say.
        checker: The source of a program that judges the output, in Python; "" for none.
        seconds: The row's own limit for a test.
        memory: The row's own limit in bytes.
        reference: A program whose values are what is expected, where the row gives no values.
        unsplit: Why the tests cannot be kept apart from the candidate; "" where they can.
    """

    __test__ = False

    cases: tuple[Case, ...]
    format: str
    entry: str = ""
    preamble: str = ""
    starter: str = ""
    language: str = ""
    checker: str = ""
    seconds: float | None = None
    memory: int | None = None
    reference: str = ""
    unsplit: str = ""
