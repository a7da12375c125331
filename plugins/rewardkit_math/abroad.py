"""Phrases that announce an answer in other languages than English."""

from __future__ import annotations

import re

from rewardkit_math.answers import Answer
from rewardkit_math.phrases import announced

__all__ = ["announced_abroad"]

_WINDOW = 400  # characters at the end of a response in which such a phrase may stand
_SAYS = (
    r"[*_]{0,2}\s{0,2}(?:(?:est|es|é|è|e'|ist|is|je|jest|är|er|là)(?![A-Za-z])"
    r"|[:：=—はが은는]|है|คือ|هي|هو)[*_]{0,2}"
)
_RIGHT = (
    r"(?:\s(?:finale?|correcte?a?|corr?etta|correta|richtige|правильный|đúng|صحيحة|النهائية)){0,2}"
)
_PHRASE = re.compile(
    rf"(?:\b(?:[Rr]éponse|[Rr]espuesta|[Rr]esposta|[Rr]isposta|[Aa]ntwort|[Aa]ntwoord|[Oo]dpowiedź"
    rf"|[Oo]dpověď|[Ss]varet|[Cc]evap|[Оо]твет|[Вв]ідповідь|[Đđ]áp\sán)|答え|解答|정답|답|उत्तर|คำตอบ|الإجابة|الجواب)"
    rf"{_RIGHT}{_SAYS}"
    r"|(?:正确|正確)?(?:答案|选项|選項)(?:应该|應該)?[是为為：:]|故?[选選](?:择|擇)?[：:]?(?=\s?\(?[A-J](?![A-Za-z]))"
)
_ASCII = ("espuesta", "sposta", "ntwo", "aret", "evap")
# What ends such a sentence: です, 입니다, a full stop.
_END = re.compile(r"(?:です|だ|になります|입니다|이다|है|ค่ะ|ครับ)?[。．.!]?\s*\Z")


def announced_abroad(text: str) -> Answer | None:
    """What follows the last such phrase at the end of a text; None where there is none."""
    window = text[-_WINDOW:]
    if window.isascii() and not any(map(window.__contains__, _ASCII)):
        return None
    phrases = list(_PHRASE.finditer(window))
    if not phrases:
        return None
    start = len(text) - len(window) + phrases[-1].end()
    answer = announced(text, start)
    return answer and answer._replace(text=_END.sub("", answer.text))
