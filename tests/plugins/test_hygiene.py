"""The filters code_block, long_paragraph and truncated: what they find, and what they let pass."""

import gzip
import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_hygiene import code_block, long_paragraph, rewardkit_filters, truncated
from rewardkit_hygiene.passages import without_code

import rewardkit as rk
from rewardkit.errors import OptionError

R1 = Path(__file__).parents[2] / "../shared/data/r1_code_rollouts.jsonl.gz"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", 0),
        ("plain text", 0),
        ("a `inline` b and ``x `y` z`` c", 0),
        ("```x``` inline triple", 0),
        ("    indented = text", 0),
        ("```python\nx\n```", 1),
        ("```\nx\n```\n\n```\ny\n```", 2),
        ("never closed\n```py\nx", 1),
        ("~~~ python\nx\n~~~~", 1),
        ("````md\n```\nx\n```\n````", 1),
        ("- step\n  ```\n  x\n  ```", 1),
        ("1. ```py\n   x\n   ```", 1),
        ("> ```\n> x\n> ```", 1),
        (r"\begin{lstlisting}" + "\nx\n" + r"\end{lstlisting}", 1),
        (r"\begin{minted}{python}" + "\nx\n" + r"\end{minted}", 1),
        (r"\begin{verbatim}x\end{verbatim} and \begin{algorithm}y\end{algorithm}", 2),
        (r"\begin{verbatim} never closed", 1),
        (r"\begin{align}x\end{align} \begin{code}", 0),
        ("<pre>x</pre> and <pre class='a'>y</pre>", 2),
        ("<prefix> and <codex>\n", 0),
        ("the tag `<pre>` and the tag `<code>`\n", 0),
        ("Use <code>x</code> here,\nor <code>y</code> there", 0),
        ("``a <pre> ` <pre> b``", 0),
        ("``a `b` <pre>`", 1),
        ("<code>\nx\n</code>", 1),
        ("<code>x\ny</code>", 1),
        ("<code>\nnever closed", 1),
        ("<Pre>x</Pre> <cOde>a\nb</cOde>", 2),
        ("<code>a <code>b\n</code>", 1),
        ("<code>a</code> <code>b\nc</code>", 1),
        ("[asy]\ndraw(A--B);\n[/asy]", 0),
        (r"\begin{tikzpicture}\draw (0,0);\end{tikzpicture}", 0),
        ("the tag <code> is for code\nand nothing else", 0),
        ("```html\n<pre>x</pre>\n```", 1),
        ("<pre>\n```\nx\n```\n</pre>", 1),
        ("<pre>a</pre>\n```\nx\n```", 2),
    ],
)
def test_code_block_counts_blocks_and_not_inline_code(text, blocks):
    found = code_block(rk.Completion(text))
    assert (found.value if found else 0) == blocks


def test_code_block_looks_at_the_thinking_alone():
    assert code_block(rk.Completion("<think>a</think>\n```python\nx\n```")) is None
    found = code_block(rk.Completion("<think>```python\nx = 1\n```\n</think>b"))
    assert found.reason == (
        "1 block of code in the thinking: a fenced block, '```python x = 1 ```'"
    )
    assert "in the text" in code_block(rk.Completion("```\nx\n```")).reason


