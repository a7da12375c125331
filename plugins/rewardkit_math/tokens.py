r"""Cutting an answer into tokens: LaTeX, plain text and Unicode as one stream.

`\left`, sizes, spacing and math delimiters are dropped; `\text{...}` is one token; a run of plain
letters is one `word`, which the parser may take apart.
"""

# ruff: noqa: SIM905 - quotes around each word would hide the words

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

__all__ = ["MAX_CHARACTERS", "ParseError", "Token", "tokenize"]

# A text of more characters is no formula that anybody reads; parsing takes some 3 ms for so many.
MAX_CHARACTERS = 2_000


class ParseError(ValueError):
    """A text that is no formula, or one too long, too deep or too large; the message says "
    "which."""


class Token(NamedTuple):
    """A piece of text: `kind` is num, word, cmd, text, bold, op or end; `space`: after a space."""

    kind: str
    text: str
    space: bool = False


_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ"
_SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉"
_UNICODE = {
    ord(char): text
    for char, text in {
        "−": "-", "–": "-", "—": "-", "﹣": "-", "－": "-", "＋": "+", "＝": "=",
        "×": r"\times ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ", "∗": "*", "÷": "/",
        "⁄": "/",
        "∕": "/", "π": r"\pi ", "∞": r"\infty ", "∪": r"\cup ", "∩": r"\cap ", "∅": r"\emptyset ",
        "∈": r"\in ", "±": r"\pm ", "∓": r"\mp ", "≤": r"\le ", "⩽": r"\le ", "≥": r"\ge ",
        "⩾": r"\ge ",
        "≠": r"\ne ", "≈": r"\approx ", "≡": r"\equiv ", "＜": "<", "＞": ">", "°": r"^\circ ",
        "′": "'", "″": "''",
        "º": r"^\circ ", "∠": r"\angle ", "‖": "|",
        "√": r"\sqrt ", "∛": r"\sqrt[3]", "％": "%", "，": ",", "、": ",",
        "；": ";", "∶": ":",
        "：": ":", "（": "(", "）": ")", "［": "[", "］": "]", "｛": r"\{", "｝": r"\}", "。": ".",
        "“": '"', "”": '"', "’": "'", "‘": "'", "…": r"\ldots ", "⋯": r"\ldots ", "∨": r"\lor ",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ", "\u200b": "", "∣": "|",
        "∀": r"\forall ", "∃": r"\exists ", "⌊": r"\lfloor ", "⌋": r"\rfloor ",
        "⌈": r"\lceil ", "⌉": r"\rceil ", "∖": r"\setminus ",
        "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}",
        "⅔": r"\frac{2}{3}", "⅛": r"\frac{1}{8}", "⅕": r"\frac{1}{5}", "⅙": r"\frac{1}{6}",
        "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℕ": r"\mathbb{N}", "ℚ": r"\mathbb{Q}",
        **{char: rf"\{name} " for char, name in zip(
            "αβγδεζηθικλμνξρστυφχψωΓΔΘΛΞΣΦΨΩ",
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma "
            "tau "
            "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega".split(),
            strict=True)},
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        "¢": r"\text{ cents}", "℃": r"^\circ \text{C}", "℉": r"^\circ \text{F}", "．": ".",
        **{char: f" {number}, " for number, char in enumerate("①②③④⑤⑥⑦⑧⑨", 1)},
    }.items()
}  # fmt: skip
_ROOT_SIGN = re.compile(r"√\s*([0-9]+(?:\.[0-9]+)?)")
_RAISED = re.compile(f"[{_SUPERSCRIPTS}]+")
_LOWERED = re.compile(f"[{_SUBSCRIPTS}]+")
_RAISED_AS = str.maketrans(_SUPERSCRIPTS, "0123456789+-n")
_LOWERED_AS = str.maketrans(_SUBSCRIPTS, "0123456789")
_DOUBLED = re.compile(r"\\\\(?=[A-Za-z]{2})")
# An escape that a JSON or Python string turned into a control character: "\frac", "\times".
_CONTROL = str.maketrans({"\x0c": r"\f", "\x08": r"\b", "\x07": r"\a"})
_TAB_COMMAND = re.compile(r"\t(?=ext|imes|heta|frac|an\b|o\b)")
_DOLLARS = re.compile(r"(?<!\\)\$(?=\s?[0-9])")
_COMMA_IN_BRACES = re.compile(r"\s?\{\s?,\s?\}\s?")
_HTML = re.compile(r"<(sup|sub)>([^<]{0,40})</(?:sup|sub)>")
_TEXT_FONTS = (
    "text|textbf|textit|textrm|textnormal|textsf|texttt|mbox|mathrm|mathbf|mathit|mathsf|"
    "operatorname|emph|bold|boldsymbol|bm|pmb|textup"
)
_TOKEN = re.compile(
    r"(\s*)(?:([0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    rf"|\\(?:{_TEXT_FONTS})(?![A-Za-z])\*?\s*\{{((?:[^{{}}]|\{{[^{{}}]*\}})*)\}}"
    r"|\\([A-Za-z]+)|\\(\\|[{}|])|(\\[$%#&])|(\\[,;:! ()\[\]]|~|\\$)"
    r"|([A-Za-z]+)|(\*\*|<=|>=|!=|==|[-+*/^_=<>!(){}\[\],;:|&'%€£¥₹])|([$])|(\S))"
)
_BOLD = re.compile(r"\s*\\(?:mathbf|bold|bm|pmb)")
_SKIPPED = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm displaystyle "
    "textstyle scriptstyle limits nolimits rm bf it quad qquad normalsize large Large "
    "mathstrut strut hfill noindent ensuremath hline".split()
)
_RENAMED = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac",
    "nicefrac": "frac", "sfrac": "frac", "leq": "le", "leqslant": "le", "lt": "<",
    "geq": "ge", "geqslant": "ge", "gt": ">", "neq": "ne", "varnothing": "emptyset",
    "cdots": "ldots",
    "dots": "ldots", "dotsc": "ldots", "dotsb": "ldots", "lvert": "|", "rvert": "|",
    "lVert": "|", "rVert": "|", "Vert": "|", "vert": "|",
    "mid": "|", "lbrack": "[", "rbrack": "]", "lbrace": "{", "rbrace": "}", "dbinom": "binom",
    "tbinom": "binom", "degree": "circ", "textcirc": "circ", "colon": ":", "ast": "*",
    "land": "and", "wedge": "and", "lor": "or", "vee": "or", "cupdot": "cup", "bigcup": "cup",
    "bigcap": "cap", "simeq": "approx",
    "lparen": "(", "rparen": ")", "infinity": "infty", "longrightarrow": "to", "rightarrow": "to",
    "overrightarrow": "vec", "varphi": "phi", "varepsilon": "epsilon", "bar": "overline",
    "lg": "lg", "arctg": "arctan", "tg": "tan", "ctg": "cot", "cosec": "csc", "prime": "'",
    "surd": "sqrt", "textdollar": "$", "pounds": "£", "euro": "€", "textdegree": "circ",
}  # fmt: skip


