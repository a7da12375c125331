"""The forms that a completion can be asked to have, and the first thing wrong with one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

import rewardkit as rk
from rewardkit.end_tokens import without_end

__all__ = ["FORMS", "Block", "Fault", "Form", "Style", "blocks_of", "first_fault", "is_blank"]

Style = Literal["strict", "open-r1", "trl", "think"]


class Form(NamedTuple):
    """What a style asks for.

    Attributes:
        description: The form in words.
        answer: An answer block is the last; else any text follows the think block, the response.
        response: That response has content.
        flush: Nothing stands before the think block, not even white space.
        lines: Each tag is on a line of its own, with no further white space around it.
    """

    description: str
    answer: bool = False
    response: bool = False
    flush: bool = False
    lines: bool = False


FORMS: dict[Style, Form] = {
    "strict": Form("one think block, then one answer block", answer=True),
    "open-r1": Form(
        "one think block, then one answer block, each tag on its line",
        answer=True,
        flush=True,
        lines=True,
    ),
    "trl": Form("one think block at the start", flush=True),
    "think": Form("one think block, then a response", response=True),
}


class Fault(NamedTuple):
    """What is wrong, and where in the text it shows."""

    reason: str
    position: int


class Block(NamedTuple):
    """What a block is called, and the tags around it."""

    name: str
    opening: str
    closing: str


def blocks_of(reading: rk.Reading) -> tuple[Block, Block]:
    """The think block and the answer block, with the tags that they are read by."""
    return Block("think", *reading.think_tags), Block("answer", *reading.answer_tags)


def first_fault(text: str, blocks: tuple[Block, ...], prefilled: bool, form: Form) -> Fault | None:
    """The first thing in `text` that is not as `form` asks of `blocks`, or None; in linear time.

    `prefilled`: the prompt has written the first opening tag, so that `text` begins after it.
    """
    walk = _Walk(text, blocks)
    first, *others = blocks
    reason = (
        (walk.begin_inside(first) if prefilled else walk.open(first))
        or walk.close(first)
        or next((fault for b in others if (fault := walk.open(b) or walk.close(b))), "")
        or walk.end(form)
        or _white_space_fault(walk.gaps, form, blocks, prefilled)
    )
    return Fault(reason, walk.position) if reason else None


class _Walk:
    """Takes the tags of a text one by one and compares each with the one that should come next.

    Every method returns what is wrong, or "". No more tags are looked for than the form has, so
    that a hundred thousand of them cost no more than five.

    Attributes:
        gaps: The texts between the tags so far; the first is what stands before the first tag.
        position: Where the tag stands that was taken last; at the end, the end of the text.
    """

    def __init__(self, text: str, blocks: tuple[Block, ...]) -> None:
        self.text = text
        self.gaps: list[str] = []
        self.position = 0
        self._tags = _pattern(blocks).finditer(text)
        self._end = 0
        self._whole: list[Block] = []

    def begin_inside(self, block: Block) -> str:
        """The prompt has opened `block`: the text begins with its content."""
        self.gaps.append("")
        if self.text.lstrip().startswith(block.opening):
            return f"{block.opening} again, which the prompt has written already"
        return ""

    def open(self, block: Block) -> str:
        """The next tag opens `block`, with nothing before it."""
        tag = self._take()
        if tag != block.opening:
            return self._repeated(tag) or self._not_opened(block, tag)
        if is_blank(self.gaps[-1]):
            return ""
        if not self._whole:
            return f"text before {block.opening}"
        return f"text between the {self._whole[-1].name} block and the {block.name} block"

    def close(self, block: Block) -> str:
        """The next tag closes `block`, with content before it."""
        tag = self._take()
        if tag != block.closing:
            closed_later = tag and self._comes_later(block.closing)
            inside = f"{tag} inside the {block.name} block"
            return inside if closed_later else f"{block.opening} is not closed"
        self._whole.append(block)
        return f"the {block.name} block is empty" if is_blank(self.gaps[-1]) else ""

    def end(self, form: Form) -> str:
        """No tag is left, and what stands after the last one is as the form has it."""
        tag = self._take()
        if tag:
            return self._repeated(tag)
        self.gaps[-1] = without_end(self.gaps[-1])
        last = self._whole[-1].name
        blank = is_blank(self.gaps[-1])
        if form.answer:
            return "" if blank else f"text after the {last} block"
        return f"nothing after the {last} block" if form.response and blank else ""

    def _take(self) -> str:
        """The next tag, or "" at the end."""
        match = next(self._tags, None)
        self.position = match.start() if match else len(self.text)
        self.gaps.append(self.text[self._end : self.position])
        self._end = match.end() if match else len(self.text)
        return match[0] if match else ""

    def _repeated(self, tag: str) -> str:
        for block in self._whole:
            if tag == block.opening:
                return f"two {block.name} blocks"
            if tag == block.closing:
                return f"a second {tag}"
        return ""

    def _not_opened(self, block: Block, tag: str) -> str:
        if tag and tag != block.closing and self._comes_later(block.opening):
            return f"{tag} before {block.opening}"
        if tag == block.closing and not self._whole:
            return (
                f"no opening {block.opening} "
                '(if the chat template writes it: rk.Reading(prefilled="yes"))'
            )
        return f"no opening {block.opening}"

    def _comes_later(self, tag: str) -> bool:
        return self.text.find(tag, self._end) >= 0


def _white_space_fault(
    gaps: list[str], form: Form, blocks: tuple[Block, ...], prefilled: bool
) -> str:
    """What is wrong with the white space, in a text whose tags are right."""
    _, opening, closing = blocks[0]
    if form.flush and gaps[0]:
        return f"white space before {opening}"
    if not form.lines:
        return ""
    _, answer_opening, answer_closing = blocks[1]
    _, thinking, between, answer, after = gaps
    # Of prefilled tags the line break may stand in the prompt, and nothing is said of it.
    demands = {
        f"no line break after {opening}": prefilled or thinking.startswith("\n"),
        f"no line break before {closing}": thinking.endswith("\n"),
        f"not one line break between {closing} and {answer_opening}": between == "\n",
        f"no line break after {answer_opening}": answer.startswith("\n"),
        f"no line break before {answer_closing}": answer.endswith("\n"),
        f"more than a line break after {answer_closing}": after in ("", "\n"),
    }
    return next((fault for fault, met in demands.items() if not met), "")


@lru_cache(maxsize=64)
def _pattern(blocks: tuple[Block, ...]) -> re.Pattern[str]:
    tags = {tag for block in blocks for tag in (block.opening, block.closing)}
    # The longest first: one delimiter may begin with another.
    return re.compile("|".join(map(re.escape, sorted(tags, key=len, reverse=True))))


# White space, controls, what Unicode lets a font leave out (Default_Ignorable_Code_Point), anchors
# of annotations, the blank of Braille: a block of zero-width spaces is as empty as one of spaces.
_VISIBLE = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def is_blank(text: str) -> bool:
    """Whether `text` has no character that can be seen."""
    return _VISIBLE.search(text) is None
