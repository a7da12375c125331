"""Answers that a phrase announces: "the answer is", "A: 42", "option C is correct"."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from rewardkit_math.answers import Answer, NoAnswer, undelimited
from rewardkit_math.formulas import PROSE, TOKEN, unit_end

__all__ = ["anchored", "announced", "chosen", "without_words"]

_PHRASE = 400  # characters that an answer in prose may have
_ANCHORS = 8  # the last phrases such as "the answer is" that are tried
_WINDOW = 400  # characters at the end of a response in which a choice is looked for
_SENTENCE = 80  # characters before a phrase in which its sentence may doubt it

_ANCHOR = re.compile(
    # GSM8K rollouts end in a line "A: 42"; others have a heading "Answer"
    r"^[ \t>*_]{0,8}A(?:[*_]{0,2}:|nswer[*_]{0,2}(?=[ \t]{0,3}\n))"
    r"|^[ \t]{0,8}(\#{4})(?!\#)"  # GSM8K solutions end in a line "#### 42"
    r"|(?<!eference\s)(?<!round-truth\s)(?<!round\struth\s)(?:[Aa]nswer|ANSWER)[*_]{0,2}(?:\s{1,3}(?:is|was|equals)(?![A-Za-z])|\s{0,3}[:：=])"
    r"|[Ff]inal\s[Aa]nswer[*_]{0,2}(?=\s{0,3}\n)"
    r"|[Cc]orrect\s(?:option|choice)[*_]{0,2}(?:\sis(?![A-Za-z])|\s?:)"
    r"|答案(?:应该)?[是为：:]",
    re.MULTILINE,
)
# One of these is in every such phrase, at most so far behind its beginning. Looking for them takes
# a twentieth of the time that trying the pattern at every character does.
_ANCHOR_PARTS = ("nswer", "NSWER", "A:", "A*", "A_", "####", "orrect", "答案")
_ANCHOR_LEAD = 9
_LINE = 80  # characters of a line in which trying the pattern takes no longer
_LEAD = re.compile(
    r"[\s:：*_]*(?:(?<=\n)-\s+)?(?:(?:therefore|thus|indeed|simply|just|exactly|still|then|clearly|also|hence|"
    r"surely|definitely|for sure|approximately)"
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
_DOUBTS = ("n't", "n’t", "not", "never", "doubt")
_CHOSEN = re.compile(
    r"\b(?:[Oo]ption|[Cc]hoice|[Aa]nswer)\s\(?([A-J])\)?\sis\s(?:the\s)?(?:correct|right|best)\b"
    r"|\b(?:[Ss]o|[Tt]hus|[Tt]herefore|[Hh]ence),?\sI\s(?:think|believe|say)\sit(?:['’]s|\sis)\s\(?([A-J])\)?\.?\Z"
    r"|(?:^|[.!?:]\s|\b(?:[Ss]o|[Tt]hus|[Tt]herefore|[Hh]ence),?\s)\(?([A-J])\)?\sis\s(?:the\s)?(?:correct|right|best)\b"
    r"|\bI\s(?:would\s|will\s)?(?:choose|pick|select|go\swith)\s(?:option\s|choice\s|answer\s)?\(?([A-J])(?![A-Za-z'’])",
    re.MULTILINE,
)


_HEDGED = re.compile(r"[^.!?\n]{0,80}(?:\b(?:or|maybe|perhaps|but|if|unless|otherwise)\b|\?)")


def _is_denied(text: str, start: int) -> bool:
    """Whether the sentence that begins before a phrase doubts it: "I don't think the answer"."""
    before = text[max(0, start - _SENTENCE) : start]
    # The pattern is tried at every character: most sentences have none of its words.
    return any(map(before.__contains__, _DOUBTS)) and bool(
        _DENIED.search(text, max(0, start - _SENTENCE), start)
    )


def chosen(text: str) -> Answer | NoAnswer | None:
    """The letter of the one choice that is called correct: "option C is correct"."""
    found = list(_CHOSEN.finditer(text, max(0, len(text) - _WINDOW)))
    letters = {next(filter(None, match.groups())) for match in found}
    if len(letters) != 1:
        return None
    if any(_HEDGED.match(text, match.end()) for match in found):
        return None
    if any(_is_denied(text, match.start()) for match in found):
        return NoAnswer("the text doubts the choice that it names")
    return Answer(letters.pop(), "announced", found[-1].end())


def _anchors(text: str) -> Iterator[re.Match[str]]:
    """The last phrases that announce an answer, the last one first.

    Those of the last line come before others are looked for: no phrase ends in the last line that
    begins before it and overlaps another.
    """
    line = text.rfind("\n") + 1
    found = list(_ANCHOR.finditer(text, line)) if 0 < line < len(text) <= line + _LINE else []
    yield from reversed(found[-_ANCHORS:])
    places = [place for place in map(text.find, _ANCHOR_PARTS) if place >= 0]
    if places:
        start = max(0, min(places) - _ANCHOR_LEAD)
        last = deque(_ANCHOR.finditer(text, start), maxlen=_ANCHORS)
        yield from list(reversed(last))[len(found) :]


def anchored(text: str) -> Answer | NoAnswer | None:
    """What follows the last phrase that announces an answer; None where none does."""
    denied = False
    for anchor in _anchors(text):
        if _is_denied(text, anchor.start()):
            denied = True
            continue
        start = _lead_end(text, anchor.end())
        if start == len(text):
            return NoAnswer(f'the text ends after "{anchor[0].strip()}"')
        found = announced(text, start)
        heading = anchor[1] and _HEADING.match(text, start)  # "#### 4. Add them up"
        if found and not heading:
            return found
    return NoAnswer("the text doubts the answer that it names") if denied else None


def _lead_end(text: str, start: int) -> int:
    lead = _LEAD.match(text, start)
    return lead.end() if lead else start


_ONE_NOT_ANOTHER = re.compile(
    r"\(?([A-J])\)?,?\s(?:and\s|y\s|et\s|und\s)?(?:not|non|no|nicht|não|не|rather\sthan|instead\sof)\s\(?[A-J]\)?"
)


def announced(text: str, start: int) -> Answer | None:
    """The answer that begins at a place: up to the end of its sentence."""
    if text.startswith(("$$", r"\["), start):
        display = _DISPLAY.match(text[start : start + _PHRASE])
        if display:
            return Answer((display[1] or display[2]).strip(), "announced", start + display.end())
    stop = _STOP.search(text, start, start + _PHRASE)
    if stop and stop[0] == "?":
        return None  # it asks
    end = stop.start() if stop else min(len(text), start + _PHRASE)
    phrase = text[start:end].strip()
    if phrase.isdecimal() and phrase.isascii():
        return Answer(phrase, "announced", end)
    phrase = _BOLD_END.sub("", text[start:end]).strip().strip("*_").strip()
    if not phrase or _NEGATED.match(phrase):
        return None
    if choice := _ONE_NOT_ANOTHER.fullmatch(phrase):
        phrase = choice[1]
    return Answer(without_words(phrase), "announced", end)


_STATES = re.compile(r"[A-Za-z]\w*(?:\s+\S+){1,30}?\s+(?:is|are|was|equals)\s+(\S+)")
_HEDGES = re.compile(r"\b(?:not|or|if|least|most|between|than|maybe|about|n't)\b", re.IGNORECASE)


def _stated(phrase: str) -> str | None:
    """What a sentence says its subject is, or its only number: "The area is 120"."""
    if _HEDGES.search(phrase) or len(PROSE.findall(phrase)) < 3:
        return None
    tokens = list(TOKEN.finditer(phrase))
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


def without_words(phrase: str) -> str:
    """The number or formula that a phrase begins with, where only words follow: "18 apples"."""
    token = TOKEN.match(phrase)
    if token is None:
        return undelimited(_stated(phrase) or phrase)
    rest = phrase[token.end() :].strip()
    plain = rest[:1].isalpha() and not re.search(r"[0-9+*/=^\\$]", rest)
    if not rest or (plain and not _WORDS_THAT_COUNT.match(rest)):
        end = unit_end(phrase, token.end())
        return undelimited(token[0]) if end == token.end() else phrase[:end]
    return undelimited(phrase)
