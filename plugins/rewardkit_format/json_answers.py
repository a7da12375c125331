"""The reward `json`: whether the answer is JSON, and of the shape asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Context
from json import JSONDecoder
from typing import Annotated, Any

import rewardkit as rk
from rewardkit.fences import code_blocks
from rewardkit.option_types import Checked
from rewardkit_format.forms import is_blank
from rewardkit_format.schema_faults import misfit
from rewardkit_format.schemas import require_schema

__all__ = ["Schema", "Shape", "json"]

# What `loads` makes of each kind.
_KINDS: dict[str, tuple[type, ...]] = {
    "any": (object,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
_MAX_DEPTH = 100
_SHOWN = 60  # characters of a value that a reason quotes


def _require_shape(shape: object) -> None:
    if isinstance(shape, str):
        unknown = [kind for kind in shape.split("|") if kind not in _KINDS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no kind of JSON; there are {', '.join(_KINDS)}")
    elif isinstance(shape, list) and len(shape) == 1:
        _require_shape(shape[0])
    elif isinstance(shape, Mapping) and all(isinstance(key, str) for key in shape):
        for part in shape.values():
            _require_shape(part)
    else:
        raise ValueError("a shape is a kind, a list of one shape, or an object of shapes")


Schema = Annotated[dict[str, Any], Checked(require_schema)]
"""A JSON Schema, as pydantic's `model_json_schema()` gives it."""
Shape = Annotated[Any, Checked(_require_shape)]
"""What JSON is to look like: a kind ("string", "number|null"), `[shape]`, or `{key: shape}`."""


@rk.reward
def json(
    completion: rk.Completion,
    *,
    shape: Shape = "any",
    more_keys: bool = True,
    schema: Schema | None = None,
    prose: bool = False,
) -> rk.Score:
    """1.0 when the answer is JSON of the given `shape` or `schema`, and nothing else.

    The answer is what stands in the answer tags, else the response; a fence around it is no part
    of it. With `prose=True` text may stand around: of fenced blocks it is the last that is closed
    and tagged `json`, else the last that is closed. JSON is RFC 8259's: no comments, NaN or
    trailing commas; a key that comes twice and nesting beyond 100 are 0.0 too. A shape is a kind,
    or kinds ("string", "number|null"; the others are any, integer, boolean, array, object);
    `[shape]`, an array of such; or an object of shapes, where a key with a question mark at its
    end may be missing: `{"name": "string", "tags?": ["string"]}`. Keys that it does not name are
    right unless `more_keys=False`. `schema` is a JSON Schema instead, or besides: its `$ref` stay
    within it, and `format` is not checked.
    """
    text = _answer(completion, prose)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return rk.Score(0.0, "no JSON that can be read: it is nested too deep")
    except ValueError as error:
        return rk.Score(0.0, f"no JSON: {error}" if text else "no JSON: empty")
    fault = _too_deep(text) or _misfit(value, shape, more_keys, "$") or misfit(value, schema or {})
    if fault:
        return rk.Score(0.0, fault)
    asked = shape != "any" or schema is not None
    return rk.Score(1.0, "JSON of the shape asked for" if asked else "JSON")


def _answer(completion: rk.Completion, prose: bool) -> str:
    answer = completion.tagged_answer
    text = completion.response if answer is None else answer
    closed = [block for block in code_blocks(text) if block.closed]
    if prose and closed:
        return ([b for b in closed if b.language == "json"] or closed)[-1].text.strip()
    if len(closed) == 1 and is_blank(text[: closed[0].start] + text[closed[0].end :]):
        text = closed[0].text
    return text.strip()


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {key[:_SHOWN]!r} comes twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is none")


_MAX_DIGITS = 4_000  # of an integer: Python takes none of many more, and further ones tell nothing
_LONG = 1_000  # characters of a number; `float` would take time quadratic in them
_ROUGH = Context(prec=40, traps=[])


def _real(number: str) -> float:
    return float(number if len(number) < _LONG else _ROUGH.create_decimal(number))


_DECODER = JSONDecoder(
    object_pairs_hook=_once_each,
    parse_constant=_no_constant,
    parse_float=_real,
    parse_int=lambda digits: int(digits[:_MAX_DIGITS]),
)
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)


def _too_deep(text: str) -> str:
    """How deep the interpreter itself can read differs from one to the other."""
    depth = 0
    for bracket in re.findall(r"[\[{\]}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > _MAX_DEPTH:
            return f"no JSON that can be read: nested beyond {_MAX_DEPTH}"
    return ""


def _misfit(value: Any, shape: Any, more_keys: bool, where: str) -> str:
    """Where `value` is not as `shape` says, or ""."""
    if isinstance(shape, str):
        return "" if _is_kind(value, shape) else f"{where} is no {shape.replace('|', ' or ')}"
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{where} is no array"
        faults = (_misfit(v, shape[0], more_keys, f"{where}[{i}]") for i, v in enumerate(value))
        return next(filter(None, faults), "")
    if not isinstance(value, dict):
        return f"{where} is no object"
    named = {key.removesuffix("?"): part for key, part in shape.items()}
    missing = [key for key in shape if not key.endswith("?") and key not in value]
    if missing:
        return f"{where} has no key {missing[0]!r}"
    foreign = [key for key in value if key not in named]
    if foreign and not more_keys:
        return f"{where} has a key {foreign[0][:_SHOWN]!r} that was not asked for"
    faults = (
        _misfit(value[key], part, more_keys, f"{where}.{key}")
        for key, part in named.items()
        if key in value
    )
    return next(filter(None, faults), "")


def _is_kind(value: Any, kinds: str) -> bool:
    if isinstance(value, bool):  # Python takes True for an int
        return "boolean" in kinds or "any" in kinds
    return any(isinstance(value, _KINDS[kind]) for kind in kinds.split("|"))
