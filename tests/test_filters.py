"""Filters: a reason or None, never a bool, and every row judged on its own."""

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit.errors import ContractError, OptionError

TEXTS = [{"completion": text} for text in ("a", "LOUD", "", "bb")]


@rk.filter
def shouting(completion: rk.Completion, *, share: float = 0.5) -> str | None:
    """Rejects completions in capitals."""
    capitals = sum(c.isupper() for c in completion) / max(len(completion), 1)
    return f"{capitals:.0%} capitals" if capitals > share else None


@rk.filter(name="short")
def too_short(completion: str, *, least: int = 1) -> rk.Rejection | None:
    """Rejects what is short."""
    if len(completion) >= least:
        return None
    return rk.Rejection("too short", value=len(completion), filter="ignored")


CHAIN = rk.FilterChain((shouting, too_short))


def judged(function, rows=TEXTS):
    return rk.FilterChain((rk.filter(function),)).filter(rows).rejections


def test_a_filter_is_still_the_function_that_it_was():
    assert shouting("LOUD") == "100% capitals"
    assert shouting("quiet") is None
    assert shouting.summary == "Rejects completions in capitals."
    assert repr(too_short.using(least=3)) == "<Filter short(completion, least=3)>"
    assert shouting.using(share=0.0)("One")
    assert not shouting.using(share=0.5)("One")
    assert shouting == shouting.using()
    assert shouting != shouting.using(share=0.1)
    assert shouting != too_short
    assert rk.get_filter("code_block")("<think>\n```\nx\n```\n</think>").value == 1


def test_called_as_a_function_a_filter_takes_a_completion_as_it_was_read():
    short = rk.filter(lambda prompt, completion: completion.response if prompt else None)
    renamed = rk.Completion("<t>a</t>b", rk.Reading(think="t"), finish_reason="length")
    assert short("p", renamed) == "b"
    assert short(completion=renamed, prompt="p") == "b"
    assert short("p", "<think>a</think>b") == "b"
    assert rk.filter(lambda completion: completion.finish_reason)(renamed) == "length"


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda text: None, "must take `completion`"),
        (lambda completions: None, "must take `completion`"),
        (lambda *, completion: None, "must take `completion`"),
        ("code_block", "a function, not str"),
    ],
)
def test_what_breaks_the_contract_is_refused_at_once(function, said):
    with pytest.raises(ContractError, match=said):
        rk.filter()(function)


def test_an_async_filter_is_refused_at_once():
    async def waiting(completion): ...

    with pytest.raises(ContractError, match="is async"):
        rk.filter(waiting)


def test_options_are_checked_when_they_are_given():
    assert shouting.using(share=1.0).options == {"share": 1.0}
    with pytest.raises(OptionError, match=r"no option 'shares'. Did you mean 'share'"):
        shouting.using(shares=1)
    with pytest.raises(OptionError, match="share = 'x'"):
        shouting.using(share="x")


def test_an_option_without_default_is_asked_for_before_anything_is_judged():
    @rk.filter
    def needy(completion, *, words): ...

    with pytest.raises(OptionError, match=r"Filter 'needy' has no value for its option 'words'"):
        rk.FilterChain((needy,)).filter(TEXTS)
    with pytest.raises(OptionError, match="words"):
        needy.reject(TEXTS[0])
    assert needy.using(words=()).reject(TEXTS[0]) is None


def test_every_filter_judges_every_row_and_the_first_one_names_the_drop():
    @rk.filter
    def empty(completion):
        return None if completion else "nothing there"

    found = rk.FilterChain((empty, shouting, too_short)).filter(TEXTS)
    assert found.kept == [{"completion": "a"}, {"completion": "bb"}]
    assert found.dropped == [
        {"completion": "LOUD", "filter": "shouting", "reason": "100% capitals", "value": None},
        {"completion": "", "filter": "empty", "reason": "nothing there", "value": None},
    ]
    assert found.rejections == [
        (),
        (rk.Rejection("100% capitals", filter="shouting"),),
        (
            rk.Rejection("nothing there", filter="empty"),
            rk.Rejection("too short", 0, filter="short"),
        ),
        (),
    ]


def test_data_sets_and_columns_are_divided_in_their_own_form():
    columns = {"completion": [row["completion"] for row in TEXTS], "reason": list("abcd")}
    found = CHAIN.filter(columns)
    assert found.kept == {"completion": ["a", "bb"], "reason": ["a", "d"]}
    assert found.dropped == {
        "completion": ["LOUD", ""],
        "row_reason": ["b", "c"],
        "filter": ["shouting", "short"],
        "reason": ["100% capitals", "too short"],
        "value": [None, 0],
    }
    divided = CHAIN.filter(datasets.Dataset.from_dict(columns))
    assert divided.kept.to_dict() == found.kept
    assert divided.dropped.to_dict() == found.dropped
    assert CHAIN.filter(row for row in TEXTS).kept == CHAIN.filter(TEXTS).kept


