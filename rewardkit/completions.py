"""Reading a completion: its thinking, response, answer, box, code, messages; whether it is whole.

Everything is read on first use, once, and in time linear in the text, hostile text included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from rewardkit.chat import assistant_text, role_of
from rewardkit.end_tokens import without_end
from rewardkit.errors import ContractError, RowError
from rewardkit.fences import CodeBlock, code_blocks

__all__ = ["Completion", "Message", "Reading"]

Message = Mapping[str, Any]
Tags = tuple[str, str]

# What servers say where the limit of tokens ended the generation: OpenAI's API and those that copy
# it, Anthropic's and Gemini's, Mistral's, OpenAI's newer one, Anthropic's for a full context.
_CUT_OFF = frozenset(
    {
        *("length", "max_tokens", "model_length", "max_output_tokens"),
        "model_context_window_exceeded",
    }
)

# What only a rendered chat template contains: such a prompt also shows whether it prefills a tag.
_TEMPLATE_MARK = re.compile(
    r"<\|(?:im_start|assistant|eot_id|start_header_id|header_start|start|START_OF_TURN_TOKEN)\|>"
    r"|<｜Assistant｜>|<start_of_turn>|\[/INST\]"
)


def _delimiters(tag: str | Tags) -> Tags:
    if not isinstance(tag, str):
        return tag
    return (f"<{tag}>", f"</{tag}>") if tag.strip() else ("", "")


def _is_tag(tag: object) -> bool:
    return isinstance(tag, str) and bool(tag.strip())


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows and completions are read.

    Attributes:
        think: The name of the tag around the thinking, or its two delimiters where they are not
            `<name>` and `</name>`: `("[THINK]", "[/THINK]")`.
        answer: The same for the answer.
        prefilled: Whether the chat template has already written the opening think tag, so that
            completions begin inside the thinking. "auto" reads it off the prompt where the prompt
            shows it (it ends in the tag, or it is rendered and does not); where it does not show
            it, a completion that closes the tag without opening it is read as prefilled.
        columns: Our column names to the data set's: `{"answer": "solution"}`.
        think_tags: What opens and closes the thinking, as `think` says.
        answer_tags: What opens and closes the answer, as `answer` says.
    """

    think: str | Tags = "think"
    answer: str | Tags = "answer"
    prefilled: Literal["auto", "yes", "no"] = "auto"
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    # Every completion asks for these.
    think_tags: Tags = field(init=False, repr=False, compare=False)
    answer_tags: Tags = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.prefilled not in ("auto", "yes", "no"):
            raise ContractError(
                f'`prefilled` is "auto", "yes" or "no", not {self.prefilled!r}: does the chat '
                "template write the opening think tag?"
            )
        object.__setattr__(self, "think_tags", _delimiters(self.think))
        object.__setattr__(self, "answer_tags", _delimiters(self.answer))
        pairs: tuple[tuple[object, ...], ...] = (self.think_tags, self.answer_tags)
        for tags in pairs:
            if len(tags) != 2 or tags[0] == tags[1] or not all(_is_tag(tag) for tag in tags):
                raise ContractError(
                    "A tag is a name or a pair of different delimiters, neither empty: "
                    f"{tags!r} is not."
                )


_DEFAULT_READING = Reading()


class _Parts(NamedTuple):
    """Thinking and response, and which think tags the text has: any, the last, the first."""

    thinking: str
    response: str
    tagged: bool
    closed: bool
    opened: bool = True


