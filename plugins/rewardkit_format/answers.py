"""The rewards `boxed` and `code_format`: an answer where a verifier will look for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

import rewardkit as rk
from rewardkit.fences import CodeBlock, code_blocks
from rewardkit.option_types import Checked
from rewardkit_format.forms import Style, is_blank
from rewardkit_format.reward import fault_of

__all__ = ["LanguageTag", "boxed", "code_format"]

_SHOWN = 60  # characters of a box that a reason quotes


@rk.reward
def boxed(completion: rk.Completion) -> rk.Score:
    r"""1.0 when the response has one answer in `\boxed{...}` or `\fbox{...}`, with content.

    A box in the thinking is none, nor is one that is not closed. Boxes that differ are 0.0: of
    several guesses one would be right. The same box twice is one answer, an empty one before it is
    a word about boxes, and of a box in a box the outer one counts.
    """
    found = _boxes(completion.response)
    if found is None:
        return rk.Score(0.0, "a box that is not closed")
    if not found:
        return rk.Score(0.0, "no box in the response")
    if _is_hollow(found[-1]):
        return rk.Score(0.0, "an empty box")
    different = {"".join(content.split()) for content in found if not _is_hollow(content)}
    if len(different) > 1:
        return rk.Score(0.0, f"{len(different)} boxes that differ", {"boxes": len(found)})
    return rk.Score(1.0, f"one answer in a box: {found[-1].strip()[:_SHOWN]}")


_BRACE = re.compile(r"(?P<box>\\(?:boxed|fbox)\s*+\{)|\\.|(?P<open>\{)|(?P<close>\})", re.DOTALL)
# What TeX sets as nothing, or as white space: `\text{ }`, `\hspace{1cm}`, `\phantom{4}`.
_TEX_BLANKS = re.compile(
    r"\\(?:[hv]?(?:space\*?|phantom)\s*+\{[^{}]*+\}"
    r"|(?:q?quad|text[a-z]*+|math[a-z]++|mbox|hbox|boxed|fbox|displaystyle|null|strut)(?![A-Za-z])"
    r"|[\s,;:!>\\]|(?:left|right)\.)|[{}~$]"
)


def _is_hollow(content: str) -> bool:
    return is_blank(_TEX_BLANKS.sub("", content))


def _boxes(text: str) -> list[str] | None:
    """The contents of the boxes that are in no other, in linear time; None if one is unclosed."""
    spans: list[slice] = []
    stack: list[int | None] = []
    for match in _BRACE.finditer(text):
        if match["box"]:
            stack.append(match.end())
        elif match["open"]:
            stack.append(None)
        elif match["close"] and stack:
            start = stack.pop()
            if start is None:
                continue
            while spans and spans[-1].start > start:
                spans.pop()
            spans.append(slice(start, match.start()))
    return None if any(stack) else [text[span] for span in spans]


# What blocks are tagged with besides a language's own name.
_TAGS = {
    "c++": "cpp",
    "c++17": "cpp",
    "cc": "cpp",
    "c#": "csharp",
    "cs": "csharp",
    "golang": "go",
    "ipython": "python",
    "js": "javascript",
    "kt": "kotlin",
    "node": "javascript",
    "py": "python",
    "py3": "python",
    "python2": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "ts": "typescript",
}


def _require_language(language: str) -> None:
    if is_blank(language):
        raise ValueError("name a language, as fences are tagged with it")


LanguageTag = Annotated[str, Checked(_require_language)]
"""What a fence is tagged with: "python", "cpp"."""


@rk.reward
def code_format(
    completion: rk.Completion, *, language: LanguageTag = "python", style: Style | None = None
) -> rk.Score:
    """1.0 when the response has a fenced block in `language`, closed and with content.

    Of several in `language` the last counts, which is what the code rewards run; what a program
    prints, or how it is called, may follow in blocks of its own. Where the answer tags hold a
    block, those in them count alone. Fences are read by Markdown's rules: at the start of a line,
    closed by the same sign as often or more, and none may be left open. `py` and `python3` are
    `python`, `c++` is `cpp`. Blocks in the thinking are none. With `style`, the whole must also
    have that form of the reward `format`: open-r1's code format is `style="open-r1"`.
    """
    fault = style and fault_of(completion, style)
    if fault:
        return rk.Score(0.0, fault.reason)
    blocks = _code_blocks(completion)
    if not blocks:
        return rk.Score(0.0, "no fenced block in the response")
    if not blocks[-1].closed:
        return rk.Score(0.0, "the last fenced block is not closed")
    asked = _named(language)
    wanted = [block for block in blocks if _named(block.language) == asked]
    if not wanted:
        found = blocks[-1].language
        is_what = f"is {found}" if found else "names no language"
        return rk.Score(0.0, f"no fenced block of {asked}: the last {is_what}")
    if is_blank(wanted[-1].text):
        return rk.Score(0.0, f"the last fenced block of {asked} is empty")
    return rk.Score(1.0, f"a fenced block of {asked}")


def _code_blocks(completion: rk.Completion) -> Sequence[CodeBlock]:
    # In the answer tags a fence may stand right behind the tag.
    return code_blocks(completion.tagged_answer or "") or completion.code_blocks


def _named(language: str) -> str:
    name = language.strip().lower()
    return _TAGS.get(name, name)
