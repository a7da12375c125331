"""The rewards `boxed` and `code_format`: an answer where a verifier will look for it."""

from __future__ import annotations

import re

import rewardkit as rk
from rewardkit_format.forms import is_blank

__all__ = ["boxed", "code_format"]

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
    r"|(?:q?quad|text[a-z]*+|math[a-z]++|mbox|hbox|displaystyle|null|strut)(?![A-Za-z])"
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
    "c#": "csharp",
    "cs": "csharp",
    "golang": "go",
    "js": "javascript",
    "kt": "kotlin",
    "py": "python",
    "python3": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "ts": "typescript",
}


@rk.reward
def code_format(completion: rk.Completion, *, language: str = "python") -> rk.Score:
    """1.0 when the response's last fenced block is closed, in `language`, and has content.

    That block is what the code rewards run. The fence is read by Markdown's rules: at the start
    of a line, closed by the same sign as often or more. `py` and `python3` are `python`, `c++` is
    `cpp`. Blocks in the thinking are none; for the tags around it, see the reward `format`.
    """
    blocks = completion.code_blocks
    if not blocks:
        return rk.Score(0.0, "no fenced block in the response")
    last = blocks[-1]
    asked = _named(language)
    if not last.closed:
        return rk.Score(0.0, "the last fenced block is not closed")
    if _named(last.language) != asked:
        found = f"is {last.language}" if last.language else "names no language"
        return rk.Score(0.0, f"the last fenced block {found}, not {asked}")
    if is_blank(last.text):
        return rk.Score(0.0, "the last fenced block is empty")
    return rk.Score(1.0, f"a fenced block of {asked}")


def _named(language: str) -> str:
    name = language.strip().lower()
    return _TAGS.get(name, name)
