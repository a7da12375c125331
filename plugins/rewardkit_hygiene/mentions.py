"""The filters `urls`, `personal_data` and `flagged_words`: what a text should not mention."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import rewardkit as rk
from rewardkit.option_types import Checked, NonNegativeFloat
from rewardkit_hygiene.passages import Part, passages, without_code
from rewardkit_hygiene.quoting import counted, quoted

if TYPE_CHECKING:
    import regex

__all__ = ["flagged_words", "personal_data", "urls"]

# What ends a URL; Chinese and Japanese punctuation stands in none.
_URL_TAIL = r"[^\s<>\"'`\\{}|^\[\]。，、；）」』】》”’]++"
_URL = re.compile(rf"(?:https?|ftp)://{_URL_TAIL}|\bwww\.[\w-]++\.{_URL_TAIL}", re.IGNORECASE)


@rk.filter
def urls(
    completion: rk.Completion, *, max_count: NonNegativeFloat = 0, part: Part = "both"
) -> rk.Rejection | None:
    """Rejects text with more than `max_count` URLs outside of code; the value is how many.

    A URL begins with http://, https://, ftp:// or www., in capitals or not.
    """
    found = [
        match
        for _, text in passages(completion, part)
        if "://" in text or "www." in text or "WWW." in text
        for match in _URL.findall(without_code(text))
    ]
    return _too_many(found, max_count, "URL", "URLs")


def _too_many(found: list[str], most: float, one: str, many: str) -> rk.Rejection | None:
    if len(found) <= most:
        return None
    reason = counted(len(found), one, many, quoted(found[0]), most)
    return rk.Rejection(reason, float(len(found)))


Kind = Literal["email", "phone", "card", "ip"]

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
# Country codes of the phone, but for North America's.
_COUNTRY = (
    r"(?:7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    r"|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[058]|9[679])\d)"
)
# What has a character of its own begins with it: `re` skips to it at once. What may not stand
# before is therefore looked for behind it.
_PERSONAL = {
    # Chinese goes on without a blank, so that Latin ends where it begins. What is called, or goes
    # on behind a dot, is an attribute of Python: "x@self.w.T".
    "email": [
        re.compile(
            r"(?<![A-Za-z0-9_.+-])[A-Za-z0-9_.+-]{1,64}+@(?:[\w-]{1,63}\.){1,8}"
            r"(?:[A-Za-z]{2,24}+|[^\W\d_A-Za-z]{2,24}+(?!\w))(?![A-Za-z0-9_@(-]|\.[A-Za-z0-9_-])"
        )
    ],
    # A number is one by its form: a country's code before groups, an area code in brackets, or
    # groups as in North America. "+2147483648" and "13912345678" are after a word that says so.
    "phone": [
        re.compile(r"\+(?<![\w+.]\+)1[ .-]?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\w|\.\d)"),
        re.compile(
            rf"\+(?<![\w+.]\+){_COUNTRY}[ .-]\(?(?=(?:[ .()-]{{0,2}}\d){{7}})\d{{1,5}}\)?"
            r"(?:[ .-]\d{2,8}){1,5}+(?!\w|\.\d)"
        ),
        re.compile(r"\((?<!\w\()\d{3}\) ?\d{3}[ .-]\d{4}(?![\w-]|\.\d)"),
        re.compile(r"[2-9](?<![\w+.-][2-9])\d{2}-\d{3}-\d{4}(?![\w-]|\.\d)"),
        re.compile(r"\+(?<![\w+.]\+)[1-9]\d{7,14}(?!\w|\.\d)"),
        re.compile(r"1(?<![\d+.-]1)[3-9]\d{9}(?![\d-]|\.\d)"),
    ],
    # By the first digits of those that are given out: Visa, Mastercard, Discover and others, and
    # American Express, which has fifteen digits.
    "card": [
        re.compile(r"[2-6](?<![\w.+-][2-6])\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}(?![\w-]|\.\d)"),
        re.compile(r"3(?<![\w.+-]3)[47]\d{2}([ -]?)\d{6}\1\d{5}(?![\w-]|\.\d)"),
    ],
    "ip": [re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\w|\.\d)")],
}
# What is made for examples, or is nobody's: RFC 2606, RFC 5737, 555 numbers, private networks.
_FICTITIOUS = re.compile(
    r"@(?:[\w.-]*\.)?(?:example\.(?:com|net|org|edu)|(?:test|email|(?:your|my)?(?:domain|company))\.com)$"
    r"|\.(?:example|test|invalid)$|^(?:git|no-?reply)@"
    r"|^(?:0|10|127|255|192\.168|172\.(?:1[6-9]|2\d|3[01])|192\.0\.2|198\.51\.100|203\.0\.113)\."
    r"|\b555[ .-]?\d{4}$|\b555[ .-]\d{3}[ .-]\d{4}$|123[ .-]?456[ .-]?7890$",
    re.IGNORECASE,
)


@rk.filter
def personal_data(
    completion: rk.Completion,
    *,
    kinds: list[Kind] = ["email", "phone", "card"],  # noqa: B006  never changed
    max_count: NonNegativeFloat = 0,
) -> rk.Rejection | None:
    """Rejects text with e-mail addresses, phone or card numbers; the value is how many.

    `kinds` may add "ip". Card numbers have a right check digit (Luhn's). Phone numbers have an
    international prefix or a North American form, or are Chinese mobile numbers after a word that
    says so. What is made for examples is let pass: name@example.com, 555-0100, 192.168.0.1.
    """
    found = [match for kind in kinds for match in _personal(completion, kind)]
    return _too_many(found, max_count, "piece of personal data", "pieces of personal data")


def _personal(text: str, kind: Kind) -> Iterator[str]:
    if kind == "email" and "@" not in text:
        return
    end = 0
    found = itertools.chain.from_iterable(p.finditer(text) for p in _PERSONAL[kind])
    for match in sorted(found, key=lambda match: match.span()):
        # A form may be a part of another: "(212) 664-7665" in "+1 (212) 664-7665".
        if match.start() >= end and not _FICTITIOUS.search(match[0]) and _is_meant(match, kind):
            end = match.end()
            yield match[0]


_PHONE_WORD = re.compile(
    r"(?:phone|tel|call|text|mobile|cell|whatsapp|fax|number|telefono?|téléphone|handy|电话|手机"
    r"|電話|手機|携帯|전화|тел\w*|هاتف|फ़?ोन|โทร)[^\n\d]{0,15}$",
    re.IGNORECASE,
)
_CHINESE_PHONE_WORD = re.compile(
    r"(?:phone|tel|mobile|whatsapp|wechat|电话|手机|電話|手機|微信)[^\n\d]{0,15}$", re.IGNORECASE
)


def _is_meant(match: re.Match[str], kind: Kind) -> bool:
    """Whether digits are what they look like: a card by its check digit, a phone by its words."""
    if kind == "card":
        return _has_check_digit(match[0])
    if kind == "phone" and match[0][1:].isdecimal():
        word = _PHONE_WORD if match[0][0] == "+" else _CHINESE_PHONE_WORD
        return word.search(match.string[max(match.start() - 30, 0) : match.start()]) is not None
    return True


def _has_check_digit(card: str) -> bool:
    """Luhn's check, ISO/IEC 7812-1; sixteen times the same digit is no card."""
    digits = [int(c) for c in card if c.isdecimal()]
    doubled = sum(d * 2 - 9 * (d > 4) for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + doubled) % 10 == 0 and len(set(digits)) > 1


def _some_words(words: list[str]) -> None:
    if not words or not all(word.strip() for word in words):
        raise ValueError("words to look for, none of them empty, are wanted")


@rk.filter
def flagged_words(
    completion: rk.Completion,
    *,
    words: Annotated[list[str], Checked(_some_words)],
    max_count: NonNegativeFloat = 0,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects text with more than `max_count` of the given words; the value is how many.

    `words` may be phrases, wherever their lines break. Case is no matter. They are found as whole
    words; of scripts that do not part words by blanks, wherever they stand.
    """
    pattern = _flagged(tuple(words))
    found = [
        match[0]
        for _, text in passages(completion, part)
        for text in (_plain(text),)
        for match in pattern.finditer(text, overlapped=True)
        if not _goes_before(text, match.start())
    ]
    return _too_many(found, max_count, "flagged word", "flagged words")


def _plain(text: str) -> str:
    """`text` as words are looked for in it: one blank between words, and one spelling of each."""
    if not text.isascii():
        text = _UNSEEN.sub("", text).replace("’", "'")
        text = _ACCENTED.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    return " ".join(text.split())


_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]+")
# Marks are put in order in quadratic time: of very many on a letter none is composed.
_ACCENTED = re.compile(r"\w[\u0300-\u036f]{1,8}+(?![\u0300-\u036f])")

# What words of scripts that part them by blanks consist of.
_PART = (
    r"[\w\p{M}--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}"
    r"\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]"
)


@functools.lru_cache(maxsize=16)
def _flagged(words: tuple[str, ...]) -> regex.Pattern[str]:
    """Finds the words where none goes on; what goes before is looked at where one is found.

    In the pattern it would be looked at everywhere, at a thirtieth of the speed.
    """
    import regex

    return regex.compile(
        rf"\L<words>(?!(?<={_PART}){_PART})",
        regex.V1 | regex.IGNORECASE,
        words=[_plain(word) for word in words],
    )


def _goes_before(text: str, start: int) -> bool:
    """Whether the word that is found at `start` begins further left."""
    return _inside().match(text, start - 1) is not None if start else False


@functools.lru_cache(maxsize=1)
def _inside() -> regex.Pattern[str]:
    import regex

    return regex.compile(_PART * 2, regex.V1)
