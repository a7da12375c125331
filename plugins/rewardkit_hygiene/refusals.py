"""The filter `refusal`: responses that decline to answer."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

import rewardkit as rk
from rewardkit_hygiene.quoting import quoted

__all__ = ["refusal"]

_BEGINNING = 400  # characters in which a refusal says that it is one


@rk.filter
def refusal(completion: rk.Completion) -> rk.Rejection | None:
    """Rejects responses that begin by declining the request; the value is where, in characters.

    The first 400 characters are looked at, in Arabic, Chinese, Dutch, English, French, German,
    Hindi, Indonesian, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Thai,
    Turkish and Vietnamese. What cannot be done in the matter itself ("we cannot divide by zero")
    is no refusal: it takes an apology, or the service that is declined.
    """
    response = completion.response[:_BEGINNING].replace("’", "'")
    lowered = response.lower()
    for language in _LANGUAGES:
        if any(hint in lowered for hint in language.hints):
            found = _compiled(language.patterns).search(response)
            if found is not None:
                start = found.start()
                return rk.Rejection(
                    f"the response declines at character {start}: {quoted(response[start:])}",
                    float(start),
                )
    return None


class _Language(NamedTuple):
    """How one declines in a language: patterns, and words of which a refusal has one at least."""

    hints: tuple[str, ...]
    patterns: str


@functools.cache
def _compiled(patterns: str) -> re.Pattern[str]:
    lines = patterns.strip().splitlines()
    return re.compile(
        "|".join(lines).replace("SERVICE", _SERVICE).replace("MACHINE", _MACHINE), re.IGNORECASE
    )


_SERVICE = (
    "(?:assist|help|comply|fulfil|provide|support|participate|engage|discuss|share|create|generate"
    "|write|produce|answer (?:that|this|your)|do that|continue with th|in good conscience)"
)
_MACHINE = "(?:AI|artificial intelligence|(?:large )?language model)"
# One pattern a line. "I cannot find x" and "I can't simplify" are none, for whoever thinks aloud
# says so. What stands between two parts is bounded: the search is linear.
_LANGUAGES = (
    _Language(  # English
        (
            "sorry",
            "afraid",
            "apolog",
            "can't",
            "cannot",
            "can not",
            "won't",
            "will not",
            "unable",
            "not able",
            "not comfortable",
            "not going",
            "decline",
            "against my",
            "as an ai",
            "as a l",
        ),
        r"""
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I (?:can ?not|can't|won't|am not)
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I(?:'m| am) (?:unable|not)
\bI(?:'m| am) (?:\w+ )?sorry,? but (?:that|this)(?: is|'s) (?:not )?(?:something|against)
\bsorry,? (?:but )?I (?:can't|cannot|won't) (?:assist|help|do|provide|answer)
\b(?:my apologies|I apologi[sz]e),? but I (?:can ?not|can't|won't|am|'m)
\bI(?: can ?not| can't| won't| will not|(?:'m| am) (?:not able|unable) to) (?:\w+ ){0,2}SERVICE
\bI(?:'m| am) not (?:comfortable|going to (?:help|assist|provide))
\bI (?:must|have to|need to)?(?: respectfully)? ?decline (?:to|this|that|your)
\bas an? MACHINE\b[^.\n]{0,40}? I (?:can(?: ?not|'t)|am (?:not|un)|don't|do not|must)
\bas an? MACHINE\b[^.\n]{0,40}? I'm (?:not|un)
\b(?:is|goes|that's|would be) against my (?:guidelines|programming|polic|principles|ethical)
""",
    ),
    _Language(  # Chinese, simplified and traditional
        ("无法", "無法", "不能", "不可以", "没法", "没有办法", "沒有辦法"),
        r"""
(?:抱歉|[对對]不起|很遗憾|很遺憾)[，,。！!\s]{0,2}(?:但是?|不过)?我[们們]?(?:无法|無法|不能|不可以)
(?:抱歉|[对對]不起|很遗憾|很遺憾)[，,。！!\s]{0,2}(?:但是?|不过)?我[们們]?(?:没法|没有办法|沒有辦法)
我(?:无法|無法|不能)(?:[为為向给給][您你])?(?:提供|协助|協助|帮助|幫助|满足|滿足|参与|參與)
我(?:无法|無法|不能)(?:[为為向给給][您你])?(?:讨论|討論|生成|撰写|撰寫|回答[这這该該您你])
作[为為]一?[个個名]?(?:AI|人工智[能慧]|[语語]言模型|大模型)[^。\n]{0,20}?(?:[无無]法|不能)
""",
    ),
    _Language(  # Japanese
        ("できません", "かねます", "できない", "できかねない"),
        r"""
(?:申し訳|すみません|恐れ入ります|ごめんなさい)[^\n]{0,60}?(?:できません|できない|かねます)
(?:お手伝い|お答え|ご?協力|ご?提供|ご?対応|お応え)(?:することは|は|を)?(?:できません|できかね)
""",
    ),
    _Language(  # Korean
        ("없", "어렵", "못합니다"),
        r"""
(?:죄송|미안하지만|유감스럽게도)[^\n]{0,60}?(?:수(?:가|는)? 없|어렵습니다|못합니다)
(?:도와드릴|도움을 드릴|제공할|제공해 드릴|답변할|답변해 ?드릴) 수(?:가|는)? 없
""",
    ),
    _Language(  # Spanish, Italian, Portuguese, French
        ("no puedo", "no me es", "non posso", "não posso", "je ne"),
        r"""
\b(?:lo siento|lo lamento|disculpa|perdona|me temo que)[,.]?\s(?:pero )?no (?:puedo|me es posible)
\bno puedo (?:ayudar|asistir|proporcionar|cumplir|responder a es|hacer eso|participar)
\b(?:mi dispiace|spiacente|mi scuso|purtroppo)[,.]?\s(?:ma )?non posso
\bnon posso (?:aiutar|assister|fornir|soddisfare|rispondere a quest)
\b(?:desculpe|sinto muito|lamento|infelizmente)[,.]?\s(?:mas )?(?:eu )?não posso
\bnão posso (?:ajudar|auxiliar|fornecer|atender|responder a ess|participar)
\b(?:désolée?|je regrette|malheureusement)[,.]?\s(?:mais )?je ne (?:peux|suis|pourrai) pas
\bje ne (?:peux|suis) pas (?:en mesure )?(?:de |d')?(?:vous |t')?(?:aider|fournir|assister)
""",
    ),
    _Language(  # German, Dutch
        ("nicht", "niet"),
        r"""
\b(?:tut mir leid|entschuldigung|leider)[,.]?\s(?:aber )?(?:kann ich|ich kann)[^.\n]{0,40}?\bnicht
\bich kann (?:dir|ihnen|euch|dabei|damit)\b[^.\n]{0,30}?nicht (?:weiter)?(?:helfen|behilflich)
\b(?:het spijt me|sorry|helaas)[,.]?\s(?:maar )?(?:ik kan|kan ik)[^.\n]{0,40}?\bniet\b
""",
    ),
    _Language(  # Russian
        ("я не ",),
        r"""
(?:извините|простите|к сожалению|прошу прощения)[,.]?\s(?:но )?я не (?:могу|буду|в с)
\bя не могу (?:вам |тебе |с этим )?(?:помочь|предоставить|выполнить (?:эт|ваш)|ответить на эт)
""",
    ),
    _Language(  # Polish, Turkish, Indonesian, Vietnamese
        ("nie mog", "amam", "emem", "saya tidak", "tôi không"),
        r"""
\b(?:przepraszam|przykro mi|niestety)[,.]?\s(?:ale )?nie mogę
(?:üzgünüm|maalesef|kusura bakmayın)[,.]?\s[^.\n]{0,60}?(?:amam|emem)\b
\b(?:maaf|mohon maaf)[,.]?\s(?:tetapi |tapi |namun )?saya tidak (?:bisa|dapat)
xin lỗi,?\s(?:nhưng )?tôi không thể
\btôi không thể (?:giúp|hỗ trợ|cung cấp)
""",
    ),
    _Language(  # Arabic, Hindi, Thai
        ("لا أستطيع", "لا يمكنني", "لن أتمكن", "नहीं", "असमर्थ", "ไม่"),
        r"""
(?:آسف|عذر|أعتذر|المعذرة)[^.\n]{0,30}?(?:لا أستطيع|لا يمكنني|لن أتمكن)
(?:لا أستطيع|لا يمكنني) (?:مساعدت|تقديم|تلبية)
(?:क्षमा|माफ|माफ़|खेद)[^\n]{0,60}?(?:नहीं कर सकत|नहीं दे सकत|असमर्थ)
(?:ขออภัย|ขอโทษ|เสียใจ)[^\n]{0,40}?(?:ไม่สามารถ|ไม่อาจ)
""",
    ),
)
