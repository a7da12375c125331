"""Suites: sums, weights, gates, what abstains, what fails, and one total a row."""

import logging
import math
import pickle

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st

import rewardkit as rk
from rewardkit import suites
from rewardkit.errors import ContractError, RewardFailedError


def column(name):
    """A reward that scores what the rows have in a column: a number, None, or "fail"."""
    namespace = {}
    exec(  # a signature cannot be had otherwise
        f"def {name}(completion, {name}):\n"
        f"    if {name} == 'fail': raise ValueError('broke')\n"
        f"    return {name}\n",
        namespace,
    )
    return rk.reward(namespace[name])


a, b, gate, other = column("a"), column("b"), column("gate"), column("other")


def total(suite, step=None, **cells):
    row = {"completion": "x", "a": None, "b": None, "gate": 1.0, "other": 1.0, **cells}
    return suite.score([row], step=step).totals[0]


@pytest.mark.parametrize(
    ("suite", "cells", "expected"),
    [
        (a + b, {"a": 1.0, "b": 0.5}, 1.5),
        (a + 0.2 * b, {"a": 1.0, "b": 0.5}, 1.1),
        (a * 2 + b * 0.5, {"a": 1.0, "b": 1.0}, 2.5),
        (a - b, {"a": 1.0, "b": 0.25}, 0.75),
        (-a, {"a": 1.0}, -1.0),
        (a + -0.5 * b, {"a": 1.0, "b": 1.0}, 0.5),
        (2 * (a + 0.5 * b), {"a": 1.0, "b": 1.0}, 3.0),
        (0 * a + b, {"a": 1.0, "b": 1.0}, 1.0),
        (sum([a, b]), {"a": 1.0, "b": 1.0}, 2.0),
        (sum([a + b]), {"a": 1.0, "b": 1.0}, 2.0),
        # Who abstains takes no part; where all do, the row has no total.
        (a + b, {"a": 1.0, "b": None}, 1.0),
        (a + b, {}, None),
        (a + b, {"a": "fail", "b": 1.0}, 1.0),
        (a + b, {"a": "fail"}, None),
        # Failures.
        (a.on_failure("zero") + b, {"a": "fail"}, 0.0),
        ((a + b).on_failure("zero"), {"a": "fail", "b": 1.0}, 1.0),
        (a.on_failure("zero"), {"a": None}, None),
        # Required terms.
        (a.required() + b, {"a": None, "b": 1.0}, None),
        (a.required() + b, {"a": "fail", "b": 1.0}, None),
        (a.required() + b, {"a": 0.0, "b": 1.0}, 1.0),
        (a.required() + b, {"a": 1.0, "b": None}, 1.0),
        ((a + b).required(), {"a": 1.0}, None),
        (a.required().on_failure("zero") + b, {"a": "fail", "b": 1.0}, 1.0),
        (a.required().on_failure("zero") + b, {"a": None, "b": 1.0}, None),
        # Gates.
        (a.gated_by(gate), {"a": 1.0, "gate": 1.0}, 1.0),
        (a.gated_by(gate), {"a": 1.0, "gate": 0.1}, 1.0),
        (a.gated_by(gate), {"a": 1.0, "gate": 0.0}, 0.0),
        (a.gated_by(gate), {"a": 1.0, "gate": -1.0}, 0.0),
        (a.gated_by(gate), {"a": -1.0, "gate": 0.0}, 0.0),
        (a.gated_by(gate), {"a": 1.0, "gate": None}, 1.0),
        (a.gated_by(gate), {"a": 1.0, "gate": "fail"}, None),
        (a.gated_by(gate).on_failure("zero"), {"a": 1.0, "gate": "fail"}, 0.0),
        (a.gated_by(gate), {"a": None, "gate": 0.0}, 0.0),
        (a.gated_by(gate), {"a": None, "gate": 1.0}, None),
        (a.gated_by(gate, other), {"a": 1.0, "other": 0.0}, 0.0),
        (a.gated_by(gate).gated_by(other), {"a": 1.0, "gate": 0.0}, 0.0),
        (a.gated_by(gate) + b, {"a": 1.0, "b": 1.0, "gate": 0.0}, 1.0),
        ((a + b).gated_by(gate), {"a": 1.0, "b": 1.0, "gate": 0.0}, 0.0),
        ((a + gate).gated_by(gate), {"a": 1.0, "gate": 0.5}, 1.5),
        (a.gated_by(gate).required() + b, {"a": 1.0, "b": 1.0, "gate": "fail"}, None),
        (a.gated_by(gate).required() + b, {"a": None, "b": 1.0, "gate": 0.0}, None),
    ],
    ids=lambda thing: repr(thing) if isinstance(thing, rk.Suite) else None,
)
def test_totals(suite, cells, expected):
    assert total(suite, **cells) == pytest.approx(expected)


