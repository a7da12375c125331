r"""What answers wrap a formula in, or write for it: words before it, a program's names, words for
numbers.
"""

from __future__ import annotations

import re

from rewardkit_math.words import leading_number

__all__ = ["unwrapped"]

_CONCLUSION = re.compile(
    r"\A\s*(?:\\(?:therefore|because|implies|Rightarrow|Longrightarrow|rightarrow)(?![A-Za-z])"
    r"|[∴⇒→➜])\s*"
)
# "\text{The solutions are } 1, 2": what says that the value follows, and nothing about it.
_HEADING = re.compile(
    r"\A\s*\\(?:text|textbf|mbox|mathrm)\s*"
    r"\{((?:[A-Z]|the )[^{}\\$0-9]{2,60}?(?:\bis|\bare|:|=))\s*\}(?=\s*\S)"
)
_SAYS_MORE = re.compile(
    r"\b(?:not|never|no|nor|neither|either|or|if|unless|least|most|more|less|than|about|part|case)\b"
    r"|n't",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![A-Za-z0-9.])(?:c?math|np|numpy|sympy|sp|torch)\.(?=[A-Za-z])")
_ARRAY = re.compile(r"\s*(?:[Mm]atrix|array|tensor)\s*\(\s*(\[.*\])\s*\)\s*")
_STOP = re.compile(r"(?<![A-Za-z])(sq|cu|in|ft|yd|mi|lbs?|oz|hrs?|min|sec|cm|km)\.(?=\s)")
_CURRENCY = re.compile(r"\A\s*(?:USD|US\s?(?=\\?\$))\s*\\?\$?\s*(?=[0-9.])")
_SIGNS = re.compile(
    r"(\A\s*(?:[A-Za-z]\s*=\s*)?|(?<=[0-9A-Za-z)\s]))\+\s?/\s?-|\A(\s*(?:[A-Za-z]\s*=\s*)?)\+-"
)
_RING = re.compile(
    r"(?<=[0-9])\s*(?:\^\s*(?:o(?![A-Za-z])|\{\s*o\s*\}"
    r"|\{?\s*\\(?:text|mathrm|mbox)\s*\{\s*[o°]\s*\}\s*\}?)|\\(?:text|mathrm|mbox)\s*\{\s*°\s*\})"
)
_ROOT = re.compile(r"\\root\s*\{?\s*([0-9n])\s*\}?\s*\\of\s*(?=[{0-9A-Za-z])")
_MODULO = re.compile(
    r"\(\s*(?:\\(?:mathrm|text|operatorname)\s*\{\s*mod\s*\}|\\?mod(?![a-z]))"
    r"(?:\s|\\[ ,;:])*([^()]{1,40})\)"
)
_LOG = re.compile(r"(?<![A-Za-z\\])log(2|10)\s?\(")
_LEIBNIZ = re.compile(
    r"(?<![A-Za-z\\])(d|\\partial\s?)(\^2|\^\{2\}|²)?\s?([A-Za-z])\s?/\s?\1([a-z])(\^2|\^\{2\}|²)?(?![A-Za-z])"
)
_PLAIN_TEX = re.compile(
    r"\\(p?matrix|bmatrix|cases)\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*){0,40})\}(?!\s*\\end)"
)
_TAGS = re.compile(r"</?(?:b|i|em|strong|span|p|br)\s?/?>")
_HALF = re.compile(r"(?<![0-9.])([0-9]{1,9}) and an? (half|third|quarter)\b")
_PARTS = {"half": r"\1\\frac{1}{2}", "third": r"\1\\frac{1}{3}", "quarter": r"\1\\frac{1}{4}"}


def unwrapped(text: str) -> str:
    """A text without such wrappers, or any other as it is."""
    if "." in text:
        text = _STOP.sub(r"\1", _CODE.sub("", text))
    first = text[:1]
    if first.isalpha() and first.isascii():
        text = _without_words(text)
    elif first == "\\" or not first.isascii():
        text = _CONCLUSION.sub("", text)
        heading = _HEADING.match(text)
        if heading and not _SAYS_MORE.search(heading[1]):
            text = text[heading.end() :]
    if " and a" in text and (half := _HALF.match(text)):
        text = _HALF.sub(_PARTS[half[2]], text, count=1)
    if "+-" in text or "+/" in text or "+ /" in text:
        text = _SIGNS.sub(lambda m: (m[1] or m[2] or "") + r"\pm ", text)
    if "o" in text or "°" in text:
        text = _RING.sub(r"^\\circ ", text)
        text = _ROOT.sub(r"\\sqrt[\1]", text)
    if "mod" in text:
        text = _MODULO.sub(r"\\pmod{\1}", text)
    if "log" in text:
        text = _LOG.sub(r"\\log_{\1}(", text)
    if "/d" in text or "/\\partial" in text or "/ \\partial" in text:
        text = _LEIBNIZ.sub(r"\\frac{\1\2 \3}{\1\4\5}", text)
    if "matrix{" in text or "cases{" in text:
        text = _PLAIN_TEX.sub(r"\\begin{\1}\2\\end{\1}", text)
    if "</" in text or "<br" in text:
        text = _TAGS.sub(" ", text)
    return text


def _without_words(text: str) -> str:
    """Without a currency's code or a program's array; with digits for a number in words."""
    text = _CURRENCY.sub(r"\\$", text)
    if "(" in text and (array := _ARRAY.fullmatch(text)):
        return array[1]
    return leading_number(text)
