"""The authors' kit: it passes what keeps the contract, and names each rule that is broken."""

# ruff: noqa: N805  the classes are namespaces; their functions are no methods

import itertools
import random
import time

import pytest

import rewardkit as rk
from rewardkit.errors import ContractError
from rewardkit.testing import HOSTILE_COMPLETIONS, check_filter, check_reward

ROWS = [
    {"completion": "<think>why</think>4", "answer": "4", "prompt": "2+2?"},
    {"completion": "five", "answer": ["5"], "prompt": "2+3?"},
]


class Good:
    """Rewards and filters that keep the contract."""

    @rk.reward
    def sample(completion: rk.Completion, answer=None, *, bonus: float = 0.0) -> float:
        """1.0 for the answer."""
        return float(completion.response == answer) + bonus

    @rk.reward
    def batch(completions: list[str], **kwargs) -> list[float]:
        """Shorter is better."""
        return [1 / (1 + len(c)) for c in completions]

    @rk.reward
    def scored(completion, prompt) -> rk.Score:
        """Abstains on what is empty."""
        if not completion:
            return rk.Score.abstain("nothing there")
        return rk.Score(0.5, "half", {"prompt": prompt})

    @rk.reward(group=True)
    def rank(completions: list[rk.Completion]) -> list[float]:
        """The longest of its group is best."""
        longest = max(map(len, completions), default=0)
        return [float(len(c) == longest) for c in completions]

    @rk.reward
    async def awaited(completion: str) -> bool:
        """Whether there is something."""
        return bool(completion)

    fallback = sample | scored

    @rk.filter
    def empty(completion: rk.Completion, prompt: str = "") -> str | None:
        """Rejects what is empty."""
        return None if completion.response else "nothing there"

    @rk.filter
    def long(completion, *, limit: int = 10) -> rk.Rejection | None:
        """Rejects what is long."""
        return rk.Rejection("long", len(completion)) if len(completion) > limit else None


COUNTER = itertools.count()
SEEN: dict[str, int] = {}


class Stateful:
    """Has no __eq__."""

    def __call__(self, completion):
        return 1.0


class Bad:
    """Rewards and filters that each break one rule."""

    @rk.reward
    def undocumented(completion):
        return 1.0

    @rk.reward
    def blank_help(completion):
        """ """
        return 1.0

    @rk.reward
    def fails_on_own_rows(completion, answer):
        """Reads a list as text."""
        return float(completion == answer.strip())

    @rk.reward
    def fails_on_empty(completion):
        """Divides by the length."""
        return 1 / len(completion)

    @rk.reward
    def encodes(completion):
        """Stumbles over surrogates."""
        return float(len(completion.encode()))

    @rk.reward
    def reads_numbers(completion):
        """Reads long numbers as int."""
        return float(completion.isdecimal() and int(completion) > 0)

    @rk.reward
    def never_a_number(completion):
        """NaN for what is empty."""
        return float("nan") if not completion else 1.0

    @rk.reward
    def different_each_time(completion):
        """Counts its calls."""
        return float(next(COUNTER))

    @rk.reward
    def neighbours(completions):
        """Compares a row with the others."""
        longest = max(map(len, completions))
        return [len(c) / (1 + longest) for c in completions]

    @rk.reward
    def positions(completions):
        """Counts places."""
        return [float(i) for i, _ in enumerate(completions)]

    @rk.reward
    def changes_rows(completion, answer):
        """Appends to the reference."""
        if isinstance(answer, list):
            answer.append("seen")
        return 1.0

    @rk.reward
    def unreasoned(completion):
        """A Score without a word."""
        return rk.Score(0.5)

    @rk.reward
    def silent(completion):
        """Abstains without a word."""
        return rk.Score(None)

    @rk.reward
    def needs_more(completion, tests):
        """Wants a column that the rows lack."""
        return 1.0

    @rk.reward
    def text_only(completions: list[rk.Completion]):
        """Wrong length."""
        return [1.0]

    lost = rk.reward(lambda completion: 1.0)
    stateful = rk.reward(Stateful())

    @rk.filter
    def undocumented_filter(completion):
        return None

    @rk.filter
    def says_true(completion):
        """A bool."""
        return len(completion) > 3

    @rk.filter
    def raises(completion):
        """Raises."""
        return completion[0] and None

    @rk.filter
    def wordless(completion):
        """Rejects without a word."""
        return rk.Rejection("")

    @rk.filter
    def moody(completion):
        """Another reason each time."""
        return f"call {next(COUNTER)}"

    @rk.filter
    def changes(completion, answer):
        """Empties the reference."""
        if isinstance(answer, list):
            answer.clear()