def test_reasons_hold_nothing_that_cannot_be_stored():
    found = code_block(rk.Completion("```\n\ud800\x00\u202e" + "x" * 500))
    assert found.reason.isprintable()
    assert len(found.reason) < 120
    paragraph = long_paragraph(rk.Completion("\ud800\x00 word" * 500))
    assert paragraph.reason.isprintable()
    assert len(paragraph.reason) < 140


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("", None, ""),
        ("x" * 1500, None, ""),
        ("x" * 1501, 1501, "characters"),
        ("  \n" + "x" * 1500 + "\n\n", None, ""),
        ("ab\n" * 300, None, ""),
        ("ab\n" * 301, 301, "words"),
        ("\n\n".join(["x" * 1000] * 9), None, ""),
        ("x" * 1000 + "\n \t\r\n" + "x" * 1000, None, ""),
        ("x" * 1000 + "\r\n\r\n" + "x" * 1000, None, ""),
        ("x" * 1000 + "\n" + "x" * 1000, 2001, "characters"),
        ("算" * 600, None, ""),
        ("算" * 601, 601, "CJK or Thai characters"),
        ("算" * 601 + "\n\n算", 601, "CJK or Thai characters"),
        ("คำ" * 301, 602, "CJK or Thai characters"),
        ("かな漢字" * 151, 604, "CJK or Thai characters"),
        ("ｶﾅ々ㄅ" * 151, 604, "CJK or Thai characters"),
        ("x" * 1000 + "\n\u200b\n" + "x" * 1000, None, ""),
        ("x" * 1000 + "\u2029" + "x" * 1000, None, ""),
        ("x" * 1000 + "\r\r" + "x" * 1000, None, ""),
        ("x" * 1000 + "\r" + "x" * 1000, 2001, "characters"),
        ("x" * 1000 + "\r\n" + "x" * 1000, 2002, "characters"),
        ("x" * 1000 + r"\[ y^2 \]" + "x" * 1000, None, ""),
        ("x" * 1000 + "$$ y^2 $$" + "x" * 1000, None, ""),
        (r"x\begin{align*}" + "x" * 1000 + r"\end{align*}" + "x" * 1000, None, ""),
        (r"\[" + "x" * 1501 + r"\]", 1501, "characters"),
        ("$$" + "x + " * 300 + "$$", 600, "words"),
        (r"\[ " + "x" * 1000 + r"\\[2pt]" + "x" * 1000, 2007, "characters"),
        ("[asy]\n" + "draw(A--B);\n" * 200 + "[/asy]", None, ""),
        ("x" * 1000 + "算" * 400, None, ""),
        ("x" * 1600 + "\n\n" + "算" * 1200, 1200, "CJK or Thai characters"),
        ("```\n" + "code\n" * 900 + "```", None, ""),
        ("x" * 1000 + "\n```\ncode\n```\n" + "x" * 1000, None, ""),
        ("```\n" + "never closed\n" * 900, None, ""),
        ("<pre>" + "x" * 2000 + "</pre>", None, ""),
        ("`" + "x" * 2000 + "`", 2002, "characters"),
    ],
)
def test_long_paragraph_measures_the_worst_paragraph_outside_code(text, value, unit):
    found = long_paragraph(rk.Completion(f"<think>{text}</think>short"))
    assert (found.value if found else None) == value
    assert unit in (found.reason if found else "")


@given(
    st.lists(
        st.sampled_from(
            ["\n", "\n\n", "\n \n", "\r\n\r\n", "a b ", "abcd", "算", "\n```\n", "<pre>"]
        )
    ),
    *(st.integers(1, 12) for _ in range(3)),
)
def test_long_paragraph_agrees_with_measuring_every_paragraph(
    pieces, max_chars, max_words, max_cjk_chars
):
    text = "".join(pieces)
    excess = []
    for paragraph in re.split(r"\n\s*\n", without_code(text)):
        paragraph = paragraph.strip()
        measured = (
            (len(paragraph), max_chars),
            (len(paragraph.split()), max_words),
            (paragraph.count("算"), max_cjk_chars),
        )
        excess += [(length / most, length) for length, most in measured if length > most]
    found = long_paragraph(
        rk.Completion(text),
        max_chars=max_chars,
        max_words=max_words,
        max_cjk_chars=max_cjk_chars,
    )
    assert (found.value if found else None) == (max(excess)[1] if excess else None)


def test_long_paragraph_lets_a_long_response_pass():
    assert long_paragraph(rk.Completion("<think>a</think>" + "x" * 5000)) is None


