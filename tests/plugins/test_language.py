"""The reward `language` and the filter `mixed_language`: words, runs, targets, hiding places."""

import gzip
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_language import LANGUAGES, language, languages, mixed_language
from rewardkit_language.backends import load_backend
from rewardkit_language.detector import Detector, detector
from rewardkit_language.languages import SCRIPTS, find_language
from rewardkit_language.prose import prose
from rewardkit_language.viterbi import SCALE, SWITCH, path

import rewardkit as rk
from rewardkit.errors import OptionError

R1 = Path(__file__).parents[2] / "../shared/data/r1_code_rollouts.jsonl.gz"
MIXES = R1.parent / "language/mixes.jsonl.gz"
HAN, KANA, THAI = 1 / 1.73, 1 / 1.90, 1 / 4.70


def words(text, target):
    return detector(LANGUAGES[target], "py3langid").count(text)


def score(text, **given):
    return language(rk.Completion(text), **given)


@pytest.mark.parametrize(
    ("target", "text", "total", "on_target"),
    [
        ("en", "the answer is five", 4, 4),
        ("en", "the answer is 五十六", 3 + 3 * HAN, 3),
        ("zh", "所以答案是 five", 5 * HAN + 1, 5 * HAN),
        ("zh", "答案，是。的", 4 * HAN, 4 * HAN),
        ("ja", "答えは三です", 2 * HAN + 4 * KANA, 2 * HAN + 4 * KANA),
        ("zh", "答えは三です", 2 * HAN + 4 * KANA, 0),
        ("ja", "答案是三", 4 * HAN, 0),
        ("zh", "答案\nラーメン", 2 * HAN + 4 * KANA, 2 * HAN),
        ("th", "คำตอบคือ five", 8 * THAI + 1, 8 * THAI),
        ("ru", "Ответ равен пяти", 3, 3),
        ("ru", "Ответ is пять", 3, 2),
        ("ar", "الجواب هو خمسة", 3, 3),
        ("hi", "उत्तर पाँच है", 3, 3),
        ("ko", "답은 오 입니다 five", 4, 3),
        ("el", "η απάντηση είναι πέντε", 3, 3),
        ("he", "התשובה היא חמש", 3, 3),
        ("ka", "პასუხი არის five", 3, 2),
        ("fa", "می\u200cشود five", 2, 1),
        ("sr", "Одговор je pet", 3, 3),
        ("en", "Ответ ⴰⵎⴰⵣⵉⵖ five", 3, 1),
        ("en", "la réponse est cinq", 4, 0),
        ("vi", "đáp án là năm", 4, 4),
    ],
)
def test_words_are_counted_by_script(target, text, total, on_target):
    found = words(text, target)
    assert found[:2] == pytest.approx((total, on_target))


@pytest.mark.parametrize(
    "span",
    [
        "12 3.5 1e10 0x1F ２３",
        "x y π é Я",
        "LCM GCD НОД ABCDEF",
        "camelCase getValue",
        "x1 snake_case _private 3rd 2x log2",
        "`some code`",
        "``some `more` code``",
        "$some TeX$",
        "$$some\nTeX$$",
        r"\(some \text{TeX}\)",
        r"\[some" + "\n" + r"\frac{more}{TeX}\]",
        r"\alpha \begin{align*} \end{align*}",
        "<b> </b> <br/> <a href='some where'>",
        "https://some.where/path?of=words#here www.some.where",
        "some.body@some.where.org",
        "ℝ 𝑥 ²",
        "\n```python\nsome code\n```\n",
        "\n~~~\nnever closed",
    ],
)
def test_what_is_in_no_language_is_not_counted(span):
    for target in ("en", "zh", "ru"):
        assert words(span, target).total == 0
        assert words(f"我 {span}", target).total == pytest.approx(HAN)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("it costs $5 or $10 there", 4),
        ("a < b or c > d here", 2),
        ("don't well-known l’eau", 3),
        ("ANSWERS", 1),
        (r"\( never closed", 2),
        ("`never closed\nhere", 3),
        ("cafe\u0301s", 1),
        ("before https://some.where，之后", 1 + 2 * HAN),
    ],
)
def test_what_only_looks_like_code_or_a_formula_is_counted(text, total):
    assert words(text, "en").total == pytest.approx(total)


