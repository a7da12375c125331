import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rewardkit.builder.sources import in_batches, open_source
from rewardkit.errors import RowError

ROWS = [{"completion": "a", "n": 1}, {"completion": "β", "n": 2}]


def write_jsonl(path, rows=ROWS):
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    return path


def rows_of(source):
    return [line.row for line in open_source(source)]


def test_jsonl_is_read_line_by_line(tmp_path):
    lines = list(open_source(write_jsonl(tmp_path / "a.jsonl")))
    assert [line.row for line in lines] == ROWS
    assert [line.place.rpartition(":")[2] for line in lines] == ["1", "2"]


def test_compressed_jsonl_is_read(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(write_jsonl(tmp_path / "a.jsonl").read_bytes()))
    assert rows_of(path) == ROWS


def test_parquet_is_read(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    assert rows_of(str(path)) == ROWS


def test_a_json_array_is_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS, indent=2))
    assert rows_of(path) == ROWS


def test_a_byte_order_mark_and_blank_lines_are_passed_over(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"completion": "a"}\n\n  \n{"completion": "b"}\r\n')
    assert [(line.number, line.row["completion"]) for line in open_source(path)] == [
        (1, "a"),
        (4, "b"),
    ]


def test_a_folder_a_pattern_and_a_list_are_read_in_order(tmp_path):
    first, second = write_jsonl(tmp_path / "a.jsonl"), write_jsonl(tmp_path / "b.jsonl")
    (tmp_path / "notes.txt").write_text("not rows")
    assert (
        rows_of(tmp_path)
        == rows_of(str(tmp_path / "*.jsonl"))
        == rows_of([first, second])
        == ROWS * 2
    )


def test_data_sets_and_generators_are_read():
    from datasets import Dataset

    assert rows_of(Dataset.from_list(ROWS)) == rows_of(iter(ROWS)) == ROWS


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'{"completion": ', "invalid JSON at column"),
        (b'{"completion": "\xff"}', "invalid UTF-8 at byte 16"),
        (b"[1, 2]", "a JSON list, where an object is needed"),
        (b'"text"', "a JSON str"),
        (b"[" * 100_000, "JSON that cannot be read"),
        (b'{"n": ' + b"1" * 5_000 + b"}", "JSON that cannot be read"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_the_others_are_read(tmp_path, content, problem):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"n": 1}\n' + content + b'\n{"n": 3}\n')
    lines = list(open_source(path))
    assert [line.row for line in lines] == [{"n": 1}, None, {"n": 3}]
    assert problem in lines[1].problem
    assert lines[1].number == 2
    assert lines[1].text


def test_rows_that_are_no_mappings_say_so():
    lines = list(open_source([{"n": 1}, 5, None]))
    assert [line.problem for line in lines] == [
        "",
        "the row is int, not a mapping",
        "the row is NoneType, not a mapping",
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", "is empty"),
        ("a.jsonl", b"\n\n", "is empty"),
        ("a.parquet", b"not parquet at all", "cannot be read as Parquet"),
        ("a.csv", b"a,b", "of a kind that cannot be read"),
        ("a.jsonl.gz", b"\x1f\x8b not gzip", "cannot be read to its end"),
        ("a.json", b"[\n1,", "begins as a JSON array"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RowError, match=message) as caught:
        list(open_source(path))
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("no/such/file.jsonl", "There is no file"),
        (5, "not int"),
        ({"completion": ["a"]}, "not a mapping"),
    ],
)
def test_what_is_no_source_is_told_so(source, message):
    with pytest.raises(RowError, match=message):
        open_source(source)


def test_a_truncated_gzip_file_gives_its_rows_and_then_an_error(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    whole = gzip.compress(b'{"n": 1}\n' * 10_000)
    path.write_bytes(whole[:-20])
    with pytest.raises(RowError, match="cannot be read to its end"):
        list(open_source(path))


def test_batches_keep_the_order_and_hold_everything():
    assert list(in_batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(in_batches([], 2)) == []


def test_progress_is_told_in_bytes(tmp_path):
    source = open_source(write_jsonl(tmp_path / "a.jsonl"))
    list(source)
    assert source.bytes_read == source.total_bytes > 0


@pytest.mark.parametrize("method", ["stat", "open"])
def test_a_file_that_may_not_be_read_is_an_error_that_names_it(method, tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n")

    def refused(self, *args, **kwargs):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, method, refused)
    with pytest.raises(RowError, match=r"a\.jsonl cannot be read: Permission denied\."):
        list(open_source(path))
