"""The filters `length`, `token_length` and `line_length`: bounds, in units that are named."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import rewardkit as rk
from rewardkit.option_types import Checked, NonNegativeFloat, PositiveInt
from rewardkit.wordcount import count_words
from rewardkit_hygiene.passages import Part, passages

__all__ = ["length", "line_length", "token_length"]


@rk.filter
def length(
    completion: rk.Completion,
    *,
    min_chars: NonNegativeFloat = 1,
    max_chars: PositiveInt | None = None,
    min_words: NonNegativeFloat = 0,
    max_words: PositiveInt | None = None,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects completions of too few or too many characters or words; the value is how many.

    A thinking or a response that is empty has too few, unless `min_chars` is 0. Words of every
    script are counted; where there are no blanks between them, by their average length.
    """
    for name, text in passages(completion, part):
        found = _beyond(len(text), min_chars, max_chars, "characters", name)
        if found is None and (min_words or max_words is not None):
            found = _beyond(count_words(text), min_words, max_words, "words", name)
        if found is not None:
            return found
    return None


def _beyond(
    measured: float, least: float, most: float | None, unit: str, name: str
) -> rk.Rejection | None:
    if measured < least:
        bound = f"fewer than {least:,g}"
    elif most is not None and measured > most:
        bound = f"more than {most:,g}"
    else:
        return None
    return rk.Rejection(f"{measured:,.10g} {unit} in the {name}, {bound}", float(measured))


@functools.lru_cache(maxsize=8)
def _tokenizer(name: str) -> Callable[[str], int]:
    """What counts the tokens of a text.

    Raises:
        ValueError: There is no such tokenizer, or the library that reads it is not installed.
    """
    kind, _, encoding = name.partition(":")
    if kind == "tiktoken":
        counter = _load("tiktoken", lambda module: module.get_encoding(encoding), name)
        return lambda text: len(counter.encode(_whole(text), disallowed_special=()))

    def read(module: Any) -> Any:
        path = Path(name)
        path = path / "tokenizer.json" if path.is_dir() else path
        kinds = module.Tokenizer
        return kinds.from_file(str(path)) if path.is_file() else kinds.from_pretrained(name)

    tokenizer = _load("tokenizers", read, name)
    return lambda text: len(tokenizer.encode(_whole(text), add_special_tokens=False).ids)


def _load(library: str, read: Callable[[Any], Any], name: str) -> Any:
    try:
        module = __import__(library)
    except ImportError as error:
        raise ValueError(f"{name!r} needs {library}: pip install {library}") from error
    try:
        return read(module)
    except Exception as error:
        raise ValueError(f"there is no tokenizer {name!r}: {error}") from error


def _whole(text: str) -> str:
    """`text` with lone surrogates, which tokenizers don't take, as replacement characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


TokenizerName = Annotated[str, Checked(_tokenizer)]
"""A model on the Hugging Face hub, a tokenizer.json or its folder, or "tiktoken:ENCODING"."""


@rk.filter
def token_length(
    completion: rk.Completion,
    *,
    tokenizer: TokenizerName,
    min_tokens: NonNegativeFloat = 0,
    max_tokens: PositiveInt | None = None,
) -> rk.Rejection | None:
    """Rejects completions of too few or too many tokens; the value is how many.

    `tokenizer` is a model on the Hugging Face hub, the path of a tokenizer.json or of its folder
    (both read by the package tokenizers), or "tiktoken:" and the name of an encoding. The whole
    completion is counted, its tags included, and no special token is added.
    """
    return _beyond(_tokenizer(tokenizer)(completion), min_tokens, max_tokens, "tokens", "text")


@rk.filter
def line_length(
    completion: rk.Completion,
    *,
    max_chars: PositiveInt = 10_000,
    min_mean_chars: NonNegativeFloat = 0,
    max_mean_chars: PositiveInt | None = None,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects text with a line that is too long, or with lines that are on average; in characters.

    The value is the longest line's length, or the average of lines that are not blank.
    """
    for name, text in passages(completion, part):
        lengths = [len(line) for line in text.splitlines() if not line.isspace() and line]
        if not lengths:
            continue
        found = _beyond(max(lengths), 0, max_chars, "characters in a line", name)
        if found is None:
            mean = sum(lengths) / len(lengths)
            found = _beyond(
                mean, min_mean_chars, max_mean_chars, "characters a line on average", name
            )
        if found is not None:
            return found
    return None
