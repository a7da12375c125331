"""Reading a reference: whatever a data set's answer column holds, as the text of the answer."""

from __future__ import annotations

import math
import re
from numbers import Number
from typing import Any

from rewardkit_math.answers import Answer, NoAnswer, undelimited
from rewardkit_math.boxes import last_boxes
from rewardkit_math.extraction import extract
from rewardkit_math.phrases import anchored

__all__ = ["UnreadableError", "read_answer", "read_references"]


# Markdown's bold, and code; quotation marks.
_MARKED = re.compile(r"(\*{1,3}|`{1,3})([^*`]+)\1|([\"'])([^\"']+)\3|“([^“”]+)”")
# A line's end as a text has it that was escaped once too often.
_ESCAPED_END = re.compile(r"(?:\s*\\n)+\s*\Z")
_MARKS = ("*", "`", '"', "'", "“")
# A longer reference without a box is a solution that ends in its answer.
_SOLUTION = 500


class UnreadableError(ValueError):
    """A reference or an answer that cannot be read; the message says why."""


def read_references(reference: Any) -> list[str]:
    """The texts of all correct answers that a reference lists.

    Raises:
        UnreadableError: The reference is missing or empty, or one of several cannot be read.
    """
    if isinstance(reference, str):
        return [_read_text(reference, solution=True)]
    if isinstance(reference, list | tuple | set | frozenset):
        if not reference:
            raise UnreadableError("an empty list")
        return [_read(one, True) for one in reference]
    return [_read(reference, True)]


def read_answer(value: Any) -> str:
    r"""The text of one answer: bare LaTeX, `$...$`, `\boxed{...}`, GSM8K's `#### 42`, a number.

    Raises:
        UnreadableError: It is empty, or neither text nor a finite number.
    """
    return _read_text(value, solution=False) if isinstance(value, str) else _read(value, False)


def _read(value: Any, solution: bool) -> str:
    if isinstance(value, str):
        return _read_text(value, solution=solution)
    if value is None:
        raise UnreadableError("missing")
    if isinstance(value, bool) or not isinstance(value, Number):
        raise UnreadableError(f"neither text nor a number but {type(value).__name__}")
    return _read_number(value)


def _read_text(text: str, *, solution: bool) -> str:
    if text.isalnum() and (not solution or len(text) <= _SOLUTION):
        return text  # of what follows, nothing applies: most references are integers
    if "####" in text:
        text = text.rpartition("####")[2]
    boxed = last_boxes(text)
    if solution and boxed is None and (len(text) > _SOLUTION or _announces(text)):
        # A worked solution is no answer, and "The answer is 42" says which it is.
        found = extract(text) if len(text) > _SOLUTION else anchored(text)
        if isinstance(found, Answer):
            return found.text
    if isinstance(boxed, NoAnswer):
        raise UnreadableError(boxed.reason)
    text = undelimited(boxed.text if boxed else text)
    if text.endswith("\\n"):
        text = undelimited(_ESCAPED_END.sub("", text))
    if text[:1] in _MARKS and (marked := _MARKED.fullmatch(text)):
        text = (marked[2] or marked[4] or marked[5]).strip()
    if not text:
        raise UnreadableError("empty")
    return text


def _announces(text: str) -> bool:
    r"""Whether a text may say "the answer is"; in a \text{...} the parser reads it."""
    return "nswer" in text and "\\text" not in text


def _read_number(value: Number) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        raise UnreadableError(f"{value}, which is no number")
    try:
        return str(value)
    except ValueError as error:  # integers of more than 4,300 digits
        raise UnreadableError("an integer of too many digits: give it as text") from error