class Completion(str):
    """A completion: a `str` that knows how to be read.

    Args:
        text: The completion as generated.
        reading: Tag names, and whether the opening think tag is prefilled.
        prompt: The prompt, text or messages: it may show that the think tag is prefilled.
        finish_reason: Why the generation ended, as servers say it: "stop", "length", ...
        messages: The completion as messages, where it came so; see `read`.
        parts: Thinking and response, where the thinking came in a field of its own.
    """

    # One is made for every row: the slots save it a dict until something is read.
    __slots__ = (
        "__dict__",
        "_given_parts",
        "_messages",
        "_prompt",
        "_split_parts",
        "finish_reason",
        "reading",
    )

    reading: Reading
    finish_reason: str | None
    _prompt: object
    _messages: Sequence[Message] | None
    _given_parts: tuple[str, str] | None
    _split_parts: _Parts | None

    def __new__(
        cls,
        text: str = "",
        reading: Reading = _DEFAULT_READING,
        prompt: object = None,
        finish_reason: str | None = None,
        messages: Sequence[Message] | None = None,
        parts: tuple[str, str] | None = None,
    ) -> Completion:
        """A `str` in every way; see the class."""
        self = str.__new__(cls, text)
        self.reading = reading
        self.finish_reason = finish_reason
        self._prompt = prompt
        self._messages = messages
        self._given_parts = parts
        self._split_parts = None
        return self

    @classmethod
    def read(
        cls,
        value: object,
        reading: Reading = _DEFAULT_READING,
        prompt: object = None,
        finish_reason: str | None = None,
    ) -> Completion:
        """Read what a row holds as its completion: text, or messages as TRL has them.

        Of messages, the text is what the assistant wrote; tool and user messages are no part of
        it. Thinking in a field of its own (`reasoning_content`, ...) stands before the content in
        the think tags.

        Raises:
            RowError: `value` is neither text nor messages.
        """
        if isinstance(value, Completion):
            if value.reading is reading:
                return value
            value = value if value._messages is None else value._messages  # noqa: SLF001
        if isinstance(value, str):
            return cls(value, reading, prompt, finish_reason)
        if value is None:
            raise RowError("the row has no completion")
        if not isinstance(value, Sequence) or isinstance(value, bytes | bytearray):
            raise RowError(
                f"the completion is {type(value).__name__}; it must be text or a list of messages"
            )
        text, parts = assistant_text(value, reading.think_tags)
        return cls(text, reading, prompt, finish_reason, tuple(value), parts)

    def __reduce__(self) -> tuple[Any, ...]:
        # What was read is left behind: reading again costs less than carrying it.
        return Completion, (
            str(self),
            self.reading,
            self._prompt,
            self.finish_reason,
            self._messages,
            self._given_parts,
        )

    @property
    def prefilled(self) -> bool:
        """Whether the prompt, or the reading, says that the opening think tag is prefilled.

        Not where the thinking came in a field of its own: then no template wrote into the text.
        """
        if self._given_parts is not None:
            return False
        if self.reading.prefilled != "auto":
            return self.reading.prefilled == "yes"
        if self._prompt is None:
            return False
        return _prompt_tail(self._prompt).endswith(self.reading.think_tags[0])

    @cached_property
    def thinking(self) -> str:
        """What stands inside the think tags, stripped; "" where there are none."""
        return self._parts.thinking

    @cached_property
    def reasoning(self) -> str:
        """The thinking, or the whole text where there are no think tags."""
        return self._parts.thinking if self._parts.tagged else str(self)

    @property
    def response(self) -> str:
        """What follows the thinking, stripped: all of the text where there are no think tags.

        Special tokens that end the turn are no part of it. Empty while the thinking is not closed:
        an answer in the thinking is not an answer.
        """
        return self._parts.response

    @cached_property
    def answer(self) -> str | None:
        """The final answer: the last whole answer block of the response, else its last box."""
        return self.boxed if self.tagged_answer is None else self.tagged_answer

    @cached_property
    def tagged_answer(self) -> str | None:
        """What stands in the last whole answer block of the response, stripped, or None."""
        opening, closing = self.reading.answer_tags
        end = self.response.rfind(closing)
        start = self.response.rfind(opening, 0, end) if end >= 0 else -1
        if start < 0:
            return None
        start += len(opening)
        return self.response[start : self.response.find(closing, start)].strip()

    @cached_property
    def boxed(self) -> str | None:
        r"""The content of the last whole `\boxed{...}` or `\fbox{...}` of the response, or None.

        Of a box in a box it is the inner one's.
        """
        return _last_boxed(self.response)

    @cached_property
    def code_blocks(self) -> tuple[CodeBlock, ...]:
        """The fenced code blocks of the response."""
        return code_blocks(self.response)

    @cached_property
    def code(self) -> str | None:
        """The text of the last closed code block of the response, or None.

        Where the answer block holds one, of that: a fence may stand right beside its tags.
        """
        inner = code_blocks(self.tagged_answer or "")
        return next((b.text for b in reversed((*self.code_blocks, *inner)) if b.closed), None)

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The completion as messages: those it came as, or one of the assistant."""
        if self._messages is not None:
            return [dict(message) for message in self._messages]
        return [{"role": "assistant", "content": str(self)}]

    @property
    def has_thinking_tags(self) -> bool:
        """Whether the completion has thinking that is marked as such, closed or not."""
        return self._parts.tagged

    @property
    def thinking_closed(self) -> bool:
        """Whether the thinking, where there are think tags, is closed."""
        return self._parts.closed

    @property
    def begins_in_thinking(self) -> bool:
        """Whether the text begins inside the thinking: the opening think tag was prefilled."""
        return not self._parts.opened

    @cached_property
    def truncated(self) -> bool:
        """Whether generation was cut off: by the limit of length, or inside the thinking."""
        return self.cut_off or not self._parts.closed

    @property
    def cut_off(self) -> bool:
        """Whether `finish_reason` says, in any server's words, that the limit ended it."""
        reason: object = self.finish_reason
        if reason is None:
            return False
        if isinstance(reason, Mapping):
            reason = reason.get("type")  # SGLang's: {"type": "length", "length": 2048}
        # A member of an enumeration may have been written with its class: FinishReason.MAX_TOKENS.
        return str(reason).lower().rpartition(".")[2] in _CUT_OFF

    @property
    def _parts(self) -> _Parts:
        # Nearly all that reads a completion begins here: a cached_property takes a lock each time.
        if self._split_parts is None:
            self._split_parts = self._read_parts()
        return self._split_parts

    def _read_parts(self) -> _Parts:
        tags = (*self.reading.think_tags, *self.reading.answer_tags)
        if self._given_parts is not None:
            thinking, response = self._given_parts
            response = without_end(response, tags).strip()
            return _Parts(thinking.strip(), response, tagged=True, closed=True)
        return _split(without_end(str(self), tags), self.reading, self.prefilled, self._prompt)


