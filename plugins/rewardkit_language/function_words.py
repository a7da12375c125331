"""The commonest words of languages that letters and endings hardly tell apart.

Hindi, Marathi and Nepali share their letters and their learned vocabulary, and a model
of runs of letters takes one for another; a reader tells them by words such as these.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["function_words"]

_NATS = 3.0  # that one of these says for its language, beside the model
_WORDS = {
    "hi": (
        "है हैं था थी थे हूँ हूं हो का की के को में से ने पर और यह वह ये वे नहीं भी तो ही कि जो कर करें करने "
        "करता करती करते किया गया गई गए जाता जाती जाते जाए रहा रही रहे सकता सकती सकते लिए साथ अपने अपना "
        "कोई कुछ इस उस इसे उसे इसके उसके क्या अगर यदि लेकिन हम मैं हमें होता होती होते तक एवं या जब तब अब "
        "फिर चाहिए"
    ),
    "mr": (
        "आहे आहेत होते होता होती नाही नाहीत आणि व हा ही हे तो ती ते त्या त्याचा त्याची त्याचे त्यांना मध्ये "
        "साठी वर पासून करा करणे करून केले केली केला करण्यासाठी करता येते येतो येईल पाहिजे असे असा अशी असेल "
        "असलेल्या असते मी आम्ही आपण तुम्ही मला काही जर तर पण म्हणून म्हणजे झाले झाली झाला जात जाते "
        "कोणत्याही किंवा हवे नको आता या एकदा पुन्हा फक्त"
    ),
    "ne": (
        "छ छन् छैन छैनन् हो होइन थियो थिए गर्न गर्नु गर्नुहोस् गर्ने गरेको गरिएको गर्दा गरे भएको भएमा भने भनी "
        "हुन्छ हुने हुन र मा ले लाई बाट सँग यो त्यो यस त्यस यी ती तपाईं तपाईँ तपाईंको तपाईंले हामी म मेरो "
        "हाम्रो पनि तर वा को का की अनि कुनै सकिन्छ सकेन सकिएन भयो लागि द्वारा देखि सम्म अब कि के"
    ),
}
_OF_LANGUAGE = {code: frozenset(words.split()) for code, words in _WORDS.items()}


def function_words(words: Sequence[str], codes: Sequence[str]) -> NDArray[np.float64] | float:
    """(words, languages), what the words say in nats by being among the commonest; 0 for none."""
    columns = {i: _OF_LANGUAGE[code] for i, code in enumerate(codes) if code in _OF_LANGUAGE}
    if not columns:
        return 0.0
    known = np.zeros((len(words), len(codes)))
    for column, commonest in columns.items():
        known[:, column] = [word in commonest for word in words]
    return _NATS * known
