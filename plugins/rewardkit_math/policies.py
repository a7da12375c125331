"""What counts as the same answer where mathematics leaves it open: named policies, and presets."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args, get_type_hints

__all__ = ["PRESETS", "Policies", "Preset", "policies", "taking_policies"]


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one verification: the one list of them; docs/math.md has examples.

    Attributes:
        order: Whether a list must be in the reference's order.
        tuples: Whether (0, 5) may be the set of 0 and 5.
        rounding: Whether a decimal stands for what rounds to it: the reference alone, or either.
        tolerance: How far numbers may differ, relative to the larger.
        percent: Whether 28% is 28, or 0.28 alone; or 28 is 0.28 without a sign.
        units: Whether the reference's unit may be left out, or another given.
        degrees: Whether 30 is 30 degrees.
        case: Whether capitals count in words and choices.
        sentences: Whether a sentence's subject, or what it says of it, is the sentence.
        fractions: Whether a fraction must be in lowest terms.
        chains: Whether a = b = c must be true, or states c.
        logs: What "log" without a base is.
        sums: Whether an answer a + b = 7 is the value 7, or an equation.
    """

    order: Literal["any", "given"] = "any"
    tuples: Literal["ordered", "sets"] = "ordered"
    rounding: Literal["reference", "either", "none"] = "reference"
    tolerance: float = 0.0
    percent: Literal["strict", "value", "optional", "hundredfold"] = "strict"
    units: Literal["optional", "required", "ignored"] = "optional"
    degrees: Literal["strict", "optional"] = "strict"
    case: Literal["ignored", "exact"] = "ignored"
    sentences: Literal["whole", "gist"] = "whole"
    fractions: Literal["any", "reduced"] = "any"
    chains: Literal["true", "last"] = "true"
    logs: Literal["either", "natural", "decimal"] = "either"
    sums: Literal["value", "equation"] = "value"


Preset = Literal["default", "symmetric", "math-verify", "open-r1", "strict"]

_LENIENT = Policies(
    tuples="sets", percent="optional", units="ignored", degrees="optional", chains="last",
    logs="natural", tolerance=5e-7,
)  # fmt: skip
PRESETS: dict[str, Policies] = {
    "default": Policies(),
    "symmetric": Policies(
        rounding="none", percent="value", degrees="optional", sums="equation"
    ),
    "math-verify": _LENIENT,
    "open-r1": _LENIENT,
    "strict": Policies(
        order="given", rounding="none", percent="value", units="required", case="exact",
        fractions="reduced", sums="equation",
    ),
}  # fmt: skip
_HINTS = get_type_hints(Policies)
F = TypeVar("F", bound=Callable[..., Any])


def taking_policies(function: F) -> F:
    """A function whose `**options` are the policies: each a keyword, None where it is left out."""
    signature = inspect.signature(function, eval_str=True)
    parameters = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    parameters += [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint | None
        )
        for name, hint in _HINTS.items()
    ]
    function.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # functions may have one
    return function


@lru_cache(maxsize=256)
def policies(preset: str = "default", **options: Any) -> Policies:
    """A preset with the options that are not None in place of its own.

    Raises:
        ValueError: A preset, or the value of an option, that there is none of.
    """
    if preset not in PRESETS:
        raise ValueError(f"policy is {preset!r}: it must be one of {', '.join(PRESETS)}.")
    chosen = {name: value for name, value in options.items() if value is not None}
    if unknown := chosen.keys() - _HINTS.keys():
        raise TypeError(f"no policy is named {min(unknown)!r}: there are {', '.join(_HINTS)}.")
    for name, value in chosen.items():
        allowed = get_args(_HINTS[name])
        if allowed and value not in allowed:
            raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}.")
    if not 0 <= chosen.get("tolerance", 0.0) < 1:
        raise ValueError(f"tolerance is {chosen['tolerance']!r}: it must be from 0 to 1.")
    base = {field.name: getattr(PRESETS[preset], field.name) for field in fields(Policies)}
    return Policies(**{**base, **chosen})
