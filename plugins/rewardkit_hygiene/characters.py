"""The filters `special_characters` and `garbled`: characters that are no text."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

import rewardkit as rk
from rewardkit.option_types import NonNegativeFloat, PositiveInt, Share
from rewardkit_hygiene.passages import Part, passages, without_code
from rewardkit_hygiene.quoting import counted

if TYPE_CHECKING:
    import regex

__all__ = ["garbled", "special_characters"]


@rk.filter
def special_characters(
    completion: rk.Completion,
    *,
    max_share: Share = 0.5,
    min_chars: PositiveInt = 100,
    part: Part = "both",
) -> rk.Rejection | None:
    """Rejects text of which more than `max_share` is neither letter, mark, number nor white space.

    The value is that share of the characters. Blocks of code are left out, and text of fewer than
    `min_chars` characters, which may be all formula. The limit is for text with formulas;
    Data-Juicer's special_characters filter, for web pages, has 0.25, and counts numbers and white
    space too.
    """
    for name, text in passages(completion, part):
        text = without_code(text)
        special = _count_special(text)
        if len(text) >= min_chars and special > max_share * len(text):
            share = special / len(text)
            return rk.Rejection(
                f"{share:.1%} of the characters in the {name} are neither letters, numbers nor "
                f"blanks, more than {max_share:.1%}",
                share,
            )
    return None


_ORDINARY_ASCII = bytes(c for c in range(128) if chr(c).isalnum() or chr(c).isspace())


def _count_special(text: str) -> int:
    rest = _without(text, _ORDINARY_ASCII)
    return len(rest) if rest.isascii() else len(rest) - sum(map(len, _ordinary().findall(rest)))


def _without(text: str, ascii_characters: bytes) -> str:
    """`text` without these characters: most of a text, at twenty times the speed of a pattern."""
    kept = text.encode("utf-8", "surrogatepass").translate(None, ascii_characters)
    return kept.decode("utf-8", "surrogatepass")


@functools.lru_cache(maxsize=1)
def _ordinary() -> regex.Pattern[str]:
    import regex

    # Joiners are part of Persian and Indic words.
    return regex.compile(r"[\p{L}\p{M}\p{N}\s\u200c\u200d]++")


@rk.filter
def garbled(completion: rk.Completion, *, max_count: NonNegativeFloat = 0) -> rk.Rejection | None:
    """Rejects text with characters that no text has; the value is how many.

    They are U+FFFD, which stands for bytes that could not be decoded, lone surrogates, control
    characters, noncharacters and those of private use; and UTF-8 that was decoded as Latin-1 or
    Windows-1252 ("â€™" for an apostrophe, "Ð¿Ñ€Ð¸" for a Russian syllable, which counts as one).
    `max_count` are let pass.
    """
    rest = _without(completion, _ASCII_TEXT)
    found = _GARBLED.findall(rest) if _SUSPECT.search(rest) else []
    if _MISREAD.search(rest):
        found += _MOJIBAKE.findall(completion)
    if len(found) <= max_count:
        return None
    name = found[0] if len(found[0]) > 1 else _named(found[0])
    reason = counted(len(found), "garbled character", "garbled characters", name, max_count)
    return rk.Rejection(reason, float(len(found)))


_CONTROL_RANGE = r"\x00-\x08\x0e-\x1f\x7f"
# Ranges that hold them all, few enough that a text is gone through at seven times the speed.
_SUSPECT = re.compile(
    rf"[{_CONTROL_RANGE}\x80-\x84\x86-\x9f\ud800-\uf8ff\ufdd0-\uffff\U0001fffe-\U0010ffff]"
)
_ASCII_TEXT = bytes(c for c in range(128) if not _SUSPECT.match(chr(c)))
_NONCHARACTERS = "".join(
    chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
# What UTF-8's bytes after the first are in Latin-1 and Windows-1252, and among them those that no
# text has right behind a letter: opening quotes and dots, say, but not closing ones or dashes.
_LATER = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_ODD = "\xa0-\xaa\xac-\xb1\xb4-\xb6\xb8\xba\xbc-\xbf€‚ƒ„†‡ˆ‰Š‹ŒŽ“•˜šœžŸ"
# A letter in which UTF-8 may begin, where many texts have none before such a character.
_MISREAD = re.compile(f"[Â-ô][{_LATER}]")
_MOJIBAKE = re.compile(
    # Western letters and signs, é and ß and £. "Ã" before a letter is Portuguese, "NÃO".
    f"Ã[{_ODD}²³¹·]|(?<![A-ZÀ-ÞÃ])Ã»|Ã–(?=[^\\W\\d_])|Â[{_ODD}]|(?<![A-ZÀ-Þ])Â[«»]"
    # An operator's square is "Â²", and a square meter was "mÂ²".
    "|(?<=[0-9A-Za-z])Â[²³¹·]"
    # Central European and Turkish letters, but not a square of Ångström.
    "|[ÄÅ][¡-ª¬\xad¯´-¶¸º¼-¿‚ƒ„†‡ˆ‰€ŠœžŸ“˜š]|Ä[°±]"
    # Quotes, dashes, signs and emoji.
    f"|â[€‚„†ˆ‰”–—˜œš][{_LATER}]|ï(?:[¼½¿][{_LATER}]|»¿)|ðŸ[{_LATER}]{{0,2}}"
    # Words of other scripts: two letters or more.
    f"|(?:[ÐÑ][{_LATER}]){{2,}}|(?:[Ø-Û][{_LATER}]){{2,}}|(?:[ÎÏ][{_LATER}]){{2,}}"
    f"|(?:×[\x90-\xaa]){{3,}}|(?:[à-ï][{_LATER}]{{2}}){{2,}}"
)
_GARBLED = re.compile(
    rf"[{_CONTROL_RANGE}\x80-\x84\x86-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffd"
    rf"\U000f0000-\U000ffffd\U00100000-\U0010fffd{_NONCHARACTERS}]"
)


def _named(character: str) -> str:
    name = unicodedata.name(character, "").lower()
    return f"U+{ord(character):04X}{f' ({name})' if name else ''}"
