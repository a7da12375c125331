"""What became of one item that was sent to a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Kind", "Outcome"]

Kind = Literal["ok", "raised", "timeout", "died", "unstartable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item.

    Attributes:
        value: What the function returned; None unless `kind` is "ok".
        error: Empty when all went well; else one line for a person: "ran out of time: over 5 s".
        traceback: Of the exception, as the worker formatted it.
        kind: "ok"; "raised", the function did; "timeout", it was killed at its deadline; "died",
            it took its worker with it; "unstartable", it never ran.
        seconds: Wall time in the worker; for an item that was killed, as near as is known.
    """

    value: Any = None
    error: str = ""
    traceback: str = ""
    kind: Kind = "ok"
    seconds: float = 0.0
