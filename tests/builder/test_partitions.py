import pytest

from rewardkit.builder import partitions
from rewardkit.builder.partitions import Numbered, Spill, partition, whole_prompts
from rewardkit.builder.sources import Line


def lines(prompts):
    return [Numbered(i, Line("rows", i, {"prompt": p, "n": i})) for i, p in enumerate(prompts)]


def prompt_of(row):
    return row["prompt"]


def test_every_prompt_is_whole_in_one_part_and_nothing_is_lost(tmp_path):
    rows = lines([f"p{i % 97}" for i in range(1_000)])
    parts = list(partition(rows, tmp_path, prompt_of))
    assert sorted((r for part in parts for r in part), key=lambda r: r.index) == rows
    homes = {}
    for place, part in enumerate(parts):
        for row in part:
            assert homes.setdefault(prompt_of(row.line.row), place) == place
    assert not list(tmp_path.iterdir())


def test_parts_that_are_too_large_are_divided_again(tmp_path, monkeypatch):
    monkeypatch.setattr(partitions, "_MOST_BYTES", 500)
    rows = lines([f"p{i % 300}" for i in range(3_000)])
    parts = list(partition(rows, tmp_path, prompt_of))
    assert sum(map(len, parts)) == 3_000
    assert max(map(len, parts)) < 60


def test_one_prompt_alone_may_be_larger_than_a_part(tmp_path, monkeypatch):
    monkeypatch.setattr(partitions, "_MOST_BYTES", 500)
    [part] = partition(lines(["one"] * 500), tmp_path, prompt_of)
    assert len(part) == 500


@pytest.mark.parametrize("most", [2, 3, 1_000])
def test_records_come_back_in_order_however_many_files_hold_them(tmp_path, monkeypatch, most):
    monkeypatch.setattr(partitions, "_MOST_OPEN_FILES", most)
    spill = Spill(tmp_path, "kept")
    for index in range(100):
        spill.write(index % 17, index, {"n": index, "text": "a\nb\t\u2028c"})
        if index % 10 == 0:
            spill.finish()
    spill.finish()
    assert [record["n"] for record in spill.merged()] == list(range(100))


def test_batches_of_whole_prompts_divide_none():
    batches = list(whole_prompts(lines([f"p{i % 5}" for i in range(50)]), 15, prompt_of))
    seen = [{prompt_of(row.line.row) for row in batch} for batch in batches]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 5
    assert sum(map(len, batches)) == 50
