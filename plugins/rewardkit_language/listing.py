"""All target languages, with how the words of each are told from others."""

from __future__ import annotations

from typing import NamedTuple

from rewardkit_language.languages import LANGUAGES

__all__ = ["Listed", "languages"]


class Listed(NamedTuple):
    """A target language.

    Attributes:
        code: Its shortest ISO 639 code.
        name: Its English name.
        scripts: The scripts that its words are in.
        decided_by: "script" where those of its scripts are its own, else "words".
        rivals: The codes of the languages that its words are told from, where words decide.
    """

    code: str
    name: str
    scripts: tuple[str, ...]
    decided_by: str
    rivals: tuple[str, ...]


def languages(backend: str = "py3langid", model: str | None = None) -> tuple[Listed, ...]:
    """Every target language, as this backend decides it."""
    from rewardkit_language.backends import load_backend
    from rewardkit_language.rivals import NO_LANGUAGE, rivals

    known = load_backend(backend, model).languages
    listed = []
    for code, target in LANGUAGES.items():
        others = tuple(rival for rival in rivals(target, known) if rival != NO_LANGUAGE)
        decided_by = "words" if others else "script"
        listed.append(Listed(code, target.name, target.scripts, decided_by, others))
    return tuple(listed)
