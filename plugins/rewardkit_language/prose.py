"""What of a text is in a language at all: prose, without code, formulas, tags, addresses."""

from __future__ import annotations

import re

from rewardkit.fences import code_blocks

__all__ = ["prose"]

# Every branch begins with a letter of its own and gives back nothing that it took (`++`, `*+`), so
# that the search skips quickly and stays linear. A span is never longer than a few hundred
# characters: what a model hides in an endless formula is measured.
_SPANS = re.compile(
    # Inline code ends with as many backticks as it begins with; (?<!``): at the first of a run.
    r"`(?<!``)(`*+)[^\n]{1,300}?(?<!`)`\1(?!`)"
    r"|\$\$[^$]{0,2000}+\$\$"
    # Pandoc's rule, which leaves "$5 and $10" alone.
    r"|\$(?![\s$])[^$\n]{0,500}+(?<!\s)\$(?!\d)"
    r"|\\\([^\\\n]*+(?:\\(?![()])[^\\\n]*+)*+\\\)"
    r"|\\\[[^\\]*+(?:\\(?![\[\]])[^\\]*+)*+\\\]"
    r"|\\(?:begin|end)\{[^{}\n]{0,40}+\}"
    r"|\\[A-Za-z]++"
    r"|</?[A-Za-z][A-Za-z0-9:_-]*+(?:\s[^<>\n]{0,300}+)?/?>"
)
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,10}://|www\.)[!-;=?-~]++")
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9._+-]{1,64}+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++")


def prose(text: str) -> str:
    r"""`text`, each character of it that is in no language replaced by a space.

    These are fenced code, inline code, TeX between `$`, `$$`, `\(` and `\[`, TeX commands, tags,
    URLs and e-mail addresses.
    """
    if "```" in text or "~~~" in text:
        text = _without_fences(text)
    if "://" in text or "www." in text:
        text = _URL.sub(_blank, text)
    if "@" in text:
        text = _EMAIL.sub(_blank, text)
    return _SPANS.sub(_blank, text)


def _blank(span: re.Match[str]) -> str:
    return " " * (span.end() - span.start())


def _without_fences(text: str) -> str:
    kept = []
    end = 0
    for block in code_blocks(text):
        kept.extend((text[end : block.start], " " * (block.end - block.start)))
        end = block.end
    return "".join([*kept, text[end:]])
