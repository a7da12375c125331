"""The rewards beside `math`: choice, text, countdown."""

import pytest
from rewardkit_math import choice, countdown, math, text, verify

import rewardkit as rk

ANIMALS = ["the cat", "a dog", "cow", "pig"]


def score(reward, completion, *columns, **options):
    return reward(rk.Completion(completion), *columns, **options)


@pytest.mark.parametrize(
    ("completion", "answer", "value"),
    [
        ("The answer is (B).", "B", 1.0),
        (r"\boxed{B}", "B", 1.0),
        (r"\boxed{\text{(B)}}", "B", 1.0),
        (r"\boxed{dog}", "B", 1.0),
        (r"\boxed{B: a dog}", "B", 1.0),
        ("<answer>B</answer>", "a dog", 1.0),
        ("I choose B", 1, 1.0),
        ("**Answer: B**", "B", 1.0),
        (r"\boxed{C}", "B", 0.0),
        (r"\boxed{A, B}", "B", 0.0),
        (r"\boxed{A} or \boxed{B}", "B", 0.0),
        (r"\boxed{ABCD}", "B", 0.0),
        ("I choose A. No, I choose B, or option C.", "B", 0.0),
        ("<think>The answer is B.</think> I do not know.", "B", 0.0),
        ("", "B", 0.0),
        (r"\boxed{B}", "horse", None),
        (r"\boxed{B}", 7, None),
        (r"\boxed{B}", None, None),
    ],
)
def test_a_choice_is_named_by_its_letter_or_its_text(completion, answer, value):
    assert score(choice, completion, answer, ANIMALS).value == value


def test_choices_may_be_a_mapping_or_arcs_columns_or_letters_alone():
    assert score(choice, r"\boxed{cat}", "1", {"1": "cat", "2": "dog"}).value == 1.0
    arc = {"text": ["cat", "dog"], "label": ["A", "B"]}
    assert score(choice, r"\boxed{dog}", "B", arc).value == 1.0
    assert score(choice, r"\boxed{D}", "D").value == 1.0


def test_math_reads_choices_too():
    assert verify("B", "dog", choices=ANIMALS).value == 1.0
    assert verify("B", "cow", choices=ANIMALS).value == 0.0
    assert score(math, r"\boxed{12}", "B", ["10", "12"]).value == 1.0


@pytest.mark.parametrize(
    ("completion", "answer", "options", "value"),
    [
        ("The answer is Paris.", "paris", {}, 1.0),
        ("<answer>The Paris</answer>", "Paris", {}, 1.0),
        ("<answer>paris</answer>", "Paris", {"match": "exact"}, 0.0),
        ("<answer>Paris</answer>", "Paris", {"match": "exact"}, 1.0),
        ("<answer>It is Paris, France</answer>", "Paris", {"match": "contains"}, 1.0),
        ("<answer>It is Parisian</answer>", "Paris", {"match": "contains"}, 0.0),
        ("<answer>London</answer>", ["Paris", "London"], {}, 1.0),
        ("3.14", "3.1416", {"tolerance": 0.01}, 1.0),
        ("3.14", "3.1416", {}, 0.0),
        ("1,000", 1000, {}, 1.0),
        ("", "Paris", {}, 0.0),
        ("Paris", None, {}, None),
    ],
)
def test_text_is_compared_as_its_option_says(completion, answer, options, value):
    assert score(text, completion, answer, **options).value == value


@pytest.mark.parametrize(
    ("completion", "value"),
    [
        ("<answer>(25 - 5) * 4</answer>", 1.0),
        ("<answer>(25 - 5) * 4 = 80</answer>", 1.0),
        ("<answer>80 = 4 × (25 − 5)</answer>", 1.0),
        (r"\boxed{4 \times (25 - 5)}", 1.0),
        ("<answer>25 * 4 - 5</answer>", 0.0),
        ("<answer>80</answer>", 0.0),
        ("<answer>25 * 4 - 5 * 4</answer>", 0.0),
        ("<answer>(25 - 5) * 4 = 81</answer>", 0.0),
        ("<answer>25 5 4</answer>", 0.0),
        ("<answer>(25-5)(4)</answer>", 0.0),
        ("<answer>25!/5^4</answer>", 0.0),
        ("<answer>4 / (5 - 5) * 25</answer>", 0.0),
        ("<answer>__import__('os').abort()</answer>", 0.0),
        ("<answer>9**9**9**9</answer>", 0.0),
        ("<think><answer>(25 - 5) * 4</answer></think> hm", 0.0),
        ("", 0.0),
    ],
)
def test_countdown_wants_each_number_once_and_the_target(completion, value):
    assert score(countdown, completion, 80, [25, 5, 4]).value == value


def test_countdown_pays_a_part_for_a_calculation_that_is_wrong():
    assert score(countdown, "<answer>25 + 5</answer>", 80, [25, 5, 4], partial=0.1).value == 0.1
    assert score(countdown, "<answer>none</answer>", 80, [25, 5, 4], partial=0.1).value == 0.0


def test_countdown_reads_numbers_by_either_name_and_abstains_without():
    completion = rk.Completion("<answer>2 * 3</answer>")
    assert countdown(completion, "6", numbers=["2", "3"]).value == 1.0
    assert countdown(completion, 6).value is None
    assert countdown(completion, None, [2, 3]).value is None
