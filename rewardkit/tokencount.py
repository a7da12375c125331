"""How many tokens a text is by a tokenizer that the user names."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rewardkit.option_types import Checked

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["TokenizerName", "count_tokens"]


def count_tokens(text: str, tokenizer: str) -> int:
    """How many tokens `text` is, without the special ones that a tokenizer puts around it.

    Args:
        text: Any text; a lone surrogate, which no tokenizer takes, counts as a question mark.
        tokenizer: A `tokenizer.json`, a folder that holds one, or a model's name on the Hub.

    Raises:
        ValueError: There is no such tokenizer, or the package `tokenizers` is missing.
    """
    encodable = text.encode("utf-8", "replace").decode("utf-8")
    return len(_load(tokenizer).encode(encodable, add_special_tokens=False))


@lru_cache(maxsize=8)
def _load(name: str) -> Tokenizer:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise ValueError("to count tokens, install rewardkit[tokens]") from error
    path = Path(name)
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        if file.is_file():
            return Tokenizer.from_file(str(file))
        return Tokenizer.from_pretrained(name)
    except Exception as error:
        raise ValueError(f"no tokenizer {name!r}: {error}") from error


TokenizerName = Annotated[str, Checked(_load)]
"""A tokenizer that `count_tokens` takes; it is loaded where the option is given."""