def _split(text: str, reading: Reading, prefilled: bool, prompt: object) -> _Parts:
    opening, closing = reading.think_tags
    first_open, first_close = text.find(opening), text.find(closing)
    closes_unopened = first_close >= 0 and not 0 <= first_open < first_close
    if not prefilled and closes_unopened and reading.prefilled == "auto":
        prefilled = not _shows_template(prompt)
    if prefilled:
        repeated = first_open >= 0 and not text[:first_open].strip()
        start = first_open + len(opening) if repeated else 0
        return _tagged(text, start, closing)._replace(opened=repeated)
    if first_open < 0:
        return _Parts("", text.strip(), tagged=False, closed=True)
    return _tagged(text, first_open + len(opening), closing)


def _tagged(text: str, start: int, closing: str) -> _Parts:
    end = text.find(closing, start)
    if end < 0:
        return _Parts(text[start:].strip(), "", tagged=True, closed=False)
    return _Parts(
        text[start:end].strip(), text[end + len(closing) :].strip(), tagged=True, closed=True
    )


def _prompt_tail(prompt: object) -> str:
    """The end of the prompt, where a chat template writes the opening think tag."""
    if isinstance(prompt, str):
        return prompt.rstrip()
    if isinstance(prompt, Sequence) and prompt:
        last = prompt[-1]
        # A prompt that ends in the assistant's own words is one that the completion goes on from.
        prompt = last.get("content") if role_of(last) == "assistant" else ""
    return prompt.rstrip() if isinstance(prompt, str) else ""


def _shows_template(prompt: object) -> bool:
    """Whether the prompt is rendered, so that a prefilled tag would be seen in it."""
    return isinstance(prompt, str) and _TEMPLATE_MARK.search(prompt) is not None


_BRACE = re.compile(r"(?P<box>\\(?:boxed|fbox)\s*\{)|\\.|(?P<open>\{)|(?P<close>\})", re.DOTALL)


def _last_boxed(text: str) -> str | None:
    # Braces are matched once, from the first box on: many boxes that are never closed cost no more
    # than their length.
    first = min((at for at in (text.find("\\boxed"), text.find("\\fbox")) if at >= 0), default=-1)
    if first < 0:
        return None
    found: slice | None = None
    stack: list[int | None] = []
    for match in _BRACE.finditer(text, first):
        if match["box"]:
            stack.append(match.end())
        elif match["open"]:
            stack.append(None)
        elif match["close"] and stack:
            start = stack.pop()
            if start is not None and (found is None or start > found.start):
                found = slice(start, match.start())
    return None if found is None else text[found].strip()