@pytest.mark.parametrize("rows", [[], {"completion": []}, iter([])])
def test_nothing_is_divided_into_nothing(rows):
    found = CHAIN.filter(rows)
    assert (len(found.kept), found.rejections) in [(0, []), (1, [])]
    assert rk.FilterChain(()).filter(TEXTS).kept == TEXTS
    assert rk.FilterChain(()).filter(TEXTS).rejections == [()] * 4


@pytest.mark.parametrize("returned", [True, False, "", 0, 1.5, ["reason"], object(), b"reason"])
def test_what_is_neither_a_reason_nor_none_rejects_the_row_as_failed(returned):
    rejections = judged(lambda completion: returned if completion == "" else None)
    assert [bool(found) for found in rejections] == [False, False, True, False]
    assert rejections[2][0].reason.startswith("the filter failed: ")
    assert "return a reason" in rejections[2][0].reason
    with pytest.raises(ContractError, match="return a reason"):
        rk.filter(lambda completion: returned).reject(TEXTS[0])


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(1), RecursionError(), OSError()])
def test_a_filter_that_raises_rejects_that_row_alone_as_failed(error):
    def breaking(completion):
        if completion == "":
            raise error

    rejections = judged(breaking)
    assert [bool(found) for found in rejections] == [False, False, True, False]
    assert rejections[2][0].filter == "breaking"
    assert type(error).__name__ in rejections[2][0].reason
    with pytest.raises(type(error)):
        rk.filter(breaking).reject({"completion": ""})


def test_a_keyboard_interrupt_goes_through():
    def interrupted(completion):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judged(interrupted)


def test_a_row_that_cannot_be_read_is_dropped_as_unreadable_and_no_filter_sees_it():
    seen = []
    rows = [{"completion": None}, {"completion": "a"}, 5, {"completion": 1.5}]

    @rk.filter
    def watching(completion):
        seen.append(completion)

    found = rk.FilterChain((watching,)).filter(rows)
    assert seen == ["a"]
    assert found.kept == [{"completion": "a"}]
    assert [row["filter"] for row in found.dropped] == ["unreadable"] * 3
    assert [row["reason"] for row in found.dropped] == [
        "the row has no completion",
        "the row is int, not a mapping",
        "the completion is float; it must be text or a list of messages",
    ]
    assert found.dropped[1]["row"] == 5
    assert watching.reject({"completion": None}).filter == "unreadable"


def test_columns_are_given_by_name_with_defaults_for_what_is_missing():
    seen = []

    @rk.filter
    def looking(completion, answer, hint="none", **kwargs):
        seen.append((completion, answer, hint))

    rows = [{"completion": "a", "answer": 1, "hint": None}, {"completion": "b", "hint": "h"}]
    assert judged(looking.function, rows) == [(), ()]
    assert seen == [("a", 1, "none"), ("b", None, "h")]
    with pytest.raises(ContractError, match=r"needs .'answer'..*Did you mean 'answers'"):
        rk.FilterChain((looking,)).filter([{"completion": "a", "answers": 1}])


def test_completions_are_read_under_the_chains_reading():
    @rk.filter
    def thoughtless(completion):
        return None if completion.thinking else "no thinking"

    rows = [{"output": "[T]why[/T]"}, {"output": "no"}]
    reading = rk.Reading(think=("[T]", "[/T]"), columns={"completion": "output"})
    found = rk.FilterChain((thoughtless,), reading).filter(rows)
    assert found.kept == rows[:1]
    assert thoughtless.reject(rows[0], reading=reading) is None


def test_two_filters_of_one_name_are_an_error():
    with pytest.raises(ContractError, match=r"Two filters are named 'short'.*named\(\)"):
        rk.FilterChain((too_short, too_short.using(least=5)))
    chain = rk.FilterChain((too_short, too_short.using(least=5).named("shorter")))
    assert [r.filter for r in chain.filter([{"completion": ""}]).rejections[0]] == [
        "short",
        "shorter",
    ]


@given(st.lists(st.text(alphabet=st.characters()), max_size=20), st.randoms())
def test_a_rows_rejections_depend_neither_on_its_neighbours_nor_on_their_order(texts, random):
    rows = [{"completion": text} for text in texts]
    order = list(range(len(rows)))
    random.shuffle(order)
    whole = CHAIN.filter(rows)
    assert CHAIN.filter([rows[i] for i in order]).rejections == [
        whole.rejections[i] for i in order
    ]
    assert whole.kept == [r for r, found in zip(rows, whole.rejections, strict=True) if not found]
    assert len(whole.kept) + len(whole.dropped) == len(rows)
