"""The filters `prompt_leak`, `answer_leak` and `special_tokens`: what should have stayed out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import rewardkit as rk
from rewardkit.option_types import PositiveInt, Share
from rewardkit.wordcount import split_words, word_runs
from rewardkit_hygiene.passages import without_code
from rewardkit_hygiene.quoting import counted, quoted

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
    import numpy as np

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
    known = [word_runs(text, words).hashes for _, text in messages]
    runs = word_runs(completion.response, words).hashes if known else ()
    share = float(np.isin(runs, np.concatenate(known)).mean()) if len(runs) else 0.0
    if share <= max_share:
        return None
    return rk.Rejection(
        f"{share:.1%} of the response's runs of {words} words stand in the prompt, more than "
        f"{max_share:.1%}",
        share,
    )


def _shared_run(text: str, other: str, words: int) -> str:
    """The first run of `words` words in `text` that stands in `other` too, or ""."""
    import numpy as np

    runs = word_runs(text, words)
    shared = np.isin(runs.hashes, word_runs(other, words).hashes)
    if not shared.any():
        return ""
    first = int(shared.argmax())
    return " ".join(runs.words[first : runs.ends[first]])


def _gives(follows: str, reference: str, wanted: list[str]) -> bool:
    """Whether `follows` begins with the reference, whose words are `wanted`."""
    # A reference has marks of its own: what follows is compared word by word, and first the first.
    if _words(follows[: len(wanted[0]) + 40])[:1] != wanted[:1]:
        return False
    begins = _words(follows[: 2 * len(reference) + 20])[: len(wanted)] == wanted
    return begins and bool(_MINUS.match(follows)) == bool(_MINUS.match(reference))


def _words(text: str) -> list[str]:
    """The words of `text`, those of Korean without what is written behind a number: 4입니다."""
    return split_words(_LATIN_ENDS.sub(" ", text))


_LATIN_ENDS = re.compile("(?<=[A-Za-z0-9])(?=[\uac00-\ud7a3])")
_COMPARED = 200  # characters of a reference that are looked for
_FOLLOWING = 2 * _COMPARED + 20  # characters of a prompt in which it stands, with other marks

# After one of these a prompt gives the answer away.
_GIVEN = re.compile(
    r"(?:\b(?:correct |final |right |reference |expected )?(?:answer|solution|result)"
    r"(?: key| is| should be| must be|:| =)+|####|答案\s?[是为為：:]{1,2}|答え\s?[は：:]"
    r"|정답(?:은| ?:)|\brespuesta(?: correcta)?(?: es| ?:)|\bréponse(?: correcte)?(?: est| ?:)"
    r"|\bantwort(?: ist| ?:)|\bответ(?: —| ?:| -)|(?:الجواب|الإجابة)(?: (?:هو|هي)| ?:)"
    r"|उत्तर(?: है| ?:)|คำตอบ(?:คือ| ?:)|\\boxed\{|<answer>)[\s$*(\"'“]{0,10}",
    re.IGNORECASE,
)
# Words have no signs: "-4" is no answer of 4.
_MINUS = re.compile(r"[\s$*(\"'“{\\[]{0,10}[-−–]\s?[\d.$\\A-Za-z]")


@rk.filter
def answer_leak(completion: rk.Completion, prompt: Any, answer: Any = None) -> rk.Rejection | None:
    """Rejects rows whose prompt already gives their reference answer away; the value is where.

    It does where the row's `answer` follows "the answer is", "####", "\\boxed{" or what other
    languages say for it. That the answer occurs in the prompt, as numbers do, is no leak. Rows
    without an `answer` are kept. The value counts characters from the message's start.
    """
    reference = "" if answer is None else str(answer)
    if isinstance(answer, float) and answer.is_integer():
        reference = str(int(answer))  # a column of whole numbers with an empty cell has floats
    # Of a long reference its beginning is compared; the word that the cut goes through is not.
    wanted = _words(reference[:_COMPARED])[: -1 if len(reference) > _COMPARED else None]
    if not wanted:
        return None
    for _, text in message_texts(prompt):
        for given in _GIVEN.finditer(text):
            if _gives(text[given.end() : given.end() + _FOLLOWING], reference, wanted):
                shown = quoted(text[given.start() : given.end()] + reference)
                at = given.start()
                return rk.Rejection(
                    f"the prompt gives the answer at character {at}: {shown}", float(at)
                )
    return None


# Templates' own tokens: ChatML and its like, DeepSeek's, Llama's, Mistral's, Gemma's, GLM's; the
# ends of older models' sequences, their bytes, what is filled in. `</s>` is one where it ends the
# text: elsewhere it is HTML. Each pattern begins with a character, to which `re` skips.
_SPECIAL_TOKENS = (
    re.compile(
        r"<(?:\|[A-Za-z0-9_▁]{2,40}\|>|｜[^｜<>\n]{1,40}｜>|</?SYS>>|/s>\s*\Z|0x[0-9A-F]{2}>"
        r"|(?:(?:start|end)_of_turn|bos|eos|pad|unk|fim_(?:prefix|middle|suffix))>"
        r"|(?:reserved_|extra_id_|unused)\d{1,5}>)"
    ),
    re.compile(r"\[(?:/?INST|gMASK|TOOL_CALLS|AVAILABLE_TOOLS)\]"),
)


@rk.filter
def special_tokens(completion: rk.Completion) -> rk.Rejection | None:
    """Rejects text with tokens of a chat template, such as <|im_end|>; the value is how many.

    Blocks of code are left out.
    """
    if not any(pattern.search(completion) for pattern in _SPECIAL_TOKENS):
        return None
    text = without_code(completion)
    matches = [match for pattern in _SPECIAL_TOKENS for match in pattern.finditer(text)]
    found = [m[0] for m in sorted(matches, key=re.Match.start) if not _strikes_out(m)]
    if not found:
        return None
    kinds = "token of a template", "tokens of a template"
    return rk.Rejection(counted(len(found), *kinds, quoted(found[0])), float(len(found)))


def _strikes_out(match: re.Match[str]) -> bool:
    """Whether an </s> at a text's end is HTML's, whose <s> is further up."""
    text = match.string
    return (
        match[0].startswith("</s>")
        and not text.startswith("<s>")
        and text.count("<s>") >= text.count("</s>")
    )
