"""From a row to its tests: which form they are in, and what the row says beside them.

Each reader takes the row's fields and returns its tests, or None where the row is not in its form.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rewardkit_code.cases import CallCase, Case, StdinCase, Tests, TestsError
from rewardkit_code.checks import Returns
from rewardkit_code.formats.code import read_code, read_humaneval_plus, read_mbpp
from rewardkit_code.formats.context import limits_of, text_of
from rewardkit_code.formats.packed import from_json, unpack
from rewardkit_code.formats.pairs import is_pairs, read_pairs

__all__ = ["may_have_tests", "read_tests"]

Row = Mapping[str, Any]


def may_have_tests(row: Row) -> bool:
    """Whether any field of a row could hold tests; asked of every row, it reads none."""
    return any(row.get(field) is not None for field in _FIELDS) or _is_data(_ground_truth_of(row))


def read_tests(row: Row) -> Tests | None:
    """The tests of a row, from its `tests` or from the fields of a data set; None: it has none.

    An empty list of tests is none, as a data set of several tasks has it.

    Raises:
        TestsError: It has tests that cannot be read; the message says what is wrong with them.
    """
    try:
        tests = row.get("tests")
        found = _read_fields(row) if tests is None else _read_column(tests, row)
    except TestsError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A data set can hold anything: its readers do not ask each cell for its type.
        raise TestsError(f"{type(error).__name__}: {error}") from error
    if found is None or not found.cases:
        return None
    if not any(map(_checks_something, found.cases)):
        raise TestsError("they check nothing: any program would pass")
    return limits_of(found, row)


_CHECKING = re.compile(r"\bassert|\braise|\bfail|\bexit\b|\bapprox\b|\bexpect", re.IGNORECASE)


def _checks_something(case: Case) -> bool:
    if isinstance(case, CallCase):
        return any(not isinstance(check, Returns) for check in case.checks)
    return isinstance(case, StdinCase) or _CHECKING.search(case.source) is not None


def _read_column(tests: Any, row: Row) -> Tests | None:
    """What the column `tests` holds: a data set's own fields, or one of them."""
    if isinstance(tests, str):
        return _read_text(tests, row)
    if isinstance(tests, Mapping) and not is_pairs(tests):
        fields = {**row, **tests, "tests": None}
        found = _read_fields(fields)
        if found is None:
            known = ", ".join(sorted(map(str, tests))) or "nothing"
            raise TestsError(f"tests in no form that is known: a dict with {known}")
        return limits_of(found, fields)
    if isinstance(tests, Sequence) and all(isinstance(one, str) for one in tests):
        return _asserts(tests, row)
    return _pairs(tests, row, "inputs and outputs")


def _read_text(text: str, row: Row) -> Tests | None:
    stripped = text.strip()
    if not stripped:
        return None
    if stripped[0] in "[{":
        return _read_column(from_json(stripped, "the tests"), row)
    if re.search(r"(?m)^\s*(?:def|class|assert|import|from|@|self\.assert)\b", stripped):
        return read_code(text, row)
    if len(stripped) > 64 and re.fullmatch(r"[A-Za-z0-9+/=\s]+", stripped):
        return _read_column(unpack(stripped, "the tests"), row)
    raise TestsError(f"tests in no form that is known: {stripped[:60]!r}")


def _asserts(asserts: Sequence[str], row: Row) -> Tests:
    return read_mbpp({**row, "test_list": asserts})


def _pairs(value: Any, row: Row, form: str, group: str = "") -> Tests:
    if isinstance(value, str):
        value = unpack(value, "the tests")
    if not is_pairs(value):
        if isinstance(value, Sequence) and not value:
            return Tests((), form)
        raise TestsError(f"tests in no form that is known: {type(value).__name__}")
    cases = read_pairs(value, _function_of(row), group)
    return Tests(tuple(cases), form, starter=text_of(row, "starter_code"))


def _function_of(row: Row) -> str:
    metadata = row.get("metadata")
    if isinstance(metadata, str) and metadata.startswith("{"):
        metadata = json.loads(metadata)
    if isinstance(metadata, Mapping) and metadata.get("func_name"):
        return str(metadata["func_name"])
    return str(row.get("fn_name") or "")


def _read_fields(row: Row) -> Tests | None:
    for fields, reader in _READERS:
        if any(row.get(field) is not None for field in fields):
            found = reader(row)
            if found is not None:
                return found
    return None


