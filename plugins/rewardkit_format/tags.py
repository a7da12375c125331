"""The rewards `tags` and `tag_count`: blocks in tags of any names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import Annotated, NamedTuple

import rewardkit as rk
from rewardkit.option_types import Checked
from rewardkit_format.forms import FORMS, Block, blocks_of, first_fault, is_blank

__all__ = ["TagNames", "tag_count", "tags"]

_NAME = re.compile(r"[^\s<>/]+(?:[^<>/]*[^\s<>/])?")


def _require_names(names: list[str]) -> None:
    wrong = [name for name in names if not _NAME.fullmatch(name)]
    if wrong:
        raise ValueError(f"a tag's name has no <, > or / and no blank around it: {wrong[0]!r} has")
    if not names or len(set(names)) < len(names):
        raise ValueError("give the tags' names in their order, each once")


TagNames = Annotated[list[str], Checked(_require_names)]
"""Names of tags in the order of their blocks: `["plan", "think", "answer"]`."""


@rk.reward
def tags(completion: rk.Completion, *, names: TagNames | None = None) -> rk.Score:
    """1.0 for one block in each of the tags `names`, in their order, with content, and no more.

    The reward `format` for other blocks than think and answer: `names=["plan", "think", "answer"]`
    or `["思考", "答案"]`. Without `names` they are the reading's two. Anything else is 0.0, with
    what is wrong first in the text. Where the prompt has written the opening think tag and the
    first block is the thinking, the completion must not write it again.
    """
    blocks = _blocks(completion, names)
    prefilled = _is_prefilled(completion, blocks)
    fault = first_fault(completion, blocks, prefilled, FORMS["strict"])
    if fault is None:
        return rk.Score(1.0, f"the blocks {_listed(blocks)}, one after another")
    return rk.Score(0.0, fault.reason, {"position": fault.position})


@rk.reward
def tag_count(completion: rk.Completion, *, names: TagNames | None = None) -> rk.Score:
    """The share of the opening and closing tags that stand there once, in their order.

    count / (2 x blocks), after open-r1's `tag_count_reward`, for a model that has yet to learn
    `format`. What counts is the longest sequence of tags that are in order and occur once each;
    both tags of a block without content count for nothing. White space is not looked at.
    A tag that the prompt has written is not asked for: with a prefilled `<think>` the full count
    is 3. `names` are as in `tags`.
    """
    blocks = _blocks(completion, names)
    prefilled = _is_prefilled(completion, blocks)
    text = blocks[0].opening + completion if prefilled else str(completion)
    wanted = [tag for block in blocks for tag in (block.opening, block.closing)]
    found = _once(text, wanted)
    right = _longest_in_order([tag for tag in found if tag.place not in _hollow(text, found)])
    if prefilled:  # nothing for the tag that the prompt wrote; written again, it closes nothing
        right -= {0} if 0 in right else {1}
    asked = len(wanted) - prefilled
    count = len(right)
    if count == asked:
        return rk.Score(1.0, f"all {asked} tags, once and in order")
    missing = [wanted[place] for place in range(prefilled, len(wanted)) if place not in right]
    reason = f"{count} of {asked} tags once, in order, around content; not {', '.join(missing)}"
    return rk.Score(count / asked, reason)


def _blocks(completion: rk.Completion, names: list[str] | None) -> tuple[Block, ...]:
    if names is None:
        return blocks_of(completion.reading)
    return tuple(Block(name, f"<{name}>", f"</{name}>") for name in names)


def _is_prefilled(completion: rk.Completion, blocks: tuple[Block, ...]) -> bool:
    return completion.prefilled and blocks[0].opening == completion.reading.think_tags[0]


def _listed(blocks: tuple[Block, ...]) -> str:
    return ", ".join(block.name for block in blocks)


class _Tag(NamedTuple):
    """A tag that occurs once: which of the wanted ones it is, and where it stands."""

    place: int
    start: int
    end: int


def _once(text: str, wanted: list[str]) -> list[_Tag]:
    """The wanted tags that occur exactly once, in the text's order."""
    # The longest first: one delimiter may begin with another.
    pattern = re.compile("|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
    matches = list(pattern.finditer(text))
    counts = Counter(match[0] for match in matches)
    return [_Tag(wanted.index(m[0]), *m.span()) for m in matches if counts[m[0]] == 1]


def _hollow(text: str, found: list[_Tag]) -> set[int]:
    """The places of the tags with nothing between the opening and the closing one."""
    by_place = {tag.place: tag for tag in found}
    hollow: set[int] = set()
    for place, opening in by_place.items():
        closing = by_place.get(place + 1)
        if place % 2 == 0 and closing and is_blank(text[opening.end : closing.start]):
            hollow |= {place, place + 1}
    return hollow


def _longest_in_order(found: list[_Tag]) -> set[int]:
    """The places of the longest sequence of tags whose order is the wanted one.

    Patience sorting: `ends[n]` is the smallest place that a sequence of n + 1 can end with.
    """
    ends: list[int] = []
    sequences: list[list[int]] = []
    for tag in found:
        at = bisect_left(ends, tag.place)
        sequence = [*(sequences[at - 1] if at else []), tag.place]
        ends[at : at + 1], sequences[at : at + 1] = [tag.place], [sequence]
    return set(sequences[-1]) if sequences else set()
