"""`near_duplicate`: of a prompt's completions that say almost the same, the first one stays."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rewardkit_hygiene import near_duplicate
from rewardkit_hygiene.shingles import shingles

import rewardkit as rk
from rewardkit.errors import OptionError

ENGLISH = """So she starts with 16 eggs a day. She eats three for breakfast, which
leaves 13 of them, and then four go into the muffins that she bakes for her friends, so
that 9 are left over. At two dollars for each egg she makes 9 * 2 = 18 dollars at the
market, every single day of the week."""
CHINESE = """首先，她每天有十六个鸡蛋。早餐吃掉三个，剩下十三个；然后用四个给朋友们烤松
饼，还剩九个。每个鸡蛋卖两美元，所以她每天在市场上可以赚到十八美元。让我再检查一遍：十六
减三减四等于九，九乘以二等于十八。"""
JAPANESE = """まず、毎日卵が十六個あります。朝食に三個食べるので、十三個残ります。それ
から友だちのためにマフィンを焼くのに四個使うので、九個残ります。一個二ドルで売るので、毎
日市場で十八ドルかせぎます。"""
THAI = """ก่อนอื่น เธอมีไข่วันละสิบหกฟอง เธอกินสามฟองเป็นอาหารเช้า จึงเหลือสิบสามฟอง
จากนั้นเธอใช้สี่ฟองอบมัฟฟินให้เพื่อน จึงเหลือเก้าฟอง เธอขายฟองละสองดอลลาร์
ดังนั้นเธอได้เงินวันละสิบแปดดอลลาร์ที่ตลาด ลองตรวจสอบอีกครั้ง คำตอบยังเหมือนเดิม"""
ARABIC = """أولاً لديها ستة عشر بيضة كل يوم. تأكل ثلاثاً منها في الفطور فيبقى ثلاث عشرة
بيضة، ثم تستعمل أربعاً لخبز الكعك لأصدقائها فيبقى تسع بيضات. تبيع كل بيضة بدولارين، إذن
تكسب ثمانية عشر دولاراً كل يوم في السوق."""
RUSSIAN = """Сначала у неё шестнадцать яиц в день. Три она съедает на завтрак, остаётся
тринадцать, потом четыре уходят на кексы для друзей, и остаётся девять. Каждое яйцо она
продаёт за два доллара, значит, она зарабатывает восемнадцать долларов каждый день."""
# The same question, thought through in other words.
OTHER_ENGLISH = """We are asked how much she makes. Let x be the number of eggs which
are sold: x = 16 - 3 - 4, in other words x = 9. Since an egg costs $2, the answer is 2x,
and that gives us 18. To check: 18 / 2 is 9, plus 4 is 13, plus 3 is 16, as it was said
in the question."""
OTHER_CHINESE = """设卖出的鸡蛋数为x。由题意可知，x等于十六减去三再减去四，也就是九。题
目问的是一天的收入，单价是两美元一个，因此收入为二乘以九，答案是十八。验算：十八除以二得
九，加四得十三，加三正好是十六，符合题意。"""
OTHER_JAPANESE = """売る卵の数をxとおきます。問題文より、xは十六から三と四をひいたもの、
つまり九です。値段は二ドルですから、収入は九かける二で、答えは十八ドルになります。たしか
めると、合計はもとの数と一致します。"""
OTHER_THAI = """ให้ x แทนจำนวนไข่ที่ขาย จากโจทย์จะได้ว่า x เท่ากับสิบหกลบสามลบสี่
ซึ่งก็คือเก้า ราคาขายคือสองดอลลาร์ต่อหนึ่งหน่วย รายรับทั้งหมดจึงเท่ากับสองคูณเก้า
คำตอบคือสิบแปด ทดสอบย้อนกลับ สิบแปดหารด้วยสองได้เก้า บวกสี่และบวกสามจะได้ค่าเริ่มต้นพอดี"""


def candidates(*texts):
    return [
        rk.Candidate(i, "p", rk.Completion(t), None, {}, f"a.jsonl:{i + 1}")
        for i, t in enumerate(texts)
    ]


def chosen(*texts, **options):
    return [c.index for c in near_duplicate.using(**options).select(candidates(*texts)).kept]


def reasons(*texts, **options):
    return near_duplicate.using(**options).select(candidates(*texts)).reasons


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        (ENGLISH, "starts with", "begins with"),
        (ENGLISH, "every single day of the week", "every day"),
        (CHINESE, "首先", "我们先看"),
        (CHINESE, "然后用", "接着拿"),
        (JAPANESE, "まず、", "はじめに、"),
        (JAPANESE, "朝食に", "朝ごはんに"),
        (THAI, "ก่อนอื่น", "อันดับแรก"),
        (THAI, "จากนั้น", "ต่อมา"),
        (ARABIC, "أولاً", "في البداية"),
        (RUSSIAN, "Сначала", "В начале"),
    ],
)
def test_the_same_thoughts_with_a_word_changed_stay_once(text, old, new):
    assert text.count(old) == 1
    edited = text.replace(old, new)
    assert chosen(text, edited) == [0]
    [(index, rejection)] = reasons(text, edited).items()
    assert index == 1
    assert 0.7 <= rejection.value < 1
    said = f"a similarity of {rejection.value:.3f} to a.jsonl:1, 0.7 or more"
    assert rejection.reason == said


@pytest.mark.parametrize(
    "texts",
    [
        (ENGLISH, OTHER_ENGLISH),
        (CHINESE, OTHER_CHINESE),
        (JAPANESE, OTHER_JAPANESE),
        (THAI, OTHER_THAI),
        (ENGLISH, CHINESE, JAPANESE, THAI, ARABIC, RUSSIAN),
    ],
)
def test_other_thoughts_about_the_same_question_all_stay(texts):
    assert chosen(*texts, threshold=0.2) == list(range(len(texts)))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, JAPANESE, THAI, "", "4", "\ud800", "\x00"])
def test_an_equal_text_goes_however_short_it_is(text):
    said = rk.Rejection("the same text as a.jsonl:1", 1.0)
    assert reasons(text, "other", text, text) == {2: said, 3: said}


@pytest.mark.parametrize(
    ("some", "others"),
    [
        ("The answer is 4.", "The answer is 5."),
        ("The answer is -4", "The answer is 4"),
        ("the answer is yes", "The answer is: yes"),
        ("答案是四。", "答案是五。"),
        ("", " "),
        ("한국어", "日本語"),
    ],
)
def test_short_answers_that_differ_all_stay(some, others):
    assert chosen(some, others, threshold=0.0) == [0, 1]


@pytest.mark.parametrize(
    "other",
    [
        ENGLISH.upper(),
        ENGLISH.replace("\n", " "),
        ENGLISH.replace(",", ";").replace(".", "!"),
        ENGLISH.replace(" ", " \u200b").replace("starts", "sta\u00adrts"),
        f"**{ENGLISH}**\n\n—",
    ],
)
def test_case_punctuation_and_what_cannot_be_seen_are_no_matter(other):
    [rejection] = reasons(ENGLISH, other).values()
    assert rejection.value == 1.0


def test_signs_of_mathematics_are_words():
    counted = " ".join(f"and then {n} < {n * n}" for n in range(20))
    [rejection] = reasons(counted, counted.replace("<", ">", 1), threshold=0.5).values()
    assert rejection.value < 1
    assert chosen(counted, counted.replace("<", ">")) == [0, 1]


def test_the_first_in_the_chains_order_stays_and_no_other_is_named():
    short, long = ENGLISH, f"{ENGLISH} That is all of it, as far as she can tell."
    longest = f"{long} So it is 18."
    given_order = candidates(long, longest, short)
    selection = near_duplicate.select(given_order)
    assert [c.index for c in selection.kept] == [0]
    assert all("a.jsonl:1" in r.reason for r in selection.reasons.values())
    shortest = rk.get_selector("shortest").select(given_order).kept
    assert [c.index for c in near_duplicate.select(shortest).kept] == [2]


def test_what_resembles_only_a_dropped_one_stays():
    """Else a chain of small steps would drop everything."""
    words = [f"w{i}" for i in range(100)]
    steps = [" ".join([*words[:n], *(f"x{i}" for i in range(n, 100))]) for n in (100, 88, 76)]
    assert chosen(*steps) == [0, 2]
    assert chosen(*steps[1:]) == [1 - 1]


def similarity(some, others, words):
    """Jaccard's index of the runs of words, the plain way: for ASCII letters and blanks."""
    runs = [set(zip(*(t.split()[i:] for i in range(words)), strict=False)) for t in (some, others)]
    return len(runs[0] & runs[1]) / max(len(runs[0] | runs[1]), 1), min(map(len, runs))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    length=st.integers(1, 600),
    share=st.floats(0, 0.3),
    words=st.integers(1, 6),
    threshold=st.sampled_from([0.0, 0.3, 0.5, 0.7, 0.9, 1.0]),
)
def test_the_similarity_is_jaccards_and_no_pair_is_missed(seed, length, share, words, threshold):
    chance = random.Random(seed)
    vocabulary = [f"{'abcdefgh'[n % 8]}{n}" for n in range(chance.choice([2, 50, 5_000]))]
    first = [chance.choice(vocabulary) for _ in range(length)]
    second = [chance.choice(vocabulary) if chance.random() < share else w for w in first]
    some, others = " ".join(first), " ".join(second)
    expected, fewest = similarity(some, others, words)
    crowd = [" ".join(f"z{n}z{i}" for i in range(40)) for n in range(10 if threshold else 0)]
    found = reasons(*crowd, some, others, words=words, threshold=threshold)
    if some == others:
        assert found[len(crowd) + 1].value == 1.0
    elif fewest >= 20 and expected >= threshold:
        assert found[len(crowd) + 1].value == pytest.approx(expected)
    else:
        assert found == {}


