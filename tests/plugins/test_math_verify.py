r"""What `verify` calls right, wrong, and undecided."""

import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rewardkit_math import verify
from rewardkit_math.exact import read_number
from rewardkit_math.normalise import compact, normalise

RIGHT = [
    ("18", "18"),
    ("7425000", "7,425,000"),
    ("10000", r"10\,000"),
    ("11111111100", r"11,\! 111,\! 111,\! 100"),
    ("1234", "1{,}234"),
    ("10", "10."),
    ("10", r"\$10"),
    ("-5", "−5"),
    ("0", "-0.00"),
    ("18", "18.0"),
    ("0.5", ".5"),
    ("1/2", r"\frac{2}{4}"),
    (r"\frac12", "0.5"),
    (r"-\frac{1}{2}", r"\dfrac{-1}{2}"),
    (r"\frac{1}{72}", r"\frac1{72}"),
    ("5/2", r"2\frac{1}{2}"),
    ("5/2", "2 1/2"),
    ("-5/2", r"-2\tfrac12"),
    ("50%", "0.5"),
    (r"50\%", "1/2"),
    (r"28\%", "28 percent"),
    (r"33\frac13\%", "1/3"),
    ("2 million", "2,000,000"),
    ("6.02e23", r"6.02\times 10^{23}"),
    ("1000", r"$1 \times 10^3$"),
    ("1e999999999", "10e999999998"),
    ("1/3", r"0.\overline{3}"),
    ("1/6", r"0.1\overline6"),
    ("9" * 5000, "9" * 5000 + ".0"),
    (r"\text{(B)}", "B"),
    (r"\textbf{(B)}", r"\text{B}"),
    (r"\text{Yes}", "yes"),
    ("yes", r"\text{Yes}."),
    (r"\left( 3, \frac12 \right]", r"(3,\dfrac{1}{2}]"),
    (r"x^{2}", "x^2"),
    ("√13", r"\sqrt{13}"),
    (r"10\text{ cm}", "10 cm"),
    (r"(-\infty, 3]", "(-∞,3]"),
    ("1, 2", r"1 \text{ and } 2"),
    ("6+9i", "9i + 6"),
    ("-34 + 12x", "12x -34"),
    (r"Natalia sold 24.\n#### 72", "72"),
    (r"so $\boxed{\frac{1}{2}}$.", r"$0.5$"),
    (["1/3", "1/2"], "0.5"),
    (42, "42"),
    (0.5, r"\frac12"),
    (1e-7, "1e-7"),
    (Fraction(1, 3), r"\frac{1}{3}"),
]

WRONG = [
    ("18", "224"),
    ("2", "-2"),
    ("1", "1/5"),
    ("11/2", "1 1/2"),
    ("1/3", "0.333"),
    ("0.0000001", "0.0000004"),
    ("1000000000000001", "1000000000000002"),
    ("123456789.1234567", "123456789.1234571"),
    (r"\frac{1}{10}", r"\frac{1}{11}"),
    ("5%", "5 million"),
    ("62.5%", r"\dfrac{1}{2}"),
    ("2", "-1.8 billion"),
    ("4", "0.0" + "27" * 1000),
    ("9" * 5000, "9" * 5001),
    ("1e999999999", "1e999999998"),
    ("50", "10+John's age"),
    ("42", "41, 42"),
    ("42", r"41 \text{ or } 42"),
    ("A", "A, B, C, D"),
    (r"\text{(B)}", r"\text{(C)}"),
    ("1, 2, 3", "1, 2"),
    (["1/3", "1/4"], "0.5"),
    ("42", ""),
    ("42", r"\boxed{}"),
]

# What stage one left undecided, and the layers behind it decide.
DECIDED_LATER = [
    ("50", "50%", 0.0),
    ("1800000000", "1,800 million, or so", 0.0),
    ("2", "2 billion", 0.0),
    ("4", r"4\sqrt{2}", 0.0),
    ("5", "3=5", 0.0),
    ("5", "x=3=5", 0.0),
    ("30", r"30^\circ", 1.0),
    ("12", "12 apples", 1.0),
    ("10 cm", "10 km", 0.0),
    (r"1011_2", "1011", 0.0),
    (r"1011_2", "1011_3", 0.0),
    ("f(2)", "f'(2)", 0.0),
    (r"\{0,5\}", "(0,5)", 0.0),
    ("1,234", "1, 234", 1.0),
    ("2.74", "2,74", 1.0),
    ("0.111", "0,111", 1.0),
    ("1, 2, ...", "1, 2", 0.0),
    ("1, 2", "2, 1", 1.0),
    ("ABC", "abc", 0.0),
    ("5-10", "-10+5", 1.0),
    ("e^{-40}", "e^{-41}", 0.0),
    ("1/0", "5", 0.0),
    ("3", "9^{9^{9}}", 0.0),
    ("3", "10000000!", 0.0),
    ("1", "__import__('os').abort()", 0.0),
    ("1" * 5000, "1/" + "1" * 5000, 0.0),
    ("1e1" + "0" * 20, "5", 0.0),
    (["1/3", r"\sqrt2"], "0.5", 0.0),
]


@pytest.mark.parametrize(("reference", "answer"), RIGHT)
def test_these_are_right(reference, answer):
    score = verify(reference, answer)
    assert score.value == 1.0, score


@pytest.mark.parametrize(("reference", "answer"), WRONG)
def test_these_are_wrong(reference, answer):
    score = verify(reference, answer)
    assert score.value == 0.0, score


