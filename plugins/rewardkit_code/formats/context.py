"""What a row says beside its tests: what is called, what stands before the program, limits."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rewardkit_code.cases import Tests
from rewardkit_code.syntax import UNREADABLE, parse_python

__all__ = ["entry_of", "limits_of", "preamble_of", "starter_of", "text_of"]


def text_of(row: Mapping[str, Any], field: str) -> str:
    """The text in a field, or "" where it has none."""
    value = row.get(field)
    return value if isinstance(value, str) else ""


def entry_of(row: Mapping[str, Any]) -> str:
    """What the tests call, as the row's `entry_point` says it: "f" or "Solution().f"."""
    return text_of(row, "entry_point").strip()


def preamble_of(row: Mapping[str, Any]) -> str:
    """The prompt, where it is code that can stand before a program, as HumanEval's is; else ""."""
    prompt = text_of(row, "prompt")
    return prompt if _is_code(prompt) else ""


def starter_of(row: Mapping[str, Any]) -> str:
    """The code that a program may go on from: the starter code, or a prompt that is code."""
    prompt = text_of(row, "prompt")
    is_head = _is_code(prompt) or _is_code(f"{prompt.rstrip()}\n    pass")
    return text_of(row, "starter_code") or (prompt if is_head else "")


def _is_code(text: str) -> bool:
    try:
        body = parse_python(text).body
    except UNREADABLE:
        return False
    code = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    return any(isinstance(node, code) for node in body)


def limits_of(tests: Tests, row: Mapping[str, Any]) -> Tests:
    """The tests with the row's limits of time and memory, where it has them."""
    seconds = tests.seconds or _seconds(row.get("time_limit"))
    memory = tests.memory or _number(row.get("memory_limit_bytes"))
    if memory is None and (mebibytes := _number(row.get("memory_limit"))) is not None:
        memory = mebibytes * 2**20  # Codeforces counts in MB
    return replace(tests, seconds=seconds, memory=None if memory is None else int(memory))


def _seconds(value: Any) -> float | None:
    """Seconds, or CodeContests' {seconds, nanos}."""
    if isinstance(value, Mapping):
        seconds = (_number(value.get("seconds")) or 0.0) + (
            _number(value.get("nanos")) or 0.0
        ) / 1e9
        return seconds or None
    return _number(value)


def _number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    return None
