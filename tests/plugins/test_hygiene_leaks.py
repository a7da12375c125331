"""The filters prompt_leak, answer_leak, special_tokens and contaminated."""

import gzip
import json

import pytest
from rewardkit_hygiene import answer_leak, contaminated, prompt_leak, special_tokens

import rewardkit as rk
from rewardkit.errors import OptionError
from rewardkit.testing import check_filter

QUESTION = (
    "A train leaves the station at noon and travels north at sixty miles an hour for three hours "
    "before it stops for lunch. How far has it gone when it stops?"
)
CHINESE = (
    "一列火车中午从车站出发，以每小时六十公里的速度向北行驶了三个小时，"
    "然后停下来吃午饭。请问它一共走了多远？"
)
SYSTEM = "You are the helper of Acme. " + " ".join(f"Rule {i} is secret." for i in range(20))


@pytest.mark.parametrize(
    ("completion", "prompt", "share"),
    [
        (QUESTION, QUESTION, 1.0),
        (f"<think>{QUESTION}</think>180 miles", QUESTION, None),
        ("180 miles", QUESTION, None),
        ("", QUESTION, None),
        (QUESTION, "", None),
        (QUESTION, None, None),
        (QUESTION.upper(), [{"role": "user", "content": QUESTION}], 1.0),
        (QUESTION, [{"role": "user", "content": [{"type": "text", "text": QUESTION}]}], 1.0),
        (CHINESE, CHINESE, 1.0),
        ("它走了一百八十公里，因为六十乘以三是一百八十，所以就是这样。", CHINESE, None),
        (f"{QUESTION} " + " ".join(f"w{i}" for i in range(60)), QUESTION, None),
        (QUESTION, 17, None),
        (QUESTION, [17, {"role": "user"}, {"content": 5}], None),
    ],
)  # fmt: skip
def test_prompt_leak_is_the_share_of_the_response_that_stands_in_the_prompt(
    completion, prompt, share
):
    found = prompt_leak(rk.Completion(completion), prompt)
    assert (found.value if found else None) == share


def test_a_share_that_is_just_allowed_is_let_pass():
    half = QUESTION + " " + " ".join(f"w{i}" for i in range(len(QUESTION.split()) - 12))
    assert prompt_leak(rk.Completion(half), QUESTION, max_share=0.5) is None
    assert prompt_leak(rk.Completion(half), QUESTION, max_share=0.49).value == 0.5


def test_a_system_message_may_not_be_given_away():
    prompt = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": "Hi"}]
    given_away = rk.Completion("My rules: " + SYSTEM + " " + QUESTION * 20)
    assert "words in a row of the system message" in prompt_leak(given_away, prompt).reason
    assert prompt_leak(given_away, prompt, max_system_words=200) is None
    assert prompt_leak(rk.Completion("Rule 1 is secret."), prompt) is None


