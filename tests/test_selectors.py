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
        1: rk.Rejection("accuracy 0: why", 0.0),
        2: rk.Rejection("accuracy abstains: no answer"),
        4: rk.Rejection("accuracy failed: broke"),
    }
    assert chosen(selectors.correct, [candidate(0, match=1.0), candidate(1, match=0.5)]) == [0]
    with pytest.raises(ContractError, match="'acc'; the suite has accuracy, format"):
        selectors.correct.using(reward="acc").select(CANDIDATES)


def test_rewarded_says_what_the_others_total():
    reasons = selectors.rewarded.select(CANDIDATES).reasons
    assert reasons == {
        2: rk.Rejection("has no total reward"),
        4: rk.Rejection("a total reward of -1", -1.0),
    }


def solved(values, prompt="p"):
    return [candidate(i, "x", accuracy=value, prompt=prompt) for i, value in enumerate(values)]


FAIL, ABSTAIN = rk.Score.fail("broke"), rk.Score.abstain("no reference")


@pytest.mark.parametrize(
    ("values", "options", "kept"),
    [
        ([1, 0], {}, True),
        ([1, 1], {}, False),
        ([0, 0], {}, False),
        # The bounds belong to the window, whatever the number of samples.
        ([1] + [0] * 9, {}, True),
        ([1] * 3 + [0] * 27, {}, True),
        ([1] * 27 + [0] * 3, {}, True),
        ([1] * 2 + [0] * 19, {}, False),
        # Skywork-OR1's 1 to 15 of 16.
        ([1] * 15 + [0], {"min": 1 / 16, "max": 15 / 16}, True),
        ([1] * 16, {"min": 1 / 16, "max": 15 / 16}, False),
        ([0] * 16, {"min": 1 / 16, "max": 15 / 16}, False),
        # A bound at its end is none.
        ([1, 1], {"max": 1.0}, True),
        ([0, 0], {"min": 0.0}, True),
        # What says nothing of the prompt does not count.
        ([1, 1, FAIL, ABSTAIN], {}, False),
        ([1, 0, FAIL, ABSTAIN, ABSTAIN], {"min": 0.5, "max": 0.5}, True),
        ([FAIL, ABSTAIN], {"min": 0.0, "max": 1.0}, False),
        # Partial credit counts for what it is, or with a threshold as right or wrong.
        ([0.5, 0.75], {"min": 0.625, "max": 0.625}, True),
        ([0.5, 0.75], {"threshold": 0.75, "min": 0.5, "max": 0.5}, True),
        ([-1, -1, 1, 1], {"threshold": 1.0, "min": 0.5, "max": 0.5}, True),
        ([0.1] * 10, {"min": 0.1, "max": 0.1}, True),
    ],
)
def test_a_prompt_is_kept_whole_where_its_pass_rate_is_in_the_window(values, options, kept):
    selector = selectors.pass_rate.using(**options)
    assert chosen(selector, solved(values)) == (list(range(len(values))) if kept else [])


def test_the_pass_rate_is_of_all_samples_and_not_of_what_is_left_of_them():
    samples = solved([0, 0, 0, 1, 1])
    assert chosen(selectors.pass_rate, samples[3:]) == []
    selection = selectors.pass_rate.select(samples[3:], samples)
    assert [c.index for c in selection.kept] == [3, 4]
    selection = selectors.pass_rate.using(max=0.25).select(samples[3:], samples)
    assert selection.kept == []
    said = "a pass rate of 0.4 (2 of 5 samples), not from 0.1 to 0.25"
    assert selection.reasons == {i: rk.Rejection(said, 0.4) for i in (3, 4)}


def test_pass_rate_says_how_many_samples_have_no_verdict():
    reasons = selectors.pass_rate.select(solved([1, FAIL, 1, ABSTAIN])).reasons
    said = "a pass rate of 1 (2 of 2 samples, 2 without a verdict), not from 0.1 to 0.9"
    assert set(reasons.values()) == {rk.Rejection(said, 1.0)}
    reasons = selectors.pass_rate.select(solved([FAIL, ABSTAIN])).reasons
    said = "no pass rate: none of 2 samples has a verdict"
    assert set(reasons.values()) == {rk.Rejection(said)}


def test_pass_rate_judges_by_the_reward_that_it_is_told():
    by_format = selectors.pass_rate.using(reward="format", min=0.8, max=0.8)
    assert chosen(by_format) == [0, 1, 2, 3, 4]
    with pytest.raises(ContractError, match="'pass_rate' judges by the reward 'acc'; the suite"):
        selectors.pass_rate.using(reward="acc").select(CANDIDATES)
    with pytest.raises(ContractError, match="'accuracy'; the suite has none"):
        selectors.pass_rate.select([candidate(0)])


def test_a_window_that_holds_nothing_is_refused():
    with pytest.raises(OptionError, match="a share is from 0 to 1"):
        selectors.pass_rate.using(min=10)
    with pytest.raises(OptionError, match=r"min = 0\.95: it must not be above max, which is 0\.9"):
        selectors.pass_rate.using(min=0.95)
    assert selectors.pass_rate.using(max=1.0).using(min=0.95).options["min"] == 0.95
    with pytest.raises(ContractError, match=r"min is 0\.1, more than max, 0\.05"):
        selectors.pass_rate.using(max=0.05).select(CANDIDATES)


def test_a_selector_that_asks_for_samples_gets_them_and_chooses_among_the_candidates():
    @rk.selector
    def rare(candidates, samples, *, most: int = 3):
        return candidates if len(samples) <= most else []

    assert chosen(rare, CANDIDATES[:3]) == [0, 1, 2]
    assert rare.select(CANDIDATES[:3], CANDIDATES).kept == []
    with pytest.raises(ContractError, match="not given"):
        rk.selector(lambda candidates, samples: samples).select(CANDIDATES[:1], CANDIDATES)


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