def test_on_failure_raise_names_the_reward_the_row_and_the_cause():
    rows = [{"completion": "x", "a": cell, "gate": 1} for cell in (1.0, "fail")]
    suite = a.gated_by(gate).on_failure("raise")
    with pytest.raises(RewardFailedError, match=r"(?s)'a' failed on row 1: ValueError.*Traceback"):
        suite.score(rows)
    rows = [{"completion": "x", "a": 1.0, "gate": cell} for cell in (1.0, "fail")]
    with pytest.raises(RewardFailedError, match="'gate' failed on row 1"):
        suite.score(rows)
    with pytest.raises(RewardFailedError, match="no completion"):
        suite.score([*rows[:1], {"a": 1}])


def test_a_schedule_weighs_by_the_step():
    ramp = rk.Schedule(0.0, 1.0, steps=10)
    suite = a + ramp * b
    assert [total(suite, step, a=1.0, b=1.0) for step in (0, 5, 10, 99)] == [1.0, 1.5, 2.0, 2.0]
    assert total(0.5 * suite, 10, a=1.0, b=1.0) == 1.0
    assert suite.score([{"completion": "", "a": 1, "b": 1}], step=5).weights == {"a": 1, "b": 0.5}
    assert total(a * (lambda step: step), 3, a=2.0) == 6.0
    with pytest.raises(ContractError, match=r"'b' is a schedule: .*score\(rows, step=100\)"):
        total(suite, a=1.0)
    with pytest.raises(ContractError, match="has a schedule already"):
        ramp * (ramp * a)


@pytest.mark.parametrize("weight", [math.nan, math.inf])
def test_a_schedule_that_gives_no_finite_weight_is_an_error(weight):
    with pytest.raises(ContractError, match=r"at step 3 is .*, not finite"):
        total(a * (lambda step: weight), 3, a=1.0)


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 0), (math.nan, 1.0, 5), (0.0, math.inf, 5)])
def test_a_wrong_schedule_is_refused_at_once(wrong):
    with pytest.raises(ContractError):
        rk.Schedule(*wrong)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: a + a, r"Two terms are named 'a': give one another name with named\(\)"),
        (lambda: a + b.named("a"), "Two terms are named 'a'"),
        (lambda: sum([a, b, a]), "Two terms are named 'a'"),
        (lambda: (a + gate).gated_by(b.named("gate")), "both named 'gate' and differ"),
        (lambda: a.gated_by(lambda completion: 1.0), "A gate is a reward, not function"),
        (lambda: a.gated_by(a + b), "A gate is a reward, not Suite"),
        (lambda: a * math.nan, "is nan, not finite"),
        (lambda: a * math.inf, "is inf, not finite"),
        (lambda: 1e308 * (1e308 * a), "not finite"),
        (lambda: a * b, r"no product.*gated_by\(\)"),
        (lambda: (a + b) * b, r"no product"),
        (lambda: a.on_failure("ignore"), 'on_failure is "abstain", "zero" or "raise"'),
        (lambda: rk.Suite(()), "at least one reward"),
        (lambda: suites.Term(len), "decorate the function with @rk.reward"),
        (lambda: suites.Term(a, "1"), "is '1', not a number"),
        (lambda: rk.suite(), "at least one reward"),
        (
            lambda: (
                a.to_suite().read_with(rk.Reading(think="x"))
                + b.to_suite().read_with(rk.Reading(think="y"))
            ),
            "read completions differently",
        ),
    ],
)
def test_a_wrong_suite_is_refused_when_it_is_made(make, said):
    with pytest.raises(ContractError, match=said):
        make()


@pytest.mark.parametrize(
    "make",
    [lambda: a + 1, lambda: 1 + a, lambda: a + len, lambda: a * "2", lambda: (a + b) + "c"],
)
def test_what_has_no_meaning_is_a_type_error(make):
    with pytest.raises(TypeError):
        make()


def test_terms_keep_their_reading_when_suites_are_added():
    reading = rk.Reading(think="x")
    assert (a.to_suite().read_with(reading) + b).reading == reading
    assert (b + a.to_suite().read_with(reading)).reading == reading


@pytest.mark.parametrize(
    ("suite", "shown"),
    [
        (a + 0.2 * b, "<Suite 1 × a + 0.2 × b>"),
        ((a + 0.2 * b).gated_by(gate), "<Suite (1 × a + 0.2 × b) behind gate>"),
        (a.gated_by(gate, other) - b, "<Suite (1 × a) behind gate and other + -1 × b>"),
        (rk.Schedule(0, 1, 5) * a, "<Suite 1 × schedule × a>"),
        (rk.Suite(a.to_suite().terms, name="r1"), "<Suite r1: 1 × a>"),
        (((a | b) + gate), "<Suite 1 × a|b + 1 × gate>"),
    ],
)
def test_a_suite_shows_how_it_is_written(suite, shown):
    assert repr(suite) == shown


def test_scored_holds_every_score_by_name_gates_among_them():
    rows = [{"completion": "x", "a": 1.0, "b": None, "gate": 0.0, "prompt": "p"}]
    scored = (a.gated_by(gate) + 0.5 * b).score(rows)
    assert list(scored.scores) == ["a", "b", "gate"]
    assert scored.gates == {"a": ("gate",)}
    assert scored.weights == {"a": 1.0, "b": 0.5}
    assert scored.prompts == ["p"]
    assert scored.scores["a"][0].reason == "a returned 1"