def test_the_longest_foreign_run_is_told_with_its_text():
    found = words("First 一二三 then 我们来算一下，\n然后 $x$ 再看 and 四五 end", "en")
    assert found.run == pytest.approx(10 * HAN)
    assert found.run_text == "我们来算一下， 然后 再看"
    back = words("我们来算 let us see, then 再看", "zh")
    assert (back.run, back.run_text) == (4, "let us see, then")


def test_the_text_of_a_run_is_capped_and_can_be_stored():
    found = words("我\ud800\x00\u202e" * 500, "en")
    assert found.run_text.isprintable()
    assert len(found.run_text) < 90


def test_only_the_thinking_is_measured():
    text = "<think>all of it in English</think>答案是五"
    assert score(text, target="en").value == 1.0
    assert score("<think>全部中文</think>but not this", target="en").value == 0.0
    assert score("没有标签 without tags", target="en").value == pytest.approx(2 / (2 + 4 * HAN))


def test_a_score_says_what_it_counted():
    found = score("three words here 和两个", language="en")
    assert found.reason == "63.4% of 5 words are in English"
    assert found.evidence == {
        "words": 4.7,
        "target_words": 3.0,
        "target": "English",
        "target_from": "the row",
        "longest_foreign_run": 1.7,
        "longest_foreign_text": "和两个",
        "longest_foreign_start": 17,
    }


@pytest.mark.parametrize(
    "text", ["", " \n", "12 + 3 = 15", "```\nonly = code\n```", "😀🎉", "\x00"]
)
def test_thinking_without_words_abstains_and_says_so(text):
    found = score(f"<think>{text}</think>b", target="en")
    assert (found.value, found.reason) == (None, "the thinking has no words")


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({"target": "en", "language": "zh", "prompt": "你好"}, "English"),
        ({"language": "zh", "prompt": "hello"}, "Chinese"),
        ({"language": " ", "prompt": "Solve the equation"}, "English"),
        ({"prompt": "求解方程 x + 1 = 2"}, "Chinese"),
        ({"prompt": "方程式を解きなさい"}, "Japanese"),
        ({"prompt": "次の方程式を解け"}, "Japanese"),
        ({"prompt": "Решите уравнение"}, "Russian"),
        ({"prompt": [{"role": "user", "content": "解方程"}]}, "Chinese"),
        (
            {
                "prompt": [
                    {"role": "system", "content": "You are a helpful assistant who thinks first."},
                    {"role": "user", "content": "解方程"},
                ]
            },
            "Chinese",
        ),
    ],
)
def test_the_target_is_the_option_else_the_rows_language_else_the_prompts_own(given, target):
    assert score("some words 和词", **given).evidence["target"] == target


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"language": "tlh"}, "'tlh' is no known language"),
        ({"language": "python"}, "'python' is no known language"),
        ({"language": 5}, "5 is no known language"),
        ({}, "no words in the prompt"),
        ({"prompt": "1 + 1 = ?"}, "no words in the prompt"),
        ({"prompt": [{"role": "user", "content": None}, "odd"]}, "no words in the prompt"),
    ],
)
def test_a_row_without_a_known_target_abstains_and_is_kept(given, reason):
    found = score("some words", **given)
    assert found.value is None
    assert reason in found.reason
    assert mixed_language(rk.Completion("some 中文中文中文中文中文中文中文"), **given) is None


@pytest.mark.parametrize("wrong", ["klingon", "tlh", "", "englsh"])
def test_an_unknown_language_as_option_raises_where_it_is_given(wrong):
    with pytest.raises(OptionError):
        language.using(target=wrong)
    with pytest.raises(OptionError):
        mixed_language.using(target=wrong)
    with pytest.raises(OptionError, match=r"ISO 639 code \(en, zh"):
        score("words", target=wrong)


