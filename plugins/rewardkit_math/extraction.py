r"""Finding the answer in a response: what the model declares, not any number that it mentions.

In order: the last complete `<answer>` block; the last complete box, with those joined to it; a
phrase such as "the answer is"; bold in the last lines; the last formula or number there. Each step
reads the text once, from bounded windows or by one pass over its braces, so that 100,000 unclosed
boxes cost what as much prose does.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Answer", "NoAnswer", "extract", "last_boxes", "undelimited"]


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


_EMPTY_BOX = NoAnswer("the box is empty")
_WINDOW = 400  # characters at the end of a response in which an undeclared answer may stand
_GAP = 80  # characters that may part answers that are joined
_PHRASE = 400  # characters that an answer in prose may have
_ANCHORS = 8  # the last phrases such as "the answer is" that are tried


def extract(response: str) -> Answer | NoAnswer:
    """The answer that a response (what follows the thinking) declares, or why there is none."""
    if not response.strip():
        return NoAnswer("the response is empty")
    block = _answer_block(response)
    if block is not None:
        return _in_block(block)
    boxed = last_boxes(response)
    if isinstance(boxed, NoAnswer):
        # The prompt's words repeated: "put it within \\boxed{}. The answer is 42."
        later = _anchored(response[response.rfind("box") :]) if boxed is _EMPTY_BOX else None
        return later or boxed
    found = boxed or _in_prose(response)
    return found if isinstance(found, NoAnswer) else _unless_retracted(response, found)


def _in_prose(text: str) -> Answer | NoAnswer:
    return _anchored(text) or _chosen(text) or _bare(text) or _bold(text) or _tail(text)


# -- blocks and boxes


def _answer_block(text: str) -> str | None:
    end = text.rfind("</answer>")
    start = text.rfind("<answer>", 0, end) if end >= 0 else -1
    return text[start + len("<answer>") : end].strip() if start >= 0 else None


def _in_block(block: str) -> Answer | NoAnswer:
    if not block:
        return NoAnswer("the answer block is empty")
    boxed = last_boxes(block)
    if boxed is not None:
        return boxed
    found = _in_prose(block)
    # Text is an answer, too: inside the block it needs no number to be one.
    if isinstance(found, NoAnswer) and len(block) <= _PHRASE:
        return Answer(undelimited(block), "answer block", len(block))
    return found._replace(source="answer block") if isinstance(found, Answer) else found


class _Span(NamedTuple):
    """A stretch of text with the stretch of its content."""

    start: int
    end: int
    inner_start: int
    inner_end: int


# Two backslashes: a response that was escaped once too often.
_BRACE = re.compile(
    r"\\{1,2}(?:boxed|fbox)(?:\s*(\{)|\s*([0-9]+|(?<=\s)[A-Za-z](?![A-Za-z])))|\\.|[{}]", re.DOTALL
)


def last_boxes(text: str) -> Answer | NoAnswer | None:
    r"""The content of the last complete boxes of a text, joined with commas; None: it has no box.

    Boxes joined by nothing but commas, "and" or "or" are one answer in several boxes: of two boxes
    side by side, neither alone is what the model answers.
    """
    first = text.find("box")
    if first < 0:
        return None
    spans, unclosed = _boxes(text, first)
    filled = [span for span in spans if _content(text, span)]
    if filled:
        return _joined(text, filled, "box")
    if unclosed:
        return NoAnswer("the box is not closed")
    return _EMPTY_BOX if spans else None


def _boxes(text: str, first: int) -> tuple[list[_Span], bool]:
    """The outermost complete boxes, and whether a box is left open: one pass over the braces."""
    spans: list[_Span] = []
    opened: list[re.Match[str] | None] = []  # None: a brace that is no box
    for brace in _BRACE.finditer(text, max(0, first - 3)):
        found = brace[0]
        if found == "{":
            opened.append(None)
        elif found == "}":
            box = opened.pop() if opened else None
            if box is not None:
                _close(text, spans, box, brace)
        elif brace[1]:
            opened.append(brace)
        elif brace[2]:
            spans.append(_Span(*brace.span(), *brace.span(2)))
    return spans, any(box is not None for box in opened)


def _close(text: str, spans: list[_Span], box: re.Match[str], brace: re.Match[str]) -> None:
    """Add a box to `spans` in place of those inside it; a box around a box is that box."""
    inner: _Span | None = None
    while spans and spans[-1].start > box.start():
        inner = spans.pop()
    content = (box.end(), brace.start())
    if inner and not _gap(text, box.end(), inner.start) and not _gap(text, inner.end, content[1]):
        content = (inner.inner_start, inner.inner_end)
    spans.append(_Span(box.start(), brace.end(), *content))


def _gap(text: str, start: int, end: int) -> str:
    """What stands between two places: enough of it to tell whether it is blank."""
    return text[start : min(end, start + _PHRASE)].strip()


def _content(text: str, span: _Span) -> bool:
    return bool(_gap(text, span.inner_start, span.inner_end))


_JOINER = re.compile(
    r"(?:\s|\$|[,;&*]|\\[()\[\],;! ]|\\q?quad(?![a-z])|(?:and|or)\b|"
    r"\\text\s?\{\s?,?\s?(?:and|or)\s?,?\s?\}|[A-Za-z](?:_\{?[0-9A-Za-z]\}?)?\s?=)*"
)
_HEDGE = re.compile(r"[^.!?\n]*\bor\b[^.!?\n]*")


def _joined(text: str, spans: list[_Span], source: str, *, prose: bool = False) -> Answer:
    """The last span, with those before it that are joined to it."""
    run, gaps = [spans[-1]], list[str]()
    for span in reversed(spans[:-1]):
        gap = text[span.end : min(run[-1].start, span.end + _GAP + 1)]
        if not _joins(gap, prose=prose) or _same_name(text, span, run[-1]):
            break
        run.append(span)
        gaps.append(gap)
    texts = [text[span.inner_start : span.inner_end].strip() for span in reversed(run)]
    if len(set(texts)) == 1 and not "".join(gaps).strip(" \n$*"):
        texts = texts[:1]  # the same box, written twice
    forms = tuple(texts) if gaps and all("or" in gap for gap in gaps) else ()
    return Answer(", ".join(texts), source, spans[-1].end, forms)


_NAMED = re.compile(r"([A-Za-z])\s?=\s?\Z")


def _same_name(text: str, one: _Span, other: _Span) -> bool:
    """Whether two boxes give one letter two values: x = 3 in one case, and x = 4 in the next."""
    names = [_NAMED.search(text, max(0, box.start - 8), box.start) for box in (one, other)]
    return bool(names[0] and names[1] and names[0][1] == names[1][1])


def _joins(gap: str, *, prose: bool) -> bool:
    """Whether what stands between two answers makes one answer of them.

    In prose, "or" does so across words: "41 apples or maybe 42" does not answer 42.
    """
    if len(gap) > _GAP:
        return False
    return bool(_JOINER.fullmatch(gap) or (prose and _HEDGE.fullmatch(gap)))


# -- phrases

_ANCHOR = re.compile(
    r"^[ \t>*_]{0,8}A[*_]{0,2}:"  # GSM8K rollouts end in a line "A: 42"
    r"|^[ \t]{0,8}(\#{4})(?!\#)"  # GSM8K solutions end in a line "#### 42"
    r"|(?:[Aa]nswer|ANSWER)[*_]{0,2}(?:\s{1,3}(?:is|was|equals)(?![A-Za-z])|\s{0,3}[:：=])"
    r"|[Ff]inal\s[Aa]nswer[*_]{0,2}(?=\s{0,3}\n)"
    r"|[Cc]orrect\s(?:option|choice)[*_]{0,2}(?:\sis(?![A-Za-z])|\s?:)"
    r"|答案(?:应该)?[是为：:]",
    re.MULTILINE,
)
_LEAD = re.compile(
    r"[\s:：*_]*(?:(?<=\n)-\s+)?(?:(?:therefore|thus|indeed|simply|just|exactly|still|then|clearly|also|hence|"
    r"surely|definitely|for sure)"
    r"[\s,]+)?"
)
_NEGATED = re.compile(r"not\b|n't|un(?:known|clear)|\?")
_STOP = re.compile(
    r"\n|[.!?](?=[\s*)\"']|$)|。|\s\((?=[A-Za-z]{3})|,\s+(?!(?:or|and)\b)(?=[A-Za-z]{3}|it\b)|;\s"
    r"|\s+\(?(?:because|since|which|as|so|I hope)\b"
)
_HEADING = re.compile(r"[^\n]{0,200}?[A-Za-z]{3}")
_BOLD_END = re.compile(r"\*\*(?=\s|\Z)")
_DISPLAY = re.compile(r"\$\$(.+?)\$\$|\\\[(.+?)\\\]", re.DOTALL)


_DENIED = re.compile(
    r"(?:(?:n['’]t|\bnot|\bnever)\s(?:\w+ly\s)?(?:think|believe|say|sure|certain|true|claim)|\bI\sdoubt)\b"
    r"[^.!?,;\n]*\Z"
)
_CHOSEN = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\s\(?([A-J])\)?\sis\s(?:the\s)?(?:correct|right|best)\b"
    r"|\b(?:[Ss]o|[Tt]hus|[Tt]herefore|[Hh]ence),?\sI\s(?:think|believe|say)\sit(?:['’]s|\sis)\s\(?([A-J])\)?\.?\Z"
)


def _is_denied(text: str, start: int) -> bool:
    """Whether the sentence that begins before a phrase doubts it: "I don't think the answer"."""
    return bool(_DENIED.search(text, max(0, start - _GAP), start))


def _chosen(text: str) -> Answer | NoAnswer | None:
    """The letter of the one choice that is called correct: "option C is correct"."""
    found = list(_CHOSEN.finditer(text, _window_start(text)))
    if not found or len({match[1] or match[2] for match in found}) > 1:
        return None
    if any(_is_denied(text, match.start()) for match in found):
        return NoAnswer("the text doubts the choice that it names")
    return Answer(found[-1][1] or found[-1][2], "announced", found[-1].end())


def _anchored(text: str) -> Answer | NoAnswer | None:
    """What follows the last phrase that announces an answer; None where none does."""
    denied = False
    for anchor in reversed(deque(_ANCHOR.finditer(text), maxlen=_ANCHORS)):
        if _is_denied(text, anchor.start()):
            denied = True
            continue
        start = _lead_end(text, anchor.end())
        if start == len(text):
            return NoAnswer(f'the text ends after "{anchor[0].strip()}"')
        found = _announced(text, start)
        heading = anchor[1] and _HEADING.match(text, start)  # "#### 4. Add them up"
        if found and not heading:
            return found
    return NoAnswer("the text doubts the answer that it names") if denied else None


def _lead_end(text: str, start: int) -> int:
    lead = _LEAD.match(text, start)
    return lead.end() if lead else start


def _announced(text: str, start: int) -> Answer | None:
    display = _DISPLAY.match(text[start : start + _PHRASE])
    if display:
        return Answer((display[1] or display[2]).strip(), "announced", start + display.end())
    stop = _STOP.search(text, start, start + _PHRASE)
    end = stop.start() if stop else min(len(text), start + _PHRASE)
    phrase = _BOLD_END.sub("", text[start:end]).strip().strip("*_").strip()
    if not phrase or _NEGATED.match(phrase):
        return None
    return Answer(_without_words(phrase), "announced", end)


_STATES = re.compile(r"[A-Za-z]\w*(?:\s+\S+){1,30}?\s+(?:is|are|was|equals)\s+(\S+)")
_HEDGES = re.compile(r"\b(?:not|or|if|least|most|between|than|maybe|about|n't)\b", re.IGNORECASE)


def _stated(phrase: str) -> str | None:
    """What a sentence says its subject is, or its only number: "The area is 120"."""
    if _HEDGES.search(phrase) or len(_PROSE.findall(phrase)) < 3:
        return None
    tokens = list(_TOKEN.finditer(phrase))
    states = _STATES.fullmatch(phrase)
    if states and tokens and tokens[-1].end() == len(phrase) and tokens[-1][0] == states[1]:
        return states[1]
    return tokens[0][0] if len(tokens) == 1 else None


# Words that make another number of the number before them.
_WORDS_THAT_COUNT = re.compile(
    r"(?:or|and|to|out|of|over|plus|minus|times|divided|multiplied|more|less|fewer|dozens?|scores?|"
    r"pairs?|half|halves|thirds?|quarters?|fifths?|tenths?|squared|cubed|factorial|hundred|"
    r"thousand|[mbtr]+illion|degrees?|percent|base|mod|th|st|nd|rd|if|unless|maybe|but)\b",
    re.IGNORECASE,
)


def _without_words(phrase: str) -> str:
    """The number or formula that a phrase begins with, where only words follow: "18 apples"."""
    token = _TOKEN.match(phrase)
    if token is None:
        return undelimited(_stated(phrase) or phrase)
    rest = phrase[token.end() :].strip()
    plain = rest[:1].isalpha() and not re.search(r"[0-9+*/=^\\$]", rest)
    if not rest or (plain and not _WORDS_THAT_COUNT.match(rest)):
        return undelimited(token[0])
    return undelimited(phrase)


_RETRACTED = re.compile(
    r"\b(?:[Tt]hat|[Tt]his|[Ii]t|[Ww]hich|answer)(?:['’]s|\sis|\swas)\s"
    r"(?:wrong|incorrect|not\s(?:right|correct))\b(?!\s(?:to|that|if|when|for)\b)"
    r"|\bI(?:['’]ve|\shave)?\smade\sa(?:n|\s\w{1,12})?\s(?:mistake|error)"
    r"|\b[Ss]cratch\sthat\b|\b[Cc]orrection\s?:|\bI\swas\swrong\b"
)
_SECOND_THOUGHT = re.compile(r"\b(?:[Ww]ait|[Aa]ctually|[Ss]orry|[Oo]ops|[Hh]old on|No),?\b")


def _unless_retracted(text: str, found: Answer) -> Answer | NoAnswer:
    """`found`, unless the text goes on to take it back: then what it says instead."""
    rest = text[found.end :]
    if _RETRACTED.search(rest):
        later = _in_prose(rest)
        return NoAnswer("the answer is taken back") if isinstance(later, NoAnswer) else later
    if _SECOND_THOUGHT.search(rest):
        again = _anchored(rest)
        return again if isinstance(again, Answer) else found
    return found


# -- the end of the text

# Words, and scripts, that no formula is made of.
_PROSE = re.compile(
    r"(?<![\\A-Za-z])(?!(?:sqrt|sin|cos|tan|cot|sec|csc|log|exp|arc\w+|and|inf|infinity|percent|pct|"
    r"hundred|thousand|[mbtr]+illion|frac|cdot|times|text)\b)[A-Za-z]{3,}"
    r"|\b(?:is|it|we|so|he|be)\b|[\u0600-\u1cff\u3040-\ud7ff]"
)
_FORMULA = (
    r"\$\$[^$]+\$\$|\$\s?\\begin[^$]+\$|\\\[.+?\\\]|"
    r"\\\(.+?\\\)|\$(?=[^\s$])[^$\n]*(?<=[^\s$])\$(?![0-9])"
)
_NUMBER = (
    r"(?<![A-Za-z0-9_.\\])[-−]?(?:\\?\$)?(?:[0-9]+(?:,[0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)(?![A-Za-z_])"
    r"(?:/[0-9]+)?(?:\s?\\?%|\s(?:hundred|thousand|[mbtr]+illion|percent)\b)?"
)
_TOKEN = re.compile(rf"{_FORMULA}|{_NUMBER}", re.DOTALL)
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_MARKER = re.compile(r"[.)]\s+\S")
_BEGINS_LINE = re.compile(r"^\s*\Z", re.MULTILINE)
_OPERATOR_BEFORE = re.compile(
    r"(?:[+*/×÷^<(]|[0-9A-Za-z)}]\s?[-−]|(?:\bnot|\bcannot|n['’]t)(?:\sbe|\sequal)?)\s?\Z"
)
_OPERATOR_AFTER = re.compile(r"\s?(?:[+*/×÷^=<]|[-−]\s?[0-9(])")
_CUT_OFF = re.compile(
    r"(?:[=+*/<(,×÷^-]|\b(?:a|an|the|of|for|and|or|to|from|in|with|by|is|are|be|both|than))\Z"
)


def _window_start(text: str) -> int:
    return max(0, len(text) - _WINDOW)


def _bare(text: str) -> Answer | None:
    """All of a text that has no prose in it: a bare number or formula."""
    stripped = text.strip()
    if len(stripped) > _WINDOW or "\n" in stripped or _PROSE.search(stripped):
        return None
    if not any(char.isalnum() for char in stripped):
        return None
    return Answer(undelimited(stripped.strip("*")), "the whole text", len(text))


def _bold(text: str) -> Answer | None:
    """The last bold number or formula in the last lines."""
    spans = []
    for bold in _BOLD.finditer(text, _window_start(text)):
        token = _TOKEN.match(bold[1].strip())
        if token and not _MARKER.match(bold[1].strip(), token.end()):
            spans.append(_Span(*bold.span(), *bold.span(1)))
    if not spans:
        return None
    found = _joined(text, spans, "bold", prose=True)
    return found._replace(text=_without_words(found.text.rstrip(".")))


def _tail(text: str) -> Answer | NoAnswer:
    """The last number or formula of a text that is whole; part of a calculation is none."""
    start = _window_start(text)
    if _CUT_OFF.search(text.rstrip()[-40:]):
        return NoAnswer("the text ends in the middle of a sentence")
    tokens = _TOKEN.finditer(text, start)
    spans = [_Span(*token.span(), *token.span()) for token in _without_markers(text, tokens)]
    if not spans:
        return NoAnswer("no box, no phrase that announces an answer, no number at the end")
    if _OPERATOR_BEFORE.search(text, max(0, spans[-1].start - 12), spans[-1].start):
        return NoAnswer("the text ends in part of a calculation, or in what it denies")
    if text.startswith("?", spans[-1].end):
        return NoAnswer("the text ends in a question")
    if _OPERATOR_AFTER.match(text, spans[-1].end):
        return NoAnswer("the text ends in the middle of a calculation")
    found = _joined(text, spans, "the end of the text", prose=True)
    return found._replace(text=undelimited(found.text))


def _without_markers(text: str, tokens: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    """`tokens` but for the numbers of a list's items: "2. Add the eggs"."""
    for token in tokens:
        if not (
            _BEGINS_LINE.search(text, max(0, token.start() - 4), token.start())
            and _MARKER.match(text, token.end())
        ):
            yield token


_DELIMITERS = (("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("$", "$"))


def undelimited(text: str) -> str:
    r"""`text` without the math delimiters around the whole of it."""
    text = text.strip()
    for opening, closing in _DELIMITERS:
        whole = len(text) > len(opening) + len(closing) - 1
        if whole and text.startswith(opening) and text.endswith(closing):
            return text[len(opening) : -len(closing)].strip()
    return text
