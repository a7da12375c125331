"""The filters of hygiene on hostile texts, bad input and ten megabytes: linear, never raising."""

import time

import pytest
import rewardkit_hygiene

import rewardkit as rk

OPTIONS = {"flagged_words": {"words": ["bad word", "算"]}}
FILTERS = [
    f.using(**OPTIONS.get(f.name, {}))
    for f in rewardkit_hygiene.rewardkit_filters()
    if f.name not in ("token_length", "contaminated")  # they want a file
]
UNITS = [
    *("```\n", "~~~\n```\n", "<code>\n", "<div ", r"\boxed{", r"\begin{a}", "\\", "$ x_1 ", "$$x"),
    *(
        "4111 ",
        "a@",
        "a.b@c.d-",
        "www.",
        "<|a",
        "I'm sorry, I am ",
        "â€",
        "\u0301",
        "\ud800",
        "\n",
    ),
    *("<code> ", "[asy]`", "$a_bc", r"\frac{1}", "+44 1", r"\boxed{答案", "\u0301\u0323"),
    *("\u202e", "\x00", "因为", "ดังนั้น", "a算ก", "a-", "answer is ", "the same words again "),
]


@pytest.mark.parametrize("filter", FILTERS, ids=lambda f: f.name)
def test_hostile_texts_take_linear_time(filter):
    begin = time.process_time()
    for unit in UNITS:
        text = rk.Completion((unit * 50_000)[:50_000])
        filter(*(text for _ in filter.signature.columns))
    assert time.process_time() - begin < 20.0  # measured: 1 at most


@pytest.mark.parametrize("filter", FILTERS, ids=lambda f: f.name)
@pytest.mark.parametrize(
    "text", ["", "<think></think>", "x", "\u200b", "👩\u200d👧", "$x$", "```\nx\n```"]
)
def test_what_has_no_words_is_judged(filter, text):
    found = filter.reject({"completion": text, "prompt": text, "answer": text})
    assert found is None or found.reason


@pytest.mark.parametrize("filter", FILTERS, ids=lambda f: f.name)
def test_ten_megabytes_in_one_line(filter):
    completion = rk.Completion("<think>" + "ab cd. " * 1_500_000 + "</think>x")
    begin = time.process_time()
    filter(*(completion if c == "completion" else "ab" for c in filter.signature.columns))
    assert time.process_time() - begin < 30.0  # measured: 1.5 at most
