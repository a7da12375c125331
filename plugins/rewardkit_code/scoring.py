"""From a row and its completion to a score."""

from __future__ import annotations

import functools
import threading
import traceback
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import rewardkit as rk
from rewardkit.sandbox import Isolation, Sandbox, SandboxError, shared_sandbox
from rewardkit_code.cases import CallCase, SourceCase, StdinCase, Tests, TestsError
from rewardkit_code.formats import read_tests
from rewardkit_code.judging import Job, Settings, UnsplitError, judge
from rewardkit_code.languages import canonical, known_languages, language_of
from rewardkit_code.naming import named_as_tested
from rewardkit_code.needs import missing_modules
from rewardkit_code.program import NoProgram, Program, find_program

__all__ = ["NO_TESTS", "Row", "Scorer", "Unsplit", "rows_of"]

Unsplit = Literal["zero", "abstain", "trust"]
"""What is done where tests cannot be kept apart from the program."""

Row = tuple[rk.Completion, dict[str, Any]]
"""A completion with the other cells of its row."""

NO_TESTS = rk.Score.abstain("the row has no tests")

_MOST_READ = 64  # rows whose tests are kept: the completions of one prompt have the same
_MOST_REASON = 500  # characters
_MOST_TRACEBACK = 4_000


def rows_of(
    completions: Sequence[rk.Completion],
    tests: Sequence[Any] | None,
    columns: Mapping[str, Any],
) -> list[Row]:
    """Each completion with its row; a trainer's own objects among the columns are left out."""
    size = len(completions)
    lists = {"prompt" if name == "prompts" else name: c for name, c in columns.items()}
    lists = {n: c for n, c in lists.items() if isinstance(c, list | tuple) and len(c) == size}
    lists["tests"] = tests or [None] * size
    return [
        (completion, {name: column[i] for name, column in lists.items()})
        for i, completion in enumerate(completions)
    ]


class Scorer:
    """Scores rows, from several threads at once."""

    def __init__(self, settings: Settings, unsplit: Unsplit, isolation: Isolation) -> None:
        self.settings = settings
        self.unsplit = unsplit
        self.isolation = isolation
        self._read: OrderedDict[Any, Tests | TestsError | None] = OrderedDict()
        self._lock = threading.Lock()

    def score(self, completion: rk.Completion, row: Mapping[str, Any]) -> rk.Score:
        """The score of one completion; a failed one where judging it goes wrong."""
        try:
            return self._scored(completion, row)
        except Exception as error:  # noqa: BLE001  one row's accident is no other row's
            reason = f"{type(error).__name__}: {error}"[:_MOST_REASON]
            return rk.Score.fail(reason, traceback=traceback.format_exc()[-_MOST_TRACEBACK:])

    def _scored(self, completion: rk.Completion, row: Mapping[str, Any]) -> rk.Score:
        tests = self._tests(row)
        if tests is None:
            return NO_TESTS
        if isinstance(tests, TestsError):
            return rk.Score.fail(f"the row's tests cannot be read: {tests}")
        program = _program(completion, tests)
        facts: dict[str, Any] = {"format": tests.format}
        if isinstance(program, NoProgram):
            return rk.Score(0.0, f"no program found: {program.reason}", facts)
        facts |= {"language": program.language, "found": program.found}
        program, own_name = named_as_tested(program, _functions(tests), row.get("prompt"))
        if own_name:
            facts["renamed"] = own_name
        if tests.unsplit:
            return self._unsplit(program, tests, facts)
        try:
            return self._judged(program, tests, facts)
        except UnsplitError as error:
            return self._unsplit(program, replace(tests, unsplit=str(error)), facts)

    def _unsplit(self, program: Program, tests: Tests, facts: dict[str, Any]) -> rk.Score:
        facts["unsplit"] = tests.unsplit
        if self.unsplit == "trust":
            return self._judged(program, tests, facts)
        reason = f"the tests cannot be kept apart from the program: {tests.unsplit}"
        return rk.Score(None if self.unsplit == "abstain" else 0.0, reason, facts)

    def _judged(self, program: Program, tests: Tests, facts: dict[str, Any]) -> rk.Score:
        language = None
        if program.language != "python":
            language = language_of(program.language)
            if language is None:
                return rk.Score.fail(f"no plugin runs {program.language}", **facts)
            if not all(isinstance(case, StdinCase) for case in tests.cases):
                reason = f"tests that call functions cannot be run on {program.language}"
                return rk.Score.fail(reason, **facts)
        try:
            sandbox = _sandbox(self.isolation)
            missing = missing_modules(tests, sandbox)
            if missing:
                return rk.Score.fail(f"the row's tests need {missing}: not installed", **facts)
            verdict = judge(Job(sandbox, tests, program, self.settings), language)
        except SandboxError as error:
            return rk.Score.fail(str(error), **facts)
        return verdict.score(self.settings.binary, self.settings.weights, facts)

    def _tests(self, row: Mapping[str, Any]) -> Tests | TestsError | None:
        """The row's tests, read once for all completions of a prompt."""
        key = tuple(
            (name, cell if isinstance(cell, str) else id(cell)) for name, cell in row.items()
        )
        with self._lock:
            if key in self._read:
                self._read.move_to_end(key)
                return self._read[key]
            try:
                tests: Tests | TestsError | None = read_tests(row)
            except TestsError as error:
                tests = error
            self._read[key] = tests
            if len(self._read) > _MOST_READ:
                self._read.popitem(last=False)
            return tests


def _program(completion: rk.Completion, tests: Tests) -> Program | NoProgram:
    only_stdin = all(isinstance(case, StdinCase) for case in tests.cases)
    language = canonical(tests.language) if tests.language else "" if only_stdin else "python"
    languages = known_languages() if only_stdin else ["python"]
    return find_program(completion, language, tests.starter, _names(tests), languages)


def _names(tests: Tests) -> tuple[str, ...]:
    """What the tests call, by which the solution is told from an example of its use."""
    names = _functions(tests)
    return (*names, "Solution") if names else ()


def _functions(tests: Tests) -> list[str]:
    names: dict[str, None] = {}
    for case in tests.cases:
        if isinstance(case, CallCase):
            names |= {call.function.split("(")[0].split(".")[0]: None for call in case.calls}
        elif isinstance(case, SourceCase):
            names |= {
                path.split("(")[0].split(".")[0]: None for path in case.names.values() if path
            }
    return list(names)


@functools.cache
def _own_sandbox(isolation: Isolation) -> Sandbox:
    return Sandbox(isolation)


def _sandbox(isolation: Isolation) -> Sandbox:
    return shared_sandbox() if isolation == "auto" else _own_sandbox(isolation)