def test_a_misspelt_language_gets_the_nearest_name():
    with pytest.raises(OptionError, match="Did you mean 'english'"):
        score("words", target="Englsh")


@pytest.mark.parametrize("options", [{"min_share": 1.5}, {"min_share": -0.1}, {"max_run": 0}])
def test_limits_out_of_range_raise_where_they_are_given(options):
    with pytest.raises(OptionError):
        mixed_language.using(**options)


@pytest.mark.parametrize(
    ("named", "scripts"),
    [
        ("en", ("Latin",)),
        ("EN_us", ("Latin",)),
        ("English", ("Latin",)),
        ("eng_Latn", ("Latin",)),
        ("zh-Hant-TW", ("Han",)),
        ("Traditional Chinese", ("Han",)),
        ("cmn", ("Han",)),
        ("jpn_Jpan", ("Han", "Kana")),
        ("sr", ("Cyrillic", "Latin")),
        ("sr-Latn", ("Latin",)),
        ("srp_Cyrl", ("Cyrillic",)),
        ("farsi", ("Arabic",)),
        ("Filipino", ("Latin",)),
    ],
)
def test_languages_are_known_by_code_name_and_script(named, scripts):
    assert find_language(named).scripts == scripts


def test_sixty_languages_and_more_are_known_and_every_script_is_unicodes():
    assert len(LANGUAGES) >= 60
    for script in set(SCRIPTS) - {"Kana"}:
        assert regex.compile(rf"\p{{Script={script}}}")
    for code, target in LANGUAGES.items():
        assert find_language(code) == find_language(target.name) == target


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        ("word " * 100, ""),
        ("word " * 100 + "我们来算一下", ""),
        ("word " * 95 + "和这。 and " * 4, ""),
        # One switched sentence of many: the proportion hardly moves.
        ("word " * 500 + "我们先把题目里的条件整理清楚，再算。", "9 words in a row"),
        ("word " * 20 + "我们来算", "89.6% of 22 words"),
        ("", ""),
        ("12 + 3", ""),
    ],
)
def test_mixed_language_rejects_by_share_and_by_run(text, rejected):
    found = mixed_language(rk.Completion(text), target="en")
    assert rejected in found.reason if rejected else found is None


def test_a_rejection_has_the_measured_value_and_the_text():
    text = rk.Completion("词" * 1730 + " eight foreign words of English in one row")
    by_run = mixed_language(text, target="zh")
    assert by_run.value == 8
    assert by_run.reason.endswith(": 'eight foreign words of English in one row'")
    by_share = mixed_language(rk.Completion("half 词词"), target="en")
    assert by_share.value == pytest.approx(1 / (1 + 2 * HAN))
    assert by_share.reason.endswith(": '词词'")


def test_thresholds_are_options():
    text = rk.Completion("word " * 100 + "词" * 7)
    assert mixed_language(text, target="en") is None
    assert mixed_language(text, target="en", max_run=4).value == pytest.approx(7 * HAN)
    assert mixed_language(text, target="en", min_share=0.97).value < 0.97


@given(st.text(max_size=80), st.sampled_from(["en", "zh", "ja", "ru", "th", "ko"]))
def test_any_text_is_counted_without_error_and_within_bounds(text, target):
    found = words(text, target)
    assert 0 <= found.target <= found.total + 1e-9
    assert 0 <= found.run <= found.total - found.target + 1e-5
    assert found.run or not found.run_text


HOSTILE = [
    "$a" * 75_000,
    r"\(" * 75_000,
    r"\[ " * 50_000,
    r"\[x\\" * 30_000,
    "`" * 150_000,
    "`a\n" * 50_000,
    "<a " * 50_000,
    "a." * 75_000,
    "a@" * 75_000,
    "http://" * 20_000,
    "我a" * 50_000,
    "\n" * 150_000,
    "a-" * 75_000,
    "a" + "\u0301" * 150_000,
    "a" + "\u0301\u0323" * 75_000,
    "1a" * 75_000,
    "\ud800" * 100_000,
    "\x00\u200b\u200f\u202e" * 40_000,
    "```\n" * 40_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:10]))