_NAMES = {name: _RENAMED[name] for name in ("arctg", "tg", "ctg", "cosec")}


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, one that says `end` last.

    Raises:
        ParseError: The text is too long, or has a character that no formula has.
    """
    if len(text) > MAX_CHARACTERS:
        raise ParseError(f"{len(text):,} characters are too many for a formula")
    text = _respelled(text).rstrip()
    if text.endswith(".."):
        raise ParseError("it is cut off")
    tokens: list[Token] = []
    space = False
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            break
        position = match.end()
        space = space or bool(match[1])
        token = _token(match, space)
        if token is not None:
            tokens.append(token)
        # \! and the like part nothing; a dropped \left does not, either
        space = token is None and (space or match[7] in ("\\ ", "~"))
    tokens.append(Token("end", "", space))
    return _without_stops(tokens)


_AFTER_STOP = frozenset((")", "]", "}", "\\}", ""))


def _without_stops(tokens: list[Token]) -> list[Token]:
    """The tokens but for full stops before a bracket closes: `(0, 1.]`."""
    if not any(token.text == "." for token in tokens):
        return tokens
    kept = [
        token
        for token, following in pairwise(tokens)
        if token.text != "." or following.text not in _AFTER_STOP
    ]
    if any(token.text == "." for token in kept):
        raise ParseError("'.' is in no formula")
    return [*kept, tokens[-1]]


def _respelled(text: str) -> str:
    if not text.isascii():
        text = _ROOT_SIGN.sub(r"\\sqrt{\1}", text)
        text = _RAISED.sub(lambda m: f"^{{{m[0].translate(_RAISED_AS)}}}", text)
        text = _LOWERED.sub(lambda m: f"_{{{m[0].translate(_LOWERED_AS)}}}", text)
        text = text.translate(_UNICODE)
    if not text.isprintable():
        text = _TAB_COMMAND.sub(r"\\t", text.translate(_CONTROL))
    if "<s" in text:
        text = _HTML.sub(lambda m: ("^" if m[1] == "sup" else "_") + f"{{{m[2]}}}", text)
    if "\\\\" in text and (r"\begin" not in text or r"\\begin" in text):
        text = _DOUBLED.sub(r"\\", text)
    if "{" in text and "," in text:
        text = _COMMA_IN_BRACES.sub(",", text)
    if "..." in text:
        text = text.replace("...", r"\ldots ")
    text = _rewritten(text)
    if "\\" in text:
        text = _latex(text)
    if text.count("$") == 1:
        text = _DOLLARS.sub(r"\\$", text)  # a lone dollar sign delimits nothing: $12.50
    if "quad" in text:
        text = re.sub(r"\\q?quad", " ", text)
    if r"\!" in text:
        text = re.sub(r"\\!\s*", "", text)
    return text


# A font around more than letters, which are a word, a unit or a vector, says nothing.
_FONT = re.compile(
    r"\\(?:mathbf|mathit|boldsymbol|bold|bm|pmb)\s*(?=\{)(?!\{[A-Za-z~\s]*\}|\{\\[A-Za-z]+\})"
)
_BLANK = re.compile(r"\\(?:[hv]?phantom|[hv]space\*?)\s*\{[^{}]*\}")
_NOT = re.compile(r"\\not\s*(?:(=)|\\in(?![A-Za-z]))")
_SYSTEM = re.compile(
    r"\\left\s*\\\{\s*\\begin\s*\{(array|aligned|align|gathered|matrix)\}"
    r"(?:\s*\{[lcr|\s]*\})?(.*?)\\end\s*\{\1\}\s*\\right(?![A-Za-z])\s*\.?",
    re.DOTALL,
)
# A row's end with the space below it, or as plain TeX writes it.
_ROW_END = re.compile(r"\\\\\s?\[\s?-?[0-9.]{1,5}\s?[a-z]{2}\s?\]|\\cr(?![A-Za-z])")
_ALIGNED = re.compile(r"&\s*(?=[=<>]|\\(?:le|ge|ne|leq|geq|neq|in)(?![A-Za-z]))")


def _latex(text: str) -> str:
    """LaTeX without what is for the eye alone, and some of its commands by their plain names."""
    text = _FONT.sub("", text)
    if "phantom" in text or "space" in text:
        text = _BLANK.sub(" ", text)
    if r"\not" in text:
        text = _NOT.sub(lambda m: r"\ne " if m[1] else r"\notin ", text)
    if r"\begin" in text:
        text = _ROW_END.sub(r"\\\\", text)
        text = _SYSTEM.sub(r"\\begin{cases}\2\\end{cases}", text)
        text = _ALIGNED.sub("", text)
    return text


_FRENCH = re.compile(
    r"([\[\]])([^\[\](){},;]*[^\s\[\](){},;]\s*[,;]\s*"
    r"(?!\s)(?:[^\[\](){},;]|\([^\[\](){},;]*\)){1,99})([\[\]])"
)
_DEGREE = re.compile(r"(\^\s*\{?\s*)?\\degree(?![A-Za-z])")
_IN_BASE = re.compile(r"(?<![A-Za-z}^_])(?:(?:\\left)?\(([0-9]+)(?:\\right)?\)|\{([0-9]+)\})(?=_)")
_UNIT_FRACTION = re.compile(r"\\frac\{\\text\{([^{}]*)\}\}\{\\text\{([^{}]*)\}\}")
_TO = re.compile(r"\s*([0-9]+)\s*(?:\\text\{\s*to\s*\}|to)\s*([0-9]+)\s*")
_MAPS = re.compile(r"\s*([fgh])\s*:\s*([a-z])\s*\\mapsto(?![A-Za-z])")


def _rewritten(text: str) -> str:
    """What some write in another order than most: ]0,1[, (101)_2, 3 to 4, f: x -> x^2."""
    if "[" in text or "]" in text:
        text = _FRENCH.sub(_round_open, text)
    if ")_" in text or "}_" in text:
        text = _IN_BASE.sub(lambda m: m[1] or m[2], text)
    if "to" in text and (ratio := _TO.fullmatch(text)):
        return f"{ratio[1]}:{ratio[2]}"
    if "mapsto" in text:
        text = _MAPS.sub(r"\1(\2)=", text)
    if "\\" in text:
        text = _DEGREE.sub(lambda m: (m[1] or "^") + r"\circ ", text)
        text = _UNIT_FRACTION.sub(r"\\text{\1/\2}", text)
    return text.replace("{.}", ".")


def _round_open(match: re.Match[str]) -> str:
    opener, closer = "(" if match[1] == "]" else "[", ")" if match[3] == "[" else "]"
    return opener + match[2] + closer


def _token(match: re.Match[str], space: bool) -> Token | None:
    if match[2] is not None:
        return Token("num", match[2], space)
    if match[9] is not None:
        return Token(
            "op", "^" if match[9] == "**" else "=" if match[9] == "==" else match[9], space
        )
    if match[8] is not None:
        return Token("word", match[8], space)
    if match[4] is not None:
        return _command(match[4], space)
    if match[3] is not None:
        if len(match[3].strip()) == 1 and _BOLD.match(match[0]):
            return Token("bold", match[3].strip(), space)
        return Token("text", _NAMES.get(match[3].strip(), match[3]), space)
    if match[5] is not None:
        return Token("op", "|" if match[5] == "|" else "\\" + match[5], space)
    if match[6] is not None:
        return Token("op", match[6][1:], space) if match[6] in (r"\$", r"\%", r"\&") else None
    if match[7] is not None or match[10] is not None:
        return None
    if match[11] == ".":
        return Token("op", ".", space)
    raise ParseError(f"{match[11]!r} is in no formula")


def _command(name: str, space: bool) -> Token | None:
    if name in _SKIPPED:
        return None
    if name in ("lbrace", "rbrace"):
        return Token("op", "\\" + _RENAMED[name], space)
    name = _RENAMED.get(name, name)
    return Token("cmd" if name[0].isalpha() else "op", name, space)