def test_annotated_rows_keep_their_form_and_their_own_columns():
    columns = {"completion": ["x", "y"], "a": [1.0, None], "reward": ["own", "own"]}
    rows = [
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    ]
    suite = a.to_suite()
    added = {"row_reward": "own", "reward": 1.0, "reward_a": 1.0, "reason_a": "a returned 1"}
    assert suite.annotate(rows)[0] == {"completion": "x", "a": 1.0, **added}
    assert suite.annotate(columns)["reward"] == [1.0, None]
    assert suite.annotate(iter(rows)) == suite.annotate(rows)
    annotated = suite.annotate(datasets.Dataset.from_list(rows))
    assert annotated.to_list() == suite.annotate(rows)
    assert rows[0].keys() == columns.keys()


def test_no_rows_have_no_totals():
    suite = (a + b).gated_by(gate)
    for rows in ([], iter([]), {}, datasets.Dataset.from_list([])):
        scored = suite.score(rows)
        assert scored.totals == []
        assert scored.columns()["reward"] == []
        assert len(scored) == 0


def test_a_broken_row_fails_alone():
    rows = [{"completion": "x", "a": 1.0}, 5, {"a": 1.0}, {"completion": "y", "a": 2.0}]
    scored = a.to_suite().score(rows)
    assert scored.totals == [1.0, None, None, 2.0]
    assert [s.failed for s in scored.scores["a"]] == [False, True, True, False]
    assert all(s.failed for s in a.to_suite().score([5, None]).scores["a"])


def test_a_column_that_no_row_has_is_a_contract_error_for_terms_and_gates():
    for suite in (a + b, a.gated_by(b)):
        with pytest.raises(ContractError, match="'b' needs"):
            suite.score([{"completion": "x", "a": 1.0}])


def test_observers_see_what_was_scored(monkeypatch):
    seen = []
    monkeypatch.setattr(suites, "observers", [lambda suite, scored: seen.append((suite, scored))])
    suite = a.to_suite()
    scored = suite.score([{"completion": "x", "a": 1.0}])
    assert seen == [(suite, scored)]


@pytest.mark.parametrize("error", [ValueError("observer broke"), SystemExit(1)])
def test_a_plugin_that_fails_while_it_observes_is_logged_and_no_more(error, monkeypatch, caplog):
    class Watcher:
        @rk.hookimpl
        def rewardkit_scored(self, suite, scored):
            raise error

    class Second:
        seen = ()

        @rk.hookimpl
        def rewardkit_scored(self, scored):
            self.seen = scored.totals

    registry, second = rk.Registry(discover=False), Second()
    registry.register(second, "second")
    registry.register(Watcher(), "watcher")
    monkeypatch.setattr(suites, "observers", [registry.scored])
    with caplog.at_level(logging.ERROR):
        assert total(a.to_suite(), a=1.0) == 1.0
    assert second.seen == [1.0]
    assert "plugin 'watcher' failed while it observed scores" in caplog.text


CELLS = st.sampled_from([None, "fail", 0.0, 1.0, -1.0, 0.5])


@given(
    st.lists(st.fixed_dictionaries({"a": CELLS, "b": CELLS, "gate": CELLS}), max_size=10),
    st.randoms(),
    st.sampled_from(["abstain", "zero"]),
)
def test_a_rows_total_depends_neither_on_its_neighbours_nor_on_their_order(cells, random, worth):
    suite = (a.required() + 0.5 * b).gated_by(gate).on_failure(worth)
    rows = [{"completion": "x", **cell} for cell in cells]
    order = list(range(len(rows)))
    random.shuffle(order)
    totals = suite.score(rows).totals
    assert suite.score([rows[i] for i in order]).totals == [totals[i] for i in order]
    assert [suite.score([row]).totals[0] for row in rows] == totals
    assert all(t is None or math.isfinite(t) for t in totals)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=5), st.floats(-5, 5))
def test_weights_multiply_through(numbers, factor):
    rows = [{"completion": "x", "a": n, "b": 1.0} for n in numbers]
    plain = (a + b).score(rows).totals
    weighted = (factor * (a + b)).score(rows).totals
    assert weighted == pytest.approx([factor * t for t in plain])


def test_suites_pickle_by_value_with_their_reading_name_and_schedule(tmp_path, monkeypatch):
    (tmp_path / "suite_module.py").write_text(
        "import rewardkit as rk\n\n@rk.reward\ndef here(completion): return 1.0\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import suite_module

    suite = rk.Schedule(0, 1, 5) * suite_module.here.required()
    suite = rk.Suite(suite.terms, rk.Reading(columns={"answer": "x"}), "named")
    back = pickle.loads(pickle.dumps(suite))
    assert back == suite
    assert hash(back) == hash(suite)
