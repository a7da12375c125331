"""Tests that are inputs and outputs: of a program that reads stdin, or of a function."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rewardkit_code.cases import Call, CallCase, Case, StdinCase, TestsError
from rewardkit_code.checks import Equals
from rewardkit_code.formats.packed import from_json

__all__ = ["is_pairs", "read_pairs"]

_INPUTS, _OUTPUTS = ("inputs", "input"), ("outputs", "output", "expected_output")
_TYPES = ("testtype", "type")
_FUNCTION_NAMES = ("fn_name", "func_name", "function_name")
_MISSING: Any = object()


class _Pair(NamedTuple):
    """One input with its output, and the function that it is for; "" for the whole program."""

    stdin: Any
    expected: Any
    function: str


def is_pairs(value: Any) -> bool:
    """Whether this has the form of inputs with outputs: a dict of lists, or a list of dicts."""
    if isinstance(value, Mapping):
        return any(n in value for n in _INPUTS) and any(n in value for n in _OUTPUTS)
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and bool(value)
        and all(isinstance(one, Mapping) and any(n in one for n in _INPUTS) for one in value)
    )


def read_pairs(value: Any, function: str = "", group: str = "") -> list[Case]:
    """The cases of inputs and outputs; `function` is what is called where they do not say.

    Raises:
        TestsError: An input has no output, or one cannot be read.
    """
    pairs = _columns(value) if isinstance(value, Mapping) else _rows(value)
    return [_case(pair, function, f"test {number}", group) for number, pair in enumerate(pairs, 1)]


def _columns(value: Mapping[str, Any]) -> Iterator[_Pair]:
    inputs, outputs = _first(value, _INPUTS), _first(value, _OUTPUTS)
    if isinstance(inputs, str):
        inputs, outputs = [inputs], [outputs]
    if not isinstance(inputs, Sequence) or not isinstance(outputs, Sequence):
        raise TestsError("inputs and outputs are two lists")
    if len(inputs) != len(outputs):
        raise TestsError(f"{len(inputs)} inputs have {len(outputs)} outputs")
    # DeepCoder's dict of lists has a type and metadata for each test; APPS a name for all.
    count = len(inputs)
    types = _each(_first(value, _TYPES), count)
    metadata = _each(value.get("metadata"), count)
    names = _each(_first(value, _FUNCTION_NAMES), count)
    for row in zip(inputs, outputs, types, metadata, names, strict=True):
        yield _Pair(row[0], row[1], _function(row[2], row[3], row[4]))


def _each(value: Any, count: int) -> Sequence[Any]:
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == count:
        return value
    return [value] * count


def _rows(value: Sequence[Any]) -> Iterator[_Pair]:
    for number, row in enumerate(value, 1):
        if not isinstance(row, Mapping):
            raise TestsError(f"test {number} is {type(row).__name__}, not a dict of input, output")
        kind, metadata = _first(row, _TYPES), row.get("metadata")
        function = _function(kind, metadata, _first(row, _FUNCTION_NAMES))
        output = _first(row, _OUTPUTS)
        if output is None and not any(name in row for name in _OUTPUTS):
            output = _MISSING
        yield _Pair(_first(row, _INPUTS), output, function)


def _function(kind: Any, metadata: Any, name: Any) -> str:
    """What is called: "" for the whole program, "?" for a function that others have to name."""
    if isinstance(metadata, str) and metadata:
        metadata = json.loads(metadata) if metadata.startswith("{") else None
    if not name and isinstance(metadata, Mapping):
        name = _first(metadata, _FUNCTION_NAMES)
    if isinstance(kind, str) and kind.startswith("std"):
        return ""
    return str(name or "") or ("?" if isinstance(kind, str) and kind.startswith("func") else "")


def _first(value: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _case(pair: _Pair, function: str, which: str, group: str) -> Case:
    if pair.stdin is None:
        raise TestsError(f"{which} has no input")
    if pair.function == "?" and not function:
        raise TestsError(f"{which} calls a function, and the row does not say which")
    function = pair.function if pair.function not in ("", "?") else function
    # A function may have to return None; a program that has to print nothing is given "".
    if pair.expected is _MISSING or (pair.expected is None and not function):
        raise TestsError(f"{which} has no expected output")
    if pair.function or function:
        return _call(pair, function, which, group)
    return StdinCase(_text(pair.stdin, which), _text(pair.expected, which), group)


def _text(value: Any, which: str) -> str:
    """What is fed or printed: text, or a list of lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise TestsError(f"{which} holds {type(value).__name__} where text or lines should be")


def _call(pair: _Pair, function: str, which: str, group: str) -> CallCase:
    if isinstance(pair.stdin, str):
        # LiveCodeBench, PRIME: an argument a line, and the value, all as JSON.
        args = tuple(_data(line, which) for line in pair.stdin.splitlines() if line.strip())
        expected = pair.expected
        accepted: tuple[Any, ...] = (
            _data(expected, which) if isinstance(expected, str) else expected,
        )
    elif isinstance(pair.stdin, Sequence):
        # APPS, TACO: data as it is; the value may stand in a list of its own, as their graders
        # have it.
        args, accepted = tuple(pair.stdin), (pair.expected,)
        if isinstance(pair.expected, list) and len(pair.expected) == 1:
            accepted = (pair.expected, pair.expected[0])
    else:
        raise TestsError(f"{which} has {type(pair.stdin).__name__} as its arguments")
    return CallCase((Call(function, args),), (Equals(accepted),), group, which)


def _data(text: str, which: str) -> Any:
    """Data as JSON or as Python writes it."""
    try:
        return from_json(text, which)
    except TestsError:
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise TestsError(f"{which} holds {text[:60]!r}, which is no JSON") from error
