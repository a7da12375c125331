"""Words of a text in any script: how many, which ones, and its runs of n words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit import wordcount
from rewardkit.wordcount import count_words, split_words, word_ngrams, word_runs


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \n\t.,!? -- ''", []),
        ("The end.", ["the", "end"]),
        ("Don't re-do 3.14, or 1,000 x_1.", ["don't", "re-do", "3.14", "or", "1,000", "x_1"]),
        ("One 'quoted' word-", ["one", "quoted", "word"]),
        ("a.b 1.2.3", ["a", "b", "1.2.3"]),
        ("Straße CAFÉ’S", ["strasse", "café’s"]),
        ("हिन्दी में काम", ["हिन्दी", "में", "काम"]),
        ("السَّلامُ عليكم", ["السَّلامُ", "عليكم"]),
        ("한국어 단어", ["한국어", "단어"]),
        ("我用Python写", ["我", "用", "python", "写"]),
        ("コーヒー", ["コ", "ー", "ヒ", "ー"]),
        ("ที่ 2.5", ["ท", "ี", "่", "2.5"]),
        ("a\u200bb\u00ad\ufeff AB", ["ab", "ab"]),
        ("one\n一二\n\nTwo", ["one", "一", "二", "two"]),
        ("\ud800 a \x00 é", ["a", "é"]),
    ],
)
def test_words_are_split_by_script_and_folded(text, words):
    assert split_words(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0.0),
        ("...", 0.0),
        ("one two-three 4.5", 3.0),
        ("один два три", 3.0),
        ("汉" * 173, 100.0),
        ("ひ" * 95 + "カ" * 95, 100.0),
        ("ก" * 470, 100.0),
        ("ພ" * 47 + " " + "က" * 47, 20.0),
        ("汉" * 173 + " and 3 é", 103.0),
        ("one two\n" + "汉" * 173 + "\n\nthree", 103.0),
    ],
)
def test_words_are_counted_by_what_a_character_is_worth(text, words):
    assert count_words(text) == pytest.approx(words)


def test_the_quick_way_finds_the_same_words_as_the_slow_one():
    quick = [chr(i) for i in range(0x3000) if not wordcount._OTHER_SCRIPTS.search(chr(i))]
    assert len(quick) > 3_000
    for sign in quick:
        text = f"a{sign}b {sign}"
        # A character that no font shows sends the whole text the slow way, and is taken out.
        assert split_words(text) == split_words(text + "\u200b"), repr(sign)
        assert count_words(text) == count_words(text + "\u200b"), repr(sign)


def test_a_blank_between_chinese_characters_makes_no_word():
    assert count_words("我 们 都") == pytest.approx(count_words("我们都"))


@pytest.mark.parametrize(
    ("text", "n", "runs"),
    [
        ("a b c d", 3, ["a b c", "b c d"]),
        ("a b", 3, []),
        ("", 1, []),
        ("é b c", 2, ["é b", "b c"]),
        # 3 words are 5.19 Han characters, and no fewer than 6 have as many.
        ("一二三四五六七", 3, ["一 二 三 四 五 六", "二 三 四 五 六 七"]),
        ("一二三四五", 3, []),
        ("a 一二三四", 3, ["a 一 二 三 四"]),
    ],
)
def test_a_run_of_n_words_has_as_many_characters_as_they_are(text, n, runs):
    assert [" ".join(run) for run in word_ngrams(text, n)] == runs


@given(st.text(alphabet="ab1 一二กค.\n", max_size=60), st.integers(1, 6))
def test_runs_are_hashed_alike_where_they_are_alike(text, n):
    runs = word_runs(text, n)
    spelt = [tuple(runs.words[start:end]) for start, end in enumerate(runs.ends)]
    assert spelt == [tuple(run) for run in word_ngrams(text, n)]
    assert len(set(runs.hashes.tolist())) == len(set(spelt))
    assert len(set(zip(runs.hashes.tolist(), spelt, strict=True))) == len(set(spelt))


@pytest.mark.parametrize(
    "text",
    ["a" + "\u0301" * 200_000, "a\u200b" * 100_000, "1," * 100_000 + "é", "a'" * 100_000 + "é"],
    ids=["marks", "zero width", "commas", "apostrophes"],
)
def test_hostile_text_is_counted_in_linear_time(text):
    start = time.process_time()
    count_words(text)
    assert sum(1 for _ in word_ngrams(text, 3)) == 0
    assert time.process_time() - start < 2.0  # measured: 0.1
