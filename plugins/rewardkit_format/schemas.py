"""JSON Schema (2020-12): which schemas are understood, and their references.

They are what pydantic and structured outputs make: types, constants, bounds, objects, arrays,
combinations, and references within the schema. `format` and the like annotate and are not checked;
a keyword that is neither known nor an annotation is an error, and no silent yes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from rewardkit_format.patterns import compiled

__all__ = ["TYPES", "is_number", "require_schema", "with_references"]


def is_number(value: Any) -> bool:
    """Whether a parsed value is a number: Python takes True for one."""
    return isinstance(value, int | float) and not isinstance(value, bool)


TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: is_number(v) and (isinstance(v, int) or v.is_integer()),
    "number": is_number,
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}
"""What each type of JSON Schema is, of parsed values: 1.0 is an integer."""

_ANNOTATIONS = frozenset(
    [
        *("title", "description", "default", "examples", "format", "discriminator"),
        *("deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"),
        *("$schema", "$id", "$comment"),
    ]
)


def require_schema(schema: object) -> None:
    """Raise a ValueError that says where `schema` is none, or is not understood."""
    _require(schema, _object(schema, "#"), "#")


def _object(schema: object, at: str) -> Mapping[str, Any]:
    if not isinstance(schema, Mapping):
        # What checks an option raises ValueErrors.
        raise ValueError(f"{at} is no schema: {schema!r}")  # noqa: TRY004
    return schema


def with_references(schema: Any, root: Mapping[str, Any]) -> Iterator[Any]:
    """The schema, and what it refers to, and what that refers to; each an object or a bool."""
    yield schema
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = _resolved(schema["$ref"], root)
        yield schema


def _resolved(reference: str, root: Mapping[str, Any]) -> Any:
    found: Any = root
    for part in unquote(reference).removeprefix("#").split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"$ref {reference!r} leads nowhere") from None
    return found


def _require(schema: object, root: Mapping[str, Any], at: str) -> None:
    if isinstance(schema, bool):
        return
    schema = _object(schema, at)
    for keyword, value in schema.items():
        where = f"{at}/{keyword}"
        if keyword in _SCHEMAS:
            for name, part in _parts(keyword, value, where):
                _require(part, root, f"{where}{name}")
        elif keyword == "$ref":
            _require_reference(schema, root, where)
        elif keyword not in _VALUES and keyword not in _ANNOTATIONS:
            raise ValueError(f"{where}: this keyword is not understood here")
        elif keyword in _VALUES and not _VALUES[keyword](value):
            raise ValueError(f"{where} cannot be {value!r}")
        if keyword == "pattern":
            compiled(value)


def _require_reference(schema: Mapping[str, Any], root: Mapping[str, Any], where: str) -> None:
    if not isinstance(schema["$ref"], str) or not schema["$ref"].startswith("#"):
        raise ValueError(f"{where}: {schema['$ref']!r} is not within the schema (`#/$defs/...`)")
    _require_end(schema, root, (), where)


def _require_end(schema: Any, root: Mapping[str, Any], above: tuple[int, ...], where: str) -> None:
    """A schema that asks of a value what it asks of that value, would never end."""
    if isinstance(schema, bool):
        return
    schema = _object(schema, f"what {where} leads to")
    if id(schema) in above:
        raise ValueError(f"{where} leads back to itself")
    above = (*above, id(schema))
    if "$ref" in schema:
        _require_end(_resolved(schema["$ref"], root), root, above, where)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            _require_end(part, root, above, where)
    if "not" in schema:
        _require_end(schema["not"], root, above, where)


def _parts(keyword: str, value: object, where: str) -> Iterator[tuple[str, object]]:
    """The schemas of a keyword that holds one, a list, or an object of them."""
    kind = _SCHEMAS[keyword]
    if kind is None:
        yield "", value
    elif kind is list and isinstance(value, list) and value:
        yield from ((f"/{i}", part) for i, part in enumerate(value))
    elif kind is dict and isinstance(value, Mapping):
        yield from ((f"/{key}", part) for key, part in value.items())
    else:
        wanted = "a list of schemas" if kind is list else "an object of schemas"
        raise ValueError(f"{where} must be {wanted}")


_SCHEMAS: dict[str, type | None] = {
    **dict.fromkeys(("additionalProperties", "items", "not")),
    **dict.fromkeys(("prefixItems", "allOf", "anyOf", "oneOf"), list),
    **dict.fromkeys(("properties", "$defs", "definitions"), dict),
}


def _is_type(value: object) -> bool:
    kinds = value if isinstance(value, list) else [value]
    return bool(kinds) and all(isinstance(kind, str) and kind in TYPES for kind in kinds)


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return is_number(value) and value >= 0 and math.isfinite(value) and value == int(value)


_VALUES: dict[str, Callable[[Any], bool]] = {
    "type": _is_type,
    "enum": lambda v: isinstance(v, list) and bool(v),
    "const": lambda _: True,
    "pattern": lambda v: isinstance(v, str),
    "required": lambda v: isinstance(v, list) and all(isinstance(key, str) for key in v),
    "uniqueItems": lambda v: isinstance(v, bool),
    "multipleOf": lambda v: _is_finite(v) and v > 0,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_finite),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        _is_count,
    ),
}