def test_hostile_text_takes_linear_time(text):
    for target in ("en", "zh"):
        for before in ("", "我"):
            start = time.process_time()
            words(before + text, target)
            assert time.process_time() - start < 3.0  # measured: under 0.3


def test_ten_megabytes_in_a_line_are_measured():
    found = words("word 我们 $x$ " * 100_000 + "我" * 3_000_000, "en")
    assert found.total == pytest.approx(100_000 + 3_200_000 * HAN)


def test_prose_keeps_everything_else_as_it_is():
    text = "Plain text, 中文 — and $5.\nA second line; \\ alone, < alone, ` alone.\n"
    assert prose(text) == text


def test_importing_the_plugin_imports_neither_regex_nor_numpy():
    code = "import sys, rewardkit; before = 'regex' in sys.modules; import rewardkit_language; "
    code += "print(before, *(name in sys.modules for name in ('regex', 'pydantic', 'numpy')))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False"] * 4


@pytest.mark.skipif(not R1.is_file(), reason="../shared/data is not here")
def test_on_real_deepseek_r1_thinking_just_the_row_that_switches_to_chinese_is_rejected():
    with gzip.open(R1, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    scores = language.using(target="en").to_suite().score(rows).scores["language"]
    assert sum(score.value for score in scores) / len(scores) > 0.999
    rejections = rk.FilterChain((mixed_language.using(target="en"),)).filter(rows).rejections
    assert [i for i, found in enumerate(rejections) if found] == [535]
    assert "在这种情况下" in rejections[535][0].reason


FRENCH = "Je pense donc que nous devons chercher une autre solution"
CHINESE = "我们先把题目里的条件整理清楚再来计算"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("en", FRENCH),
        ("en", "Ich glaube nicht, dass wir heute noch fertig werden"),
        ("fr", "We should first look at the whole of the problem again"),
        ("es", "Eu acho que não vamos conseguir terminar isto até amanhã"),
        ("ru", "Ми ще не знаємо, чому це відбувається саме зараз"),
        ("ar", "من فکر می‌کنم که ما باید این مسئله را دوباره حل کنیم"),
        ("hi", "आपण हे उदाहरण पुन्हा एकदा नीट सोडवून पाहिले पाहिजे असे मला वाटते"),
    ],
)
def test_languages_of_one_script_are_told_apart(target, text):
    own = words(text, target)
    assert own.target <= 1  # one that both languages have
    assert own.run == own.total - own.target >= 8


@pytest.mark.parametrize(
    ("target", "own"),
    [
        ("en", "We have to find all the numbers that divide both of these. "),
        ("fr", "Il faut trouver tous les nombres qui divisent les deux autres. "),
        ("de", "Wir müssen alle Zahlen finden, durch die man beide teilen kann. "),
        ("vi", "Chúng ta phải tìm tất cả các số chia hết cho cả hai số này. "),
        ("ru", "Нам нужно найти все числа, на которые делятся оба этих числа. "),
    ],
)
def test_one_switched_sentence_of_many_is_found_and_told(target, own):
    other = FRENCH if target != "fr" else "Let us look at the whole of the problem once more"
    found = mixed_language(rk.Completion(own * 30 + other + ". " + own * 30), target=target)
    assert f"words in a row are not in {LANGUAGES[target].name}" in found.reason
    middle = " ".join(other.split()[2:-2])
    assert middle in found.reason
    assert mixed_language(rk.Completion(own * 61), target=target) is None


def test_the_place_of_the_longest_run_is_told():
    before = "We have to find all the numbers that divide $x$ and `y`. " * 3
    found = score(before + CHINESE + ". Then we are done.", target="en").evidence
    start = found["longest_foreign_start"]
    assert start == len(before)
    assert found["longest_foreign_text"] == CHINESE


