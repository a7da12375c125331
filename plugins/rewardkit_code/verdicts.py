"""What came of running a row's tests, and the score that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import rewardkit as rk

__all__ = ["Failure", "Result", "Verdict", "clip", "shown"]

_SHOWN = 300  # characters of a value that the evidence quotes


@dataclass(frozen=True, slots=True)
class Failure:
    """The first test that failed: which, on what input, with what expected, with what got."""

    test: str
    reason: str
    input: str = ""
    expected: str = ""
    got: str = ""

    def as_evidence(self) -> dict[str, str]:
        """The same for a score's evidence, cut to what can be read."""
        shown = {
            "test": self.test,
            "reason": self.reason,
            "input": self.input,
            "expected": self.expected,
            "got": self.got,
        }
        return {name: clip(text) for name, text in shown.items() if text}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one test; `failure` is None where it passed.

    `seconds` is CPU time of a whole program, and time on the clock of a call.
    """

    group: str = ""
    failure: Failure | None = None
    seconds: float = 0.0
    memory: int = 0


@dataclass(slots=True)
class Verdict:
    """What came of all tests.

    Attributes:
        results: Of the tests that ran, in their order.
        total: How many there are; in a failing all-or-nothing run, more than ran.
        fault: Why there is no verdict: this machine's fault, or the row's, not the program's.
    """

    total: int
    results: list[Result] = field(default_factory=list)
    fault: str = ""

    def score(self, binary: bool, weights: Mapping[str, float], facts: dict[str, Any]) -> rk.Score:
        """The score; `facts` goes into its evidence."""
        evidence = {**facts, **self._evidence()}
        if self.fault:
            return rk.Score(None, self.fault, evidence, failed=True)
        first = next((r.failure for r in self.results if r.failure), None)
        if first is None:
            return self._all_passed(evidence)
        share = self._share(weights)
        reason = f"{self._count()}; {first.test}: {clip(first.reason)}"
        return rk.Score(0.0 if binary else share, reason, evidence)

    def _all_passed(self, evidence: dict[str, Any]) -> rk.Score:
        count = len(self.results)
        if not count or count < self.total:
            reason = (
                f"{count} of {self.total} tests ran" if self.total else "no test weighs anything"
            )
            return rk.Score(None, reason, evidence, failed=True)
        return rk.Score(1.0, f"all {count} tests passed", evidence)

    def _share(self, weights: Mapping[str, float]) -> float:
        passed = sum(weights.get(r.group, 1.0) for r in self.results if not r.failure)
        ran = sum(weights.get(r.group, 1.0) for r in self.results)
        return passed / ran if ran else 0.0

    def _count(self) -> str:
        passed = sum(not r.failure for r in self.results)
        if len(self.results) < self.total:
            return f"test {len(self.results)} of {self.total} failed"
        return f"{passed} of {self.total} tests passed"

    def _evidence(self) -> dict[str, Any]:
        passed = sum(not r.failure for r in self.results)
        evidence: dict[str, Any] = {
            "passed": passed,
            "ran": len(self.results),
            "total": self.total,
        }
        first = next((r.failure for r in self.results if r.failure), None)
        if first is not None:
            evidence["first_failure"] = first.as_evidence()
        if self.results:
            evidence["slowest_seconds"] = round(max(r.seconds for r in self.results), 4)
            memory = max(r.memory for r in self.results)
            if memory:
                evidence["most_memory"] = memory
        return evidence


def shown(value: Any) -> str:
    """How a value of the program's or of a test's is written; whatever it is, this does not raise.

    Python refuses to write integers of more than 4300 digits, and what is nested too deep.
    """
    try:
        return repr(value)
    except (ValueError, RecursionError, MemoryError):
        return f"<{type(value).__name__} too large to be shown>"


def clip(text: str) -> str:
    """The text as it can be encoded, or its beginning and how much follows."""
    more = f"... ({len(text) - _SHOWN} more characters)" if len(text) > _SHOWN else ""
    return text[:_SHOWN].encode("utf-8", "backslashreplace").decode() + more
