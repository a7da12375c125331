"""What is found in a response: an answer or why there is none, and answers that are joined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Answer", "NoAnswer", "Span", "joined", "undelimited"]

_GAP = 80  # characters that may part answers that are joined


class Answer(NamedTuple):
    """An answer as it stands in a response.

    Attributes:
        text: Its text; several, joined to one answer, are parted by commas.
        source: Where it was found: "box", "answer block", ...
        end: The offset in the response at which it ends.
        forms: The texts that "or" joins: one answer in several forms, or a hedge.
    """

    text: str
    source: str
    end: int
    forms: tuple[str, ...] = ()


class NoAnswer(NamedTuple):
    """Why a response has no answer."""

    reason: str


class Span(NamedTuple):
    """A stretch of text with the stretch of its content."""

    start: int
    end: int
    inner_start: int
    inner_end: int


_JOINER = re.compile(
    r"(?:\s|\$|[,;&*]|\\[()\[\],;! ]|\\q?quad(?![a-z])|(?:and|or)\b|"
    r"\\text\s?\{\s?,?\s?(?:and|or)\s?,?\s?\}|[A-Za-z](?:_\{?[0-9A-Za-z]\}?)?\s?=)*"
)
_HEDGE = re.compile(r"[^.!?\n]*\bor\b[^.!?\n]*")


def joined(
    text: str, last: Span, before: Iterable[Span], source: str, *, prose: bool = False
) -> Answer:
    """The last span, with those before it, the nearest first, that are joined to it."""
    run, gaps = [last], list[str]()
    together = _TOGETHER if prose else _EITHER
    next_one = last
    for span in before:
        gap = text[span.end : min(next_one.start, span.end + _GAP + 1)]
        if not gap.isspace() or len(gap) > _GAP:
            if not _joins(gap, prose=prose):
                break
            if "=" in gap and not together.search(gap) and _same_name(text, span, next_one):
                break
        run.append(span)
        gaps.append(gap)
        next_one = span
    if not gaps:
        return Answer(text[last.inner_start : last.inner_end].strip(), source, last.end)
    texts = [text[span.inner_start : span.inner_end].strip() for span in reversed(run)]
    if len(set(texts)) == 1 and not "".join(gaps).strip(" \n$*"):
        texts = texts[:1]  # the same box, written twice
    forms = dict.fromkeys(reversed(texts)) if all("or" in gap for gap in gaps) else ()
    return Answer(", ".join(texts), source, last.end, tuple(reversed(forms)))


_EITHER, _TOGETHER = re.compile(r"\bor\b"), re.compile(r"\b(?:and|or)\b")
_NAMED = re.compile(r"([A-Za-z])\s?=\s?\Z")


def _same_name(text: str, one: Span, other: Span) -> bool:
    """Whether two boxes give one letter two values: x = 3 in one case, and x = 4 in the next."""
    names = [_NAMED.search(text, max(0, box.start - 8), box.start) for box in (one, other)]
    return bool(names[0] and names[1] and names[0][1] == names[1][1])


# "\\boxed{1} papers and \\boxed{2} bins": the words of one sentence that goes from box to box.
_WORDS_ALONE = r"(?:[^.!?\n\d\\]|\\text\s?\{|\\[ ,;]){0,40}"
_COUNTED = re.compile(rf"{_WORDS_ALONE}\band\b{_WORDS_ALONE}")
_GOES_ON = re.compile(
    r"\b(?:so|then|thus|therefore|hence|finally|answer|total|sum|gets?|gives?|not|but|wrong|now|next|"
    r"adding|subtract\w*|divid\w*|multipl\w*|if|when|since|we|i|have|find|result\w*)\b"
    r"|n['’]t|[<>]",
    re.IGNORECASE,
)


def _joins(gap: str, *, prose: bool) -> bool:
    """Whether what stands between two answers makes one answer of them.

    In prose, "or" does so across words: "41 apples or maybe 42" does not answer 42; between boxes
    "and" does, where nothing says that the second follows from the first.
    """
    if len(gap) > _GAP:
        return False
    if _JOINER.fullmatch(gap):
        return True
    if prose:
        return bool(_HEDGE.fullmatch(gap))
    return "and" in gap and bool(_COUNTED.fullmatch(gap)) and not _GOES_ON.search(gap)


_DELIMITERS = (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"))


def undelimited(text: str) -> str:
    r"""`text` without the math delimiters around the whole of it."""
    text = text.strip()
    if not text.startswith(("$", "\\")):
        return text
    for opening, closing in _DELIMITERS:
        whole = len(text) > len(opening) + len(closing) - 1
        if whole and text.startswith(opening) and text.endswith(closing):
            return text[len(opening) : -len(closing)].strip()
    return text
