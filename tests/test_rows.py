"""Rows: whatever form they come in, the same columns, and every broken row is its own affair."""

import datasets
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewardkit.completions import Reading
from rewardkit.errors import ContractError
from rewardkit.rows import add_columns, as_sequence, prompt_key, read_batch, take_rows

ROWS = [
    {"completion": "a", "answer": "1", "n": 1},
    {"completion": "b", "answer": None, "n": 2},
    {"completion": "c", "answer": "3", "n": 3},
]
COLUMNS = {name: [row[name] for row in ROWS] for name in ROWS[0]}


def forms(rows):
    columns = {name: [row.get(name) for row in rows] for row in rows for name in row}
    return {
        "dicts": rows,
        "tuple": tuple(rows),
        "columns": columns,
        "dataset": datasets.Dataset.from_list(rows),
        "formatted dataset": datasets.Dataset.from_list(rows).with_format("numpy"),
        "arrow": pa.Table.from_pylist(rows),
        "pandas": pd.DataFrame(rows),
        "generator": (row for row in rows),
    }


FORMS = list(forms(ROWS))


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_rows_reads_as_the_same_columns(form):
    batch = read_batch(forms(ROWS)[form], Reading())
    assert batch.size == 3
    assert batch.columns == COLUMNS
    assert batch.completions == ["a", "b", "c"]
    assert batch.problems == {}


@pytest.mark.parametrize("form", [f for f in FORMS if f != "generator"])
def test_rows_are_taken_and_extended_in_the_form_that_they_have(form):
    rows = forms(ROWS)[form]
    taken = add_columns(take_rows(rows, [2, 0]), {"n": [0.5, None], "new": ["x", "y"]})
    if form != "tuple":
        assert type(taken) is type(rows)
    batch = read_batch(taken, Reading())
    assert batch.columns == {
        "completion": ["c", "a"],
        "answer": ["3", "1"],
        "row_n": [3, 1],
        "n": [0.5, None],
        "new": ["x", "y"],
    }
    assert read_batch(forms(ROWS)[form], Reading()).columns == COLUMNS


@pytest.mark.parametrize("form", ["dicts", "columns", "dataset", "arrow", "pandas"])
def test_columns_of_the_rows_own_are_never_lost_when_columns_are_added_again(form):
    rows = forms([{"completion": "a", "reward": 1}])[form]
    twice = add_columns(add_columns(rows, {"reward": [2]}), {"reward": [3]})
    assert read_batch(twice, Reading()).columns == {
        "completion": ["a"],
        "row_reward": [1],
        "row_row_reward": [2],
        "reward": [3],
    }


def test_a_cell_that_a_row_lacks_is_none():
    batch = read_batch([{"completion": "a"}, {"completion": "b", "answer": 1}], Reading())
    assert batch.columns["answer"] == [None, 1]


def test_a_missing_cell_of_a_frame_is_none_and_not_nan():
    frame = pd.DataFrame({"completion": ["a", None], "answer": [1.0, float("nan")]})
    batch = read_batch(frame, Reading())
    assert batch.columns["answer"] == [1.0, None]
    assert batch.problems == {1: "the row has no completion"}


def test_a_row_that_cannot_be_read_is_a_problem_of_its_own():
    rows = [{"completion": "a"}, {"prompt": "x"}, None, 5, "text", {"completion": 1.5}, {}]
    batch = read_batch(rows, Reading())
    assert batch.readable == [0]
    assert batch.problems == {
        1: "the row has no completion",
        2: "the row is NoneType, not a mapping",
        3: "the row is int, not a mapping",
        4: "the row is str, not a mapping",
        5: "the completion is float; it must be text or a list of messages",
        6: "the row has no completion",
    }
    part = batch.take([5, 0, 2])
    assert part.completions == [None, "a", None]
    assert set(part.problems) == {0, 2}
    assert part.readable == [1]


@pytest.mark.parametrize("rows", [[], (), {}, {"completion": []}, datasets.Dataset.from_list([])])
def test_no_rows_are_rows(rows):
    assert read_batch(rows, Reading()).size == 0


def test_no_rows_need_no_columns():
    assert read_batch([], Reading(columns={"answer": "solution"})).size == 0
    assert read_batch([3, None], Reading(columns={"answer": "solution"})).readable == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("text", "not str"),
        (5, "not int"),
        (None, "not NoneType"),
        (b"bytes", "not bytes"),
        ({"completion": "text"}, "For a single row give a list of one dict"),
        ({"completion": {"a": 1}}, "Column 'completion' is dict"),
        ({"completion": 5}, "Column 'completion' is int"),
        ({"completion": ["a"], "answer": [1, 2]}, "differ in length"),
        ([{"response": "a"}], 'completion = "response"'),
        ([{"complettion": "a"}], "Did you mean 'complettion'"),
        ([{}], "the rows have: nothing"),
        (
            datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS)}),
            "give one of its splits ('train')",
        ),
        (datasets.Dataset.from_list(ROWS).to_iterable_dataset(), "in pieces"),
    ],
)
def test_what_is_no_rows_is_a_contract_error_that_says_what_to_do(rows, said):
    with pytest.raises(ContractError) as caught:
        read_batch(rows, Reading())
    assert said in str(caught.value)


def test_a_reading_gives_columns_other_names():
    reading = Reading(columns={"completion": "output", "answer": "n"})
    batch = read_batch([{"output": "a", "n": 1, "answer": "own"}], reading)
    assert batch.completions == ["a"]
    assert batch.columns["answer"] == [1]
    with pytest.raises(ContractError, match=r"'outputs'.*Did you mean 'output'"):
        read_batch([{"output": "a"}], Reading(columns={"completion": "outputs"}))


def test_a_prompt_is_known_by_its_id_else_by_its_content():
    text, chat = "What?", [{"role": "user", "content": "What?"}]
    assert prompt_key(3, text) == "3"
    assert prompt_key(None, None) is None
    assert prompt_key(None, text) == prompt_key(None, text)
    assert prompt_key(None, chat) == prompt_key(None, [dict(reversed(chat[0].items()))])
    assert len({prompt_key(None, p) for p in (text, chat, "", [], 5)}) == 5


CIRCLE = {}
CIRCLE["self"] = CIRCLE


@pytest.mark.parametrize("prompt", ["\ud800\x00", {1: "a", "b": 2}, CIRCLE, object, float("nan")])
def test_any_prompt_has_a_key(prompt):
    assert prompt_key(None, prompt) == prompt_key(None, prompt)


def test_the_prompt_is_told_row_by_row():
    batch = read_batch(
        [{"completion": "", "prompt": "p"}, {"completion": "", "prompt": "q", "prompt_id": 0}],
        Reading(),
    )
    assert batch.prompts == ["p", 0]
    assert read_batch([{"completion": ""}], Reading()).prompts == [None]


def test_a_generator_becomes_a_list_and_nothing_else_does():
    assert as_sequence(iter([1, 2])) == [1, 2]
    for rows in (ROWS, COLUMNS, datasets.Dataset.from_list(ROWS), pd.DataFrame(ROWS)):
        assert as_sequence(rows) is rows


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers()), min_size=1), st.data())
def test_taking_rows_keeps_their_order(cells, data):
    rows = [{"completion": str(i), **cell} for i, cell in enumerate(cells)]
    places = data.draw(st.lists(st.integers(0, len(rows) - 1), unique=True))
    taken = read_batch(rows, Reading()).take(places)
    assert taken.completions == [str(i) for i in places]
    assert taken.columns == {
        name: [rows[i].get(name) for i in places] for name in {n for r in rows for n in r}
    }