def sharing(number, shared, own):
    """Two texts of words that stand there once, of which they share some."""
    common = [f"w{number}w{n}" for n in range(shared)]
    return [
        " ".join([*common, *(f"{name}{number}{name}{n}" for n in range(own))]) for name in "xy"
    ]


def test_no_pair_is_missed_for_an_estimate():
    """A similarity of 0.702, of which a sketch says 0.55 to 0.85."""
    pairs = [sharing(number, 212, 45) for number in range(100)]
    found = reasons(*(first for first, _ in pairs), *(second for _, second in pairs), words=1)
    assert {place: rejection.reason for place, rejection in found.items()} == {
        100 + n: f"a similarity of 0.702 to a.jsonl:{n + 1}, 0.7 or more" for n in range(100)
    }


def test_the_threshold_itself_is_enough_and_short_texts_are_no_measure():
    assert chosen(*sharing(0, 20, 10), words=1, threshold=0.5) == [0]
    assert chosen(*sharing(0, 20, 10), words=1, threshold=0.501) == [0, 1]
    assert chosen(*sharing(0, 15, 5), words=1, threshold=0.6) == [0]
    assert chosen(*sharing(0, 15, 4), words=1, threshold=0.6) == [0, 1]
    for texts in ((ENGLISH, "far too short"), ("far too short", ENGLISH)):
        assert chosen(*texts, threshold=0.0) == [0, 1]


