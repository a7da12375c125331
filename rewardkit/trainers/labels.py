"""What a trainer's one label tells of a row: its reference, its tests, or any columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["label_columns"]


def label_columns(label: Any) -> dict[str, Any]:
    """The columns that a label holds.

    A mapping, or text that is a JSON object, holds columns by name: `{"answer": "4"}`. One with
    `inputs` and `outputs`, as APPS has them, is the row's `tests`. Anything else, text that is no
    JSON included, is the `answer`.
    """
    columns = label if isinstance(label, Mapping) else _json_object(label)
    if columns is None:
        return {"answer": label}
    if {"inputs", "outputs"} <= columns.keys():
        return {"tests": columns}
    return {str(name): value for name, value in columns.items()}


def _json_object(label: Any) -> Mapping[str, Any] | None:
    if not isinstance(label, str) or not label.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(label)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None
