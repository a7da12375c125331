"""A regular expression that takes for ever, holding the interpreter's lock."""

import re


def attack():
    return re.match(r"(a+)+$", "a" * 60 + "b") is None
