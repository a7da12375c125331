"""The short ways by which words and tokens are found give what the long ones would."""

import random
import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rewardkit_language import prose, words
from rewardkit_language.languages import SCRIPTS
from rewardkit_language.tokens import PADDING, Tokens

ALPHABETS = ("abzAZéßİſ", "абяАЯЁѣ", "각힣", "ابي", "हिंक्", "中あก")
MARKS = ".,;:!?)(]['\"“”‘’«»…।،؟-_/@#=0123\u200c\u200d\u0301\ufe0f"
# One alphabet and hardly a mark, as most tokens are; words with marks between them; and anything.
TOKENS = st.sampled_from([*ALPHABETS, "".join(ALPHABETS)]).flatmap(
    lambda letters: st.text(st.sampled_from(letters * 4 + MARKS), min_size=1, max_size=5)
)
NAMES = st.builds(
    lambda mark, parts: mark.join(parts),
    st.sampled_from("()[]._-='’/"),
    st.lists(st.sampled_from(("ab", "x", "Ab", "яё", "")), min_size=2, max_size=9),
)
MANY = SimpleNamespace(findall=lambda token: range(len(token) + words._MOST_NAMES))
NEVER = re.compile(r"(?m)(?!)(x)|^.+$")


@pytest.mark.parametrize("scripts", [SCRIPTS, ("Latin",), ("Arabic", "Han"), ()])
def test_a_plain_word_is_read_as_any_other(scripts):
    @settings(max_examples=600)
    @given(
        st.lists(TOKENS | NAMES | st.text(min_size=1, max_size=6).filter(str.split), max_size=4)
    )
    def compare(texts):
        tokens = " ".join(texts).split()
        with pytest.MonkeyPatch.context() as patch:
            short = list(map(list, words.read_words(tokens, scripts)))
            patch.setattr(words, "_PLAIN_WORDS", NEVER)
            patch.setattr(words, "_ASCII_LETTERS", MANY)
            assert list(map(list, words.read_words(tokens, scripts))) == short

    compare()


def numbered(tokens, text):
    """The numbers that a text's tokens have."""
    data = text.encode()
    starts, ends = zip(*((m.start(), m.end()) for m in re.finditer(rb"\S+", data)), strict=True)
    return tokens.find(data + bytes(PADDING), np.array(starts), np.array(ends)).tolist()


def test_each_token_keeps_its_number_and_shares_it_with_none():
    draw = random.Random(0)
    known = {}
    given_out = []
    tokens = Tokens(given_out.extend)
    for _ in range(60):  # the table grows twice
        batch = [
            "".join(draw.choices("abcdeé中", k=draw.choice([1, 2, 7, 8, 9, 15, 16, 17, 30, 80])))
            for _ in range(400)
        ]
        for token, number in zip(batch, numbered(tokens, " ".join(batch)), strict=True):
            if len(token.encode()) <= 80:  # a longer one is met once
                assert known.setdefault(token, number) == number
    assert len(set(known.values())) == len(known)
    assert all(given_out[number - 1] == token.encode() for token, number in known.items())


def test_tokens_that_begin_alike_are_not_one():
    tokens = Tokens(lambda _: None)
    alike = [letter * length for length in range(1, 20) for letter in "ab"]
    first = numbered(tokens, " ".join(alike))
    assert len(set(first)) == len(alike)
    assert numbered(tokens, " ".join(reversed(alike))) == first[::-1]


def drawn(pieces):
    return st.lists(st.sampled_from(pieces), max_size=16).map("".join)


ADDRESSES = drawn(("https", "://", "www.", "a-1.de", "/x?q=1", "b+c-", "é", "x", " ", "<", "\n"))
MAILBOXES = drawn(("@", "a.b", "x" * 63, "x", "é", "-", "+", ".", "ab.cd", " ", "@a.b", "_"))
FORMULAS = (r"\(", r"\)", r"\[", r"\]", "$", "$$", "\\", r"\frac", r"\begin{x}", "5", " ", "\n")
SPANS = drawn((*FORMULAS, "`", "``", "<b>", "</b>", "<a ", ">", "<", r"\text{", "word " * 9, "}"))


@pytest.mark.parametrize(
    ("texts", "pattern", "starts", "replacement"),
    [
        (ADDRESSES, prose._URL, prose._url_starts, prose._blank),
        (MAILBOXES, prose._EMAIL, prose._email_starts, prose._blank),
        (SPANS, prose._SPAN, prose._span_starts, prose._only_prose),
    ],
    ids=["addresses", "mailboxes", "spans"],
)
def test_what_is_left_out_is_found_by_its_marks_as_by_its_pattern(
    texts, pattern, starts, replacement
):
    @settings(max_examples=300)
    @given(texts)
    def compare(text):
        found = prose._replaced(text, pattern, starts(text), replacement)
        assert found == pattern.sub(replacement, text)

    compare()