def test_a_run_ends_with_its_sentence_though_no_blank_parts_it_from_the_next():
    found = score("狼はWolfという。次の文から始まる言葉である。", target="ja").evidence
    assert (found["longest_foreign_text"], found["longest_foreign_start"]) == ("Wolf", 2)


NATS = st.integers(-20 * SCALE, 20 * SCALE) | st.sampled_from([-SWITCH, 0, SWITCH])


@given(st.lists(NATS, min_size=1, max_size=30), st.booleans(), st.booleans())
def test_the_path_between_two_languages_is_that_of_any_number(gains, at_start, at_end):
    scores = np.array([[0, gain] for gain in gains], dtype=np.int32)
    hopeless = np.full((len(gains), 1), -1000 * SCALE, dtype=np.int32)
    of_three = path(np.hstack([scores, hopeless]), at_start, at_end)
    assert path(scores, at_start, at_end) == of_three


LEARNED = {
    "hi": """विकल्प सक्रिय करने पर निम्न उदाहरण बेसिक लाइब्रेरी वस्तु दिखाई देती है.
        अगला क्रमांक या चिह्न प्रतीक चुनें और फिर ठीक पर क्लिक करें. आप चयनित अनुच्छेद को
        एक अनुच्छेद नीचे खिसका सकते हैं.""",
    "mr": """समीकरण सोडवण्यासाठी प्रथम दोन्ही बाजूंना समान संख्या वजा करा. उत्तर योग्य आहे किंवा नाही हे
        तपासणे आवश्यक आहे. निश्चित अवधि, दस्तऐवज मजकूर व पृष्ठ शैली. निवडलेली नोंद निर्धारित करणे.""",
    "ne": """समीकरण समाधान गर्न पहिले दुवै पक्षबाट समान संख्या घटाउनुहोस्. उत्तर सही छ वा छैन जाँच गर्नुहोस्.
        निश्चित अवधि, कागजात पाठ र पृष्ठ शैली. चयन गरिएको प्रविष्टि निर्धारण गर्ने.""",
}


@pytest.mark.parametrize(("target", "text"), LEARNED.items())
def test_learned_words_that_languages_of_india_share_stay_with_their_text(target, text):
    counted = words(text, target)
    assert counted.target == counted.total >= 25


@pytest.mark.parametrize(
    ("target", "foreign"),
    [
        ("hi", "तपाईंले यो समस्या फेरि समाधान गर्नु पर्छ किनभने उत्तर मिलेको छैन"),
        ("mr", "हमें यह सवाल फिर से हल करना चाहिए क्योंकि जवाब सही नहीं है"),
        ("ne", "आपण हे उदाहरण पुन्हा एकदा नीट सोडवून पाहिले पाहिजे असे मला वाटते"),
    ],
)
def test_a_sentence_in_another_language_of_devanagari_is_a_run(target, foreign):
    own = {
        "hi": "पहले हम दोनों पक्षों को जोड़ते हैं और उत्तर की जाँच करते हैं. ",
        "mr": "प्रथम आपण दोन्ही बाजू मिळवतो आणि उत्तर तपासून पाहतो. ",
        "ne": "पहिले हामी दुवै पक्ष जोड्छौं र उत्तर जाँच गर्छौं. ",
    }[target]
    assert words(f"{own * 2}{foreign}. {own * 2}", target).run >= 8


def best_score(leads, at_start, at_end):
    """The score of the best path, tried state by state."""
    switch = SWITCH * (1 - np.eye(leads.shape[1], dtype=int))
    ahead = leads[0] - np.where(np.arange(leads.shape[1]), 6 * SCALE if at_start else SWITCH, 0)
    for row in leads[1:]:
        ahead = (ahead[:, None] - switch).max(axis=0) + row
    return (ahead - (0 if at_end else switch[0])).max()


