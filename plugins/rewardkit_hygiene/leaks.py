"""The filters `prompt_leak`, `answer_leak` and `special_tokens`: what should have stayed out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import rewardkit as rk
from rewardkit.option_types import PositiveInt, Share
from rewardkit.wordcount import split_words, word_ngrams
from rewardkit_hygiene.passages import without_code
from rewardkit_hygiene.quoting import quoted

__all__ = ["answer_leak", "message_texts", "prompt_leak", "special_tokens"]


def message_texts(prompt: Any) -> Iterator[tuple[str, str]]:
    """Role and text of each message of a prompt; of a prompt that is text, "user" and it."""
    if isinstance(prompt, str):
        yield "user", prompt
    elif isinstance(prompt, Sequence):
        for message in prompt:
            if isinstance(message, Mapping):
                yield str(message.get("role") or ""), _content(message.get("content"))


def _content(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return ""
    parts = (part.get("text") for part in content if isinstance(part, Mapping))
    return "\n".join(text for text in parts if isinstance(text, str))


@rk.filter
def prompt_leak(
    completion: rk.Completion,
    prompt: Any,
    *,
    words: PositiveInt = 13,
    max_share: Share = 0.8,
    max_system_words: PositiveInt = 30,
) -> rk.Rejection | None:
    """Rejects responses that repeat their prompt instead of answering it; the value is the share.

    The share is that of the response's runs of `words` words that stand in the prompt; responses
    of fewer words have none. Of a system message no more than `max_system_words` words in a row
    may be given away, whatever the share; the value then is 1.0.
    """
    messages = [(role, text) for role, text in message_texts(prompt) if text]
    for role, text in messages:
        if role == "system":
            given_away = _shared_run(completion.response, text, max_system_words + 1)
            if given_away:
                return rk.Rejection(
                    f"more than {max_system_words} words in a row of the system message: "
                    f"{quoted(given_away)}",
                    1.0,
                )
    known = {run for _, text in messages for run in map(tuple, word_ngrams(text, words))}
    if not known:
        return None
    runs = [tuple(run) in known for run in word_ngrams(completion.response, words)]
    share = sum(runs) / len(runs) if runs else 0.0
    if share <= max_share:
        return None
    return rk.Rejection(
        f"{share:.1%} of the response's runs of {words} words stand in the prompt, more than "
        f"{max_share:.1%}",
        share,
    )


def _shared_run(text: str, other: str, words: int) -> str:
    """The first run of `words` words in `text` that stands in `other` too, or ""."""
    known = set(map(tuple, word_ngrams(other, words)))
    if not known:
        return ""
    return " ".join(next((run for run in word_ngrams(text, words) if tuple(run) in known), ()))


_COMPARED = 200  # characters of a reference that are looked for

# After one of these a prompt gives the answer away.
_GIVEN = re.compile(
    r"(?:\b(?:correct |final |right |reference |expected )?(?:answer|solution|result)"
    r"(?: key| is| should be| must be|:| =)+|####|正确答案(?:是|为|：|:)|答案(?:是|为|：|:)|答えは"
    r"|정답은|la respuesta (?:correcta )?es|la réponse (?:correcte )?est|die (?:richtige )?antwort"
    r"(?: ist|:)|ответ(?: —|:| -)|الجواب(?: هو|:)|उत्तर(?: है|:)|คำตอบคือ"
    r"|\\boxed\{|<answer>)[\s$*(\"'“]{0,10}",
    re.IGNORECASE,
)


@rk.filter
def answer_leak(completion: rk.Completion, prompt: Any, answer: Any = None) -> rk.Rejection | None:
    """Rejects rows whose prompt already gives their reference answer away; the value is where.

    It does where the row's `answer` follows "the answer is", "####", "\\boxed{" or what other
    languages say for it. That the answer occurs in the prompt, as numbers do, is no leak. Rows
    without an `answer` are kept. The value counts characters from the message's start.
    """
    reference = "" if answer is None else str(answer)
    # Of a long reference its beginning is compared; the word that the cut goes through is not.
    wanted = split_words(reference[:_COMPARED])[: -1 if len(reference) > _COMPARED else None]
    if not wanted:
        return None
    for _, text in message_texts(prompt):
        for given in _GIVEN.finditer(text):
            # A reference has marks of its own: what follows is compared word by word.
            follows = text[given.end() : given.end() + 2 * min(len(reference), _COMPARED) + 20]
            if split_words(follows)[: len(wanted)] == wanted:
                shown = quoted(text[given.start() : given.end()] + reference)
                return rk.Rejection(f"the prompt gives the answer: {shown}", float(given.start()))
    return None


# Templates' own tokens: ChatML and its like, DeepSeek's, Llama's, Mistral's, Gemma's, and the ends
# of sequences of older models. `</s>` is one where it ends the text: elsewhere it is HTML.
_SPECIAL_TOKEN = re.compile(
    r"<\|[a-z0-9_]{2,40}\|>|<｜[^｜<>\n]{1,40}｜>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|<(?:bos|eos|pad|unk)>|</s>\s*\Z"
)
# One of these is in each: they are looked for first, for they are found ten times as fast.
_TOKEN_MARKS = (
    *("<|", "<｜", "INST]", "SYS>>", "_of_turn>"),
    *("<bos>", "<eos>", "<pad>", "<unk>", "</s>"),
)


@rk.filter
def special_tokens(completion: rk.Completion) -> rk.Rejection | None:
    """Rejects text with tokens of a chat template, such as <|im_end|>; the value is how many.

    Blocks of code are left out.
    """
    if not any(mark in completion for mark in _TOKEN_MARKS):
        return None
    found = _SPECIAL_TOKEN.findall(without_code(completion))
    if not found:
        return None
    more = f", the first of {len(found)}" if len(found) > 1 else ""
    return rk.Rejection(f"a template's token{more}: {quoted(found[0])}", float(len(found)))
