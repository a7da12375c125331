"""What a trainer's one label tells of a row: its reference, its tests, or any columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["MOST_LEVELS", "label_columns", "labelled", "nested_deeper"]

MOST_LEVELS = 100
"""How deeply lists and objects of JSON may stand in each other; no data set's do so deeply."""


def labelled(row: Mapping[str, Any], label: Any) -> dict[str, Any]:
    """The row with what its label tells, and the label itself as `label`.

    What the row has of its own stays: no label can change the completion.
    """
    return {"label": label, **label_columns(label), **row}


def label_columns(label: Any) -> dict[str, Any]:
    """The columns that a label holds.

    A mapping, or text that is a JSON object, holds columns by name: `{"answer": "4"}`. One with
    `inputs` and `outputs`, as APPS has them, is the row's `tests`. Anything else, text that is no
    JSON included, is the `answer`.
    """
    found = label if isinstance(label, Mapping) else _json_object(label)
    if found is None:
        return {"answer": label}
    columns = {str(name): value for name, value in found.items()}
    # Where the rows of a data set hold different columns, what one lacks is None.
    if columns.get("inputs") is not None and columns.get("outputs") is not None:
        tests = {"tests": dict(columns)}
        return {n: v for n, v in columns.items() if n not in ("inputs", "outputs")} | tests
    return columns


def nested_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects stand in each other more than so many levels deep."""
    level = [value]
    for _ in range(levels):
        level = [
            cell
            for outer in level
            if isinstance(outer, dict | list)
            for cell in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(cell, dict | list)
        ]
        if not level:
            return False
    return True


def _json_object(label: Any) -> Mapping[str, Any] | None:
    if not isinstance(label, str) or not label.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(label)
    except (ValueError, RecursionError):
        return None
    usable = isinstance(found, dict) and found and not nested_deeper(found, MOST_LEVELS)
    return found if usable else None