def test_long_paragraph_has_limits_of_its_own_for_each_measure():
    text = rk.Completion("one two three 四五六")
    for options in ({"max_chars": 10}, {"max_words": 3}, {"max_cjk_chars": 2}):
        assert long_paragraph(text, **options) is not None
    assert long_paragraph(text, max_chars=17, max_words=4, max_cjk_chars=3) is None
    with pytest.raises(OptionError, match="more than 0"):
        long_paragraph.using(max_chars=0)


@pytest.mark.parametrize(
    ("text", "finish_reason", "reason"),
    [
        ("<think>a</think>b", "stop", None),
        ("<think>a</think>b", None, None),
        ("no tags", None, None),
        ("", None, None),
        ("<think>a</think>b", "length", "cut off at the limit of length (finish_reason 'length')"),
        ("no tags", "MAX_TOKENS", "cut off at the limit of length (finish_reason 'MAX_TOKENS')"),
        ("<think>a", "stop", "the thinking is not closed"),
        ("<think>a<answer>b</answer>", None, "the thinking is not closed"),
        ("<think> \n</think>b", None, "the thinking is empty"),
        ("<think>\u200b \u3000\u200f\ufeff\x00</think>b", None, "the thinking is empty"),
        ("<think>\u200b想</think>b", None, None),
        ("</think>b", None, "the thinking is empty"),
        ("a</think>b", None, None),
    ],
)
def test_truncated_finds_what_is_cut_off_unclosed_or_empty(text, finish_reason, reason):
    assert truncated(rk.Completion(text, finish_reason=finish_reason)) == reason


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [
        ("<think>a</think><answer>b</answer>", True),
        (r"<think>a</think>so \boxed{3}", True),
        ("<think>a</think><answer> </answer>", False),
        ("<think>a</think><answer>\u200b</answer>", False),
        ("<think>a</think><answer>b", False),
        (r"<think>\boxed{3}</think>so it is", False),
    ],
)
def test_truncated_wants_an_answer_only_where_it_is_told_to(text, is_kept):
    assert truncated(rk.Completion(text)) is None
    assert (truncated(rk.Completion(text), require_answer=True) is None) == is_kept


@pytest.mark.parametrize("filter", [code_block, long_paragraph], ids=lambda f: f.name)
@pytest.mark.parametrize(
    "text",
    [
        "```\n" * 40_000,
        "~~~\n```\n" * 19_000,
        "`" * 150_000,
        "<pre>" * 30_000,
        "<code>" * 100_000,
        "<code>\n" * 20_000,
        "<code>" * 100_000 + "</code>",
        "<code> " * 80_000 + "\n",
        "<pre " * 30_000,
        r"\begin{verbatim}" * 10_000,
        r"\begin{" * 20_000,
        "\n" * 150_000,
        "\n" + " " * 150_000 + "x",
        ("\n" + " " * 1000 + "x") * 150,
        "> " * 75_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_takes_linear_time(filter, text):
    start = time.process_time()
    filter(rk.Completion(text))
    assert time.process_time() - start < 2.0  # measured: under 0.25


@pytest.mark.skipif(not R1.is_file(), reason="../shared/data is not here")
def test_on_real_deepseek_r1_thinking_just_the_rows_that_were_looked_at_are_dropped():
    with gzip.open(R1, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    wanting = ("token_length", "flagged_words", "contaminated")  # a file or words
    chain = rk.FilterChain(tuple(f for f in rewardkit_filters() if f.name not in wanting))
    rejections = chain.filter(rows).rejections
    dropped = {
        f.name: [i for i, row in enumerate(rejections) if any(r.filter == f.name for r in row)]
        for f in chain.filters
    }
    assert {name: places for name, places in dropped.items() if places} == {
        "code_block": [84, 85, 182, 190, 204, 229, 247, 256, 350, 425],
        "length": [425, 613],  # no response
        "long_paragraph": [5],
        "repetition": [59, 247, 311, 425, 628, 633],  # code drafted, or a docstring quoted, again
        "truncated": [425, 613],
        "urls": [403, 667],
    }
