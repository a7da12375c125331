"""Checks of options that are names and numbers."""

from __future__ import annotations

from typing import Any, get_args

from rewardkit.errors import OptionError, nearest

__all__ = ["check_choice", "check_positive"]


def check_choice(name: str, value: str, choices: Any) -> None:
    """Check that the value is one of the names of a `Literal`.

    Raises:
        OptionError: It is not; the message offers the nearest.
    """
    known = get_args(choices)
    if value not in known:
        raise OptionError(
            f"There is no {name} {value!r}.{nearest(str(value), known)} "
            f"There are: {', '.join(known)}."
        )


def check_positive(name: str, value: float | None) -> None:
    """Check that a number is positive; None is no number.

    Raises:
        OptionError: It is not, or it is NaN.
    """
    if value is not None and not value > 0:
        raise OptionError(f"{name} is {value}, and should be a positive number.")
