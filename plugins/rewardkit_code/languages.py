"""The languages other than Python that programs may be written in."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import rewardkit as rk

__all__ = ["LANGUAGES", "canonical", "known_languages", "language_of"]

_C = ("gcc", "-O2", "-std=c17", "-o", "main", "main.c", "-lm")
_CPP = ("g++", "-O2", "-std=c++17", "-o", "main", "main.cpp")
# rustc's own wrapper of the linker looks itself up in /proc, which the sandbox has not.
_RUST = ("rustc", "-O", "--edition=2021", "-Clink-arg=-fuse-ld=bfd", "-o", "main", "main.rs")

LANGUAGES = (
    rk.Language("c", "main.c", ("./main",), _C),
    rk.Language("cpp", "main.cpp", ("./main",), _CPP),
    rk.Language("java", "Main.java", ("java", "-Xss64m", "Main"), ("javac", "Main.java")),
    rk.Language("javascript", "main.js", ("node", "main.js")),
    rk.Language("go", "main.go", ("./main",), ("go", "build", "-o", "main", "main.go")),
    rk.Language("rust", "main.rs", ("./main",), _RUST),
)

# What completions and data sets call them besides.
_ALIASES = {
    "c++": "cpp",
    "c++17": "cpp",
    "cc": "cpp",
    "golang": "go",
    "js": "javascript",
    "node": "javascript",
    "nodejs": "javascript",
    "ipython": "python",
    "py": "python",
    "py3": "python",
    "python2": "python",
    "python3": "python",
    "rs": "rust",
}


@functools.cache
def _languages() -> Mapping[str, rk.Language]:
    """Every language by its name: those of other plugins too, which replace these."""
    return {language.name: language for language in LANGUAGES} | rk.Registry().languages


def canonical(tag: str) -> str:
    """What a tag or a column calls a language, as the language is named here."""
    return _ALIASES.get(tag.strip().lower(), tag.strip().lower())


def known_languages() -> list[str]:
    """The names of all languages that programs can be run in."""
    return ["python", *_languages()]


def language_of(name: str) -> rk.Language | None:
    """How programs in a language are compiled and run; None where nobody says."""
    return _languages().get(canonical(name))
