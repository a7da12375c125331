"""Whole programs that read stdin, their output compared here or by the row's checker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import rewardkit as rk
from rewardkit.sandbox import Run
from rewardkit_code.cases import StdinCase
from rewardkit_code.comparing import same_output
from rewardkit_code.judging.job import FaultError, Job, not_run, raise_fault
from rewardkit_code.judging.toolchains import require_toolchain
from rewardkit_code.verdicts import Failure, Result

__all__ = ["run_compiled", "run_stdin"]

_ACCEPTS = frozenset({"1", "1.0", "100", "accepted", "ok", "true", "yes"})


def run_stdin(job: Job, cases: Sequence[StdinCase]) -> Iterator[Result]:
    """What comes of each case, as the tests are run: in one process as long as all goes well."""
    done = 0
    while done < len(cases):
        rest = cases[done:]
        if job.overdue:
            yield from (not_run(case.group) for case in rest)
            return
        runs = job.sandbox.run_tests(
            job.program.source,
            [case.stdin.encode("utf-8", "replace") for case in rest],
            accept=_acceptor(job, rest),
            stop_early=True,
            limits=job.limits,
            prelude=job.prelude,
        )
        for case, run in zip(rest, runs, strict=False):
            done += 1
            yield _result(job, case, run, done)


def run_compiled(language: rk.Language, job: Job, cases: Sequence[StdinCase]) -> Iterator[Result]:
    """The same for a program that is compiled, or run by another interpreter."""
    if not cases:
        return
    binary = job.sandbox.compile(language, job.program.source)
    if not binary.ok:
        require_toolchain(job.sandbox, language)
        raise_fault(binary.compiled.outcome, binary.compiled.reason)
        said = binary.compiled.stderr.decode("utf-8", "replace").strip()
        reason = f"it does not compile: {said or binary.compiled.reason}"
        yield from (Result(case.group, Failure("compiling", reason)) for case in cases)
        return
    for number, case in enumerate(cases, 1):
        if job.overdue:
            yield not_run(case.group)
            continue
        stdin = case.stdin.encode("utf-8", "replace")
        yield _result(
            job, case, job.sandbox.execute(binary, stdin=stdin, limits=job.limits), number
        )


def _acceptor(job: Job, cases: Sequence[StdinCase]) -> Callable[[int, Run], bool] | None:
    # A checker is asked later: it runs in this sandbox, which may have no room beside this run.
    if job.tests.checker:
        return None
    return lambda place, run: _is_right(job, cases[place], run)


def _is_right(job: Job, case: StdinCase, run: Run) -> bool:
    got = run.stdout.decode("utf-8", "replace")
    return same_output(got, case.expected, job.settings.output, job.settings.tolerance)


def _result(job: Job, case: StdinCase, run: Run, number: int) -> Result:
    reason = _wrong(job, case, run)
    if reason and run.ok and job.tests.checker and job.program.language == "python":
        # The test before may have left something behind in their common process.
        run = job.sandbox.run(
            job.program.source,
            stdin=case.stdin.encode("utf-8", "replace"),
            limits=job.limits,
            prelude=job.prelude,
        )
        reason = _wrong(job, case, run)
    failure = None
    if reason:
        got = run.stdout.decode("utf-8", "replace")
        failure = Failure(f"test {number}", reason, case.stdin, case.expected, got)
    return Result(case.group, failure, run.cpu_seconds, run.peak_memory)


def _wrong(job: Job, case: StdinCase, run: Run) -> str:
    """Why a run failed its test; "" where it passed."""
    raise_fault(run.outcome, run.reason)
    if not run.ok:
        return _with_error(run)
    if job.tests.checker:
        return _checked(job, case, run)
    return "" if _is_right(job, case, run) else "wrong output"


def _checked(job: Job, case: StdinCase, run: Run) -> str:
    """Ask the row's checker, which runs in a process of its own, beside no submission.

    It is called as `checker.py input.txt correct_output.txt solution_output.txt`. The last word
    that it prints is its verdict; where it prints nothing, its exit status is.

    Raises:
        FaultError: It breaks, whatever it is given. One that only this output breaks refuses it.
    """
    checked = _asked(job, case, run.stdout)
    raise_fault(checked.outcome, checked.reason)
    if _broke(checked):
        right = _asked(job, case, case.expected.encode("utf-8", "replace"))
        raise_fault(right.outcome, right.reason)
        if _broke(right):
            raise FaultError(f"the row's checker broke: {_with_error(checked)}")
        return f"the checker cannot read the output: {_with_error(checked)}"
    said = checked.stdout.decode("utf-8", "replace").split()
    if said[-1].lower() in _ACCEPTS if said else checked.ok:
        return ""
    return f"the checker refuses the output: {' '.join(said)}".rstrip(": ")


def _asked(job: Job, case: StdinCase, output: bytes) -> Run:
    return job.sandbox.run(
        job.tests.checker,
        files={
            "input.txt": case.stdin.encode("utf-8", "replace"),
            "correct_output.txt": case.expected.encode("utf-8", "replace"),
            "solution_output.txt": output,
        },
        args=("input.txt", "correct_output.txt", "solution_output.txt"),
    )


def _broke(checked: Run) -> bool:
    return checked.outcome not in ("ok", "exit") or b"Traceback" in checked.stderr


def _with_error(run: Run) -> str:
    """How a run ended, with the last line that it wrote to stderr."""
    said = run.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"{run.reason}: {said[-1]}" if said and run.outcome == "exit" else run.reason
