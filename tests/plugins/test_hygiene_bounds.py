"""The filters length, token_length, line_length, special_characters and garbled."""

import json
import sys
import types

import pytest
from rewardkit_hygiene import garbled, length, line_length, special_characters, token_length

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.testing import check_filter


@pytest.mark.parametrize(
    ("text", "options", "value", "reason"),
    [
        ("x", {}, None, ""),
        ("", {}, 0, "0 characters in the text, fewer than 1"),
        ("", {"min_chars": 0}, None, ""),
        ("<think>a</think>", {}, 0, "0 characters in the response, fewer than 1"),
        ("<think>a</think>", {"part": "thinking"}, None, ""),
        ("x" * 1001, {"max_chars": 1000}, 1001, "1,001 characters in the text, more than 1,000"),
        ("x" * 1000, {"max_chars": 1000}, None, ""),
        ("one two three", {"max_words": 3}, None, ""),
        ("one two three", {"max_words": 2}, 3, "3 words in the text, more than 2"),
        ("one two three", {"min_words": 4}, 3, "3 words in the text, fewer than 4"),
        ("算" * 346, {"max_words": 200}, None, ""),
        ("算" * 348, {"max_words": 200}, 348 / 1.73, "201.1560694 words in the text"),
        ("คำ" * 100, {"max_words": 40}, 200 / 4.7, "words in the text, more than 40"),
        ("<think>a b c</think>a", {"max_words": 2}, 3, "3 words in the thinking"),
        ("<think>a b c</think>a", {"max_words": 2, "part": "response"}, None, ""),
    ],
)
def test_length_bounds_characters_and_words(text, options, value, reason):
    found = length(rk.Completion(text), **options)
    assert (found.value if found else None) == (value if value is None else pytest.approx(value))
    assert reason in (found.reason if found else "")


def test_bounds_are_checked_where_they_are_given():
    with pytest.raises(OptionError, match="more than 0"):
        length.using(max_chars=0)
    with pytest.raises(OptionError, match="0 or more"):
        length.using(min_words=-1)


@pytest.fixture
def counter_of_letters(monkeypatch):
    """A package tiktoken with one encoding, whose tokens are characters."""
    encoding = types.SimpleNamespace(encode=lambda text, disallowed_special: list(text.strip()))
    module = types.SimpleNamespace(get_encoding={"letters": encoding}.__getitem__)
    monkeypatch.setitem(sys.modules, "tiktoken", module)


@pytest.mark.usefixtures("counter_of_letters")
def test_token_length_counts_by_the_tokenizer_that_is_named():
    filter = token_length.using(tokenizer="tiktoken:letters", max_tokens=4, min_tokens=2)
    assert filter(rk.Completion("four")) is None
    assert filter(rk.Completion("fifth")).value == 5
    assert filter(rk.Completion("fifth")).reason == "5 tokens in the text, more than 4"
    assert filter(rk.Completion("\ud800")).value == 1
    check_filter(filter, [{"completion": "four"}])


@pytest.mark.usefixtures("counter_of_letters")
def test_a_tokenizer_that_is_not_there_is_an_error_when_it_is_named(monkeypatch):
    with pytest.raises(OptionError, match="no value for its option 'tokenizer'"):
        token_length.require_options()
    with pytest.raises(OptionError, match="there is no tokenizer 'tiktoken:words'"):
        token_length.using(tokenizer="tiktoken:words")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(OptionError, match="pip install tokenizers"):
        token_length.using(tokenizer="gpt2")


def test_token_length_reads_a_file_of_the_package_tokenizers(tmp_path):
    pytest.importorskip("tokenizers")
    model = {"type": "WordLevel", "vocab": {"a": 0, "[UNK]": 1}, "unk_token": "[UNK]"}
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"version": "1.0", "model": model, "pre_tokenizer": {"type": "Whitespace"}})
    )
    for name in (tmp_path, tmp_path / "tokenizer.json"):
        filter = token_length.using(tokenizer=str(name), max_tokens=2)
        assert filter(rk.Completion("a b")) is None
        assert filter(rk.Completion("a b c")).value == 3


