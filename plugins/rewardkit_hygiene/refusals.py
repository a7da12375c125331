"""The filter `refusal`: responses that decline to answer."""

from __future__ import annotations

import re

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
    found = _REFUSAL.search(response)
    if found is None:
        return None
    return rk.Rejection(
        f"the response declines at character {found.start()}: {quoted(response[found.start() :])}",
        float(found.start()),
    )


# One pattern a line. "I cannot find x" and "I can't simplify" are none, for whoever thinks aloud
# says so. What stands between two parts is bounded: the search is linear.
_PATTERNS = r"""
# English: an apology with an inability, or a service to whoever asks that is declined
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I (?:can ?not|can't|won't|am not|'m not)
\bI(?:'m| am) (?:\w+ )?(?:sorry|afraid),?(?: but)?(?: that)? I(?:'m| am) (?:unable|not)
\bI(?:'m| am) (?:\w+ )?sorry,? but (?:that|this)(?: is|'s) (?:not )?(?:something|against)
\bsorry,? (?:but )?I (?:can't|cannot|won't) (?:assist|help|do|provide|answer)
\bmy apologies,? but I (?:can't|cannot|won't|am|'m)
\bI apologi[sz]e,? but I (?:can ?not|can't|won't|am|'m)
\bI(?: can ?not| can't| won't| will not|(?:'m| am) (?:not able|unable) to) (?:\w+ ){0,2}SERVICE
\bI(?:'m| am) not (?:comfortable|able to assist|able to help|going to (?:help|assist|provide))
\bI (?:must|have to|need to)?(?: respectfully)? ?decline (?:to|this|that|your)
\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b[^.\n]{0,40}? I(?: can ?not| can't)
\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b[^.\n]{0,40}? I(?:'m| am) (?:not|un)
\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b[^.\n]{0,40}? I (?:don't|do not|must)
\b(?:is|goes|that's|would be) against my (?:guidelines|programming|polic|principles|ethical)
# Chinese, simplified and traditional
(?:抱歉|对不起|對不起|很遗憾|很遺憾)[，,。！!\s]{0,2}(?:但是?|不过)?我(?:们|們)?(?:无法|無法|不能|不可以|没法|没有办法|沒有辦法)
我(?:无法|無法|不能)(?:[为為向给給][您你])?(?:提供|协助|協助|帮助|幫助|满足|滿足|参与|參與)
我(?:无法|無法|不能)(?:[为為向给給][您你])?(?:讨论|討論|生成|撰写|撰寫|回答[这這该該您你])
作为一?[个個名]?(?:AI|人工智能|语言模型|大模型)[^。\n]{0,20}?(?:无法|不能)
作為一?[個名]?(?:AI|人工智慧|語言模型)[^。\n]{0,20}?(?:無法|不能)
# Japanese
(?:申し訳|すみません|恐れ入ります|ごめんなさい)[^。\n]{0,40}?[。、]?[^。\n]{0,40}?(?:できません|でき(?:かね)?ない|かねます)
(?:お手伝い|お答え|ご?協力|ご?提供|ご?対応|お応え)(?:することは|は|を)?(?:できません|できかねます|いたしかねます|致しかねます)
# Korean
(?:죄송|미안하지만|유감스럽게도)[^.\n]{0,40}?[.]?[^.\n]{0,40}?(?:수(?:가|는)? 없|어렵습니다|못합니다)
(?:도와드릴|도움을 드릴|제공할|제공해 드릴|답변할|답변해 ?드릴) 수(?:가|는)? 없
# Spanish, Portuguese, French, Italian
\b(?:lo siento|lo lamento|disculpa|perdona|me temo que)[,.]?\s(?:pero )?no (?:puedo|me es posible)
\bno puedo (?:ayudar|asistir|proporcionar|cumplir|responder a es|hacer eso|participar)
\b(?:desculpe|sinto muito|lamento|infelizmente)[,.]?\s(?:mas )?(?:eu )?não posso
\bnão posso (?:ajudar|auxiliar|fornecer|atender|responder a ess|participar)
\b(?:désolée?|je regrette|je m'excuse|malheureusement)[,.]?\s(?:mais )?je ne (?:peux|suis|pourrai) pas
\bje ne (?:peux|suis) pas (?:en mesure )?(?:de |d')?(?:vous |t')?(?:aider|fournir|assister|participer)
\b(?:mi dispiace|spiacente|mi scuso|purtroppo)[,.]?\s(?:ma )?non posso
\bnon posso (?:aiutar|assister|fornir|soddisfare|rispondere a quest)
# German, Dutch
\b(?:tut mir leid|entschuldigung|leider)[,.]?\s(?:aber )?(?:kann ich|ich kann|darf ich)[^.\n]{0,40}?\bnicht
\bich kann (?:dir|ihnen|euch|dabei|damit|hierbei)\b[^.\n]{0,30}?nicht (?:weiter)?(?:helfen|behilflich)
\b(?:het spijt me|sorry|helaas)[,.]?\s(?:maar )?(?:ik kan|kan ik)[^.\n]{0,40}?\bniet\b
# Russian, Polish
(?:извините|простите|к сожалению|прошу прощения)[,.]?\s(?:но )?я не (?:могу|буду|в состоянии|в силах)
\bя не могу (?:вам |тебе |с этим )?(?:помочь|предоставить|выполнить (?:эт|ваш)|ответить на эт)
\b(?:przepraszam|przykro mi|niestety)[,.]?\s(?:ale )?nie mogę
# Turkish, Indonesian, Vietnamese
(?:üzgünüm|maalesef|kusura bakmayın)[,.]?\s[^.\n]{0,60}?(?:olamam|edemem|veremem|yapamam|sağlayamam)
\b(?:maaf|mohon maaf)[,.]?\s(?:tetapi |tapi |namun )?saya tidak (?:bisa|dapat)
xin lỗi,?\s(?:nhưng )?tôi không thể
\btôi không thể (?:giúp|hỗ trợ|cung cấp)
# Arabic, Hindi, Thai
(?:آسف|عذر|أعتذر|المعذرة)[^.\n]{0,30}?(?:لا أستطيع|لا يمكنني|لن أتمكن)
(?:لا أستطيع|لا يمكنني) (?:مساعدت|تقديم|تلبية)
(?:क्षमा|माफ|माफ़|खेद)[^\n]{0,60}?(?:नहीं कर सकत|नहीं दे सकत|असमर्थ)
(?:ขออภัย|ขอโทษ|เสียใจ)[^\n]{0,40}?(?:ไม่สามารถ|ไม่อาจ)
"""
_SERVICE = (
    "(?:assist|help|comply|fulfil|provide|support|participate|engage|discuss|share|create|generate"
    "|write|produce|answer (?:that|this|your)|do that|continue with th|in good conscience)"
)
_REFUSAL = re.compile(
    "|".join(
        line.replace("SERVICE", _SERVICE)
        for line in _PATTERNS.splitlines()
        if line and not line.startswith("#")
    ),
    re.IGNORECASE,
)
