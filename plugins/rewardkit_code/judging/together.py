"""Test code and program in one process, for tests that patch what the program uses.

The program can forge this verdict: it is asked for by name only.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewardkit_code.cases import SourceCase
from rewardkit_code.judging.job import Job, raise_fault
from rewardkit_code.runner import code_of
from rewardkit_code.verdicts import Failure, Result

__all__ = ["run_together"]

_LOAD = """
import sys as _sys, types as _types
_module = _types.ModuleType("solution")
for _name in ("solution", "main", "candidate"):
    _sys.modules[_name] = _module
exec(compile({program!r}, "solution.py", "exec"), _module.__dict__)
globals().update({{n: v for n, v in vars(_module).items() if not n.startswith("__")}})
"""


def run_together(job: Job, case: SourceCase) -> Iterator[Result]:
    """What comes of a case as one test, by the exit status of the common process."""
    load = _LOAD.format(program=job.program.source)
    if case.check:
        load += f"\ncandidate = {case.check}\n"
    # The runner raises at the first test that fails.
    program = load + code_of(case, share=False)
    run = job.sandbox.run(program, limits=job.limits, prelude=job.prelude)
    raise_fault(run.outcome, run.reason)
    said = run.stderr.decode("utf-8", "replace").strip().splitlines()
    failure = None if run.ok else Failure("the tests", f"{run.reason}: {said[-1] if said else ''}")
    yield Result(case.group, failure, run.cpu_seconds, run.peak_memory)