def test_many_samples_of_one_prompt_are_told_apart_as_two_are():
    chance = random.Random(1)
    words = [f"w{n}" for n in range(3_000)]
    texts = [" ".join(chance.choices(words, k=120)) for _ in range(150)]
    copies = [f"{text} the end" for text in texts]
    assert chosen(*texts, *copies) == list(range(150))
    found = reasons(*texts, *copies)
    assert [found[150 + i].reason.split()[5] for i in range(150)] == [
        f"a.jsonl:{i + 1}," for i in range(150)
    ]


def test_a_run_has_the_same_hash_in_every_process_and_wherever_it_stands():
    [alone] = shingles(["a b c"], 3)
    assert alone.tolist() == [10384073545387763557]
    texts = ["", "x y a b c", "漢字です a b c", "p " * 200_000 + "a b c", "É é a b c"]
    for text, runs in zip(texts, shingles(texts, 3), strict=True):
        assert (alone[0] in runs.tolist()) == ("a b c" in text)
        assert runs.tolist() == sorted(set(runs.tolist()))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a b", 0),
        ("a b c", 1),
        ("a b c d", 2),
        ("a b c a b c a b c", 3),
        ("don't", 0),
        ("1,000.5", 1),
        ("x<5 x>5 x", 1),
        ("天地玄黄宇宙", 1),  # three words are six characters
        ("天地玄黄宇宙洪荒", 3),
        ("あいうえおかきく", 3),
        ("กขคงจฉชซ" * 2, 2),  # and fifteen Thai ones
        ("天地 玄黄，宇宙", 1),
        ("天a地b", 1),
        ("\u200b" * 50, 0),
        ("\ud800 \ud801 \ud802 \x00", 0),
    ],
)
def test_a_run_is_as_many_words_as_it_is_told_in_every_script(text, count):
    [runs] = shingles([text], 3)
    assert len(runs) == count


UNITS = [
    "a",
    "a ",
    "ab cd. ",
    "\n",
    "é\n",
    "a\né",
    "因为",
    "a算ก",
    "\u200b",
    "\u0301",
    "\ud800",
    "\x00",
    "ดังนั้น",
    "< ",
    "👩\u200d👧",
]


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_hostile_and_huge_texts_take_linear_time(unit):
    text = (unit * 300_000)[:300_000]
    begin = time.process_time()
    assert chosen(text, f"{text}x", text[:-1])[0] == 0
    assert time.process_time() - begin < 20.0  # measured: 0.2 at most


def test_ten_megabytes_in_one_line_are_compared():
    text = "ab cd. " * 750_000 + "the end of it"
    edited = text.replace("ab cd", "ab ce", 10)
    assert chosen(text, "x" + edited, words=2, threshold=0.5) == [0, 1]  # few different runs
    numbers = " ".join(map(str, range(1_000_000)))
    assert chosen(numbers, f"0 {numbers}", numbers.replace("5", "6")) == [0, 2]


def test_options_are_checked_where_they_are_given():
    for wrong in ({"threshold": 1.5}, {"words": 0}, {"treshold": 0.5}):
        with pytest.raises(OptionError):
            near_duplicate.using(**wrong)


def test_it_is_found_by_its_name():
    assert rk.get_selector("near_duplicate") == near_duplicate