def of(owner, kind):
    return [name for name, thing in vars(owner).items() if isinstance(thing, kind)]


@pytest.mark.parametrize("name", of(Good, rk.Reward))
def test_a_reward_that_keeps_the_contract_passes(name):
    check_reward(getattr(Good, name), ROWS)


@pytest.mark.parametrize("name", of(Good, rk.Filter))
def test_a_filter_that_keeps_the_contract_passes(name):
    check_filter(getattr(Good, name), ROWS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("undocumented", "has no docstring"),
        ("blank_help", "has no docstring"),
        (
            "fails_on_own_rows",
            "fails: AttributeError: 'list' object has no attribute 'strip' (row 1;",
        ),
        ("fails_on_empty", "fails: ZeroDivisionError: division by zero (row 0 with another comp"),
        ("encodes", "a lone surrogate"),
        ("reads_numbers", "a number too long for int()"),
        ("never_a_number", "never_a_number returned nan"),
        ("different_each_time", "judges otherwise the second time (row 0; row 1;"),
        ("neighbours", "depends on the rows beside it"),
        ("positions", "depends on the rows' order"),
        ("changes_rows", "changes its row (row 1;"),
        ("unreasoned", "scores 0.5 without a reason (row 0; row 1;"),
        ("silent", "abstains without a reason"),
        ("needs_more", "scores no row at all: ContractError: Reward 'needs_more' needs ['tests']"),
        ("text_only", "text_only returned 1 scores for"),
        ("lost", "cannot be pickled"),
        ("stateful", "comes back from pickling as another one: give its parts an __eq__"),
    ],
)
def test_each_rule_that_a_reward_breaks_is_named(name, said):
    with pytest.raises(AssertionError) as caught:
        check_reward(getattr(Bad, name), ROWS)
    assert str(caught.value).startswith(f"Reward {getattr(Bad, name).name!r} breaks its contract:")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("undocumented_filter", "has no docstring"),
        ("says_true", "fails: ContractError: Filter 'says_true' returned True"),
        ("raises", "fails: IndexError: string index out of range"),
        ("wordless", "rejects without a reason"),
        ("moody", "judges otherwise the second time"),
        ("changes", "changes its row (row 1;"),
    ],
)
def test_each_rule_that_a_filter_breaks_is_named(name, said):
    with pytest.raises(AssertionError) as caught:
        check_filter(getattr(Bad, name), ROWS)
    assert str(caught.value).startswith(f"Filter {name!r} breaks its contract:")
    assert said in str(caught.value)


def test_every_broken_rule_is_listed_and_each_once():
    def dreadful(completion):
        return rk.Score(random.random())

    with pytest.raises(AssertionError) as caught:
        check_reward(rk.reward(dreadful), ROWS)
    problems = str(caught.value).splitlines()[1:]
    assert all(problem.startswith("- ") for problem in problems)
    for said in ("no docstring", "cannot be pickled", "without a reason", "the second time"):
        assert any(said in problem for problem in problems)


def test_rows_are_read_as_the_reading_says():
    reading = rk.Reading(columns={"completion": "output"})
    check_reward(Good.batch, [{"output": "a"}], reading=reading)
    check_filter(Good.empty, [{"output": "a"}], reading=reading)


def test_functions_that_take_messages_as_they_are_get_messages():
    seen = []

    @rk.reward
    def chat(completions, **kwargs):
        """What TRL gives to a reward over chats."""
        seen.extend(completions)
        return [float(len(c) and c[0]["content"] == "4") for c in completions]

    with pytest.raises(AssertionError, match="cannot be pickled") as caught:
        check_reward(chat, [{"completion": [{"role": "assistant", "content": "4"}]}])
    assert "fails" not in str(caught.value)
    assert all(isinstance(completion, list) for completion in seen)
    assert [{"role": "assistant", "content": ""}] in seen


@pytest.mark.parametrize("check", [check_reward, check_filter])
def test_what_is_no_subject_or_no_row_is_a_contract_error(check):
    with pytest.raises(ContractError, match=r"decorate it with @rk\."):
        check(len, ROWS)
    subject = Good.batch if check is check_reward else Good.empty
    for rows in ([], [5], ["text"]):
        with pytest.raises(ContractError, match="at least one row"):
            check(subject, rows)


def test_hostile_completions_are_quickly_done():
    begin = time.perf_counter()
    check_reward(Good.sample, ROWS)
    assert time.perf_counter() - begin < 10.0
    assert len(HOSTILE_COMPLETIONS) > 15
