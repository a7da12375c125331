"""The command line, in this process where nothing asks for another."""

import io
import json
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

import rewardkit
from rewardkit.cli import main

Done = namedtuple("Done", "returncode stdout stderr")

ROWS = [
    {"prompt": "2+2", "completion": "<think>two and two</think><answer>4</answer>", "answer": "4"},
    {"prompt": "2+2", "completion": "<think>so it is</think><answer>5</answer>", "answer": "4"},
    {
        "prompt": "1+1",
        "completion": "<think>\n```\n1+1\n```</think><answer>2</answer>",
        "answer": "2",
    },
]


@pytest.fixture
def run(monkeypatch, capsys):
    def run(*arguments, stdin=""):
        monkeypatch.setattr("sys.argv", ["rewardkit", *map(str, arguments)])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        monkeypatch.setenv("NO_COLOR", "1")
        with pytest.raises(SystemExit) as done:
            main()
        return Done(done.value.code, *capsys.readouterr())

    return run


def run_process(*arguments, **options):
    command = [sys.executable, "-m", "rewardkit", *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run(command, encoding="utf-8", check=False, timeout=120, **options)


@pytest.fixture
def rollouts(tmp_path):
    path = tmp_path / "rollouts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def rows_of(text):
    return [json.loads(line) for line in text.splitlines()]


def test_score_adds_rewards_and_reasons_and_sums_up(run, rollouts):
    done = run("score", rollouts, "--preset", "r1-zero")
    rows = rows_of(done.stdout)
    assert done.returncode == 0
    assert [row["reward"] for row in rows] == [2.0, 1.0, 2.0]
    assert all(row["reason_accuracy"] for row in rows)
    assert [row["completion"] for row in rows] == [row["completion"] for row in ROWS]
    assert "accuracy" in done.stderr
    assert "0.667" in done.stderr


def test_score_reads_standard_input_and_pipes_into_metrics(run, rollouts):
    scored = run("score", "-", "--preset", "r1-zero", stdin=rollouts.read_text("utf-8"))
    done = run("metrics", "-", "--k", "1,2", stdin=scored.stdout)
    assert done.returncode == 0
    assert "0.7500" in done.stdout  # prompt one half right, prompt two whole
    assert "pass@2" in done.stdout


def test_score_writes_parquet_by_name(run, rollouts, tmp_path):
    import pyarrow.parquet as pq

    out = tmp_path / "scored.parquet"
    assert run("score", rollouts, "-p", "r1-zero", "-o", out).returncode == 0
    assert pq.read_table(out)["reward"].to_pylist() == [2.0, 1.0, 2.0]


def test_filter_divides_the_rows_and_shows_an_example(run, rollouts, tmp_path):
    kept, dropped = tmp_path / "kept.jsonl", tmp_path / "dropped.jsonl"
    done = run("filter", rollouts, "-p", "r1-rejection-sampling", "-o", kept, "-d", dropped)
    assert done.returncode == 0
    assert rows_of(kept.read_text("utf-8")) == ROWS[:2]
    [gone] = rows_of(dropped.read_text("utf-8"))
    assert gone["filter"] == "code_block"
    assert gone["reason"] in done.stderr


def test_build_makes_the_data_set_and_says_what_was_dropped(run, rollouts, tmp_path):
    out = tmp_path / "sft"
    done = run("build", rollouts, "--preset", "r1-rejection-sampling", "--out", out)
    assert done.returncode == 0
    [kept] = rows_of((out / "kept" / "00000.jsonl").read_text("utf-8"))
    assert kept["messages"][1]["content"] == ROWS[0]["completion"]
    assert "3 rows: 1 kept, 2 dropped" in done.stderr
    assert "select:correct" in done.stderr
    assert "load_dataset" in done.stderr


def test_a_bad_line_is_told_with_its_place_and_the_others_are_scored(run, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_bytes(json.dumps(ROWS[0]).encode() + b'\n{"prompt": \n{"prompt": "x"}\n\xff\xfe\n')
    done = run("score", path, "-p", "r1-zero")
    assert done.returncode == 1
    assert "bad.jsonl:2: invalid JSON" in done.stderr
    assert "bad.jsonl:3: accuracy failed: the row has no completion" in done.stderr
    assert "bad.jsonl:4: invalid UTF-8" in done.stderr
    assert [row["reward"] for row in rows_of(done.stdout)] == [2.0, None]


def test_the_tenth_problem_is_the_last_that_is_told_and_all_are_counted(run, tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n" + "{\n" * 25)
    done = run("filter", path, "-p", "r1-rejection-sampling", "-o", tmp_path / "kept.jsonl")
    assert done.returncode == 1
    assert done.stderr.count("invalid JSON at column") == 10 + 1  # and the table's example
    assert "and 15 more such rows" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "rollouts.jsonl"], "--preset (r1, r1-rejection-sampling, r1-zero"),
        (["score", "rollouts.jsonl", "-p", "r1", "-r", "x.toml"], "either --preset"),
        (["score", "rollouts.jsonl", "-p", "r1zero"], "Did you mean 'r1-zero'?"),
        (["score", "rollouts.jsonl", "-r", "none.toml"], "none.toml cannot be read"),
        (["score", "none.jsonl", "-p", "r1"], "There is no file 'none.jsonl'"),
        (["score", "empty.jsonl", "-p", "r1"], "empty.jsonl is empty"),
        (["score", "rollouts.jsonl", "-p", "r1", "-c", "answer"], "say OURS=THEIRS"),
        (
            ["score", "rollouts.jsonl", "-p", "r1", "-c", "answer=solution"],
            "No row has the column 'solution'",
        ),
        (["score", "rollouts.jsonl", "-", "-p", "r1"], "read alone"),
        (["filter", "rollouts.jsonl", "-p", "r1"], "no [filters]"),
        (["score", "rollouts.jsonl", "-p", "r1", "-o", "x.csv"], "Name it .jsonl"),
        (["metrics", "rollouts.jsonl"], "score them first"),
        (["metrics", "rollouts.jsonl", "--k", "0"], "whole numbers above 0"),
        (["plugins", "--show", "r1zero"], "Did you mean 'r1-zero'?"),
        (["build", "rollouts.jsonl", "-p", "r1", "-o", "."], "no data set"),
    ],
)
def test_wrong_use_exits_with_2_and_the_remedy(
    run, monkeypatch, rollouts, tmp_path, arguments, message
):
    (tmp_path / "empty.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_preset_can_be_printed_changed_and_used(run, rollouts, tmp_path):
    shown = run("plugins", "--show", "r1-zero")
    mine = tmp_path / "mine.toml"
    mine.write_text(shown.stdout.replace("weight = 1.0", "weight = 0.25"), "utf-8")
    rows = rows_of(run("score", rollouts, "-r", mine).stdout)
    assert [row["reward"] for row in rows] == [0.5, 0.25, 0.5]


def test_plugins_shows_what_is_installed_and_what_is_disabled():
    done = run_process("plugins", env={**os.environ, "REWARDKIT_DISABLE_PLUGINS": "hygiene"})
    assert "long_paragraph" not in done.stdout
    assert "disabled: hygiene" in done.stdout
    for name in ("accuracy", "format", "mixed_language", "shortest", "r1-zero", "rewardkit_math"):
        assert name in done.stdout


def test_plugins_shows_the_options_of_a_filter(run):
    assert "max_chars = 1500" in run("plugins", "--show", "long_paragraph").stdout


def test_plugins_shows_both_where_a_reward_and_a_filter_have_one_name(run):
    shown = run("plugins", "--show", "length").stdout
    assert "<Reward length(" in shown
    assert "<Filter length(" in shown
    assert "max_words = None" in shown


def test_a_file_can_be_scored_into_itself(run, rollouts):
    assert run("score", rollouts, "-p", "r1-zero", "-o", rollouts).returncode == 0
    assert [row["reward"] for row in rows_of(rollouts.read_text("utf-8"))] == [2.0, 1.0, 2.0]


@pytest.mark.parametrize("command", ["score", "filter"])
def test_what_an_earlier_run_wrote_stays_where_the_rows_are_none(run, command, rollouts, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("earlier\n", "utf-8")
    rollouts.write_text('{"prompt": "2+2", "response": "4"}\n', "utf-8")
    done = run(command, rollouts, "-p", "r1-rejection-sampling", "-o", out)
    assert done.returncode == 2
    assert "--column completion=response" in done.stderr
    assert out.read_text("utf-8") == "earlier\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "rollouts.jsonl"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that Linux has")
@pytest.mark.parametrize("command", ["score", "filter"])
def test_a_full_disk_is_an_error_of_one_line(run, command, rollouts):
    done = run(command, rollouts, "-p", "r1-rejection-sampling", "-o", "/dev/full")
    assert done.returncode == 2
    assert done.stderr == "error: /dev/full cannot be written: No space left on device.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that Linux has")
def test_a_full_disk_under_standard_output_is_an_error_of_one_line(rollouts):
    with Path("/dev/full").open("w") as full:
        done = run_process("score", rollouts, "-p", "r1-zero", stdout=full)
    assert done.returncode == 2
    assert done.stderr == "error: Standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("verb", ["score", "filter", "build", "metrics", "plugins"])
def test_every_verb_has_help_with_an_example(run, verb):
    done = run(verb, "--help")
    assert done.returncode == 0
    assert "rewardkit" in done.stdout.split("Options")[0]


def test_the_version_is_told(run):
    assert run("--version").stdout.strip() == f"rewardkit {rewardkit.__version__}"


def test_a_reader_that_has_enough_ends_the_run_quietly(run, rollouts, tmp_path):
    many = tmp_path / "many.jsonl"
    many.write_text(rollouts.read_text("utf-8") * 5_000, "utf-8")
    command = f"{sys.executable} -m rewardkit score {many} -p r1-zero | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["reward"] == 2.0
    assert "Traceback" not in done.stderr


def test_plain_output_holds_no_escapes(run, rollouts):
    done = run("score", rollouts, "-p", "r1-zero")
    assert "\x1b" not in done.stderr + done.stdout
