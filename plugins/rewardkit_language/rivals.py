"""Which other languages a target's words are told from: those that share its script."""

from __future__ import annotations

from collections.abc import Container

from rewardkit_language.languages import Target

__all__ = ["NO_LANGUAGE", "rivals"]

NO_LANGUAGE = "zxx"
"""ISO 639's code of what is in no language: words that are likeliest in it are not counted."""


# Of many millions of readers each, and far enough from one another to be told apart by single
# words. With 10 Latin ones a language outside them was missed at .081, with 20 at .023.
_OF_SCRIPT = {
    "Latin": (
        "en de fr es it pt nl pl cs sk sl hr ro hu fi et lt lv sv da no is tr az vi id tl ca gl eu"
        " sq af cy ga sw"
    ),
    "Cyrillic": "ru uk be bg mk sr kk ky mn tg tt",
    "Arabic": "ar fa ur ps ug ku",
    "Devanagari": "hi mr ne",
    "Bengali": "bn as",
}
# What is written with the same words: against one of these, the others are no rivals.
_SIBLINGS = ({"bs", "hr", "sr"}, {"id", "ms"}, {"xh", "zu"})


def rivals(target: Target, known: Container[str]) -> tuple[str, ...]:
    """The codes of the languages, among those known, that the target's words could be in.

    Empty where its scripts are its own, or where it is not known itself: then scripts decide.
    """
    if target.code not in known:
        return ()
    listed = " ".join(_OF_SCRIPT.get(script, "") for script in target.scripts).split()
    akin = next((group for group in _SIBLINGS if target.code in group), {target.code})
    others = [code for code in dict.fromkeys(listed) if code in known and code not in akin]
    return (*others, NO_LANGUAGE) if others and NO_LANGUAGE in known else tuple(others)
