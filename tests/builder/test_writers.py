import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from rewardkit.builder.sources import open_source
from rewardkit.builder.writers import dumps, open_writer
from rewardkit.errors import OutputError


def write(path, batches, kind=""):
    with open_writer(path, kind) as writer:
        for rows in batches:
            writer.write(rows)


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
    write(path, [[{"n": 1, "s": None}], [{"n": 2, "s": "x"}, {"n": 3}]])
    assert pq.read_table(path).to_pylist() == [
        {"n": 1, "s": None},
        {"n": 2, "s": "x"},
        {"n": 3, "s": None},
    ]


def test_parquet_without_rows_can_be_read(tmp_path):
    path = tmp_path / "a.parquet"
    write(path, [])
    assert pq.read_table(path).num_rows == 0


@pytest.mark.parametrize("batches", [[[{"n": 1}], [{"n": "one"}]], [[{"n": 1}, {"n": [1]}]]])
def test_rows_that_do_not_fit_into_one_table_are_an_error_with_a_remedy(batches, tmp_path):
    with pytest.raises(OutputError, match=r"column 'n': .* Write JSONL instead"):
        write(tmp_path / "a.parquet", batches)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / "file" / "a.jsonl", [])


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_a_file_takes_its_name_when_it_is_whole(name, tmp_path):
    path = tmp_path / name
    path.write_text("earlier")
    with open_writer(path) as writer:
        writer.write([{"n": 1}])
        assert path.read_text() == "earlier"
    assert [line.row for line in open_source(path)] == [{"n": 1}]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_after_an_error_an_earlier_file_is_there_as_it_was(name, tmp_path):
    path = tmp_path / name
    path.write_text("earlier")
    with pytest.raises(ZeroDivisionError):
        write(path, [[{"n": 1}], ({"n": 1 / n} for n in [0])])
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    link, path = tmp_path / "link.jsonl", tmp_path / "a.jsonl"
    path.write_text("earlier")
    link.symlink_to(path)
    write(link, [[{"n": 1}]])
    assert link.is_symlink()
    assert json.loads(path.read_text()) == {"n": 1}


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl.bz2", "a.ndjson.xz", "a.json"])
def test_what_is_written_under_any_name_can_be_read(name, tmp_path):
    write(tmp_path / name, [[{"n": "中文"}]])
    assert [line.row for line in open_source(tmp_path / name)] == [{"n": "中文"}]


@pytest.mark.parametrize("name", ["a.csv", "a", "a.parquet.gz"])
def test_a_name_of_another_kind_is_an_error_before_anything_is_made(name, tmp_path):
    with pytest.raises(OutputError, match=r"Name it \.jsonl"):
        write(tmp_path / name, [])
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that Linux has")
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_full_disk_is_an_error_that_names_the_file(kind):
    with pytest.raises(OutputError, match="/dev/full cannot be written: No space left"):
        write("/dev/full", [[{"n": 1}]], kind)
