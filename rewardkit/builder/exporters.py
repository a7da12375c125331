"""Export formats: what a kept row becomes. The hook `rewardkit_exporters` adds to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rewardkit.completions import Completion
from rewardkit.errors import RowError
from rewardkit.hookspecs import hookimpl

__all__ = ["messages", "prompt_completion"]


def messages(row: Mapping[str, Any], completion: Completion) -> dict[str, Any]:
    """TRL's conversational format: `messages`, the prompt's followed by the assistant's.

    A think tag that the chat template had prefilled is written out again.
    """
    prompt = _prompt(row)
    if isinstance(prompt, str):
        asked = [{"role": "user", "content": _without_prefilled_tag(prompt, completion)}]
    else:
        asked = [dict(message) for message in prompt]
    return {"messages": [*asked, *_answered(completion)]}


def prompt_completion(row: Mapping[str, Any], completion: Completion) -> dict[str, Any]:
    """TRL's prompt-completion format, as text where the prompt is text, else as messages."""
    prompt = _prompt(row)
    if isinstance(prompt, str):
        return {"prompt": prompt, "completion": str(completion)}
    return {"prompt": [dict(m) for m in prompt], "completion": _answered(completion)}


def _prompt(row: Mapping[str, Any]) -> str | Sequence[Mapping[str, Any]]:
    prompt = row.get("prompt")
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, Sequence) and all(isinstance(m, Mapping) for m in prompt):
        return prompt
    found = "no prompt" if prompt is None else f"a prompt that is {type(prompt).__name__}"
    raise RowError(f"the row has {found}; text or messages are needed to export it")


def _answered(completion: Completion) -> list[dict[str, Any]]:
    answered = completion.messages
    if completion.begins_in_thinking:
        # The template wrote the opening tag, so the completion lacks it; training text needs it.
        opening = completion.reading.think_tags[0]
        content = answered[0].get("content")
        answered[0]["content"] = f"{opening}\n{str(content or '').lstrip()}"
    return answered


def _without_prefilled_tag(prompt: str, completion: Completion) -> str:
    opening = completion.reading.think_tags[0]
    if completion.begins_in_thinking and prompt.rstrip().endswith(opening):
        return prompt.rstrip().removesuffix(opening).rstrip()
    return prompt


@hookimpl
def rewardkit_exporters() -> dict[str, Callable[..., Mapping[str, Any]]]:
    """The formats that come with rewardkit."""
    return {"messages": messages, "prompt-completion": prompt_completion}
