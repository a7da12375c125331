"""The rewards `length`, `cosine`, `overlong` and `repetition`, by the papers' formulas."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_format import cosine, length, overlong, repetition
from tokenizers import Tokenizer, models, pre_tokenizers

import rewardkit as rk
from rewardkit.errors import OptionError


def rows(*samples, prompt="p"):
    """Rows of one prompt from (length in characters, whether it is right)."""
    return [{"prompt": prompt, "completion": "x" * n, "correct": right} for n, right in samples]


ROW = {"prompt": "p", "completion": "x", "correct": True}


def values(reward, given_rows):
    return [score.value for score in reward.score(given_rows)]


def test_length_is_kimis_formula():
    # lambda = 0.5 - (length - 10) / 30
    found = values(length, rows((10, 1), (25, 1), (40, 1), (10, 0), (16, 0), (40, 0)))
    assert found == pytest.approx([0.5, 0.0, -0.5, 0.0, 0.0, -0.5])


def test_length_looks_at_each_prompt_by_itself():
    one, other = rows((10, 1), (20, 1)), rows((100, 1), (300, 1), prompt="q")
    mixed = [one[0], other[0], one[1], other[1]]
    # Over the whole batch, as open-r1 has it, these would be .5, .19, .47, -.5.
    assert values(length, mixed) == [0.5, 0.5, -0.5, -0.5]


def test_completions_of_one_length_score_zero_and_so_does_one_alone():
    assert values(length, rows((10, 1), (10, 0))) == [0.0, 0.0]
    [alone] = length.score(rows((10, 1)))
    assert (alone.value, alone.reason) == (0.0, "10 characters, as every completion of the prompt")


@pytest.mark.parametrize("reward", [length, cosine], ids=lambda reward: reward.name)
def test_a_column_correct_that_says_nothing_or_cannot_be_read_is_its_own_rows_matter(reward):
    right = r"\boxed{4}"
    given_rows = [
        {"prompt": "p", "completion": right + "." * n, "correct": correct, "answer": "4"}
        for n, correct in enumerate([math.nan, "yes", [1], 10**400, True, 0.9])
    ]
    found = reward.score(given_rows)
    assert [score.failed for score in found] == [False, True, True, True, False, False]
    assert "the column `correct` is 'yes', neither" in found[1].reason
    assert [score.reason[:5] for score in (found[0], found[4], found[5])] == [
        *("right", "right", "wrong")
    ]


@given(st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=2, max_size=8))
def test_length_is_bounded_falls_with_the_length_and_pays_no_wrong_answer(samples):
    found = values(length, rows(*samples))
    assert all(
        -0.5 <= value <= (0.5 if right else 0.0)
        for value, (_, right) in zip(found, samples, strict=True)
    )
    for told in (True, False):
        ordered = [v for (n, r), v in sorted(zip(samples, found, strict=True)) if r is told]
        assert all(a >= b for a, b in pairwise(ordered))


def test_what_is_right_says_the_verifier_where_the_row_does_not():
    given_rows = [
        {"prompt": "p", "completion": r"\boxed{4}", "answer": "4", "correct": None},
        {"prompt": "p", "completion": r"\boxed{5}", "answer": "4", "correct": None},
        {"prompt": "p", "completion": r"\boxed{5}" + "." * 9, "answer": "4", "correct": True},
    ]
    assert values(length, given_rows) == pytest.approx([0.5, 0.0, -0.5])
    assert values(cosine.using(verifier="math"), given_rows[:2]) == pytest.approx(
        [1.0, -1.0], abs=0.01
    )


def test_where_the_verifier_abstains_the_length_does_too():
    given_rows = [{"prompt": "p", "completion": "4" * n, "answer": None} for n in (1, 2)]
    for reward in (length, cosine):
        found = reward.score(given_rows)
        assert [(score.value, score.failed) for score in found] == [(None, False)] * 2
        assert found[0].reason.startswith("whether it is right: ")


@pytest.mark.parametrize("reward", [length, cosine], ids=lambda reward: reward.name)
def test_a_verifier_that_breaks_is_a_failed_score_and_no_wrong_answer(reward, monkeypatch):
    @rk.reward
    def broken(completion: str) -> float:
        """Breaks."""
        raise OSError("no disk")

    monkeypatch.setattr(rk, "get_reward", lambda name: broken)
    found = reward.score([{"prompt": "p", "completion": "x" * n} for n in (1, 2)])
    assert all(score.failed for score in found)
    assert found[0].reason == "whether it is right: OSError: no disk"


@pytest.mark.parametrize("reward", [length, cosine], ids=lambda reward: reward.name)
@pytest.mark.parametrize("verifier", ["no such reward", "length", "cosine"])
def test_a_verifier_that_is_none_raises_where_it_is_given(reward, verifier):
    with pytest.raises(OptionError, match=verifier):
        reward.using(verifier=verifier)


@pytest.mark.parametrize(
    ("characters", "right", "wrong"),
    [
        (0, 1.0, -1.0),
        (250, 0.9267767, -0.9267767),
        (500, 0.75, -0.75),
        (750, 0.5732233, -0.5732233),
        (1000, 0.5, -0.5),
        # open-r1's cosine turns here: 0.75 and -0.75 at 1500, 1.0 and -1.0 at 2000.
        (1500, 0.5, -0.5),
        (2000, 0.5, -0.5),
    ],
)
def test_cosine_is_the_papers_formula_and_stays_where_it_ends(characters, right, wrong):
    assert values(cosine, rows((characters, 1), (characters, 0))) == pytest.approx([right, wrong])


def test_cosine_scores_what_exceeds_as_the_paper_does():
    reward = cosine.using(max_length=100, exceeding=-10.0)
    found = values(reward, rows((99, 1), (100, 1), (300, 0)))
    assert found == pytest.approx([0.5001234, -10.0, -10.0], abs=1e-5)


def test_cosine_takes_other_ends():
    reward = cosine.using(
        max_length=10, correct_short=2.0, correct_long=1.0, wrong_short=-10.0, wrong_long=0.0
    )
    assert values(reward, rows((0, 1), (5, 1), (10, 1), (0, 0), (5, 0), (10, 0))) == pytest.approx(
        [2.0, 1.5, 1.0, -10.0, -5.0, 0.0]
    )


@pytest.mark.parametrize(
    ("tokens", "value"),
    [
        (0, 0.0),
        (80, 0.0),
        (81, -0.05),
        (90, -0.5),
        (99, -0.95),
        (100, -1.0),
        (101, -1.0),
        (999, -1.0),
    ],
)
def test_overlong_is_dapos_equation_13(tokens, value):
    reward = overlong.using(max_length=100, buffer=20)
    [found] = reward.score([{"completion": "x", "completion_ids": [0] * tokens}])
    assert found.value == pytest.approx(value)


def test_overlong_says_how_much_is_too_much():
    reward = overlong.using(max_length=100, buffer=20, unit="characters")
    assert [score.reason for score in reward.score(rows((80, 1), (90, 1), (101, 1)))] == [
        "80 characters, no more than 80",
        "90 characters, 10 of them in the buffer of 20",
        "101 characters, more than 100",
    ]


def test_the_buffer_is_a_fifth_of_the_length_by_default_as_dapos():
    assert values(overlong, [{"completion": "", "completion_ids": [0] * 18_432}]) == [-0.5]
    reward = overlong.using(max_length=100, unit="characters")
    assert values(reward, rows((80, 1), (90, 1), (100, 1))) == [0.0, -0.5, -1.0]


def test_with_a_buffer_of_zero_overlong_is_a_cliff():
    reward = overlong.using(max_length=10, buffer=0, unit="characters")
    assert values(reward, rows((10, 1), (11, 1))) == [0.0, -1.0]


def test_a_buffer_of_more_than_the_length_raises_where_it_is_given():
    for options in ({"buffer": 6, "max_length": 5}, {"buffer": 30_000}):
        with pytest.raises(OptionError, match=r"buffer = .* must not be above max_length"):
            overlong.using(**options)
    # One by one they are not seen together until they are used.
    [found] = overlong.using(buffer=6).using(max_length=5).score([{"completion_ids": []} | ROW])
    assert found.failed
    assert "a buffer of 6 is more than the max_length of 5" in found.reason


def test_lengths_are_counted_in_the_unit_asked_for(tmp_path):
    made = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.save(str(tmp_path / "tokenizer.json"))
    row = {"completion": "汉" * 173 + " one two"}
    found = {
        unit: overlong.using(unit=unit, tokenizer=str(tmp_path)).score([row])[0].evidence["length"]
        for unit in ("characters", "words", "tokens")
    }
    assert found == {"characters": 181, "words": pytest.approx(102), "tokens": 181}
    ids = {**row, "completion_ids": [1, 2, 3]}
    assert overlong.using(tokenizer=str(tmp_path)).score([ids])[0].evidence["length"] == 3


def test_without_token_ids_or_a_tokenizer_lengths_in_tokens_abstain():
    for reward in (overlong, length.using(unit="tokens"), cosine.using(unit="tokens")):
        [found, _] = reward.score([ROW, ROW])
        assert found.value is None
        assert "completion_ids" in found.reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a b c d e", 0.0),
        # Four runs of three words, three of them different.
        ("a b c a b c", -1 / 4),
        ("a b c, a b c.", -1 / 4),
        ("A b c a B C", -1 / 4),
        ("a b c a\u200b b c\u00ad", -1 / 4),
        ("a a a a a", -2 / 3),
        ("да да да да да", -2 / 3),
        # Runs of six characters: three words of Han. Seven, of which four are different.
        ("我们计算我们计算我们计算", -3 / 7),
        # Split at blanks, as open-r1 has it, this is one word, and no repetition.
        ("重复" * 100, -193 / 195),
        ("!" * 200, -197 / 198),
        ("🎉 " * 200, -197 / 198),
        ("a" * 200, -197 / 198),
        ("a\u200b" * 200, -197 / 198),
        ("की" * 100, -196 / 198),
        # Ruled lines, tables and a long number repeat nothing.
        ("one two three\n" + "-" * 80 + "\n| four | five |\n|:----|:----|", 0.0),
        ("one two three " + "01" * 32, 0.0),
        # Nothing can come twice.
        ("one two", 0.0),
        ("one", 0.0),
        ("- - - -", None),
        ("\u200b", None),
        ("", None),
    ],
)
def test_repetition_is_the_share_of_ngrams_that_came_before(text, value):
    assert repetition(rk.Completion(text)).value == (
        value if value is None else pytest.approx(value)
    )


def test_the_ngram_that_comes_most_is_named():
    found = repetition(rk.Completion("so we go and so we go and so we stop"), n=2)
    assert found.reason == "5 of 10 runs of 2 words have come before: 'so we' 3 times"


def test_repetition_counts_the_tokens_of_the_column():
    reward = repetition.using(n=2, unit="tokens", penalty=2.0)
    [found] = reward.score([{"completion": "a", "completion_ids": [5] * 5}])
    assert found.value == pytest.approx(-1.5)
    [found] = reward.score([{"completion": "a", "completion_ids": np.full(5, 5)}])
    assert found.value == pytest.approx(-1.5)
    assert values(reward, [{"completion": "", "completion_ids": ids} for ids in ([5], [])]) == [
        *(0.0, None)
    ]
    [found] = reward.score([{"completion": "a a a a"}])
    assert found.value is None


def test_without_a_penalty_a_repetition_is_zero_and_not_minus_zero():
    [found] = repetition.using(penalty=0).score([{"completion": "a a a a"}])
    assert str(found.value) == "0.0"


def test_a_text_of_all_natural_languages_repeats_little():
    texts = {
        "en": "The area of a triangle is half its base times its height, so we measure both.",
        "zh": "三角形的面积等于底乘以高再除以二，所以我们先量出底边和高的长度，然后代入公式计算。",
        "ja": "三角形の面積は底辺に高さをかけて二で割ったものなので、まず両方の長さを測ります。",
        "th": "พื้นที่ของรูปสามเหลี่ยมเท่ากับครึ่งหนึ่งของฐานคูณด้วยความสูง เราจึงวัดทั้งสองก่อน",
        "ar": "مساحة المثلث هي نصف حاصل ضرب القاعدة في الارتفاع، لذلك نقيس كليهما أولا.",
        "hi": "त्रिभुज का क्षेत्रफल आधार और ऊँचाई के गुणनफल का आधा होता है, इसलिए पहले दोनों नापते हैं।",
    }
    for text in texts.values():
        once = repetition(rk.Completion(text)).value
        assert once == 0.0
        assert repetition(rk.Completion(" ".join([text] * 20))).value < -0.9


@pytest.mark.parametrize(
    "reward", [repetition, overlong.using(unit="words")], ids=["repetition", "overlong"]
)
@pytest.mark.parametrize(
    "text",
    [
        "a " * 100_000,
        "重" * 70_000,
        "!" * 200_000,
        "! " * 100_000,
        "a" * 200_000,
        "!!!!!!! a " * 20_000,
        ("!" * 119 + "a") * 1_600,
        ("a" * 119 + " ") * 1_600,
        "!" + " " * 50_000,
        ("! " + " " * 2_000) * 100,
        "e\u0301" * 60_000,
        "\u200b" * 60_000 + "a",
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_text_is_read_in_linear_time(reward, text):
    start = time.process_time()
    reward.score([{"completion": text}])
    assert time.process_time() - start < 2.0  # measured: under 0.4
