"""What counts as the same answer where mathematics leaves it open: named policies, and presets."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal, get_args, get_type_hints

__all__ = ["PRESETS", "Policies", "Preset", "policies"]


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of one verification; docs/math.md has an example of each."""

    order: Literal["any", "given"] = "any"
    tuples: Literal["ordered", "sets"] = "ordered"
    rounding: Literal["reference", "either", "none"] = "reference"
    tolerance: float = 0.0
    percent: Literal["strict", "value", "optional"] = "strict"
    units: Literal["optional", "required", "ignored"] = "optional"
    degrees: Literal["strict", "optional"] = "strict"
    case: Literal["ignored", "exact"] = "ignored"
    sentences: Literal["whole", "gist"] = "whole"
    fractions: Literal["any", "reduced"] = "any"
    chains: Literal["true", "last"] = "true"
    logs: Literal["either", "natural", "decimal"] = "either"


Preset = Literal["default", "symmetric", "math-verify", "open-r1", "strict"]

_LENIENT = Policies(
    tuples="sets", percent="optional", units="ignored", degrees="optional", chains="last",
    logs="natural", tolerance=5e-7,
)  # fmt: skip
PRESETS: dict[str, Policies] = {
    "default": Policies(),
    "symmetric": Policies(rounding="none", percent="value", degrees="optional"),
    "math-verify": _LENIENT,
    "open-r1": _LENIENT,
    "strict": Policies(
        order="given", rounding="none", percent="value", units="required", case="exact",
        fractions="reduced",
    ),
}  # fmt: skip
_HINTS = get_type_hints(Policies)


@lru_cache(maxsize=256)
def policies(preset: str = "default", **options: Any) -> Policies:
    """A preset with the options that are not None in place of its own.

    Raises:
        ValueError: A preset, or the value of an option, that there is none of.
    """
    if preset not in PRESETS:
        raise ValueError(f"policy is {preset!r}: it must be one of {', '.join(PRESETS)}.")
    chosen = {name: value for name, value in options.items() if value is not None}
    for name, value in chosen.items():
        allowed = get_args(_HINTS[name])
        if allowed and value not in allowed:
            raise ValueError(f"{name} is {value!r}: it must be one of {', '.join(allowed)}.")
    if not 0 <= chosen.get("tolerance", 0.0) < 1:
        raise ValueError(f"tolerance is {chosen['tolerance']!r}: it must be from 0 to 1.")
    base = {field.name: getattr(PRESETS[preset], field.name) for field in fields(Policies)}
    return Policies(**{**base, **chosen})