def _verification_info(row: Row) -> Tests | None:
    info = row["verification_info"]
    if isinstance(info, str):
        # SYNTHETIC-1 writes it as Python does.
        info = _literal(info)
    if not isinstance(info, Mapping):
        raise TestsError(f"verification_info is {type(info).__name__}, not a dict")
    tests = _read_column(info.get("test_cases", info.get("ground_truth")) or [], {**row, **info})
    language = text_of(info, "language").lower()
    return None if tests is None else _named(tests, "verification_info", language)


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise TestsError(f"verification_info cannot be read: {error}") from error


def _named(tests: Tests, form: str, language: str = "") -> Tests:
    return replace(tests, format=form, language=language or tests.language)


def _livecodebench(row: Row) -> Tests:
    cases: list[Case] = []
    for field, group in (("public_test_cases", "public"), ("private_test_cases", "private")):
        value = row.get(field)
        value = unpack(value, field) if isinstance(value, str) and value else value
        if value:
            cases += _pairs(value, row, "", group).cases
    return Tests(tuple(cases), "LiveCodeBench", starter=text_of(row, "starter_code"))


def _code_contests(row: Row) -> Tests:
    if text_of(row, "input_file"):
        raise TestsError("the program has to read a file, which is not supported")
    cases: list[Case] = []
    for group in ("public", "private", "generated"):
        value = row.get(f"{group}_tests")
        if isinstance(value, str):
            value = from_json(value, f"{group}_tests")
        if is_pairs(value):
            cases += read_pairs(value, "", group)
    return Tests(tuple(cases), "CodeContests")


def _codeforces(row: Row) -> Tests:
    if text_of(row, "input_mode") not in ("", "stdio"):
        raise TestsError(f"input_mode {row['input_mode']!r}: the program has to read a file")
    tests = _pairs(row["official_tests"], row, "Codeforces")
    return Tests(tests.cases, "Codeforces", checker=text_of(row, "generated_checker"))


def _input_output(row: Row) -> Tests:
    value = row["input_output"]
    return _apps(from_json(value, "input_output") if isinstance(value, str) else value, row)


def _apps(value: Any, row: Row) -> Tests:
    if isinstance(value, Mapping) and value.get("assert_case"):
        asserts = value["assert_case"]
        return _asserts([asserts] if isinstance(asserts, str) else asserts, row)
    return _pairs(value, {**row, **value} if isinstance(value, Mapping) else row, "APPS")


def _ground_truth(row: Row) -> Tests | None:
    """The tests in `ground_truth`, which of another row is the answer to a question in words."""
    value = _ground_truth_of(row)
    if not _is_data(value):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if is_pairs(value) or (isinstance(value, Mapping) and "assert_case" in value):
        return _named(_apps(value, row), "ground_truth")
    return None


def _ground_truth_of(row: Row) -> Any:
    value = row.get("ground_truth")
    if value is None and isinstance(row.get("reward_model"), Mapping):
        return row["reward_model"].get("ground_truth")
    return value


def _is_data(value: Any) -> bool:
    """Whether this is a list or dict, or text that may be one as JSON."""
    if isinstance(value, str):
        return value.lstrip()[:1] in ("{", "[")
    return isinstance(value, Mapping | Sequence)


def _lists(row: Row) -> Tests | None:
    """AceCode's `test_cases`, OpenCoder's `unit_tests`: lists of asserts, or of pairs."""
    value = row["test_cases"] if row.get("test_cases") is not None else row["unit_tests"]
    return _read_column(value, row)


def _test(row: Row) -> Tests | None:
    source = row["test"]
    if isinstance(source, str) and re.search(r"\bassert|\bself\.assert", source):
        return read_code(source, row)
    return None


# By the fields that tell a form, those first that no other form has.
_READERS: tuple[tuple[tuple[str, ...], Callable[[Row], Tests | None]], ...] = (
    (("verification_info",), _verification_info),
    (("public_test_cases", "private_test_cases"), _livecodebench),
    (("official_tests",), _codeforces),
    (("public_tests", "private_tests", "generated_tests"), _code_contests),
    (("test_list",), read_mbpp),
    (("test_cases", "unit_tests"), _lists),
    (("test",), _test),
    (("base_input",), read_humaneval_plus),
    (("input_output",), _input_output),
    (("ground_truth", "reward_model"), _ground_truth),
)

# Of the columns that other rows have too, `may_have_tests` looks at what is in them.
_FIELDS = ("tests", *(f for fields, reader in _READERS for f in fields if reader != _ground_truth))
