"""The reward `reasoning_steps`: how many steps the thinking is told in, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

import rewardkit as rk
from rewardkit.fences import code_blocks
from rewardkit.option_types import PositiveInt
from rewardkit.wordcount import count_words, split_words
from rewardkit_format.forms import is_blank

__all__ = ["reasoning_steps"]

# "Step" before or after a number; a case-folded match.
_STEP = (
    "step|stage|phase|paso|passo|étape|schritt|stap|krok|шаг|крок|этап|βήμα|adım|bước|langkah|"
    "hatua|askel|steg|trin|lépés|pas|الخطوة|خطوة|مرحله|گام|שלב|चरण|ধাপ|படி|దశ|ขั้นตอนที่|ขั้นที่|단계|"
    "步骤|步驟|ステップ|手順"
)
# What opens a step without a number, with a blank or a comma after it.
_ORDINALS = (
    # English, French, Spanish, Portuguese, Italian, German, Dutch
    "first|firstly|second|secondly|third|thirdly|fourth|fourthly|fifth|next|then|after that|"
    "finally|lastly|to begin with|to start with|"
    "(?:tout )?d['’]abord|premièrement|deuxièmement|troisièmement|en premier lieu|"
    "en (?:second|deuxième) lieu|ensuite|puis|enfin|finalement|"
    "primero|segundo|tercero|cuarto|en (?:primer|segundo|tercer) lugar|a continuación|luego|"
    "después|por último|finalmente|"
    "primeiro|terceiro|em (?:primeiro|segundo|terceiro) lugar|em seguida|a seguir|depois|por fim|"
    "innanzitutto|in (?:primo|secondo|terzo) luogo|successivamente|poi|infine|"
    "zuerst|zunächst|erstens|zweitens|drittens|viertens|als (?:erstes|nächstes|letztes)|dann|"
    "danach|anschließend|schließlich|zuletzt|"
    "eerst|ten (?:eerste|tweede|derde)|vervolgens|daarna|ten slotte|"
    # Russian, Ukrainian, Polish, Greek, Turkish
    "сначала|сперва|во-первых|во-вторых|в-третьих|затем|далее|потом|после этого|наконец|"
    "спочатку|по-перше|по-друге|по-третє|потім|далі|нарешті|"
    "najpierw|po (?:pierwsze|drugie|trzecie)|następnie|potem|na koniec|"
    "πρώτα|πρώτον|δεύτερον|τρίτον|έπειτα|τέλος|önce|ilk olarak|ikinci olarak|sonra|son olarak|"
    # Vietnamese, Indonesian, Arabic, Persian, Hebrew, Hindi, Bengali, Korean
    "đầu tiên|trước hết|thứ nhất|thứ hai|thứ ba|tiếp theo|sau đó|cuối cùng|"
    "pertama|kedua|ketiga|selanjutnya|kemudian|akhirnya|terakhir|"
    "أولا|أولًا|أولاً|ثانيا|ثانيًا|ثانياً|ثالثا|ثالثًا|ثالثاً|رابعا|رابعًا|رابعاً|"
    "في البداية|ثم|بعد ذلك|أخيرا|أخيرًا|أخيراً|"
    "ابتدا|اول|دوم|سوم|سپس|بعد|در نهایت|ראשית|תחילה|שנית|לאחר מכן|לבסוף|"
    "सबसे पहले|पहले|पहला|दूसरा|दूसरे|तीसरा|तीसरे|फिर|(?:इसके|उसके) बाद|अंत में|"
    "প্রথমে|দ্বিতীয়ত|তৃতীয়ত|তারপর|অবশেষে|"
    "먼저|우선|첫째|둘째|셋째|넷째|다음으로|그다음|그 다음|그런 다음|이어서|"
    "첫 ?번째(?:로)?|두 ?번째(?:로)?|세 ?번째(?:로)?|네 ?번째(?:로)?|마지막으로|끝으로"
)
# The same where no blank parts words: Chinese, Japanese, Thai.
_UNSPACED = (
    "首先|其次|再次|然后|然後|接着|接著|接下来|接下來|随后|最后|最後|第[一二三四五六七八九十百]+步?|"
    "まず|次に|つぎに|そして|続いて|最後に|さいごに|第[一二三四五六七八九十]+に|"
    "ก่อนอื่น|ขั้นแรก|อันดับแรก|ประการแรก|ประการที่|ต่อไป|จากนั้น|หลังจากนั้น|ถัดไป|สุดท้าย"
)
_NUMERAL = r"(?:\d{1,3}|[一二三四五六七八九十百]{1,4}|[ivx]{1,5})"
# "Step one:", "Erster Schritt:": any word beside it, and a colon.
_NAMED = (
    rf"(?:{_STEP})[ \t][^\s:：]{{1,15}}[ \t]?[:：]|[^\s:：]{{1,15}}[ \t](?:{_STEP})[ \t]?[:：]"
)
_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
# After the point of a number come a blank or a mark, or a script that does without the blank.
_POINT = r"[.)）](?:[ \t*_]|(?=[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))"
_WORDED = (
    rf"(?=\w)(?:(?:{_STEP})[ \t]?(?:#[ \t]?)?{_NUMERAL}(?!\w)|{_NAMED}|"
    rf"제?\d{{1,3}}[ \t]?단계|第\d{{1,3}}步|"
    rf"و?(?:{_ORDINALS})(?=[\s,，:：、،*_])|(?:{_UNSPACED}))"
)
# Where a marker can stand: after a line, or a sentence.
_PLACE = re.compile(r"\n++|[.!?。！？；।؟]")
_IN_LINE = re.compile(rf"[ \t]{{0,4}}+{_WORDED}", re.IGNORECASE)
# After Markdown's marks; all that may stand before a marker is bounded, so that it is linear.
_LINE_START = re.compile(
    rf"[ \t>#*_]{{0,12}}+{_WORDED}"
    rf"|[ \t>]{{0,12}}+(?:(?:[*_]{{2}})?[(（]?(?:{_NUMBER}(?:{_POINT}|[)）、．])|[①-⑳]"
    r"|[-*+•‣·–][ \t]|\\item[ \t]))",
    re.IGNORECASE,
)
_STEP_WORDS = frozenset(_STEP.split("|"))
_ORDINAL_WORDS = frozenset(_ORDINALS.split("|"))
# Of a step; less is a mark without a thought. Two words, and in scripts that do not part them what
# is rather two than one.
_MIN_WORDS = 1.5


@rk.reward
def reasoning_steps(completion: rk.Completion, *, steps: PositiveInt = 3) -> rk.Score:
    """min(1, n / `steps`) for n different steps in the thinking, or in a text without think tags.

    After open-r1's `reasoning_steps_reward`. A step begins with a marker at the start of a line or
    sentence: "Step 1", an item of a list, numbered in any script's digits or not, or a word such
    as "First", "Затем", "首先", "まず". It has content of its own: two different words or more, up
    to the next marker, that no step before it has had. Code blocks are no part of it. Abstains
    where there is nothing to look at.
    """
    if is_blank(completion.reasoning):
        return rk.Score.abstain("nothing to look at")
    contents = list(_contents(_without_code(completion.reasoning)))
    different = {tuple(words) for words in map(split_words, contents) if _is_thought(words)}
    found = len(different)
    repeated = f" behind {len(contents)} markers" if len(contents) > found else ""
    reason = f"{found} different steps{repeated}, of {steps}"
    return rk.Score(min(1.0, found / steps), reason, {"steps": found})


def _is_thought(words: list[str]) -> bool:
    """Whether these words say something; told by the first few of them."""
    different: set[str] = set()
    size = 0.0
    for word in _without_markers(words):
        different.add(word)
        size += _size(word[:_LONGEST])
        if size >= _MIN_WORDS and len(different) > 1 and not different <= _ORDINAL_WORDS:
            return True
    return False


def _without_markers(words: list[str]) -> Iterator[str]:
    """The words without "step 2"."""
    before = ""
    for word, after in zip_longest(words, words[1:], fillvalue=""):
        number_of_step = before in _STEP_WORDS and word.isdigit()
        if not number_of_step and not (word in _STEP_WORDS and after.isdigit()):
            yield word
        before = word


# A character of a script that does not part words is less than a word. Of what is longer than any
# word the beginning says as much, and the rest is not to be kept.
_LONGEST = 64
_size = lru_cache(maxsize=4096)(count_words)


def _contents(text: str) -> Iterator[str]:
    """What stands between a marker and the next one."""
    marks = list(_marks(text))
    ends = [*(start for start, _ in marks[1:]), len(text)]
    return (text[start:end] for (_, start), end in zip(marks, ends, strict=False))


def _marks(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    text = "\n" + text
    for place in _PLACE.finditer(text):
        if place.end() >= end:
            starts = _LINE_START if place[0].startswith("\n") else _IN_LINE
            marker = starts.match(text, place.end())
            if marker:
                end = marker.end()
                yield marker.start() - 1, end - 1


def _without_code(text: str) -> str:
    kept = []
    end = 0
    for block in code_blocks(text):
        kept.append(text[end : block.start])
        end = block.end
    return "".join([*kept, text[end:]])
