"""The filters repetition, word_repetition and repeated_lines, in scripts of every kind."""

import collections
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_hygiene import repeated_lines, repetition, word_repetition

import rewardkit as rk
from rewardkit.errors import OptionError

TWENTY = " ".join(f"w{i}" for i in range(20))
CHINESE = "因为一加一等于二所以我们可以知道这个方程的解是三而不是四这就是我们最后的答案了请看"

JAPANESE = "これはとても長い文章ですからもう一度はじめから考えてみることにしましょうかねえ"
THAI = (
    "ดังนั้นเราจึงต้องคำนวณค่าของตัวแปรนี้ใหม่อีกครั้งหนึ่งเพื่อให้แน่ใจว่า"
    "คำตอบที่ได้นั้นถูกต้องและครบถ้วนตามที่โจทย์กำหนดไว้ทุกประการ"
)


def apart(text, times):
    """`text` so many times, other words between."""
    return " ".join(f"{text} other{i}" for i in range(times))


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("", None),
        ("one", None),
        (apart(TWENTY, 3), None),
        (apart(TWENTY, 4), 4),
        (apart(TWENTY, 9), 9),
        (apart(TWENTY.removesuffix(" w19"), 9), None),
        (f"{TWENTY.upper()}\n\n{TWENTY}\n{TWENTY.title()} {TWENTY}", 4),
        ("ha " * 22, None),
        ("ha " * 23, 4),
        (" ".join(str(i) for i in range(5000)), None),
        (apart(CHINESE, 3), None),
        (apart(CHINESE, 4), 4),
        (apart(CHINESE[:30], 9), None),
        ("".join(f"{CHINESE}{c}" for c in "甲乙丙丁"), 4),
        (apart(JAPANESE, 4), 4),
        (apart(THAI, 4), 4),
        (apart("لذلك يجب أن نحسب " * 5, 4), 4),
        (apart("इसलिए हमें फिर से " * 5, 4), 4),
        (CHINESE + "".join(f" {TWENTY} {c}" for c in "甲乙丙丁"), 4),
        ("\u200f\x00 \ud800 " * 30, 11),
    ],
)  # fmt: skip
def test_repetition_counts_the_run_of_twenty_words_that_stands_there_most_often(text, times):
    found = repetition(rk.Completion(text))
    value = found.value if found else None
    if text.startswith(("ha ", "\u200f")) and times:
        assert value >= times
    else:
        assert value == times


def test_repetition_names_the_words_and_where_they_are():
    text = f"<think>{TWENTY}</think>" + apart(TWENTY, 4)
    found = repetition(rk.Completion(text))
    assert found.reason.startswith("the same 20 words 4 times in the response: 'w0 w1 w2")
    assert repetition(rk.Completion(text), part="thinking") is None
    assert "thinking" in repetition(rk.Completion(f"<think>{apart(TWENTY, 4)}</think>x")).reason


def test_of_loops_that_are_equally_long_the_first_is_shown():
    loops = [" ".join(f"{name}{i}" for i in range(20)) for name in "abcdefgh"]
    found = repetition(rk.Completion(" ".join(apart(loop, 4) for loop in loops)))
    assert found.reason == "the same 20 words 4 times in the text: " + repr(loops[0][:60] + "...")


def test_what_is_thought_first_and_said_then_is_not_repeated():
    thinking = apart(TWENTY, 3)
    assert repetition(rk.Completion(f"<think>{thinking}</think>{thinking}")) is None
    assert repetition(rk.Completion(f"{thinking} and {thinking}")) is not None


def test_repetition_has_options_that_are_checked():
    assert repetition(rk.Completion("a b c a b c"), words=3, times=2).value == 2
    with pytest.raises(OptionError, match="2 or more"):
        repetition.using(times=1)
    with pytest.raises(OptionError, match="more than 0"):
        repetition.using(words=0)


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 5), st.integers(2, 5))
def test_repetition_agrees_with_counting_every_run(words, n, times):
    counts = collections.Counter(zip(*(words[i:] for i in range(n)), strict=False))
    most = max(counts.values(), default=0)
    found = repetition(rk.Completion(" ".join(words)), words=n, times=times)
    assert (found.value if found else None) == (most if most >= times else None)


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 5))
def test_word_repetition_agrees_with_counting_every_run(words, n):
    counts = collections.Counter(zip(*(words[i:] for i in range(n)), strict=False))
    again = sum(c for c in counts.values() if c > 1)
    found = word_repetition(rk.Completion(" ".join(words)), words=n, max_share=0)
    assert (found.value if found else 0.0) == (again / counts.total() if again else 0.0)


def test_word_repetition_rejects_more_than_its_share():
    noise = random.Random(0)
    text = " ".join(str(noise.random()) for _ in range(100))
    assert word_repetition(rk.Completion(text)) is None
    found = word_repetition(rk.Completion(f"{text} {text} {text}"))
    assert found.value > 0.9
    assert "runs of 10 words" in found.reason
    assert word_repetition(rk.Completion(f"{text} {text}"), max_share=1.0) is None


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", None),
        ("\n \n", None),
        ("one\ntwo\nthree", None),
        ("same\nsame", 0.5),
        ("same\r\n  same \nsame\nsame", 0.75),
        ("long enough line\n}\n}\n}", None),
        ("```\n}\n}\n}\n```\ntext", None),
        ("[asy]\ndraw(A--B);\ndraw(A--B);\n[/asy]\ntext", None),
        ("\\begin{tikzpicture}\n\\draw;\n\\draw;\n\\end{tikzpicture}\ntext", None),
        ("`[asy]` begins\nsame\nsame\nsame\nsame", 12 / 30),
        ("行\n行\n行", 2 / 3),
    ],
)
def test_repeated_lines_is_the_share_of_characters_in_lines_seen_before(text, share):
    found = repeated_lines(rk.Completion(text))
    assert (found.value if found else None) == (share and pytest.approx(share))
