"""The filter `unfinished_markup`: what a response opens and never closes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import rewardkit as rk
from rewardkit.fences import code_blocks
from rewardkit_hygiene.passages import without_code
from rewardkit_hygiene.quoting import counted, quoted

__all__ = ["unfinished_markup"]


@rk.filter
def unfinished_markup(completion: rk.Completion) -> rk.Rejection | None:
    r"""Rejects responses with markup that is opened and not closed; the value is how much of it.

    That is a fenced block, a TeX environment (\begin{align}), an argument of a TeX command
    (\boxed{, \frac{1}{), a formula between \[ and \], \( and \), $$ or $, the answer's tag, or an
    element of HTML that has to be closed. Sums of money and variables of a shell are no formulas.
    What stands in code is not looked at.
    """
    found = list(_unfinished(completion.response, completion.reading.answer_tags))
    if not found:
        return None
    kinds = "opening that is not closed", "openings that are not closed"
    return rk.Rejection(counted(len(found), *kinds, quoted(found[0])), float(len(found)))


def _unfinished(response: str, answer_tags: tuple[str, str]) -> Iterator[str]:
    """What is opened and not closed, as it is written."""
    if "```" in response or "~~~" in response:
        yield from (response[b.start : b.end] for b in code_blocks(response) if not b.closed)
    text = without_code(response)
    if "`" in text:
        text = _INLINE_CODE.sub(" ", text)
    opening, closing = answer_tags
    if text.count(opening) > text.count(closing):
        yield text[text.rfind(opening) :]
    if "<" in text:
        yield from _open_elements(text)
    if "\\" in text:
        yield from _open_environments(text)
        yield from _open_arguments(text)
        yield from _open_formulas(text)
    if "$" in text:
        yield from _open_dollars(text)


_INLINE_CODE = re.compile(r"`(?<!``)(`*+)[^\n]{1,300}?(?<!`)`\1(?!`)")

# Elements that HTML wants closed, of those that models write in answers.
_TAG = re.compile(
    r"<(/?)(details|summary|table|thead|tbody|ul|ol|dl|div|span|b|i|u|em|strong|sub|sup|code|pre"
    r"|a|blockquote|h[1-6]|svg|math)(?:\s[^<>]{0,300}+)?>",
    re.IGNORECASE,
)


def _open_elements(text: str) -> Iterator[str]:
    balance: Counter[str] = Counter()
    for slash, name in _TAG.findall(text):
        balance[name.lower()] += -1 if slash else 1
    yield from (f"<{name}>" for name, count in balance.items() if count > 0)


_ENVIRONMENT = re.compile(r"(?<!\\)(?:\\\\)*+\\(begin|end)\{([A-Za-z]{1,30}\*?)\}")


def _open_environments(text: str) -> Iterator[str]:
    opened: list[str] = []
    for verb, name in _ENVIRONMENT.findall(text):
        if verb == "begin":
            opened.append(name)
        elif opened and opened[-1] == name:
            opened.pop()
    yield from (rf"\begin{{{name}}}" for name in opened)


_BRACE = re.compile(
    r"(?P<command>\\[A-Za-z]++\*?(?:\[[^\[\]{}\n]{0,40}\])?\{)|\\.|(?P<open>\{)|(?P<close>\})",
    re.DOTALL,
)


def _open_arguments(text: str) -> Iterator[str]:
    """Commands with an argument that is not closed; braces are matched once, over all the text."""
    opened: list[str] = []
    last, last_end = "", -1
    for match in _BRACE.finditer(text):
        if match["command"]:
            opened.append(match["command"])
        elif match["open"]:
            # Right behind a command's argument stands its next.
            opened.append(last if match.start() == last_end else "")
        elif match["close"] and opened:
            last, last_end = opened.pop(), match.end()
    yield from filter(None, opened)


_DISPLAY = re.compile(r"\\(?:\\(?:\[[^\]\n]{0,20}\])?|(?P<delimiter>[\[\]()])|.)", re.DOTALL)


def _open_formulas(text: str) -> Iterator[str]:
    r"""\[ and \( that are not closed by \] and \)."""
    found = Counter(match["delimiter"] for match in _DISPLAY.finditer(text))
    if found["["] > found["]"]:
        yield r"\["
    if found["("] > found[")"]:
        yield r"\("


# Sums of money ("$5", "US$5", "$1,200.50"), and variables: "$HOME", "${x}", "$user_name".
_NO_FORMULA = re.compile(
    r"(?:\b(?:US|A|C|HK|NZ|R))?(?<!\$)\$\s?\d[\d,.]*+(?:[kKmMbB]|\b)"
    r"(?!\s*(?:[\\^_${}+*/=<>]|-(?!\s?\$)))"
    r"|\$(?:[A-Z_]{2,}|[a-z]{2,40}+(?:_[A-Za-z]{2,40}+)+|\{[A-Za-z_]{1,40}\})(?![^\s$]{0,40}\$)"
)
_DOLLAR = re.compile(r"\$\$?|\n[ \t]*\n")
_TEX = re.compile(r"\\[A-Za-z]|[\^_]")


def _open_dollars(text: str) -> list[str]:
    """Formulas that one dollar or two open and none close."""
    text = text.replace(r"\$", " ")
    # What stands between dollars may look like money, so that it is looked for in doubt alone.
    return list(_unpaired(text)) and list(_unpaired(_NO_FORMULA.sub(" ", text)))


def _unpaired(text: str) -> Iterator[str]:
    """Formulas that are not closed: with one dollar, before their paragraph ends."""
    delimiter, start = "", 0
    for match in _DOLLAR.finditer(text):
        found = match[0]
        if found[0] == "$" and not delimiter:
            delimiter, start = found, match.start()
        elif found == delimiter:
            delimiter = ""
        elif delimiter == "$" and found == "$$":
            start = match.start() + 1  # "$x$$y$": one formula ends, and another begins
        elif delimiter == "$":
            delimiter = ""
            yield from _formula(text[start : match.start()])
    if delimiter:
        yield from _formula(text[start:])


def _formula(text: str) -> Iterator[str]:
    """`text`, which begins with a dollar, if it is TeX before it is prose."""
    prose = _PROSE.search(text)
    if _TEX.search(text, 0, prose.start() if prose else len(text)):
        yield text


_PROSE = re.compile(r"(?<![\\\w])[^\W\d_]{2,40}[ ,.;:]{1,2}[^\W\d_]{2,}")
