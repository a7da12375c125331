"""Reading a request's body: of bounded size, and JSON in the strict sense."""

from __future__ import annotations

import json
import math
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, NoReturn

from rewardkit.errors import RowError
from rewardkit.trainers.labels import MOST_LEVELS, nested_deeper

__all__ = ["BodyError", "parse_json", "read_body"]

# Half a character as JSON writes it. Where there is none, nothing needs to be looked for.
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class BodyError(RowError):
    """A body that cannot be read; `status` is what HTTP calls it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def read_body(headers: Mapping[str, str], chunks: AsyncIterator[bytes], most: int) -> bytes:
    """The body of a request that says it is JSON.

    Raises:
        BodyError: It is something else (415), or longer than `most` bytes (413), whatever
            Content-Length says.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise BodyError(415, f"The body is {kind or 'of no type'}: send application/json.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise BodyError(415, "The body is compressed: send it as it is.")
    too_long = BodyError(413, f"The body is longer than {most:,} bytes: send fewer rows at once.")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise too_long
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            raise too_long
    return bytes(body)


def parse_json(body: bytes) -> Any:
    """The value of a JSON text; half characters (lone surrogates) in it become question marks.

    Raises:
        BodyError: It is no JSON in UTF-8 (NaN and Infinity are none), a number is beyond a float,
            or it is nested too deeply (400).
    """
    try:
        # As text: of bytes json guesses the encoding, and takes half characters written in them.
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if _SURROGATE.search(text):
            whole = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
            value = json.loads(whole)
    except RecursionError:
        raise BodyError(400, "The JSON is nested too deeply.") from None
    except ValueError as error:  # UnicodeDecodeError is one, too
        raise BodyError(400, f"The body is not JSON: {error}") from None
    if nested_deeper(value, MOST_LEVELS):
        raise BodyError(400, f"The JSON is nested more than {MOST_LEVELS} levels deep.")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is beyond a float")
    return value