@given(
    st.integers(1, 4).flatmap(
        lambda others: st.lists(
            st.lists(st.integers(-12 * SCALE, 12 * SCALE), min_size=others, max_size=others),
            min_size=1,
            max_size=30,
        )
    ),
    st.booleans(),
    st.booleans(),
)
def test_the_path_is_the_likeliest(rows, at_start, at_end):
    leads = np.hstack([np.zeros((len(rows), 1), dtype=np.int32), np.array(rows, dtype=np.int32)])
    found = np.array(path(leads, at_start, at_end))
    switches = SWITCH * np.count_nonzero(np.diff(found))
    way_in = (6 * SCALE if at_start else SWITCH) * bool(found[0])
    way_out = (0 if at_end else SWITCH) * bool(found[-1])
    score = leads[np.arange(len(rows)), found].sum() - switches - way_in - way_out
    assert score == best_score(leads, at_start, at_end)


@pytest.mark.parametrize("hidden", [FRENCH, CHINESE])
@pytest.mark.parametrize(
    "place",
    [
        "```\n{}",
        "```\nx = 1\n{}\n",
        "```text\n{}\n```",
        "~~~python\nx = 1\n# {}\n~~~",
        "`{}`",
        r"$\text{{{}}}$",
        r"\[ x = \text{{{}}} \]",
        "$$ {} $$",
        "<note {}>",
        "<note>{}</note>",
        "<!-- {} -->",
        r"\emph{{{}}}",
        "```\nThis line of the code is English and has many words\n# {}\n```",
    ],
)
def test_prose_does_not_hide(hidden, place):
    text = f"We have to find the numbers.\n{place.format(hidden)}"
    assert mixed_language(rk.Completion(text), target="en").value >= 0
    assert words(text, "en").run >= 8


@pytest.mark.parametrize(
    ("target", "text", "foreign"),
    [
        # Cyrillic letters that look like Latin ones, and no script of its own.
        ("ru", "тhе wоrds оf the sсriрt аrе аll English", 6),
        ("en", "Bоnjоur mоnsiеur", 2),
        ("en", "\u200b".join("Monsieur") + " " + "\u00ad".join("toujours") + " aujourd'hui", 3),
        ("en", "𝐁𝐨𝐧𝐣𝐨𝐮𝐫 𝑚𝑜𝑛𝑠𝑖𝑒𝑢𝑟 𝓪𝓾𝓳𝓸𝓾𝓻𝓭𝓱𝓾𝓲", 3),
        ("en", "ｂｏｎｊｏｕｒ ｍｏｎｓｉｅｕｒ ａｕｊｏｕｒｄｈｕｉ", 3),
        ("en", "Je(pense(donc(que(nous(devons(chercher", 7),
        ("en", "Je=pense=donc=que=nous=devons=chercher", 7),
    ],
)
def test_words_do_not_hide_in_their_spelling(target, text, foreign):
    found = words(text, target)
    assert found.total - found.target >= foreign


@pytest.mark.parametrize(
    "text",
    [
        "So arr[j] = arr[i] then dp[i][j] = fib(n-1) + fib(n-2) and self.queue.append(x).",
        "enqueue 1, queue 2, dequeue 3, enqueue 4, queue 5, dequeue 6, enqueue 7, queue 8",
        "run it with --verbose -lname /usr/local/lib/python or org.gnome.desktop then",
        "abc, def, xyz, pqr, abc, def, xyz, pqr, abc",
    ],
)
def test_names_from_programs_are_no_foreign_language(text):
    around = "We have to look at every element of the list and compare it with the next one. "
    found = words(around + text + " " + around, "en")
    assert found.run < 4


@pytest.mark.parametrize(
    ("prompt", "target"),
    [
        ("Quel est le plus petit nombre premier supérieur à cent ?", "French"),
        ("Wie viele Primzahlen gibt es zwischen zehn und hundert?", "German"),
        ("Find all x with x^2 = 4.", "English"),
        ("Скільки простих чисел між десятьма і сотнею?", "Ukrainian"),
        ("Πόσοι πρώτοι αριθμοί υπάρχουν;", "Greek"),
        ("소수는 몇 개입니까?", "Korean"),
    ],
)
def test_the_prompts_own_language_is_the_target(prompt, target):
    assert score("some words", prompt=prompt).evidence["target"] == target


