"""Answers that nothing announces: a bare one, bold, or the last number or formula of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rewardkit_math.answers import Answer, NoAnswer, Span, joined, undelimited
from rewardkit_math.formulas import PROSE, TOKEN, unit_end
from rewardkit_math.phrases import without_words
from rewardkit_math.words import choice_letter

__all__ = ["WINDOW", "bare", "bold", "tail"]

WINDOW = 400  # characters at the end of a response in which an undeclared answer may stand

_APART = 40  # characters that may part a value from its approximation
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_ONLY_BOLD = re.compile(r"\*\*[^*\n]{1,80}\*\*")
_MARKER = re.compile(r"[.)]\s+\S")
_BEGINS_LINE = re.compile(r"^\s*\Z", re.MULTILINE)
_MARK_BEFORE = re.compile(r"\A(?:>|#{1,6})\s+")
# The reference, as the prompt may have it.
_NOT_ITS_OWN = re.compile(
    r"(?:[Rr]eference|[Gg]round[\s-][Tt]ruth|[Ee]xpected|[Gg]old)(?:\s(?:answer|solution|value|label))?"
    r"(?:\sis|\s?[:=])\s*\Z"
)
_OPERATOR_BEFORE = re.compile(
    r"(?:[+*/×÷^<(]|[0-9A-Za-z)}]\s?[-−]|(?:\bnot|\bcannot|n['’]t)(?:\sbe|\sequal)?)\s?\Z"
)
_OPERATOR_AFTER = re.compile(r"\s?(?:[+*/×÷^=<]|[-−]\s?[0-9(])")
_CUT_OFF = re.compile(
    r"(?:[=+*/<(,×÷^-]|\b(?:a|an|the|of|for|and|or|to|from|in|with|by|is|are|be|both|than))\Z"
)

_GIVES_UP = re.compile(
    r"\b(?:could\snot|couldn['’]t|can\s?not|can['’]t|unable\sto|not\sable\sto|failed\sto|(?:do|did)\snot"
    r"|(?:do|did)n['’]t)\s(?:know\s(?:how\sto\s)?)?(?:solve|find|determine|answer|finish|know)\s"
    r"(?:the|this|an?|it|your)\s?(?:\w+\s)?(?:problem|question|answer|solution|task)?\b"
)


# "minus" after a number is an operator.
_NEGATIVE = re.compile(r"(?:\b[Nn]egative|(?:\A|\bis|\bequals|\bbe)\s?[Mm]inus)\s\Z")
_ABOUT = re.compile(r"(?:which\sis|or)\s(?:about|approximately|roughly|around)\s\$?\Z")


def _start(text: str) -> int:
    return max(0, len(text) - WINDOW)


def bare(text: str) -> Answer | None:
    """All of a text that has no prose in it: a bare number or formula; a choice; bold alone."""
    stripped = _MARK_BEFORE.sub("", text.strip())
    if len(stripped) > WINDOW or "\n" in stripped:
        return None
    if choice_letter(stripped) or _ONLY_BOLD.fullmatch(stripped):
        return Answer(stripped.strip("*").strip(), "the whole text", len(text))
    token = TOKEN.match(stripped)
    alone = token and unit_end(stripped, token.end()) == len(stripped.rstrip("."))
    if PROSE.search(stripped) and not alone and not _is_word(stripped):
        return None
    if not any(char.isalnum() for char in stripped):
        return None
    return Answer(undelimited(stripped.strip("*")), "the whole text", len(text))


_WORD = re.compile(
    r"(?:\\text[a-z]*\s?\{|\*\*)?\s?([A-Za-z]+(?:\s[A-Za-z]+)?)\s?(?:\}|\*\*)?[.!]?"
)
_NO_ANSWERS = re.compile(
    r"\b(?:not|un\w+|sorry|maybe|wait|so|hmm|done|let|the|is|was|ok|okay)\b", re.IGNORECASE
)


def _is_word(text: str) -> bool:
    """Whether a text is a word or two, which nobody writes but for an answer: "True"."""
    word = _WORD.fullmatch(text) if len(text) <= _APART else None
    return bool(word and not _NO_ANSWERS.search(word[1]))


def bold(text: str) -> Answer | None:
    """The last bold number or formula in the last lines."""
    spans = []
    for bold_text in _BOLD.finditer(text, _start(text)):
        token = TOKEN.match(bold_text[1].strip())
        if token and not _MARKER.match(bold_text[1].strip(), token.end()):
            spans.append(Span(*bold_text.span(), *bold_text.span(1)))
    if not spans:
        return None
    found = joined(text, spans[-1], reversed(spans[:-1]), "bold", prose=True)
    return found._replace(text=without_words(found.text.rstrip(".")))


def tail(text: str) -> Answer | NoAnswer:
    """The last number or formula of a text that is whole; part of a calculation is none."""
    start = _start(text)
    if _CUT_OFF.search(text.rstrip()[-40:]):
        return NoAnswer("the text ends in the middle of a sentence")
    if _GIVES_UP.search(text, start):
        return NoAnswer("the text says that it has no answer")
    tokens = TOKEN.finditer(text, start)
    spans = [Span(*token.span(), *token.span()) for token in _without_markers(text, tokens)]
    if not spans:
        return NoAnswer("no box, no phrase that announces an answer, no number at the end")
    if _OPERATOR_BEFORE.search(text, max(0, spans[-1].start - 12), spans[-1].start):
        return NoAnswer("the text ends in part of a calculation, or in what it denies")
    if _NOT_ITS_OWN.search(text, max(0, spans[-1].start - _APART), spans[-1].start):
        return NoAnswer("the text ends in the reference, which is not its own answer")
    if text.startswith("?", spans[-1].end):
        return NoAnswer("the text ends in a question")
    if _OPERATOR_AFTER.match(text, spans[-1].end):
        return NoAnswer("the text ends in the middle of a calculation")
    before = text[max(0, spans[-1].start - _APART) : spans[-1].start]
    near = len(spans) > 1 and spans[-1].start - spans[-2].end <= _APART
    if near and _ABOUT.search(before):
        del spans[-1]  # the same once more, in a few digits
    found = joined(text, spans[-1], reversed(spans[:-1]), "the end of the text", prose=True)
    sign = "-" if _NEGATIVE.search(before) and len(spans) == 1 else ""
    end = unit_end(text, found.end)
    unit = text[found.end : end] if not found.forms and "," not in found.text else ""
    return found._replace(text=sign + undelimited(found.text) + unit)


def _without_markers(text: str, tokens: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    """`tokens` but for the numbers of a list's items: "2. Add the eggs"."""
    for token in tokens:
        if not (
            _BEGINS_LINE.search(text, max(0, token.start() - 4), token.start())
            and _MARKER.match(text, token.end())
        ):
            yield token
