import datetime as dt
import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from rewardkit.builder.writers import dumps, open_writer
from rewardkit.errors import OutputError


@pytest.mark.parametrize(
    ("row", "read_back"),
    [
        ({"a": "中文"}, {"a": "中文"}),
        ({"a": float("nan"), "b": [float("inf")]}, {"a": None, "b": [None]}),
        ({"a": "\ud800"}, {"a": "\ud800"}),
        ({"a": np.array([1, 2]), "b": np.float32(0.5)}, {"a": [1, 2], "b": 0.5}),
        ({"a": np.array([np.nan])}, {"a": [None]}),
        ({"a": dt.date(2026, 1, 2)}, {"a": "2026-01-02"}),
        ({"a": (1, 2), "b": {3}}, {"a": [1, 2], "b": [3]}),
        ({"a": 2**100}, {"a": 2**100}),
    ],
)
def test_any_row_is_one_line_of_json(row, read_back):
    text = dumps(row)
    assert "\n" not in text
    assert json.loads(text) == read_back
    text.encode("utf-8")


def test_parquet_takes_batches_and_columns_that_begin_empty(tmp_path):
    path = tmp_path / "a.parquet"
    writer = open_writer(path)
    writer.write([{"n": 1, "s": None}])
    writer.write([{"n": 2, "s": "x"}, {"n": 3}])
    writer.close()
    assert pq.read_table(path).to_pylist() == [
        {"n": 1, "s": None},
        {"n": 2, "s": "x"},
        {"n": 3, "s": None},
    ]


def test_parquet_without_rows_can_be_read(tmp_path):
    path = tmp_path / "a.parquet"
    open_writer(path).close()
    assert pq.read_table(path).num_rows == 0


def test_rows_that_do_not_fit_into_one_table_are_an_error_with_a_remedy(tmp_path):
    writer = open_writer(tmp_path / "a.parquet")
    writer.write([{"n": 1}])
    with pytest.raises(OutputError, match="Write JSONL instead"):
        writer.write([{"n": "one"}])
    writer.close()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        open_writer(tmp_path / "file" / "a.jsonl")
