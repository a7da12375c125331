"""Plain data between processes, as JSON: never pickled, nothing of the sender's code travels.

Plain is what builtin types hold: None, numbers, text, bytes, lists, tuples, sets, dicts, ranges,
slices of time, decimals, deques, iterators (as what they yield), and builtin types by name. Values
of their subclasses arrive as the plain type, so that no `__eq__` of the sender decides anything.
Instances of other classes arrive as `Instance`, or as what the receiver makes of them.

JSON's own types stand for themselves; everything else is an object with the key `$`.
"""

from __future__ import annotations

import builtins
import datetime as dt
import itertools
import math
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

__all__ = ["Instance", "Reader", "Unsendable", "Writer", "is_number_array"]

_TAG = "$"
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_MOST_YIELDED = 10_000
_JSON_INTEGER = 2**63


class Unsendable(TypeError):  # noqa: N818 - it reads as what it says of a value
    """A value that is no plain data."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance of a class that only the other side has: its class's name and attributes."""

    name: str
    attributes: Mapping[str, Any]


class Writer:
    """Turns one message's values into what JSON can hold.

    Args:
        by_value: The name under which the receiver knows an instance's class, if it is to travel
            with its attributes; else None.
        by_handle: A number for an instance that is to stay here and its class's name, or None;
            asked once before other ways to send it are tried, and once, with True, after them.
        arrays: Whether NumPy's arrays of numbers travel as such; else they arrive as lists.
    """

    def __init__(
        self,
        by_value: Callable[[object], str | None] | None = None,
        by_handle: Callable[[object, bool], tuple[int, str] | None] | None = None,
        *,
        arrays: bool = False,
    ) -> None:
        self._by_value = by_value
        self._arrays = arrays
        self._by_handle = by_handle
        self._numbers: dict[int, int] = {}
        self._queue: list[object] = []

    def write(self, value: object) -> Any:
        """The value as JSON; raises Unsendable, also for what is nested too deep."""
        try:
            return self._plain(value)
        except RecursionError:
            raise Unsendable("can't send what is nested so deep, or contains itself") from None

    def instances(self) -> list[list[Any]]:
        """The instances that the values written so far refer to: name and attributes.

        Apart from the values, so that a list of a million linked nodes needs no recursion.
        """
        written: list[list[Any]] = []
        while len(written) < len(self._queue):
            instance = self._queue[len(written)]
            name, attributes = self._parts(instance)
            written.append([name, {key: self.write(item) for key, item in attributes.items()}])
        return written

    def _parts(self, instance: object) -> tuple[str, Mapping[str, Any]]:
        if isinstance(instance, Instance):
            return instance.name, instance.attributes
        name = self._by_value(instance) if self._by_value else None
        return name or type(instance).__name__, _attributes(instance)

    def _plain(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            fits = -_JSON_INTEGER <= value < _JSON_INTEGER
            return value if fits else {_TAG: "int", "v": hex(value)}
        if kind is float:
            return value if math.isfinite(value) else {_TAG: "float", "v": repr(value)}
        if kind is list:
            return [self._plain(item) for item in value]
        if kind is dict:
            return self._dict(value)
        if kind in (tuple, set, frozenset, deque):
            return {_TAG: kind.__name__, "v": [self._plain(item) for item in value]}
        return self._other(value)

    def _dict(self, value: dict[Any, Any]) -> Any:
        if _TAG not in value and all(type(key) is str for key in value):
            return {key: self._plain(item) for key, item in value.items()}
        pairs = [[self._plain(key), self._plain(item)] for key, item in value.items()]
        return {_TAG: "dict", "v": pairs}

    def _other(self, value: Any) -> Any:
        write = _WRITERS.get(type(value))
        if write is not None:
            return {_TAG: type(value).__name__, "v": write(value)}
        name = getattr(value, "__name__", None) if isinstance(value, type) else None
        if name and getattr(builtins, name, None) is value:
            return {_TAG: "type", "v": name}
        for base, flat in _FLATTENED.items():
            if isinstance(value, base):
                return self._plain(flat(value))
        return self._instance(value)

    def _instance(self, value: Any) -> Any:
        if isinstance(value, Instance) or (self._by_value and self._by_value(value)):
            number = self._numbers.setdefault(id(value), len(self._queue))
            if number == len(self._queue):
                self._queue.append(value)
            return {_TAG: "instance", "v": number}
        handle = self._by_handle(value, False) if self._by_handle else None
        if handle is not None:
            return {_TAG: "handle", "v": list(handle)}
        if isinstance(value, Iterator):
            items = list(itertools.islice(value, _MOST_YIELDED + 1))
            if len(items) <= _MOST_YIELDED:
                return {_TAG: "iterator", "v": [self._plain(item) for item in items]}
            value = itertools.chain(items, value)  # perhaps without end: it stays here
        if hasattr(value, "tolist"):  # NumPy's arrays and numbers
            items = self._plain(value.tolist())
            if self._arrays and is_number_array(value):
                return {_TAG: "ndarray", "v": [value.dtype.str, list(value.shape), items]}
            return items
        handle = self._by_handle(value, True) if self._by_handle else None
        if handle is not None:
            return {_TAG: "handle", "v": list(handle)}
        raise Unsendable(f"can't send a {type(value).__name__}")


class Reader:
    """Turns what came as JSON into values.

    Args:
        instances: What `Writer.instances` gave.
        empty: Makes an instance, still without attributes, of the class of this name, or None
            where there is no such class: it is then an `Instance`.
        handle: Makes what stands for an instance that stayed there, of a number and a class name.
        most_hashed: Most items of sets, and keys of dicts, that are no text: numbers can be chosen
            so that a table of n of them takes n * n steps, and the receiver may be the trainer.
        most_digits: Most digits of an integer or a decimal: arithmetic with two of n digits takes
            n * n steps. A fraction's parts, which are reduced when it is made, have a tenth.
        arrays: Whether to make NumPy's arrays.

    Every method raises ValueError for what no Writer wrote: nothing of it is trusted.
    """

    def __init__(
        self,
        instances: object = (),
        empty: Callable[[str], object | None] | None = None,
        handle: Callable[[int, str], object] | None = None,
        most_hashed: int | None = None,
        most_digits: int | None = None,
        *,
        arrays: bool = False,
    ) -> None:
        self._handle = handle
        self._most_digits = most_digits
        self._arrays = arrays
        self._hashes_left = most_hashed
        self._made: list[object] = []
        written = _listed(instances)
        attributes: list[dict[str, Any]] = []
        for item in written:
            name, _ = _pair(item)
            made = empty(str(name)) if empty else None
            attributes.append({})
            self._made.append(Instance(str(name), attributes[-1]) if made is None else made)
        for item, made, fresh in zip(written, self._made, attributes, strict=True):
            fresh.update(self._attributes(_pair(item)[1]))
            if not isinstance(made, Instance):
                for key, value in fresh.items():
                    if not _is_method(type(made), key):
                        object.__setattr__(made, key, value)

    def read(self, value: Any) -> Any:
        """The value that was written."""
        try:
            return self._plain(value)
        except _UNREADABLE as error:
            raise ValueError(f"not plain data: {error}"[:200]) from None

    def _attributes(self, written: object) -> dict[str, Any]:
        if not isinstance(written, dict):
            raise ValueError("not plain data: attributes")  # noqa: TRY004 - documented as such
        # No dunder: the sender has no say in what an instance is, only in what it holds.
        plain = {key: item for key, item in written.items() if not str(key).startswith("__")}
        return {str(key): self.read(item) for key, item in plain.items()}

    def _plain(self, value: Any) -> Any:
        if type(value) is list:
            return [self._plain(item) for item in value]
        if type(value) is dict:
            if _TAG not in value:
                return {key: self._plain(item) for key, item in value.items()}
            return self._tagged(value[_TAG], value["v"])
        return value

    def _tagged(self, tag: str, value: Any) -> Any:
        if tag in ("set", "frozenset", "dict"):
            self._count_hashes(value)
        if tag in _CONTAINERS:
            return _CONTAINERS[tag]([self._plain(item) for item in value])
        if tag == "dict":
            return {self._plain(key): self._plain(item) for key, item in value}
        if tag == "iterator":
            return iter([self._plain(item) for item in value])
        if tag == "instance":
            return self._made[int(value)]
        if tag == "handle" and self._handle is not None:
            return self._handle(int(value[0]), str(value[1]))
        if tag == "ndarray" and self._arrays:
            return _array(str(value[0]), value[1], self._plain(value[2]))
        if tag in _DIGITS:
            self._check_digits(value if tag == "Fraction" else [value], _DIGITS[tag])
        return _READERS[tag](value)

    def _check_digits(self, numbers: list[str], share: float) -> None:
        most = self._most_digits
        if most is not None and max(map(len, numbers)) > share * most:
            raise ValueError("not plain data: a number that is too large to be safe")

    def _count_hashes(self, items: list[Any]) -> None:
        if self._hashes_left is not None:
            self._hashes_left -= sum(type(item) is not str for item in items)
            if self._hashes_left < 0:
                raise ValueError("not plain data: a set or dict that is too large to be safe")


def is_number_array(value: object) -> bool:
    """Whether this is an array of NumPy's, of booleans or numbers."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.kind in "biufc"


def _array(dtype: str, shape: list[int], items: object) -> Any:
    if not re.fullmatch(r"[<>|=][biufc]\d{1,2}", dtype):  # no objects, no text of any length
        raise ValueError(f"not plain data: an array of {dtype}"[:200])
    import numpy as np

    return np.array(items, np.dtype(dtype)).reshape([int(size) for size in shape])


def _attributes(instance: Any) -> dict[str, Any]:
    """What an instance holds, in its dict and its slots."""
    found = dict(getattr(instance, "__dict__", {}))
    for kind in type(instance).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(instance, name) and name not in ("__dict__", "__weakref__"):
                found[name] = getattr(instance, name)
    return found


def _is_method(kind: type, name: str) -> bool:
    """Whether a class says what this name does, or how it is computed.

    An instance's attribute of that name would take its place: the sender's function, that of the
    receiver's class.
    """
    for base in kind.__mro__:
        if name in base.__dict__:
            found = base.__dict__[name]
            computed = hasattr(found, "__get__") and not hasattr(found, "__set__")
            return computed or callable(found)
    return False


def _listed(value: object) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise ValueError("not plain data: a list")  # noqa: TRY004 - documented as such
    return value


def _pair(value: object) -> tuple[Any, Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("not plain data: a pair")
    return value[0], value[1]


def _builtin_type(name: str) -> type:
    found = getattr(builtins, name)
    if not isinstance(found, type):
        raise TypeError(name)
    return found


_WRITERS: dict[type, Callable[[Any], Any]] = {
    bytes: bytes.hex,
    bytearray: bytearray.hex,
    complex: lambda z: [repr(z.real), repr(z.imag)],
    range: lambda r: [str(r.start), str(r.stop), str(r.step)],
    Decimal: str,
    Fraction: lambda f: [hex(f.numerator), hex(f.denominator)],
    dt.date: dt.date.isoformat,
    dt.datetime: dt.datetime.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: lambda d: [d.days, d.seconds, d.microseconds],
    type(Ellipsis): lambda _: 0,
}
_READERS: dict[str, Callable[[Any], Any]] = {
    "int": lambda v: int(v, 16),
    "float": float,
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "complex": lambda v: complex(float(v[0]), float(v[1])),
    "range": lambda v: range(int(v[0]), int(v[1]), int(v[2])),
    "Decimal": Decimal,
    "Fraction": lambda v: Fraction(int(v[0], 16), int(v[1], 16)),
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "time": dt.time.fromisoformat,
    "timedelta": lambda v: dt.timedelta(*map(int, v)),
    "ellipsis": lambda _: ...,
    "type": _builtin_type,
}
# The share of the most digits that each kind of number may have.
_DIGITS = {"int": 1.0, "Decimal": 1.0, "Fraction": 0.1}
_CONTAINERS: dict[str, Callable[[list[Any]], Any]] = {
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
}
# The base's own methods: those of the subclass are the sender's.
_FLATTENED: dict[type, Callable[[Any], Any]] = {
    int: lambda v: int.__add__(v, 0),
    float: float.__float__,
    str: str.__str__,
    bytes: lambda v: bytes.__getitem__(v, slice(None)),
    list: lambda v: list(list.__iter__(v)),
    tuple: lambda v: tuple(tuple.__iter__(v)),
    set: lambda v: set(set.__iter__(v)),
    frozenset: lambda v: frozenset(frozenset.__iter__(v)),
    dict: lambda v: dict(dict.items(v)),
    deque: lambda v: deque(deque.__iter__(v)),
}