@pytest.mark.parametrize(
    ("text", "options", "value"),
    [
        ("", {}, None),
        ("x" * 10_000, {}, None),
        ("short\n" + "x" * 10_001, {}, 10_001),
        ("ab\r\n\n  \nabcd", {"max_mean_chars": 3}, None),
        ("ab\n\nabcde", {"max_mean_chars": 3}, 3.5),
        ("ab\nabcd", {"min_mean_chars": 4}, 3),
        ("算" * 30, {"max_chars": 20}, 30),
    ],
)
def test_line_length_bounds_the_longest_and_the_average(text, options, value):
    found = line_length(rk.Completion(text), **options)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", None),
        ("!" * 99, None),
        ("!" * 100, 1.0),
        ("a!" * 50, None),
        ("a!!" * 40, 2 / 3),
        ("😀" * 100, 1.0),
        ("```\n" + "{}" * 100 + "\n```\n" + "a" * 100, None),
    ],
)
def test_special_characters_are_neither_letters_nor_marks_nor_numbers_nor_blanks(text, share):
    found = special_characters(rk.Completion(text))
    assert (found.value if found else None) == (share and pytest.approx(share))


@pytest.mark.parametrize(
    "text",
    [
        "यह एक हिन्दी वाक्य है जिसमें बहुत सारी मात्राएँ और संयुक्ताक्षर हैं",
        "هٰذَا نَصٌّ عَرَبِيٌّ مَشْكُولٌ بِالْكَامِلِ لِلِاخْتِبَارِ",
        "นี่คือประโยคภาษาไทยที่มีวรรณยุกต์และสระจำนวนมาก",
        "می\u200cخواهم کتاب\u200cها را ببینم و نمی\u200cدانم چه بگویم",
    ],
)
def test_marks_and_joiners_belong_to_their_words(text):
    assert special_characters(rk.Completion(text), max_share=0.0, min_chars=1) is None


@pytest.mark.parametrize(
    ("text", "count", "reason"),
    [
        ("plain\ttext\r\nwith breaks\f\v", 0, ""),
        ("Çà et là, “quotes” – dashes… é, Ã, ã, São João, €5", 0, ""),
        ("\u200e\u202eعربي\u202c \u200b e\u0301 👩\u200d👧 \ufeff 𝑥", 0, ""),
        ("\x00", 1, "U+0000"),
        ("a\x1b[31m\x7f", 2, "U+001B"),
        ("caf\ufffd\ufffd", 2, "U+FFFD (replacement character)"),
        ("\ud83d and \ufdd0 and \U0001fffe", 3, "U+D83D"),
        ("\ue000\U000f0000", 2, "U+E000"),
        ("itâ€™s and cafÃ©", 2, "â€™"),
        ("5Â°C, Â£3, 4 mÂ², VerhÃ¤ltnis, Ãœbung, Ã–l, grÃ¶ÃŸer", 8, "Â°"),
        ("Å‚Ã³dÅº, Ä°stanbul, Å“uvre, coÃ»t", 6, "Å‚"),
        ("a â†’ b, x â‰¤ y, ðŸ˜€, ï¿½, ï¼Œ, â”œâ”€", 7, "â†’"),
        ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚, Ø§Ù„, Î±Î², ì•ˆë…•, à¤¨à¤®, ä½\xa0å¥½", 6, "Ð¿Ñ€Ð¸Ð²ÐµÑ‚"),
        ("MAÇÃ, “MAÇÃ” – NÃO, PÃO…, MAÇÃ—e, «MAÇû, «où», „blå“, “là—”", 0, ""),
        ("⟨Â²⟩, 10 Å², ÂNGELA, à la “é”…, «café»…, Ñ, ESPAÑA, ×2, × ½, ØÅ, Ð", 0, ""),
        ("Đà Nẵng, NHÀ Ở, Ã, ÂU, œuvre, Île, ΑΒ, при, العربية, हिन्दी, 한국어, ไทย", 0, ""),
        ("é\x9f", 1, "U+009F"),
    ],
)
def test_garbled_counts_characters_that_no_text_has(text, count, reason):
    found = garbled(rk.Completion(text))
    assert (found.value if found else 0) == count
    first = f": {reason}" if count == 1 else f"{count} garbled characters, the first {reason}"
    assert (first if count else "") in (found.reason if found else "")
    assert garbled(rk.Completion(text), max_count=count) is None
