"""Selectors: what is kept of one prompt's completions, in which order, and why the others go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit import selectors
from rewardkit.errors import ContractError, OptionError


def candidate(index, completion="", total=None, prompt="p", **scores):
    scores = {n: s if isinstance(s, rk.Score) else rk.Score(s, "why") for n, s in scores.items()}
    return rk.Candidate(index, prompt, rk.Completion(completion), total, scores)


CANDIDATES = [
    candidate(0, "ccc", 0.5, accuracy=1.0, format=0.0),
    candidate(1, "a", 1.5, accuracy=0.0, format=1.0),
    candidate(2, "bb", None, accuracy=rk.Score.abstain("no answer"), format=1.0),
    candidate(3, "a", 1.5, accuracy=1.0, format=1.0),
    candidate(4, "dddd", -1.0, accuracy=rk.Score.fail("broke"), format=1.0),
]


def chosen(selector, candidates=CANDIDATES):
    selection = selector.select(candidates)
    kept = [c.index for c in selection.kept]
    assert sorted([*kept, *selection.reasons]) == [c.index for c in candidates]
    assert all(selection.reasons.values())
    return kept


@pytest.mark.parametrize(
    ("selector", "kept"),
    [
        (selectors.correct, [0, 3]),
        (selectors.correct.using(reward="format"), [1, 2, 3, 4]),
        (selectors.correct.using(threshold=0.0), [0, 1, 3]),
        (selectors.rewarded, [0, 1, 3]),
        (selectors.rewarded.using(above=1.0), [1, 3]),
        (selectors.first, [0, 1, 2, 3, 4]),
        (selectors.shortest, [1, 3, 2, 0, 4]),
        (selectors.longest, [4, 0, 2, 1, 3]),
        (selectors.best, [1, 3, 0, 4]),
    ],
    ids=repr,
)
def test_bundled_selectors_keep_what_they_say(selector, kept):
    assert chosen(selector) == kept
    assert chosen(selector, []) == []


def test_correct_says_why_the_others_go():
    reasons = selectors.correct.select(CANDIDATES).reasons
    assert reasons == {
        1: "accuracy 0: why",
        2: "accuracy abstains: no answer",
        4: "accuracy failed: broke",
    }
    assert chosen(selectors.correct, [candidate(0, match=1.0), candidate(1, match=0.5)]) == [0]
    with pytest.raises(ContractError, match="'acc'; the suite has accuracy, format"):
        selectors.correct.using(reward="acc").select(CANDIDATES)


def test_rewarded_says_what_the_others_total():
    reasons = selectors.rewarded.select(CANDIDATES).reasons
    assert reasons == {2: "has no total reward", 4: "a total reward of -1"}


def test_random_depends_on_the_seed_and_the_prompt_alone():
    many = [candidate(i) for i in range(20)]
    other = [candidate(i, prompt="q") for i in range(20)]
    assert chosen(selectors.random, many) == chosen(selectors.random, many)
    assert sorted(chosen(selectors.random, many)) == list(range(20))
    orders = [chosen(selectors.random.using(seed=seed), many) for seed in range(5)]
    assert len({tuple(order) for order in [*orders, chosen(selectors.random, other)]}) == 6
    # The same for ever: a recipe with a seed is a data set.
    assert chosen(selectors.random, many[:6]) == [0, 2, 1, 3, 5, 4]


@given(st.lists(st.one_of(st.none(), st.floats(-5, 5)), max_size=12))
def test_every_bundled_selector_keeps_or_explains_every_candidate(totals):
    candidates = [candidate(i, "x" * i, t, accuracy=t) for i, t in enumerate(totals)]
    for selector in selectors.rewardkit_selectors():
        chosen(selector, candidates)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda *, candidates: [], "must take one argument"),
        (lambda candidates, rows: [], "must take one argument"),
        ("first", "a function, not str"),
    ],
)
def test_what_breaks_the_contract_is_refused_at_once(function, said):
    with pytest.raises(ContractError, match=said):
        rk.selector(function)


def test_an_async_selector_is_refused_at_once():
    async def waiting(candidates): ...

    with pytest.raises(ContractError, match="is async"):
        rk.selector(waiting)


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "returned NoneType"),
        ("text", "returned str"),
        ({"a": 1}, "returned dict"),
        (3, "returned int"),
        ([0, 1], "not given"),
        ([candidate(0)], "not given"),
        ([CANDIDATES[0], CANDIDATES[0]], "twice"),
        (rk.Selection([candidate(9)]), "not given"),
    ],
)
def test_a_selector_that_returns_rubbish_is_told_so(returned, said):
    with pytest.raises(ContractError, match=said):
        rk.selector(lambda candidates: returned).select(CANDIDATES)


def test_a_selector_may_be_a_generator_and_gives_a_reason_for_the_others():
    def every_other(candidates):
        yield from candidates[::2]

    selection = rk.selector(every_other).select(CANDIDATES)
    assert [c.index for c in selection.kept] == [0, 2, 4]
    assert selection.reasons == {
        1: "not among those that 'every_other' keeps",
        3: "not among those that 'every_other' keeps",
    }


def test_options_are_checked_and_a_selector_is_still_a_function():
    assert selectors.correct(CANDIDATES[:1]).kept == CANDIDATES[:1]
    assert selectors.random.using(seed=3).options == {"seed": 3}
    assert selectors.random.using(seed=3) != selectors.random
    assert selectors.random.named("shuffled").name == "shuffled"
    assert selectors.best.summary.startswith("Completions by their total")
    with pytest.raises(OptionError, match=r"no option 'sed'. Did you mean 'seed'"):
        selectors.random.using(sed=3)
    with pytest.raises(OptionError, match="seed = 'x'"):
        selectors.random.using(seed="x")
    with pytest.raises(OptionError, match=r"using\(k=...\)"):
        rk.selector(lambda candidates, *, k: candidates).select(CANDIDATES)
