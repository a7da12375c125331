"""Test code in one process, the candidate in another, and this one between them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from rewardkit.sandbox.outcomes import Limits, Run, Split
from rewardkit.sandbox.plain import Reader
from rewardkit.sandbox.pool import Pool
from rewardkit.sandbox.running import Running
from rewardkit.sandbox.session import Candidate

__all__ = ["run_split"]

_CALL = b"C"


def run_split(
    pool: Pool,
    program: str,
    task: Mapping[str, Any],
    limits: Limits,
    test_limits: Limits,
) -> Split:
    """Run the tests of `task`, relaying their calls; see `Sandbox.split`."""
    candidate = Candidate(pool, program, str(task["prelude"]), limits, handles=True)
    try:
        if candidate.loaded is None or b'"loaded"' not in candidate.loaded[:20]:
            return _not_loaded(candidate)
        zygote = pool.take()
        tests = Running(zygote, test_limits, {**task, "kind": "tests"})
        try:
            return _relay(candidate, tests)
        finally:
            tests.close()
            ended = tests.ended or {}
            pool.give(zygote, healthy=ended.get("why") != "broken")
    finally:
        candidate.close()


def _relay(candidate: Candidate, tests: Running) -> Split:
    began = time.monotonic()
    calls = 0
    while tests.wait() == "message":
        message = tests.receive()
        if message is None:
            break
        if message[:1] != _CALL:
            return _told(json.loads(message[1:]), candidate, tests, calls, began)
        calls += 1
        answer = candidate.ask(message[1:])
        tests_answer = answer if answer is not None else _ended(candidate)
        try:
            tests.channel.send_bytes(tests_answer)
        except OSError:
            break
    run = tests.result()
    outcome = "exit" if run.ok else run.outcome
    return Split(
        outcome,
        calls=calls,
        stdout=run.stdout,
        stderr=run.stderr,
        wall_seconds=time.monotonic() - began,
    )


def _told(
    answer: dict[str, Any], candidate: Candidate, tests: Running, calls: int, began: float
) -> Split:
    """What the tests say, unless the candidate ended under them."""
    stdout, stderr = tests.take_output()
    said: dict[str, Any] = {
        "report": Reader().read(answer.get("report")),
        "calls": calls,
        "stdout": stdout,
        "stderr": stderr,
        "wall_seconds": time.monotonic() - began,
    }
    ended = candidate.ended
    if ended is not None:
        return Split(_never_ok(ended), "candidate", message=ended.reason, **said)
    if answer["passed"]:
        return Split("passed", **said)
    if answer["unsendable"]:
        return Split("unsplittable", message=answer["unsendable"], **said)
    return Split("failed", exception=answer["type"], message=answer["message"], **said)


def _not_loaded(candidate: Candidate) -> Split:
    ended = candidate.ended
    if ended is not None:
        return Split(_never_ok(ended), "candidate", message=ended.reason)
    try:
        answer = json.loads(candidate.loaded or b"{}")
        exception, message = str(answer["raised"]), str(answer["message"])
    except (ValueError, LookupError, TypeError, RecursionError):
        exception, message = "", "the candidate answered in the name of its server"
    return Split("failed", "candidate", exception[:200], message[:2000])


def _ended(candidate: Candidate) -> bytes:
    run = candidate.ended
    return json.dumps({"ended": run.reason if run else "it sent no answer"}).encode()


def _never_ok(run: Run) -> Any:
    """How it ended; to exit well in the middle of the tests is no merit."""
    return "exit" if run.ok else run.outcome
