"""What of a text is in a language at all: prose, without code, formulas, tags, addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from rewardkit.fences import code_blocks

__all__ = ["prose"]

# Every branch begins with a mark of its own and gives back nothing that it took (`++`, `*+`), so
# that reading stays linear. A span is never longer than a few hundred characters: what a model
# hides in an endless formula is measured.
_SPAN = re.compile(
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
_SPAN_MARKS = ("`", "$", "\\", "<")
_URL = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]{0,10}://|www\.)[!-;=?-~]++")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,10}\Z")
_LONGEST_SCHEME = 11
_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9._+-]{1,64}+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++")
_MAILBOX = re.compile(r"(?<![\w.+-])[A-Za-z0-9._+-]{1,64}\Z")
_LONGEST_MAILBOX = 64


# What hides in a span counts from here on: as many words as make a foreign run.
_HIDDEN = 8
# Characters of eight words: in Chinese, which has the shortest, and in letters of ASCII.
_LEAST, _LEAST_OF_ASCII = 14, 23
_WORD = re.compile(r"[^\W\d_]{2,}")
_WIDE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
_CHARACTERS_A_WIDE_WORD = 1.73
_SYMBOL = re.compile(r"[=(){}\[\]<>;_\\|&^$@*+/~#`]")
_CHARACTERS_A_SYMBOL = 16
_DELIMITERS = "`$\\[]()<>/ "
_TEX_TEXT = re.compile(r"\\(?:text[a-z]*|mbox|hbox|intertext|operatorname)\s*\{([^{}]*+)\}")
_FOREIGN_TO_CODE = re.compile(r"[^\W\d_\x00-\u03ff\u1e00-\u1fff\u2000-\u2dff]+")


def prose(text: str) -> str:
    r"""`text`, each character of it that is in no language replaced by a space.

    These are fenced code, inline code, TeX between `$`, `$$`, `\(` and `\[`, TeX commands, tags,
    URLs and e-mail addresses. What reads as prose in them stays, so that none can hide there:
    eight words or more in one line of code, in one span, in the \text of one formula, or in
    letters of another script than Latin and Greek.
    """
    # One character is found ten times as fast as three.
    if ("`" in text and "```" in text) or ("~" in text and "~~~" in text):
        text = _without_fences(text)
    if "://" in text or "www." in text:
        text = _replaced(text, _URL, _url_starts(text), _blank)
    if "@" in text:
        text = _replaced(text, _EMAIL, _email_starts(text), _blank)
    return _replaced(text, _SPAN, _span_starts(text), _only_prose)


def _replaced(
    text: str,
    pattern: re.Pattern[str],
    starts: Iterable[int],
    replacement: Callable[[re.Match[str]], str],
) -> str:
    """`pattern.sub(replacement, text)`, where it can match at these places only.

    They are found by their marks, many times as fast as by the pattern, which has none of them
    in most texts and would try every letter.
    """
    kept: list[str] = []
    end = 0
    for start in starts:
        found = pattern.match(text, start) if start >= end else None
        if found is not None:
            kept.extend((text[end:start], replacement(found)))
            end = found.end()
    return "".join([*kept, text[end:]]) if kept else text


def _places(text: str, mark: str) -> list[int]:
    """Where `mark` stands."""
    places = []
    place = text.find(mark)
    while place >= 0:
        places.append(place)
        place = text.find(mark, place + 1)
    return places


def _span_starts(text: str) -> list[int]:
    return sorted(place for mark in _SPAN_MARKS for place in _places(text, mark))


def _url_starts(text: str) -> list[int]:
    schemes = _before(text, "://", _SCHEME, _LONGEST_SCHEME)
    return sorted([*schemes, *_places(text, "www.")])


def _email_starts(text: str) -> list[int]:
    return list(_before(text, "@", _MAILBOX, _LONGEST_MAILBOX))


def _before(text: str, mark: str, pattern: re.Pattern[str], longest: int) -> Iterator[int]:
    """Where what the pattern matches begins, right before each `mark`, which is not part of it."""
    end = 0
    for place in _places(text, mark):
        found = pattern.search(text, max(end, place - longest), place)
        if found is not None:
            yield found.start()
        end = place + len(mark)


def _without_fences(text: str) -> str:
    kept: list[str] = []
    end = 0
    for block in code_blocks(text):
        code = text[block.start : block.end]
        kept.extend((text[end : block.start], _code_prose(code)))
        end = block.end
    return "".join([*kept, text[end:]])


def _code_prose(code: str) -> str:
    lines = code.split("\n")
    prose_lines = [line if _is_prose(line) else " " * len(line) for line in lines]
    left = "\n".join(prose_lines)
    if code.isascii():
        return left
    others = zip(lines, prose_lines, strict=True)
    rest = "\n".join(" " * len(line) if kept.strip() else line for line, kept in others)
    letters = _scattered(rest)
    return "".join(b if a == " " else a for a, b in zip(left, letters, strict=True))


def _blank(span: re.Match[str]) -> str:
    return " " * (span.end() - span.start())


def _only_prose(span: re.Match[str]) -> str:
    text = span[0]
    if len(text) < (_LEAST_OF_ASCII if text.isascii() else _LEAST):
        return " " * len(text)
    if _is_prose(text.strip(_DELIMITERS)):
        return _SYMBOL.sub(" ", text)
    in_tex = _kept_only(_TEX_TEXT, 1, text)
    return in_tex if _words(in_tex) >= _HIDDEN else _scattered(text)


def _is_prose(text: str) -> bool:
    """Whether there are eight words, and hardly a symbol of code."""
    return (
        len(text) >= (_LEAST_OF_ASCII if text.isascii() else _LEAST)
        and len(_SYMBOL.findall(text)) * _CHARACTERS_A_SYMBOL <= len(text)
        and _words(text) >= _HIDDEN
    )


def _scattered(code: str) -> str:
    """The letters of scripts that code has in strings and comments only, if they are many."""
    if code.isascii():
        return " " * len(code)
    left = _kept_only(_FOREIGN_TO_CODE, 0, code)
    return left if _words(left) >= _HIDDEN else " " * len(code)


def _kept_only(pattern: re.Pattern[str], group: int, text: str) -> str:
    """`text` with spaces for all that the group does not match."""
    kept: list[str] = []
    end = 0
    for found in pattern.finditer(text):
        kept.extend((" " * (found.start(group) - end), found[group]))
        end = found.end(group)
    return "".join([*kept, " " * (len(text) - end)])


def _words(text: str) -> float:
    """About how many words there are."""
    wide = len(_WIDE.findall(text))
    if not wide:
        return len(_WORD.findall(text))
    return wide / _CHARACTERS_A_WIDE_WORD + len(_WORD.findall(_WIDE.sub(" ", text)))
