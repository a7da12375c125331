r"""What `extract` takes for the answer of a response, and what it does not."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_math.extraction import Answer, NoAnswer, extract

DECLARED = [
    # answer blocks
    ("<answer>42</answer>", "42"),
    ("<answer>41</answer> no: <answer>42</answer>", "42"),
    (r"<answer>41 apples, so \boxed{42}</answer>", "42"),
    (r"\boxed{41} <answer>42</answer>", "42"),
    ("<answer>42</answer><answer>41", "42"),
    ("<answer>Paris</answer>", "Paris"),
    ("<answer>41 or 42</answer>", "41 or 42"),
    # boxes
    (r"so $\boxed{42}$.", "42"),
    (r"\fbox{42}", "42"),
    (r"\boxed 5", "5"),
    (r"\\boxed{42}", "42"),
    (r"\boxed{\boxed{42}}", "42"),
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
    (r"\boxed{41} is a first try, then $\boxed{42}$", "42"),
    (r"\boxed{41}. The final answer is $42$. I hope it is correct.", "41"),
    (r"\boxed{42} and now \boxed{4", "42"),
    (r"I put it in \boxed{}: \boxed{42}", "42"),
    (r"\boxed{42} as asked, in \boxed{}", "42"),
    ("\\boxed{42}\n\n$\\boxed{42}$", "42"),
    # boxes that are joined are one answer
    (r"\boxed{1} and \boxed{2}", "1, 2"),
    (r"$\boxed{1}$, $\boxed{2}$, or $\boxed{3}$", "1, 2, 3"),
    (r"\boxed{41}\boxed{42}", "41, 42"),
    (r"\boxed{1} papers and \boxed{2} bins", "1, 2"),
    (r"The length is $\boxed{5}$ and the width is $\boxed{3}$.", "5, 3"),
    (r"$$\boxed{(3, 3)} \text{ for part (a) and } \boxed{(1, 1)}$$", "(3, 3), (1, 1)"),
    (r"The area is \boxed{6} and so the answer is \boxed{12}", "12"),
    (r"\boxed{1} and then \boxed{2}", "2"),
    (r"\boxed{\boxed{5}, 6}", "{5}, 6"),
    # phrases
    ("The answer is 42.", "42"),
    ("The answer is therefore 42 because 6*7.", "42"),
    ("**Answer:** **42** dollars", "42 dollars"),
    ("**Final Answer**\n\n42 eggs", "42"),
    ("Final answer:\n\\[\n42\n\\]\nas shown", "42"),
    ("The answer is: \n\n- 42", "42"),
    ("The answer is $\\frac{1}{2}$, since it is half of 1.", r"\frac{1}{2}"),
    ("The answer is 0.5 (one half).", "0.5"),
    ("The answer is $18 or $19.", "$18 or $19"),
    ("The answer is 3 dozen.", "3 dozen"),
    ("The answer is (3, 4).", "(3, 4)"),
    ("The answer is 41. Later: the answer is 42.", "42"),
    ("16 - 3 = <<16-3=13>>13\nA: 26", "26"),
    ("so\nA: -1.8 billion", "-1.8 billion"),
    ("so\nA: 10+John's age", "10+John's age"),
    ("6*7 = 42\n#### 42", "42"),
    ("#### 1. Compute\nfoo is 7", "7"),
    ("答案是42。", "42"),
    (r"所以答案：\(\frac{1}{2}\)", r"\frac{1}{2}"),
    ("The answer is 25 cents.", "25 cents"),
    ("The answer is B, not A.", "B"),
    ("The answer is B rather than A", "B"),
    ("Answer\nB", "B"),
    ("I choose option C.", "C"),
    ("Therefore, (B) is correct.", "B"),
    # in other languages
    ("réponse est C non A", "C"),
    ("La réponse finale est 42.", "42"),
    ("La respuesta correcta es B", "B"),
    ("Die Antwort ist 42.", "42"),
    ("La risposta è 42", "42"),
    ("A resposta é B.", "B"),
    ("Ответ: 42", "42"),
    ("故选：B", "B"),
    ("因此，正确选项是B。", "B"),
    ("答えはBです。", "B"),
    ("정답은 42입니다.", "42"),
    ("उत्तर: 42", "42"),
    ("Đáp án: B", "B"),
    ("الإجابة هي 42", "42"),
    # bold
    ("It takes 3 steps: **42**", "42"),
    ("The total is **42 apples**, of 50.", "42"),
    ("**1. Add them up**\nThis gives 42.", "42"),
    # the end of the text
    ("42", "42"),
    ("x + 1", "x + 1"),
    ("So they have 42 apples left.", "42"),
    ("So we get $x = 42$.", "x = 42"),
    ("She earns 9*2 = $18 every day.", "$18"),
    ("It costs $18, so the change is $2.", "$2"),
    ("这里一共有42个苹果", "42"),
    ("True", "True"),
    (r"\text{no solution}", r"\text{no solution}"),
    ("25 cents", "25 cents"),
    ("It takes him 25 minutes.", "25 minutes"),
    ("There are 5 in total.", "5"),
    ("It is the 15th day.", "15th"),
    ("The value is minus 3.", "-3"),
    ("### 5", "5"),
    (r"It is $\frac13$, which is about 0.33.", r"\frac13"),
    ("Soucis : 2,74 euros", "2,74"),
    ("It is 41 apples or maybe 42.", "41, 42"),
    # what is taken back
    (r"\boxed{42}. Wait, that's wrong. It should be 41.", "41"),
    (r"\boxed{42}. Actually, the answer is 41.", "41"),
    ("\\boxed{42} No\nA:41", "41"),
    ("\\boxed{42}No\nA:4", "4"),
    (r"{\boxed{42}} and {x}", "42"),
    (r"\boxed{4\boxed{42} and {x}", "42"),
    (r"\boxed{42}. Wait, let me check: 6*7=42. Yes.", "42"),
    (r"\boxed{42}. It is incorrect to add 1.", "42"),
    ("The answer is 5. Wait, actually it is 6.", "6"),
    (r"\boxed{42}. Wait, it is 42 indeed.", "42"),
    ("$x=\\boxed{3}$ or $x=\\boxed{4}$", "3, 4"),
    ("The solutions are x = 1 and x = 2.", "1, 2"),
    ("So x = 42", "42"),
    ("So $x = 1$ or $x = 2$.", "x = 1$, $x = 2"),
    ("The answer is approximately 3.14.", "3.14"),
    ("**Yes**", "Yes"),
    ("> **42**", "42"),
    ("C. Paris", "C. Paris"),
    ("\\framebox{42}", "42"),
    ("I could not see it at first. The number is 42.", "42"),
]

NOTHING = [
    ("", "empty"),
    (" \n", "empty"),
    ("<answer></answer>", "empty"),
    (r"\boxed{ }", "empty"),
    (r"\boxed{42", "not closed"),
    (r"The answer is \boxed{42", "not closed"),
    ("I do not know.", "no number"),
    ("1. Think\n2. Add the eggs", "no number"),
    ("The answer is", "ends after"),
    ("so the answer is not 42", "denies"),
    ("he pays 5 * 1", "calculation"),
    ("he pays 5 * what John pays.", "calculation"),
    ("we know the range 10-12", "calculation"),
    ("it is 16384 feet * 2 =", "middle of a sentence"),
    ("he will pay 1432070 pesos for an", "middle of a sentence"),
    (r"\boxed{42}. Wait, I made a mistake.", "taken back"),
    ("I could not solve the problem. The number 42 appears in it.", "no answer"),
    ("The answer is not \\boxed{42}.", "denies"),
    ("$\\boxed{42}$ is incorrect", "denies"),
    (r"\boxed{42} was my first guess, but I am not sure.", "denies"),
    ("5 is wrong", "denies"),
    ("My answer: 5? or 6?", "question"),
    ("The reference answer is 5.", "reference"),
    ("ground truth: 5", "reference"),
    ("I pick C or D", "no number"),
    ("C is correct if x > y, or A is correct", "no number"),
    ("C is the correct answer? No, A is the correct answer", "no number"),
    ("It is not", "no number"),
]


@pytest.mark.parametrize(("response", "answer"), DECLARED)
def test_the_answer_is_what_the_response_declares(response, answer):
    found = extract(response)
    assert isinstance(found, Answer), found
    assert found.text == answer


@pytest.mark.parametrize(("response", "reason"), NOTHING)
def test_a_response_without_an_answer_says_why(response, reason):
    found = extract(response)
    assert isinstance(found, NoAnswer), found
    assert reason in found.reason


def test_boxes_joined_by_or_are_kept_as_forms():
    assert extract(r"\boxed{a+b}, or \boxed{b+a}").forms == ("a+b", "b+a")
    assert extract(r"\boxed{1} and \boxed{2}").forms == ()


def test_a_number_that_the_window_cuts_is_no_answer():
    assert isinstance(extract("this is 0." + "27" * 1000), NoAnswer)


@given(st.text(alphabet="\\boxed{}<answer>/$*#A: is 0123456789.\n-or", max_size=200))
def test_no_text_makes_extraction_raise(text):
    assert isinstance(extract(text), Answer | NoAnswer)


HOSTILE = [
    r"\boxed{", r"\boxed{\boxed{1}", r"\boxed{1}, ", r"\boxed{42} or ", r"\boxed ", "<answer>",
    "</answer>", "$",
    "**", "\\", "{", "}", r"\(", r"\[", "the answer is ", "#### ", "A: ", "\nA:", "1", "1,", "1 ",
    "réponse est ", "I choose A or ", r"\boxed{1} and \boxed{2} and ", "wait, it is 5 ",
    "-", ". ", "\n", " ", "wait, that is ", r"\text{", "答案", "**1** or ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_extraction_takes_time_linear_in_a_hostile_text(piece):
    """Four times the text takes four times as long, not sixteen: 11 leaves room for noise."""
    fastest = [_seconds(piece * (length // len(piece))) for length in (50_000, 200_000)]
    for short, long in pairwise(fastest):
        assert long < 11 * max(short, 0.004)


def _seconds(text):
    def once():
        start = time.process_time()
        extract(text)
        return time.process_time() - start

    return min(once() for _ in range(3))


@pytest.mark.parametrize("piece", [*HOSTILE, "x", "{}", "{{}", r"\{", "\\\\", "{a}b"])
def test_a_single_box_takes_time_linear_in_what_it_holds(piece):
    fastest = [_seconds(r"\boxed{" + piece * (n // len(piece))) for n in (50_000, 200_000)]
    assert fastest[1] < 11 * max(fastest[0], 0.004)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{\frac{\sqrt{2}}{2}}", r"\frac{\sqrt{2}}{2}"),
        (r"\fbox{\{1, 2\}}.", r"\{1, 2\}"),
        (r"\boxed{a{b{c{d}}}}", "a{b{c{d}}}"),  # deeper than most
        (r"\boxed {\left\{ x \right.}", r"\left\{ x \right."),
        ("\\\\\\boxed{7}", "7"),
        (r"{\boxed{7}}", "7"),
        (r"\boxed{\text{box}}", r"\text{box}"),
        ("The answer is 3.\nFinal\nAnswer\n: 4\nAnswer: 5", "5"),
        ("Answer: 5\nA: 6\nthanks", "6"),
        ("A: 6\nI don't think the answer is 5", "6"),
        ("A: 1\nA: 2\nthe answer is", None),
    ],
)
def test_the_short_way_finds_what_the_long_way_does(text, answer):
    found = extract(text)
    assert (found.text if isinstance(found, Answer) else None) == answer


def test_boxes_nested_a_hundred_thousand_deep_are_read():
    depth = 100_000
    assert extract(r"\boxed{" * depth + "1" + "}" * depth).text == "1"
