"""Whether a JSON value is as a JSON Schema says, and where it is not; see `schemas`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sized
from json import dumps
from operator import ge, gt, le, lt
from typing import Any

from rewardkit_format.patterns import compiled
from rewardkit_format.schemas import TYPES, is_number, with_references

__all__ = ["misfit"]

_SECONDS = 1.0  # that a pattern may take on a string
_HAIR = 1e-9
_SHOWN = 60  # characters of a value that a reason quotes


def misfit(value: Any, schema: Mapping[str, Any]) -> str:
    """Where `value` is not as `schema` says, or "".

    Args:
        value: Parsed JSON.
        schema: A schema that `require_schema` has passed.

    Raises:
        TimeoutError: One of the schema's patterns takes too long.
    """
    try:
        return _Walk(schema).fault(value, schema, "$")
    except RecursionError:  # each level of the text may take several of the schema
        return "nested too deep for the schema"


class _Walk:
    """Compares a value with a schema; each part of it with each subschema once.

    Alternatives within alternatives would else take time exponential in the depth.
    """

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self._known: dict[tuple[int, int], str] = {}
        self._checks: dict[int, list[tuple[Check, Any, Any]]] = {}

    def fault(self, value: Any, schema: Any, at: str) -> str:
        if not isinstance(value, dict | list):  # others share their identity with their equals
            return self._first_fault(value, schema, at)
        key = id(value), id(schema)
        if key not in self._known:
            self._known[key] = self._first_fault(value, schema, at)
        return self._known[key]

    def _first_fault(self, value: Any, schema: Any, at: str) -> str:
        checks = self._checks.get(id(schema))
        if checks is None:
            checks = self._checks[id(schema)] = list(self._checks_of(schema))
        for check, wanted, part in checks:
            if found := check(self, value, wanted, part, at):
                return found
        return ""

    def _checks_of(self, schema: Any) -> Iterator[tuple[Check, Any, Any]]:
        """The checks that a schema asks for, with what each wants and where that is said."""
        for part in with_references(schema, self.root):
            if part is False:
                yield _Walk.nothing, None, None
            elif part is not True:
                yield from (
                    (_CHECKS[k], wanted, part) for k, wanted in part.items() if k in _CHECKS
                )

    def nothing(self, value: Any, wanted: Any, _: Any, at: str) -> str:
        return f"{at} must not be there"

    def type(self, value: Any, wanted: Any, _: Any, at: str) -> str:
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return "" if any(TYPES[k](value) for k in kinds) else f"{at} is no {' or '.join(kinds)}"

    def enum(self, value: Any, wanted: Any, _: Any, at: str) -> str:
        known = _key(value) in map(_key, wanted)
        return "" if known else f"{at} is {_shown(value)}, none of {_shown(wanted)}"

    def const(self, value: Any, wanted: Any, _: Any, at: str) -> str:
        return "" if _key(value) == _key(wanted) else f"{at} is not {_shown(wanted)}"

    def pattern(self, value: Any, wanted: str, _: Any, at: str) -> str:
        if not isinstance(value, str) or compiled(wanted).search(value, timeout=_SECONDS):
            return ""
        return f"{at} does not match {wanted[:_SHOWN]!r}"

    def multiple(self, value: Any, wanted: float, _: Any, at: str) -> str:
        if not is_number(value):
            return ""
        if isinstance(value, int) and isinstance(wanted, int):
            whole = value % wanted == 0
        else:
            share = _float(value) / wanted  # of 0.3 by 0.1 it is whole but for a hair
            whole = math.isfinite(share) and abs(share - round(share)) < _HAIR
        return "" if whole else f"{at} is no multiple of {wanted}"

    def properties(self, value: Any, wanted: Mapping[str, Any], _: Any, at: str) -> str:
        if isinstance(value, dict):
            for key, schema in wanted.items():
                if key in value and (found := self.fault(value[key], schema, f"{at}.{key}")):
                    return found
        return ""

    def required(self, value: Any, wanted: list[str], _: Any, at: str) -> str:
        missing = [key for key in wanted if isinstance(value, dict) and key not in value]
        return f"{at} has no key {missing[0]!r}" if missing else ""

    def additional(self, value: Any, wanted: Any, schema: Mapping[str, Any], at: str) -> str:
        for key in value if isinstance(value, dict) else ():
            if key in schema.get("properties", ()):
                continue
            if wanted is False:
                return f"{at} has a key {key[:_SHOWN]!r} that was not asked for"
            if found := self.fault(value[key], wanted, f"{at}.{key[:_SHOWN]}"):
                return found
        return ""

    def items(self, value: Any, wanted: Any, schema: Mapping[str, Any], at: str) -> str:
        if isinstance(value, list):
            for i in range(len(schema.get("prefixItems", ())), len(value)):
                if found := self.fault(value[i], wanted, f"{at}[{i}]"):
                    return found
        return ""

    def prefix(self, value: Any, wanted: list[Any], _: Any, at: str) -> str:
        if isinstance(value, list):
            for i, (one, schema) in enumerate(zip(value, wanted, strict=False)):
                if found := self.fault(one, schema, f"{at}[{i}]"):
                    return found
        return ""

    def unique(self, value: Any, wanted: bool, _: Any, at: str) -> str:
        if wanted and isinstance(value, list) and len(set(map(_key, value))) < len(value):
            return f"{at} holds something twice"
        return ""

    def all_of(self, value: Any, wanted: list[Any], _: Any, at: str) -> str:
        for schema in wanted:
            if found := self.fault(value, schema, at):
                return found
        return ""

    def any_of(self, value: Any, wanted: list[Any], _: Any, at: str) -> str:
        found = ""
        for schema in wanted:
            found = self.fault(value, schema, at)
            if not found:
                return ""
        return f"{found} (nor is it any other of {len(wanted)})" if len(wanted) > 1 else found

    def one_of(self, value: Any, wanted: list[Any], schema: Any, at: str) -> str:
        fitting = 0
        for one in wanted:
            fitting += not self.fault(value, one, at)
        if fitting > 1:
            return f"{at} is {fitting} of {len(wanted)} things, not one"
        return "" if fitting else self.any_of(value, wanted, schema, at)

    def negation(self, value: Any, wanted: Any, _: Any, at: str) -> str:
        return "" if self.fault(value, wanted, at) else f"{at} is what it must not be"


def _key(value: Any) -> Any:
    """The same for equal JSON values, and for those alone: to Python, `true` is 1."""
    if isinstance(value, list):
        return "array", tuple(map(_key, value))
    if isinstance(value, dict):
        return "object", frozenset((key, _key(one)) for key, one in value.items())
    return ("boolean", value) if isinstance(value, bool) else value


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _shown(value: Any) -> str:
    text = dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _size(kind: type[Sized], wrong: Callable[[Any, Any], bool], told: str) -> Check:
    """The check of how long values of a `kind` are: `wrong` of their length and the bound."""

    def check(_: _Walk, value: Any, wanted: float, schema: Any, at: str) -> str:
        fits = not isinstance(value, kind) or not wrong(len(value), wanted)
        return "" if fits else f"{at} has {told} {wanted}"

    return check


def _bound(wrong: Callable[[Any, Any], bool], told: str) -> Check:
    """The check of a number: `wrong` of it and the bound."""

    def check(_: _Walk, value: Any, wanted: float, schema: Any, at: str) -> str:
        fits = not is_number(value) or not wrong(value, wanted)
        return "" if fits else f"{at} is {told} {wanted}"

    return check


Check = Callable[[_Walk, Any, Any, Any, str], str]
_CHECKS: dict[str, Check] = {
    "type": _Walk.type,
    "enum": _Walk.enum,
    "const": _Walk.const,
    "minLength": _size(str, lt, "fewer characters than"),
    "maxLength": _size(str, gt, "more characters than"),
    "pattern": _Walk.pattern,
    "minimum": _bound(lt, "less than"),
    "maximum": _bound(gt, "more than"),
    "exclusiveMinimum": _bound(le, "not more than"),
    "exclusiveMaximum": _bound(ge, "not less than"),
    "multipleOf": _Walk.multiple,
    "required": _Walk.required,
    "properties": _Walk.properties,
    "additionalProperties": _Walk.additional,
    "minProperties": _size(dict, lt, "fewer keys than"),
    "maxProperties": _size(dict, gt, "more keys than"),
    "prefixItems": _Walk.prefix,
    "items": _Walk.items,
    "minItems": _size(list, lt, "fewer items than"),
    "maxItems": _size(list, gt, "more items than"),
    "uniqueItems": _Walk.unique,
    "allOf": _Walk.all_of,
    "anyOf": _Walk.any_of,
    "oneOf": _Walk.one_of,
    "not": _Walk.negation,
}