@pytest.mark.parametrize(("reference", "answer", "value"), DECIDED_LATER)
def test_these_need_more_than_exact_numbers(reference, answer, value):
    score = verify(reference, answer)
    assert score.value == value, score
    assert not score.failed


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (None, "missing"),
        ("", "empty"),
        ("$$", "empty"),
        ([], "an empty list"),
        (["42", ""], "empty"),
        (r"\boxed{42", "the box is not closed"),
        (float("nan"), "nan"),
        (True, "bool"),
        ({"answer": 42}, "dict"),
    ],
)
def test_a_reference_that_cannot_be_read_abstains_and_says_why(reference, why):
    score = verify(reference, "42")
    assert score.value is None
    assert "the reference cannot be read" in score.reason
    assert why in score.reason


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("The answer is 42.", "42"),
        ("Answer: 42", "42"),
        (r"\text{The answer is }42", "42"),
        ("Alina and the answer is\nC Cecile", "C"),
        (r"$\boxed{1}$ papers and $\boxed{2}$ bins", "1, 2"),
    ],
)
def test_a_reference_that_announces_an_answer_is_that_answer(reference, answer):
    assert verify(reference, answer).value == 1.0
    assert verify(reference, "7").value == 0.0


def test_an_integer_too_long_to_write_down_cannot_be_read():
    assert "too many digits" in verify(10**5000, "42").reason


def test_the_reason_names_what_was_compared():
    assert verify("224", "18").reason == "18 is not 224"
    assert verify("1/2", "0.5").reason == "equal as exact numbers: 1/2"
    assert verify("2", r"\sqrt{4}").reason == r"\sqrt{4} is 2"
    assert "a division by zero" in verify("2", r"\frac{1}{0}").reason
    assert "compared as words" in verify("2", "two or three").reason


def test_the_evidence_names_the_layer_and_caps_long_texts():
    evidence = verify("1", "2" * 5000).evidence
    assert evidence["layer"] == "exact"
    assert evidence["reference"] == "1"
    assert len(evidence["answer"]) < 200


PIECES = st.sampled_from(
    ["1", "2", "12", "234", "0", ".", ",", " ", "-", "+", "/", "%", "=", "x", "A", "B", "or",
     "and", "$", "^", "_", "e", "(", ")", "{", "}", "'s age", "John", "million", "Yes", "yes",
     "...", r"\frac", r"\frac12", r"\text{", r"\left", r"\right.", r"\boxed{", r"\overline",
     r"\sqrt", r"\,", r"\!", r"\%", r"10^", "####", "\n", "π", "½", "−"]
)  # fmt: skip
ANSWERS = st.lists(PIECES, min_size=1, max_size=8).map("".join) | st.text(min_size=1, max_size=20)


@given(ANSWERS, ANSWERS)
def test_verify_is_symmetric(one, other):
    there, back = (verify(*pair, policy="symmetric") for pair in ((one, other), (other, one)))
    if not _unreadable(there) and not _unreadable(back):
        assert there.value == back.value


@given(ANSWERS)
def test_a_readable_answer_equals_itself(text):
    score = verify(text, text)
    assert score.value == 1.0 or _unreadable(score)


def _unreadable(score):
    return score.evidence["layer"] == "reading"


@given(st.fractions(max_denominator=10**6), st.fractions(max_denominator=10**6))
def test_fractions_are_equal_just_when_their_values_are(one, other):
    latex = rf"\frac{{{other.numerator}}}{{{other.denominator}}}"
    assert verify(str(one), latex).value == float(one == other)


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=6))
def test_every_spelling_of_a_decimal_is_one_number(value):
    assert verify(f"{value:f}", f"{value:,.8f}").value == 1.0
    assert verify(f"{value:f}", f"{value:.30e}").value == 1.0


def test_no_number_is_read_where_there_is_more_than_a_number():
    for text in [
        "1 2",
        "1,2",
        "12,34",
        "1 234 5",
        "1-2",
        "2x",
        "1/2/3",
        "1e",
        "e5",
        "--1",
        "1..2",
    ]:
        assert read_number(text) is None, text


def test_normalising_keeps_apart_what_spaces_keep_apart():
    assert compact(normalise("1 1/2")) != compact(normalise("11/2"))
    assert normalise(r"\left(2\right)*3") == "(2)*3"
    assert normalise(r"a \leftarrow b") == r"a \leftarrow b"


@pytest.mark.parametrize("piece", ["1", "1 ", "1,", "1, ", "\\", "{", "$", r"\text{", r"\frac{1}{",
                                   r"\boxed ", "e", "a+", "1 or ", " ", "0.", "x="])  # fmt: skip
@pytest.mark.parametrize("reference", ["42", "x+1", "1, 2"])
def test_verifying_takes_time_linear_in_a_hostile_answer(piece, reference):
    fastest = [_seconds(reference, piece * (size // len(piece))) for size in (2_400, 9_600)]
    assert fastest[1] < 11 * max(fastest[0], 0.002)


def _seconds(reference, answer):
    def once():
        start = time.process_time()
        verify(reference, answer)
        return time.process_time() - start

    return min(once() for _ in range(3))


def test_an_answer_of_a_megabyte_is_wrong_and_a_reference_of_one_cannot_be_read():
    assert verify("42", r"\frac{1}{" * 120_000).value == 0.0
    assert verify("x" * 1_000_000, "x" * 1_000_000).value == 1.0
    assert verify("x" * 1_000_000, "42").value is None
