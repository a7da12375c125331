"""Which language a text should be in: an option says so, or the row, or its prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from rewardkit_language.languages import Target, find_language, known_language

__all__ = ["Chosen", "choose_target"]

_PROMPT_CHARACTERS = 20_000  # enough to tell a language by


class Chosen(NamedTuple):
    """The target, and what it was taken from; without a target `source` says why there is none."""

    target: Target | None
    source: str


def choose_target(
    option: str | None, language: Any, prompt: Any, backend: str, model: str | None
) -> Chosen:
    """The language of the option, else of the row's `language`, else that of its prompt.

    Raises:
        OptionError: The option names no known language. In a row that is data: it has no target.
    """
    if option is not None:
        return Chosen(known_language(option), "the option")
    if language is not None and str(language).strip():
        return _from_row(language)
    target = _language_of(_prompt_text(prompt)[:_PROMPT_CHARACTERS], backend, model)
    if target is None:
        return Chosen(None, "no target: no option, no language in the row, no words in the prompt")
    return Chosen(target, "the prompt")


def _from_row(language: Any) -> Chosen:
    target = find_language(language) if isinstance(language, str) else None
    if target is None:
        shown = f"{language!r:.60}"
        return Chosen(None, f"no target: the row's language {shown} is no known language")
    return Chosen(target, "the row")


def _prompt_text(prompt: Any) -> str:
    """The prompt's text; of messages, what the user wrote."""
    if isinstance(prompt, str):
        return prompt
    if not isinstance(prompt, Sequence):
        return ""
    messages = [message for message in prompt if isinstance(message, Mapping)]
    asked = [message for message in messages if message.get("role") == "user"] or messages
    return "\n".join(str(message.get("content") or "") for message in asked)


@lru_cache(maxsize=512)
def _language_of(text: str, backend: str, model: str | None) -> Target | None:
    from rewardkit_language.detector import language_of

    return language_of(text, backend, model)  # completions of one prompt follow one another
