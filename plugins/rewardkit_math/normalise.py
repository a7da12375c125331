r"""One spelling for what LaTeX and Unicode spell in several ways: `\dfrac12` is `\frac{1}{2}`.

Nothing here changes what a text means: numbers keep the spaces that part their digits, so that the
mixed number `1 1/2` and the fraction `11/2` stay apart.
"""

from __future__ import annotations

import re

__all__ = ["compact", "normalise"]

_UNICODE = {
    ord(char): text
    for char, text in {
        "−": "-", "–": "-", "﹣": "-", "－": "-", "＋": "+",
        "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "÷": "/", "⁄": "/", "∕": "/",
        "π": r"\pi ", "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "∅": r"\emptyset ",
        "∈": r"\in ", "±": r"\pm ", "≤": r"\le ", "≥": r"\ge ", "≠": r"\ne ", "°": r"^\circ ",
        "％": "%", "，": ",", "（": "(", "）": ")", "“": '"', "”": '"', "’": "'",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\u200b": "",
        "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}",
        "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}", "．": ".",
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    }.items()
}  # fmt: skip
_ROOT_SIGN = re.compile(r"√\s*([0-9]+|[a-z])")

# A text stored as JSON twice has two backslashes where it means one; in a matrix two end a row.
_DOUBLED = re.compile(r"\\\\(?=[A-Za-z]{2})")

_COMMAND = re.compile(r"\\([A-Za-z]+)")
_SIZES = [size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")]
_TEXT_FONTS = (
    "textbf", "textit", "textrm", "textnormal", "textsf", "texttt", "mbox", "mathrm", "mathbf",
    "mathit", "operatorname", "emph", "bold", "boldsymbol", "bm",
)  # fmt: skip
_RENAMED = {
    "dfrac": r"\frac", "tfrac": r"\frac", "cfrac": r"\frac", "nicefrac": r"\frac",
    "sfrac": r"\frac", "leq": r"\le", "leqslant": r"\le",
    "geq": r"\ge", "geqslant": r"\ge", "neq": r"\ne", "varnothing": r"\emptyset",
    "cdots": r"\ldots", "dots": r"\ldots", "lbrace": r"\{", "rbrace": r"\}",
    "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "lbrack": "[", "rbrack": "]",
    "bar": r"\overline", "quad": " ", "qquad": " ",
    **dict.fromkeys(_TEXT_FONTS, r"\text"),
    **dict.fromkeys(("displaystyle", "textstyle", "limits", "rm", "bf", "it", *_SIZES), ""),
}  # fmt: skip

_DELIMITER = re.compile(r"\\(?:left|right)(?![A-Za-z])\s*\.?")  # \left. and \right. draw nothing
_NEGATIVE_SPACE = re.compile(r"\\!\s*")  # MATH writes 11,\! 111
_COMMA_IN_BRACES = re.compile(r"\s?\{\s?,\s?\}\s?")  # 14{,}916
_SPACING = re.compile(r"\\[,;: ]|~")
_TEXT = re.compile(r"\\text\s*\{([^{}\\]*)\}")
_FRAC = re.compile(r"\\frac\s*(?:([0-9])|(\{[^{}]*\}))\s*(?:([0-9])|(\{[^{}]*\}))")
_ONE_IN_BRACES = re.compile(r"(?<=[\^_])\{(\\circ|[0-9A-Za-z])\s*\}")
_SQRT_ONE = re.compile(r"\\sqrt\s*([0-9A-Za-z])")
_CHOICE = re.compile(r"\(([A-J])\)")


def normalise(text: str) -> str:
    """One spelling of `text`, its words and numbers parted as they were."""
    if text.isascii() and text.isalnum():
        return text
    if not text.isascii():
        text = _ROOT_SIGN.sub(r"\\sqrt{\1}", text).translate(_UNICODE)
    if "\\" in text or "{" in text or "~" in text:
        text = _latex(text)
    text = " ".join(text.replace("$", "").split())
    # One mark and no more: "1, 2, ..." is not "1, 2".
    if text.endswith((".", ",", ";", ":")) and not text.endswith(".."):
        text = text[:-1].rstrip()
    choice = _CHOICE.fullmatch(text)
    return choice[1] if choice else text


def _latex(text: str) -> str:
    # What a pattern begins with is looked for first: most texts have little of all this.
    if r"\\" in text and r"\begin" not in text:
        text = _DOUBLED.sub(r"\\", text)
    if r"\left" in text or r"\right" in text:
        text = _DELIMITER.sub("", text)
    text = _COMMAND.sub(lambda m: _RENAMED.get(m[1], m[0]), text)
    if r"\!" in text:
        text = _NEGATIVE_SPACE.sub("", text)
    if "," in text and "{" in text:
        text = _COMMA_IN_BRACES.sub(",", text)
    text = text.replace(r"\$", "").replace(r"\%", "%")
    text = _SPACING.sub(" ", text)
    if r"\text" in text:
        text = _TEXT.sub(r"\1", text)
    if r"\frac" in text:
        text = _FRAC.sub(_braced_frac, text)
    if "^{" in text or "_{" in text:
        text = _ONE_IN_BRACES.sub(r"\1", text)
    return _SQRT_ONE.sub(r"\\sqrt{\1}", text) if r"\sqrt" in text else text


def _braced_frac(match: re.Match[str]) -> str:
    above = match[2] or f"{{{match[1]}}}"
    below = match[4] or f"{{{match[3]}}}"
    return rf"\frac{above}{below}"


_SPACE = re.compile(r"(?<![0-9])\s+|\s+(?![0-9])")


def compact(normalised: str) -> str:
    """`normalised` without its spaces, but for those between digits."""
    return _SPACE.sub("", normalised)
