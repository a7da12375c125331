"""What has to hold of the values that the candidate's calls returned.

Every check names the calls that it looks at. A call that raised fails it before it is asked,
unless it is `Raises`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewardkit_code.comparing import same_data
from rewardkit_code.expressions import Opaque, OpaqueError, UnreadableError, evaluate
from rewardkit_code.verdicts import shown

__all__ = ["Check", "Condition", "Equals", "Raised", "Raises", "Returns", "hole"]


@dataclass(frozen=True, slots=True)
class Raised:
    """Stands for the value of a call that raised."""

    kind: str
    message: str = ""
    bases: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True, slots=True)
class Equals:
    """The value of the call is one of `accepted`, compared as JSON is: see `same_data`."""

    accepted: tuple[Any, ...]
    calls: tuple[int, ...] = (0,)

    @property
    def wanted(self) -> str:
        """What has to come out, for people."""
        return " or ".join(map(shown, self.accepted))

    def holds(self, values: Sequence[Any], tolerance: float) -> bool:
        """Whether the value is what is expected.

        Raises:
            OpaqueError: It is no plain data.
        """
        got = values[self.calls[0]]
        if isinstance(got, Opaque):
            raise OpaqueError(f"the candidate returned a {got.kind}")
        return any(same_data(got, expected, tolerance) for expected in self.accepted)


@dataclass(frozen=True, slots=True)
class Condition:
    """An assert's own condition, with Python's own equality, the values filled in for the calls.

    Attributes:
        expression: The condition, with `hole(i)` for the value of call i.
        calls: The calls that it looks at.
        names: The values of the test's own variables.
    """

    expression: ast.expr
    calls: tuple[int, ...]
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def wanted(self) -> str:
        """What it says, for people."""
        return re.sub(
            r"\bcall (\d+)",
            "result" if len(self.calls) == 1 else r"result\1",
            ast.unparse(self.expression),
        )

    def holds(self, values: Sequence[Any], tolerance: float) -> bool:
        """Whether the condition holds; False too where evaluating it raises, as in Python.

        Raises:
            UnreadableError: It looks into a value that is no plain data, or would take long.
        """
        del tolerance  # the assert states its own
        known = {**self.names, **{hole(i): value for i, value in enumerate(values)}}
        try:
            return bool(evaluate(self.expression, known))
        except UnreadableError:
            raise
        except Exception:  # noqa: BLE001 - RecursionError among them: the values are hostile
            return False


@dataclass(frozen=True, slots=True)
class Raises:
    """The call raises one of the `kinds`, with a message in which `pattern` is found."""

    kinds: tuple[str, ...]
    pattern: str
    calls: tuple[int, ...]

    @property
    def wanted(self) -> str:
        """What has to come out, for people."""
        matching = f" matching {self.pattern!r}" if self.pattern else ""
        return f"raises {' or '.join(self.kinds)}{matching}"

    def holds(self, values: Sequence[Any], tolerance: float) -> bool:
        """Whether it raised that."""
        del tolerance
        got = values[self.calls[0]]
        return (
            isinstance(got, Raised)
            and not {got.kind, *got.bases}.isdisjoint(self.kinds)
            and re.search(self.pattern, got.message) is not None
        )


@dataclass(frozen=True, slots=True)
class Returns:
    """The call returns, whatever it returns."""

    calls: tuple[int, ...]
    wanted: str = "returns"

    def holds(self, values: Sequence[Any], tolerance: float) -> bool:
        """True: a call that does not return is told before."""
        del values, tolerance
        return True


Check = Equals | Condition | Raises | Returns


def hole(number: int) -> str:
    """The name that stands for the value of a call: none that a program can use."""
    return f"call {number}"
