"""Fallbacks: the first reward that does not abstain, and never one that failed."""

import pickle

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit.errors import ContractError, OptionError


@rk.reward
def code(completion: str, tests: str, *, strict: bool = False) -> float | None:
    """Whether it passes."""
    if tests == "broken":
        raise ValueError("broken tests")
    return None if tests is None else float(completion == tests)


@rk.reward
def text(completion: str, answer: str) -> rk.Score:
    """Whether it is the answer."""
    if answer is None:
        return rk.Score.abstain("no answer")
    return rk.Score(float(completion == answer), "compared", {"answer": answer})


ROWS = [
    {"completion": "a", "answer": "a", "tests": None},
    {"completion": "a", "answer": "a", "tests": "b"},
    {"completion": "a", "answer": "a", "tests": "broken"},
    {"completion": "a", "answer": None, "tests": None},
    {"answer": "a", "tests": "a"},
]


def values(scores):
    return [score.value for score in scores]


def test_the_first_that_does_not_abstain_decides_and_a_failure_ends_the_search():
    scores = (code | text).score(ROWS)
    assert values(scores) == [1.0, 0.0, None, None, None]
    assert [s.evidence.get("decided_by") for s in scores] == ["text", "code", "code", None, "code"]
    assert scores[0].evidence == {"decided_by": "text", "answer": "a"}
    assert [s.failed for s in scores] == [False, False, True, False, True]
    assert scores[3].reason == "code: code returned None; text: no answer"


def test_a_later_member_is_asked_only_about_the_rows_that_are_open():
    asked = []

    @rk.reward
    def last(completions: list[str]) -> list[float]:
        """Everything."""
        asked.append(completions)
        return [0.5] * len(completions)

    rows = [{"completion": c, "answer": a} for c, a in [("x", "x"), ("y", None), ("z", None)]]
    assert values((text | last).score(rows)) == [1.0, 0.5, 0.5]
    assert values((text | last).score(rows[:1])) == [1.0]
    assert asked == [["y", "z"]]


def test_a_member_whose_columns_the_rows_lack_abstains_unless_all_do():
    rows = [{"completion": "a", "answer": "a"}]
    assert values((code | text).score(rows)) == [1.0]
    with pytest.raises(ContractError, match=r"'code\|text' needs"):
        (code | text).score([{"completion": "a"}])


def test_fallbacks_join_and_one_with_a_name_stays_whole():
    three = code | text | text.named("again")
    assert three.member_names == ["code", "text", "again"]
    assert three.name == "code|text|again"
    accuracy = (code | text).named("accuracy")
    assert (accuracy | text.named("again")).member_names == ["accuracy", "again"]
    assert repr(accuracy) == "<Reward accuracy: code | text>"
    assert accuracy.summary == "The first of code, text that does not abstain."
    with pytest.raises(TypeError):
        code | (lambda completion: 1.0)


def test_options_of_a_member_are_given_under_its_name():
    strict = (code | text).using(code={"strict": True})
    assert strict.members[0].options == {"strict": True}
    with pytest.raises(OptionError, match=r"no member 'cod'. Did you mean 'code'"):
        (code | text).using(cod={})
    with pytest.raises(OptionError, match="no option 'strictly'"):
        (code | text).using(code={"strictly": True})


def test_a_fallback_of_names_is_for_the_registry_to_look_up():
    fallback = rk.FirstOf("math", "code", name="accuracy")
    for use in (fallback.score, lambda rows: fallback.using(math={})):
        with pytest.raises(ContractError, match=r"only names \(math, code\).*get_reward"):
            use(ROWS)
    with pytest.raises(ContractError, match="at least one"):
        rk.FirstOf()


def test_fallbacks_are_equal_and_pickle_with_their_members():
    fallback = rk.FirstOf("math", "code", name="accuracy", doc="Right or wrong.")
    back = pickle.loads(pickle.dumps(fallback))
    assert back == fallback
    assert hash(back) == hash(fallback)
    assert back.summary == "Right or wrong."
    assert (code | text) == (code | text)
    assert (code | text) != (text | code)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "completion": st.sampled_from(["a", "b", None]),
                "answer": st.sampled_from(["a", "b", None]),
                "tests": st.sampled_from(["a", "b", "broken", None]),
            }
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_a_rows_score_depends_neither_on_its_neighbours_nor_on_their_order(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    fallback = code | text
    whole = values(fallback.score(rows))
    assert values(fallback.score([rows[i] for i in order])) == [whole[i] for i in order]
    assert [values(fallback.score([row]))[0] for row in rows] == whole
    if any(row["completion"] for row in rows):
        assert values(fallback.score(datasets.Dataset.from_list(rows))) == whole