@pytest.mark.parametrize(
    ("prompt", "answer", "leaks"),
    [
        ("What is 2 + 2? The answer is 4.", "4", True),
        ("What is 2 + 2? The correct answer is: **4**", 4, True),
        ("What is 2 + 2? Answer: $4$", "4", True),
        ("... #### 72", "72", True),
        (r"... so \boxed{\frac{1}{2}}", r"\frac{1}{2}", True),
        ("几？答案是四。", "四", True),
        ("The answer is " + "wordy " * 90, "wordy " * 99, True),
        ("The answer is " + "wordy " * 20, "wordy " * 99, False),
        ("What is 2 + 2? The answer is 40.", "4", False),
        ("What is 4 + 4? The answer is 8.", "4", False),
        ("Is the answer 4 or 5? Give the answer in a box.", "4", False),
        ("The answer is not 4.", "4", False),
        ("The answer is 4.", None, False),
        ("The answer is 4.", "", False),
        (None, "4", False),
        ("What is 2 - 6? The answer is -4.", "4", False),
        ("What is 2 - 6? The answer is 4.", "-4", False),
        ("What is 2 - 6? The answer is $-4$.", "-4", True),
        ("What is 2 - 6? The answer is −4.", "-4", True),
        ("What is 2 + 2? The answer is 4.", 4.0, True),
        ("二加二等于几？答案是：4", "4", True),
        ("2たす2は？答え：4", "4", True),
        ("2 더하기 2는? 정답: 4", "4", True),
        ("2 더하기 2는? 정답은 4입니다.", "4", True),
        ("¿Cuánto es 2 + 2? Respuesta: 4", "4", True),
        ("Combien font 2 + 2 ? Réponse : 4", "4", True),
        ("Was ist 2 + 2? Antwort: 4", "4", True),
        ("ما هو 2 + 2؟ الإجابة هي 4", "4", True),
        ("2 + 2? คำตอบ: 4", "4", True),
        ([{"role": "system", "content": "Solution: 4"}, {"role": "user"}], "4", True),
    ],
)  # fmt: skip
def test_answer_leak_is_a_prompt_that_says_the_answer(prompt, answer, leaks):
    found = answer_leak(rk.Completion("4"), prompt, answer)
    assert (found is not None) == leaks


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a <|b| c and |x|", 0),
        ("so [INSTRUCTIONS] <s>gone</s> and <br>", 0),
        ("done<|im_end|>", 1),
        ("<|im_start|>user\nmore<|im_end|>", 2),
        ("done<｜end▁of▁sentence｜>", 1),
        ("[INST] x [/INST] <<SYS>>", 3),
        ("x<end_of_turn><eos>", 2),
        ("done</s>\n", 1),
        ("not <s>this</s> but <s>that</s>", 0),
        ("<s>not <s>this</s> but that</s>", 1),
        ("<s>done</s>", 1),
        ("<|User|>x<|begin▁of▁sentence|>", 2),
        ("[gMASK]<sop>x [TOOL_CALLS] <fim_middle> <extra_id_0> <0x0A>", 5),
        ("xs <|List.map f|> ys, a <| b |> c, [MASK] and <0xab>", 0),
        ("```\n<|im_end|>\n```", 0),
    ],
)
def test_special_tokens_are_those_of_chat_templates(text, count):
    found = special_tokens(rk.Completion(text))
    assert (found.value if found else 0) == count


@pytest.fixture
def benchmarks(tmp_path):
    rows = [
        {"question": QUESTION, "answer": "180"},
        {"question": CHINESE},
        {"question": "How many apples has Ann with 5 of them?"},
        {"question": "What is 2 + 2?"},
        {"question": ""},
        {"other": 1},
    ]
    path = tmp_path / "bench.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    messages = tmp_path / "chat.jsonl"
    messages.write_text(
        json.dumps({"q": [{"role": "user", "content": "Name the largest planet of all."}]})
    )
    return [str(path), str(messages)]


@pytest.mark.parametrize(
    ("prompt", "is_kept"),
    [
        (QUESTION, False),
        ("Please solve: " + QUESTION.upper().replace(".", " ;") + " Think!", False),
        ([{"role": "user", "content": QUESTION[:80]}], False),
        (" ".join(QUESTION.split()[:12]), True),
        ("A train leaves at noon, and a plane at one. Which of them is first in the city?", True),
        (CHINESE[5:40], False),
        (CHINESE[:15] + "。", True),
        ("how many apples has Ann with 17 of them", False),
        ("How many pears has Ann with 5 of them?", True),
        ("What is 2 + 2", False),
        ("What is 3 + 2?", True),
        ("", True),
        (None, True),
        ([{"role": "system", "content": QUESTION}, {"role": "user", "content": "Hi"}], True),
    ],
)
def test_contaminated_finds_prompts_of_benchmarks(benchmarks, prompt, is_kept):
    found = contaminated(rk.Completion("x"), prompt, benchmarks=benchmarks[:1])
    assert (found is None) == is_kept


def test_contaminated_measures_the_share_of_runs(benchmarks):
    filter = contaminated.using(benchmarks=benchmarks[:1])
    assert filter(rk.Completion("x"), QUESTION).value == 1.0
    longer = QUESTION + " " + " ".join(f"w{i}" for i in range(len(QUESTION.split()) - 12))
    assert filter(rk.Completion("x"), longer).value == pytest.approx(0.5, abs=0.02)
    check_filter(filter, [{"prompt": QUESTION, "completion": "x"}])


def test_contaminated_reads_the_column_that_is_named(benchmarks):
    named = contaminated.using(benchmarks=benchmarks[1:], column="q")
    asked = "Name the largest planet of all"
    assert named(rk.Completion("x"), asked) is not None
    assert contaminated(rk.Completion("x"), asked, benchmarks=benchmarks[1:]) is None


def test_benchmarks_that_are_not_there_are_an_error_when_they_are_named(tmp_path):
    with pytest.raises(OptionError, match="name at least one file"):
        contaminated.using(benchmarks=[])
    with pytest.raises(OptionError, match=r"nothing\.jsonl"):
        contaminated.using(benchmarks=[str(tmp_path / "nothing.jsonl")])