def test_where_measures_the_thinking_the_response_or_both():
    text = "<think>all of it is in English</think>\n我们我们我们我们我们"
    found = {where: score(text, target="en", where=where) for where in ("thinking", "response")}
    assert found["thinking"].value == 1.0
    assert found["response"].value == 0.0
    both = score(text, target="en", where="both")
    assert both.evidence["words"] == pytest.approx(6 + 10 * HAN, abs=0.1)
    assert score("<think>x</think>", target="en", where="response").reason == (
        "the response has no words"
    )
    with pytest.raises(OptionError):
        language.using(where="nowhere")


def test_scores_are_the_same_in_every_process_and_thread():
    text = f"We try it in every language. {FRENCH}. And then we go on with it. {CHINESE} " * 9
    code = "import rewardkit as rk; from rewardkit_language import language\n"
    code += f"print(language(rk.Completion({text!r}), target='en'))"
    ran = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    ]
    assert ran[0] == ran[1] == f"{score(text, target='en')}\n"
    fresh = Detector(LANGUAGES["en"], "py3langid", None)
    with ThreadPoolExecutor(8) as pool:
        counted = set(pool.map(fresh.count, [text] * 64))
    assert counted == {words(text, "en")}


def test_what_is_remembered_of_words_is_bounded(monkeypatch):
    monkeypatch.setattr("rewardkit_language.vocabulary._MOST_TOKENS", 50)
    monkeypatch.setattr("rewardkit_language.detector._PIECE", 400)
    small = Detector(LANGUAGES["en"], "py3langid", None)
    text = "".join(f"{a}{b}{c}ing " for a in "blmst" for b in "aeiou" for c in "ndrst")
    for _ in range(3):
        small.count(text)
    assert len(small.vocabulary()._tokens) < 120


@pytest.mark.parametrize("backend", ["py3langid", "langdetect"])
def test_every_backend_tells_languages_apart(backend):
    english = "We have to find all the numbers that divide both of these. "
    found = score(english * 3 + FRENCH, target="en", backend=backend)
    assert found.value == pytest.approx(36 / 46, abs=0.08)


def test_a_backend_that_is_not_there_says_what_to_install(monkeypatch):
    load_backend.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("rewardkit_language.backends.fasttext_words.find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"pip install 'rewardkit\[fasttext\]'"):
        score("some words", target="en", backend="fasttext")
    with pytest.raises(OptionError, match="takes no model"):
        score("some words", target="en", model="some.ftz")


def test_all_languages_are_listed_with_how_each_is_decided():
    listed = {row.code: row for row in languages()}
    assert len(listed) >= 60
    assert listed["fr"].decided_by == "words"
    assert "en" in listed["fr"].rivals
    assert (listed["th"].decided_by, listed["th"].rivals) == ("script", ())


@pytest.mark.skipif(not MIXES.is_file(), reason="../shared/data is not here")
def test_on_synthetic_mixes_the_error_is_small_and_mixes_are_rejected():
    with gzip.open(MIXES, "rt", encoding="utf-8") as file:
        mixes = [json.loads(line) for line in file]
    found = [words(mix["text"], mix["target"]) for mix in mixes]
    errors = [abs(one.share - mix["true"]) for one, mix in zip(found, mixes, strict=True)]
    assert sum(errors) / len(errors) <= 0.012
    rejected = [one.share < 0.95 or one.run >= 8 for one in found]
    mixed = [r for r, mix in zip(rejected, mixes, strict=True) if mix["true"] < 0.95]
    pure = [r for r, mix in zip(rejected, mixes, strict=True) if mix["true"] == 1]
    assert sum(mixed) / len(mixed) >= 0.99
    assert 1 - sum(pure) / len(pure) >= 0.97
