"""Tests that are code: HumanEval, MBPP, KodCode, LeetCodeDataset, BigCodeBench."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rewardkit_code.cases import Call, CallCase, Case, Tests, TestsError
from rewardkit_code.checks import Equals
from rewardkit_code.formats.context import entry_of, preamble_of, starter_of, text_of
from rewardkit_code.formats.packed import from_json
from rewardkit_code.testfiles import read_asserts, read_check, read_test_file, unsplit_reason

__all__ = ["read_code", "read_humaneval_plus", "read_mbpp"]

_CHECK = re.compile(r"(?m)^def check\(")


def read_code(source: str, row: Mapping[str, Any], group: str = "") -> Tests:
    """Test code in one text: a `check(candidate)`, a pytest or unittest file, asserts."""
    entry, preamble = entry_of(row), preamble_of(row)
    if _CHECK.search(source):
        if not entry:
            raise TestsError("the tests are check(candidate), and the row has no entry_point")
        cases, form = read_check(source, entry, group), "check"
    else:
        # KodCode's prompts are headers too, but lack their imports: a program stands alone.
        cases = read_test_file(source, group, text_of(row, "prompt"))
        form, preamble = "test file", ""
    return Tests(
        tuple(cases),
        form,
        entry=entry,
        preamble=preamble,
        starter=starter_of(row),
        unsplit=unsplit_reason(source),
    )


def read_mbpp(row: Mapping[str, Any]) -> Tests:
    """MBPP's lists of asserts, the challenge ones a group of their own, and MBPP+'s `test`."""
    imports = row.get("test_imports")
    setup = "\n".join(
        [*(imports if isinstance(imports, Sequence) else []), text_of(row, "test_setup_code")]
    )
    cases: list[Case] = []
    for field, group in (("test_list", "base"), ("challenge_test_list", "challenge")):
        asserts = row.get(field)
        if isinstance(asserts, str):
            asserts = from_json(asserts, field)
        if asserts:
            cases += read_asserts(asserts, setup, group)
    plus = text_of(row, "test")
    if plus:
        cases += read_test_file(plus, "plus")
    return Tests(tuple(cases), "asserts", preamble=setup)


def read_humaneval_plus(row: Mapping[str, Any]) -> Tests:
    """HumanEval+'s inputs; what is expected is what the row's own solution returns for them."""
    entry, preamble = entry_of(row), preamble_of(row)
    solution = text_of(row, "canonical_solution")
    if not entry or not solution:
        raise TestsError("base_input needs an entry_point and a canonical_solution")
    cases: list[Case] = []
    for field, group in (("base_input", "base"), ("plus_input", "plus")):
        inputs = row.get(field)
        inputs = from_json(inputs, field) if isinstance(inputs, str) else inputs
        for number, args in enumerate(inputs or (), 1):
            if not isinstance(args, Sequence) or isinstance(args, str):
                raise TestsError(f"{field} {number} is no list of arguments")
            name = f"{group} {number}"
            cases.append(CallCase((Call(entry, tuple(args)),), (Equals(()),), group, name))
    reference = f"{text_of(row, 'prompt')}{solution}"
    return Tests(tuple(cases), "HumanEval+", entry, preamble, starter_of(row), reference=reference)
