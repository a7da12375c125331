"""Languages by code and name, and the scripts that each is written in."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from rewardkit.errors import OptionError

__all__ = [
    "LANGUAGES",
    "SCRIPTS",
    "Target",
    "commonest_language",
    "find_language",
    "known_language",
]


class Target(NamedTuple):
    """A language that words should be in, as far as their script can tell.

    Attributes:
        name: Its English name, or that of its script where only that is known.
        scripts: The scripts that its words are in: names of Unicode's, and "Kana" for hiragana
            and katakana.
        code: Its code in `LANGUAGES`; "" where only a script is known.
    """

    name: str
    scripts: tuple[str, ...]
    code: str = ""


# ISO 639-1 (or "-"), ISO 639-3, scripts, English name.
_TABLE = """
af afr Latin Afrikaans
am amh Ethiopic Amharic
ar ara Arabic Arabic
as asm Bengali Assamese
az aze Latin,Cyrillic Azerbaijani
be bel Cyrillic Belarusian
bg bul Cyrillic Bulgarian
bn ben Bengali Bengali
bo bod Tibetan Tibetan
bs bos Latin,Cyrillic Bosnian
ca cat Latin Catalan
cs ces Latin Czech
cy cym Latin Welsh
da dan Latin Danish
de deu Latin German
dv div Thaana Dhivehi
el ell Greek Greek
en eng Latin English
eo epo Latin Esperanto
es spa Latin Spanish
et est Latin Estonian
eu eus Latin Basque
fa fas Arabic Persian
fi fin Latin Finnish
fr fra Latin French
ga gle Latin Irish
gl glg Latin Galician
gu guj Gujarati Gujarati
ha hau Latin Hausa
he heb Hebrew Hebrew
hi hin Devanagari Hindi
hr hrv Latin Croatian
ht hat Latin Haitian Creole
hu hun Latin Hungarian
hy hye Armenian Armenian
id ind Latin Indonesian
ig ibo Latin Igbo
is isl Latin Icelandic
it ita Latin Italian
ja jpn Han,Kana Japanese
jv jav Latin Javanese
ka kat Georgian Georgian
kk kaz Cyrillic Kazakh
km khm Khmer Khmer
kn kan Kannada Kannada
ko kor Hangul Korean
ku kur Latin,Arabic Kurdish
ky kir Cyrillic Kyrgyz
la lat Latin Latin
lo lao Lao Lao
lt lit Latin Lithuanian
lv lav Latin Latvian
mg mlg Latin Malagasy
mk mkd Cyrillic Macedonian
ml mal Malayalam Malayalam
mn mon Cyrillic,Mongolian Mongolian
mr mar Devanagari Marathi
ms msa Latin Malay
mt mlt Latin Maltese
my mya Myanmar Burmese
ne nep Devanagari Nepali
nl nld Latin Dutch
no nor Latin Norwegian
or ori Oriya Odia
pa pan Gurmukhi Punjabi
pl pol Latin Polish
ps pus Arabic Pashto
pt por Latin Portuguese
ro ron Latin Romanian
ru rus Cyrillic Russian
sa san Devanagari Sanskrit
si sin Sinhala Sinhala
sk slk Latin Slovak
sl slv Latin Slovenian
so som Latin Somali
sq sqi Latin Albanian
sr srp Cyrillic,Latin Serbian
sv swe Latin Swedish
sw swa Latin Swahili
ta tam Tamil Tamil
te tel Telugu Telugu
tg tgk Cyrillic Tajik
th tha Thai Thai
tl tgl Latin Tagalog
tr tur Latin Turkish
tt tat Cyrillic Tatar
ug uig Arabic Uyghur
uk ukr Cyrillic Ukrainian
ur urd Arabic Urdu
uz uzb Latin,Cyrillic Uzbek
vi vie Latin Vietnamese
xh xho Latin Xhosa
yi yid Hebrew Yiddish
yo yor Latin Yoruba
- yue Han Cantonese
zh zho Han Chinese
- cmn Han Mandarin
zu zul Latin Zulu
"""

# Other names that data sets use.
_ALIASES = {
    "nb": "no", "nn": "no", "nob": "no", "iw": "he", "in": "id", "jp": "ja", "cn": "zh",
    "kr": "ko", "chi": "zh", "ger": "de", "fre": "fr", "dut": "nl", "arb": "ar", "pes": "fa",
    "farsi": "fa", "simplified chinese": "zh", "traditional chinese": "zh", "oriya": "or",
    "myanmar": "my", "fil": "tl", "filipino": "tl",
}  # fmt: skip

# Subtags such as those of "zh-Hant" and "eng_Latn" (ISO 15924): the script, whatever the language.
_SUBTAGS = {
    "latn": "Latin", "cyrl": "Cyrillic", "arab": "Arabic", "deva": "Devanagari", "grek": "Greek",
    "hebr": "Hebrew", "thai": "Thai", "hans": "Han", "hant": "Han", "hani": "Han",
    "jpan": "Han,Kana", "kore": "Hangul", "hang": "Hangul", "beng": "Bengali", "taml": "Tamil",
    "telu": "Telugu", "knda": "Kannada", "mlym": "Malayalam", "gujr": "Gujarati",
    "guru": "Gurmukhi", "orya": "Oriya", "sinh": "Sinhala", "laoo": "Lao", "mymr": "Myanmar",
    "khmr": "Khmer", "tibt": "Tibetan", "geor": "Georgian", "armn": "Armenian",
    "ethi": "Ethiopic", "mong": "Mongolian", "thaa": "Thaana",
}  # fmt: skip


def _languages() -> dict[str, Target]:
    found: dict[str, Target] = {}
    for line in _TABLE.split("\n"):
        if line:
            short, long, scripts, name = line.split(" ", 3)
            code = long if short == "-" else short
            found[code] = Target(name, tuple(scripts.split(",")), code)
    return found


def _long_codes() -> dict[str, str]:
    lines = [line.split(" ", 3) for line in _TABLE.split("\n") if line]
    return {long: short for short, long, _, _ in lines if short != "-"}


LANGUAGES = _languages()
"""Every language by its shortest code."""

SCRIPTS = tuple(dict.fromkeys(s for target in LANGUAGES.values() for s in target.scripts))

_CODES = {
    **{target.name.lower(): code for code, target in LANGUAGES.items()},
    **_long_codes(),
    **_ALIASES,
}


# Of scripts that several languages are written in; of the others there is one that comes first.
_COMMONEST = {
    "Latin": "en", "Cyrillic": "ru", "Arabic": "ar", "Devanagari": "hi", "Bengali": "bn",
    "Han": "zh", "Kana": "ja", "Hebrew": "he",
}  # fmt: skip


def commonest_language(script: str) -> Target:
    """The language that most of what is written in this script is in."""
    code = _COMMONEST.get(script)
    if code is not None:
        return LANGUAGES[code]
    return next(target for target in LANGUAGES.values() if script in target.scripts)


def find_language(named: str) -> Target | None:
    """The language of this code ("en", "eng", "zh-CN", "sr-Latn") or English name, or None."""
    key = named.strip().lower().replace("_", "-")
    target = LANGUAGES.get(_CODES.get(key, key))
    if target is not None:
        return target
    first, *subtags = key.split("-")
    target = LANGUAGES.get(_CODES.get(first, first))
    script = next((_SUBTAGS[tag] for tag in subtags if tag in _SUBTAGS), None)
    if target is None or script is None:
        return target
    return target._replace(scripts=tuple(script.split(",")))


def known_language(named: str) -> Target:
    """The language of this code or name.

    Raises:
        OptionError: There is none; the message has the nearest name.
    """
    target = find_language(named)
    if target is not None:
        return target
    close = difflib.get_close_matches(named.strip().lower(), [*_CODES, *LANGUAGES], n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise OptionError(
        f"No language {named!r}.{hint} Give an ISO 639 code (en, zh, ja, ...) or an English "
        f"name; {len(LANGUAGES)} are known: {', '.join(sorted(LANGUAGES))}."
    )
