"""Text that holds data: JSON, and LiveCodeBench's base64 of zlib of a pickle of JSON."""

from __future__ import annotations

import base64
import binascii
import io
import json
import pickle
import zlib
from typing import Any

from rewardkit_code.cases import TestsError

__all__ = ["from_json", "unpack"]

_DIGITS_AT_ONCE = 640  # the least that Python can be told to allow
_MOST_DIGITS = 300_000
_MOST_BYTES = 512 * 2**20  # LiveCodeBench's largest problem unpacks to about 100 MB


class _PlainUnpickler(pickle.Unpickler):
    """Reads text, numbers, lists and dicts. A class or function in a pickle could be any code."""

    def find_class(self, module: str, name: str) -> Any:
        raise TestsError(f"the packed tests hold {module}.{name}, and may hold plain data alone")

    def persistent_load(self, pid: Any) -> Any:
        raise TestsError(f"the packed tests refer to {pid!r}, which is not among them")


def from_json(text: str, what: str) -> Any:
    """What JSON text holds.

    Raises:
        TestsError: It is not JSON.
    """
    try:
        return _loads(text)
    except (ValueError, RecursionError) as error:
        raise TestsError(f"{what} cannot be read as JSON: {error}") from error


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError):
            raise
    return json.loads(text, parse_int=_integer)  # it holds one that Python refuses to read


def _integer(digits: str) -> int:
    """An integer of any length; Python's own `int` refuses more than 4300 digits."""
    if len(digits) <= _DIGITS_AT_ONCE:
        return int(digits)
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits")
    if digits[0] == "-":
        return -_integer(digits[1:])
    half = len(digits) // 2
    shifted: int = _integer(digits[:-half]) * 10**half
    return shifted + _integer(digits[-half:])


def unpack(text: str, what: str) -> Any:
    """What JSON text, or base64 of zlib of a pickle, holds; nothing of it is ever run.

    Raises:
        TestsError: It is neither, or holds more than plain data.
    """
    if text.lstrip()[:1] in ("[", "{", '"'):
        return from_json(text, what)
    try:
        value = _PlainUnpickler(io.BytesIO(_inflate(base64.b64decode(text, validate=True)))).load()
    except (binascii.Error, zlib.error) as error:
        raise TestsError(f"{what} are neither JSON nor base64 of zlib: {error}") from error
    except (pickle.UnpicklingError, EOFError, LookupError, ValueError, MemoryError) as error:
        if isinstance(error, TestsError):
            raise
        raise TestsError(f"{what} hold a pickle that cannot be read: {error}") from error
    return from_json(value, what) if isinstance(value, str) else value


def _inflate(data: bytes) -> bytes:
    inflate = zlib.decompressobj()
    inflated = inflate.decompress(data, _MOST_BYTES)
    if inflate.unconsumed_tail:
        raise TestsError(f"the packed tests are larger than {_MOST_BYTES >> 20} MiB")
    if not inflate.eof:
        raise zlib.error("it ends too early")
    return inflated
