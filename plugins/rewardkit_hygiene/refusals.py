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
    is no refusal: it takes an apology, or the service that is declined. Nor is one that is quoted.
    """
    response = completion.response[:_BEGINNING].replace("’", "'")
    lowered = response.lower()
    for language in _LANGUAGES:
        if not any(hint in lowered for hint in language.hints):
            continue
        for found in _compiled(language.patterns).finditer(response):
            start = found.start()
            if not _is_quoted(response, start):
                return rk.Rejection(
                    f"the response declines at character {start}: {quoted(response[start:])}",
                    float(start),
                )
    return None


def _is_quoted(response: str, start: int) -> bool:
    """Whether a quotation begins at `start`, which is not all of the response."""
    opening = response[start - 1 : start]
    if not opening or opening not in "\"'“„«「『‘":
        return False
    return start > 1 or response[-1] not in "\"'”“»」』’"


class _Language(NamedTuple):
    """How one declines in a language: patterns, and words of which a refusal has one at least."""

    hints: tuple[str, ...]
    patterns: str


@functools.cache
def _compiled(patterns: str) -> re.Pattern[str]:
    pattern = "|".join(patterns.strip().splitlines())
    for name, meant in _NAMED.items():
        pattern = pattern.replace(name, meant)
    # Words are parted by any white space, as much of it as there is.
    return re.compile(_BLANK.sub(lambda m: r"\s*" if m[1] else r"\s+", pattern), re.IGNORECASE)


_BLANK = re.compile(r" (\?)?")
# What is declined: by itself, or what is asked for and no object of the matter ("a bijection").
_NAMED = {
    "SERVICE": (
        r"(?:assist|help(?! (?:but|it|myself|\w+ing)\b)|comply|fulfil|participate|engage"
        r"|answer (?:that|this|your)|discuss (?:that|this|these|those|such|any|your|the topic)"
        r"|do (?:that|this|so)\b(?! (?!for|as|because|due|since|here)\w)|continue with th"
        r"|in good conscience|MAKE(?: you)?(?: with)? (?:THING|ASKED))"
    ),
    "MAKE": (
        "(?:provide|support|share|create|generate|write|produce|give|offer|tell|explain|describe"
        "|recommend|promote|facilitate|reveal|disclose|encourage)"
    ),
    "THING": (
        r"(?:any )?(?:information|instructions?|content|material|advice|guidance|details|support"
        r"|assistance|help|malware|malicious|medical|legal|financial|personal|private|confidential"
        r"|explicit|sexual|harmful|hateful|illegal|dangerous|unethical|violent|step-by-step"
        r"|specific|copyrighted|code (?:for|that|to))\b"
    ),
    "ASKED": (
        r"(?:that|this|these|those|such|your)\b(?=\W*$|[.,;!]| (?:an? )?(?:request|information"
        r"|content|kind|type|sort|material|topic|instructions|advice|details))"
    ),
    "MACHINE": "(?:AI|artificial intelligence|(?:large )?language model)",
    "CANNOT": "(?:can ?not|can't|won't|will not)",
    "RULES": "(?:guidelines|programming|polic|principles|ethical)",
    "KANN": "(?:kann ich|ich kann)",
    "HELFEN": "(?:helfen|behilflich|beantwort|erfüllen|bereitstell|unterstütz)",
    "抱歉": "(?:抱歉|[对對]不起|很[遗遺]憾|不好意思)",
    "暂": "(?:也|还|還|并|並|暂时|暫時|目前|实在|實在)?",
    "无法": "(?:无法|無法|不能|不可以|没法|没有办法|沒有辦法|不便|[没沒]有[学學][会會])",
    "问题": "(?:问题|問題|请求|請求|要求|内容|內容)",
}
# One pattern a line. "I cannot find x" and "I can't simplify" are none, for whoever thinks aloud
# says so. What stands between two parts is bounded: the search is linear.
_LANGUAGES = (
    _Language(  # English
        (
            *("sorry", "afraid", "apolog", "can't", "cannot", "can not", "won't", "will not"),
            *("unable", "not able", "comfortable", "not going", "decline", "against my"),
            *("against our", "as an a", "as a l", "i'm an a", "i am an a", "just an a", "refuse"),
            *("rather not", "prefer not", "not something", "beyond my", "violates", "something i"),
        ),
        r"""
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I (?:CANNOT|am not)
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I(?:'m| am) (?:unable|not)
\bI(?:'m| am) (?:\w+ )?sorry,? but (?:that|this)(?: is|'s) (?:not )?(?:something|against)
\bsorry,? (?:but )?I CANNOT (?:assist|help|do|provide|answer)
\b(?:my apologies|I apologi[sz]e),? but I (?:CANNOT|am|'m)
\b(?:my apologies|I apologi[sz]e),? but I'm
\bI(?: CANNOT(?: and (?:won't|will not))?| (?:won't|will not) be able to) (?:\w+ ){0,2}SERVICE
\bI(?:'m| am) (?:\w+ )?(?:not able|unable) to (?:\w+ ){0,2}SERVICE
\bI(?:'m| am) not comfortable\b
\bI (?:don't|do not|wouldn't|would not) feel comfortable\b
\bI(?:'m| am) not going to SERVICE
\bI(?:'d| would) (?:rather|prefer) not (?:to )?(?:SERVICE|answer|say|discuss|comment)
\bI refuse to (?:SERVICE|answer|say|take part)
\bI(?:'ll| will|'m going to| am going to)?(?: must| have to| need to)?(?: \w+ly)? decline[.!,;]
\bI(?:'ll| will|'m going to| am going to)?(?: must| have to| need to)?(?: \w+ly)? decline to\b
\bI(?: must| have to| need to| will)(?: \w+ly)? decline (?:this|that|your|the request)\b
\bnot something (?:that )?I(?:'m| am)? (?:can|could|able to|willing to) (?:do|SERVICE)
\bsomething (?:that )?I (?:CANNOT|am unable to|am not able to) (?:do|SERVICE)
\bas an? (?:\w+ ){0,2}MACHINE\b[^.\n]{0,40}? I (?:CANNOT|am (?:not|un)|don't|do not|must|have no)
\bas an? (?:\w+ ){0,2}MACHINE\b[^.\n]{0,40}? I'm (?:not|un)
\bI(?:'m| am) (?:just |only )?an? (?:\w+ )?MACHINE\b[^.\n]{0,40}? (?:CANNOT|don't|do not|unable)
\b(?:is|goes|that's|would be) against (?:my|our) RULES
\bviolates? (?:my|our|openai's) (?:\w+ )?RULES
\bbeyond my (?:current )?scope\b
""",
    ),
    _Language(  # Chinese, simplified and traditional
        (
            "无法",
            "無法",
            "不能",
            "不可以",
            "没法",
            "没有办法",
            "沒有辦法",
            "没有学会",
            "沒有學會",
            "不便",
        ),
        r"""
抱歉[^。！!？?\n]{0,20}?我[们們]?暂无法
抱歉[^。！!？?\n]{0,20}?问题[，,]?我?无法
问题[，,]?我暂无法(?:回答|提供|协助|協助|[满滿]足|[处處]理)
我暂无法(?:[为為向給给][您你])?(?:提供|协助|協助|帮助|幫助|[满滿]足|[参參][与與])
我暂无法(?:[给給]到|[讨討][论論]|生成|撰[写寫]|回答[这這该該您你])
作[为為]一?[个個名]?(?:AI|人工智[能慧]|[语語]言模型|大模型)[^。\n]{0,20}?无法
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
        ("no puedo", "no poder", "no me es", "non posso", "não posso", "je ne"),
        r"""
\b(?:lo siento|lo lamento|disculpa|perdona|me temo que)[,.]?\s(?:pero )?no (?:puedo|me es posible)
\b(?:lamento|siento)(?: mucho)? no poder (?:ayudar|asistir|proporcionar|responder|cumplir)
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
\b(?:tut mir leid|entschuldigung)[,.]?\s(?:aber )?(?:\w+ )?KANN[^.\n]{0,40}?\bnicht
\bleider (?:\w+ )?KANN[^.\n]{0,40}?\bnicht (?:\w+ )?HELFEN
\bich kann (?:dir|ihnen|euch|dabei|damit)\b[^.\n]{0,30}?nicht (?:weiter)?(?:helfen|behilflich)
\b(?:het spijt me|sorry)[,.]?\s(?:maar )?(?:\w+ )?(?:ik kan|kan ik)[^.\n]{0,40}?\bniet\b
\bhelaas (?:kan ik|ik kan)[^.\n]{0,40}?\bniet (?:\w+ )?(?:help|beantwoord|verstrek|voldoen)
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
(?:لا أستطيع|لا يمكنني) (?:مساعدت|المساعدة|تقديم|تلبية)
(?:क्षमा|माफ|माफ़|खेद)[^\n]{0,60}?(?:नहीं कर सकत|नहीं दे सकत|असमर्थ)
(?:सहायता|मदद) (?:करने में )?(?:नहीं कर सक|असमर्थ)
ไม่สามารถ(?:ช่วย|ให้ข้อมูล|ตอบคำถาม|ทำตามคำขอ|ให้คำแนะนำ)
(?:ขออภัย|ขอโทษ|เสียใจ)[^\n]{0,40}?(?:ไม่สามารถ|ไม่อาจ)
""",
    ),
)
