r"""Finding the answer in a response: what the model declares, not any number that it mentions.

In order: the last complete `<answer>` block; the last complete box, with those joined to it; a
phrase such as "the answer is"; bold in the last lines; the last formula or number there. Each step
reads the text once, from bounded windows or by one pass over its braces, so that 100,000 unclosed
boxes cost what as much prose does.
"""

from __future__ import annotations

import re

from rewardkit_math.abroad import announced_abroad
from rewardkit_math.answers import Answer, NoAnswer, undelimited
from rewardkit_math.boxes import EMPTY_BOX, last_boxes
from rewardkit_math.endings import bare, bold, tail
from rewardkit_math.phrases import anchored, chosen

__all__ = ["Answer", "NoAnswer", "extract"]

_TEXT = 400  # characters that an answer in words may have in an answer block


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
        later = anchored(response[response.rfind("box") :]) if boxed is EMPTY_BOX else None
        return later or boxed
    if boxed is not None and _is_denied(response, boxed):
        return NoAnswer("the text denies what it boxes")
    found = boxed or _in_prose(response)
    if isinstance(found, Answer) and boxed is None and _TAKEN_BACK.match(response, found.end):
        return NoAnswer("the text denies what it answers")
    return found if isinstance(found, NoAnswer) else _unless_retracted(response, found)


def _in_prose(text: str) -> Answer | NoAnswer:
    announced = anchored(text) or chosen(text) or announced_abroad(text)
    return announced or bare(text) or bold(text) or tail(text)


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
    if isinstance(found, NoAnswer) and len(block) <= _TEXT:
        return Answer(undelimited(block), "answer block", len(block))
    return found._replace(source="answer block") if isinstance(found, Answer) else found


_DENIAL = re.compile(
    r"(?:\bnot|n['’]t|\bnever)(?:\s(?:be|equal(?:\sto)?|simply|just))?[\s$:]{0,4}\Z"
)
_DENIALS = ("not", "n't", "n’t", "never")
_SHORTEST = len("No\nA:4")  # text that takes an answer back
_TAKEN_BACK = re.compile(
    r"[\s$.)\]\\*]{0,6}(?:is|was)\s(?:wrong|incorrect|not\s(?:right|correct|the\sanswer)"
    r"|(?:my|the|an?)\s(?:first|initial|original|earlier|previous|wrong|incorrect)\s(?!term|value))\b"
)


def _is_denied(text: str, found: Answer) -> bool:
    """Whether the words beside the only box say that it is not the answer."""
    start = text.rfind(r"\boxed", 0, found.end)
    start = max(start, text.rfind(r"\fbox", max(start, 0), found.end))
    before = text[max(0, start - 30) : start] if start >= 0 else ""
    denied = any(map(before.__contains__, _DENIALS)) and _DENIAL.search(before)
    ends = len(text) < found.end + _SHORTEST
    return bool(denied or (not ends and _TAKEN_BACK.match(text, found.end)))


_RETRACTED = re.compile(
    r"\b(?:[Tt]hat|[Tt]his|[Ii]t|[Ww]hich|answer)(?:['’]s|\sis|\swas)\s"
    r"(?:wrong|incorrect|not\s(?:right|correct))\b(?!\s(?:to|that|if|when|for)\b)"
    r"|\bI(?:['’]ve|\shave)?\smade\sa(?:n|\s\w{1,12})?\s(?:mistake|error)"
    r"|\b[Ss]cratch\sthat\b|\b[Cc]orrection\s?:|\bI\swas\swrong\b"
)
_SECOND_THOUGHT = re.compile(r"\b(?:[Ww]ait|[Aa]ctually|[Ss]orry|[Oo]ops|[Hh]old on|No),?\b")


_INSTEAD = re.compile(
    r"\b[Ii]t(?:['’]s|\sis|\sshould\sbe|\smust\sbe)\s(?:actually\s|really\s|in\sfact\s)?(?=[-−$0-9\\])"
)
# One of these is in whatever the patterns match: looking for them takes a tenth of the time.
_RETRACTIONS = ("wrong", "orrect", "mistake", "error", "cratch")
_SECOND_THOUGHTS = ("ait", "ctually", "orry", "ops", "old on", "No")


def _unless_retracted(text: str, found: Answer) -> Answer | NoAnswer:
    """`found`, unless the text goes on to take it back: then what it says instead."""
    rest = text[found.end :]
    if len(rest) < _SHORTEST:
        return found
    if any(map(rest.__contains__, _RETRACTIONS)) and _RETRACTED.search(rest):
        later = _in_prose(rest)
        return NoAnswer("the answer is taken back") if isinstance(later, NoAnswer) else later
    if any(map(rest.__contains__, _SECOND_THOUGHTS)) and _SECOND_THOUGHT.search(rest):
        instead = _INSTEAD.search(rest)
        again = anchored(rest) or (_in_prose(rest[instead.start() :]) if instead else None)
        return again if isinstance(again, Answer) else found
    return found
