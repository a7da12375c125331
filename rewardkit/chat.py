"""Reading chat messages: who speaks, and what the assistant wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rewardkit.errors import RowError

__all__ = ["assistant_text", "role_of"]

Tags = tuple[str, str]

# Where chat templates, APIs and data sets put the thinking of an assistant's message.
_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")


def role_of(message: object) -> str:
    """Who speaks, or "" where the message does not say, or is none."""
    return str(message.get("role", "")) if isinstance(message, Mapping) else ""


def assistant_text(messages: Sequence[Any], tags: Tags) -> tuple[str, tuple[str, str] | None]:
    """What the assistant wrote, and thinking and response where the thinking has its own field.

    Thinking of its own field stands before the content, in the think `tags`.

    Raises:
        RowError: A message is no mapping, or its content neither text nor parts.
    """
    texts: list[str] = []
    parts: tuple[str, str] | None = None
    for number, message in enumerate(messages):
        if not isinstance(message, Mapping):
            raise RowError(
                f"message {number} of the completion is {type(message).__name__}, not a mapping "
                "with a role and a content"
            )
        if role_of(message) not in ("assistant", ""):
            continue
        content = _content(message.get("content"), number)
        reasoning = next((message[f] for f in _REASONING_FIELDS if message.get(f)), None)
        if isinstance(reasoning, str):
            parts = reasoning, content
            content = f"{tags[0]}\n{reasoning}\n{tags[1]}\n\n{content}"
        elif parts is not None:
            parts = parts[0], f"{parts[1]}\n{content}"
        if content:
            texts.append(content)
    return "\n".join(texts), parts


def _content(content: object, number: int) -> str:
    """The text of a message's content: text, parts as OpenAI's API has them, or nothing."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence) and all(isinstance(part, Mapping) for part in content):
        return "".join(str(part.get("text") or "") for part in content)
    raise RowError(
        f"the content of message {number} of the completion is {type(content).__name__}; "
        "it must be text or a list of parts"
    )
