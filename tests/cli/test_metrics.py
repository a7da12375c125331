"""`rewardkit metrics`, in this process."""

import json
import re
import subprocess
import sys
import types

import pytest

from rewardkit.cli import main
from rewardkit.metrics.samples import METRICS

ROWS = [
    {"prompt_id": "a", "completion": r"so \boxed{4}", "reward_accuracy": 1.0, "reward_rm": 0.9},
    {"prompt_id": "b", "completion": r"so \boxed{7}", "reward_accuracy": 0.0, "reward_rm": 0.1},
    {"prompt_id": "a", "completion": r"so \boxed{5}", "reward_accuracy": 0.0, "reward_rm": 0.8},
    {"prompt_id": "a", "completion": r"so \boxed{4.0}", "reward_accuracy": 1.0, "reward_rm": 0.2},
    {"prompt_id": "b", "completion": "no answer", "reward_accuracy": None, "reward_rm": 0.3},
]


def same_number(answers):
    return [None if answer is None else float(answer) for answer in answers]


def too_few(answers):
    return answers[:-1]


@pytest.fixture
def metrics(tmp_path, monkeypatch, capsys):
    path = tmp_path / "scored.jsonl"

    def run(*options, rows=ROWS):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        monkeypatch.setattr("sys.argv", ["rewardkit", "metrics", str(path), *options])
        monkeypatch.setenv("NO_COLOR", "1")
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code, capsys.readouterr()

    return run


def table(said):
    return {name: e["mean"] for name, e in json.loads(said.out)["metrics"].items()}


def test_json_holds_the_metrics_their_intervals_and_the_rewards(metrics):
    code, said = metrics("--k", "1,2,8", "--json")
    found = json.loads(said.out)
    assert code == 0
    assert (found["rows"], found["prompts"], found["reward"]) == (5, 2, "accuracy")
    assert table(said) == pytest.approx(
        {"mean": 1 / 3, "pass@1": 1 / 3, "pass@2": 1.0, "pass@8": None}
    )
    assert found["metrics"]["pass@2"] == {
        "mean": 1.0,
        "stderr": None,
        "low": None,
        "high": None,
        "problems": 1,
    }
    assert found["rewards"]["accuracy"] == {"mean": 0.5, "scored": 4, "not_scored": 1}


def test_the_table_shows_means_with_intervals(metrics):
    code, said = metrics("--k", "1,2", "--confidence", "0.9")
    lines = [line.split() for line in said.out.splitlines()]
    assert code == 0
    assert ["pass@1", "0.3333", "-0.2150", "to", "0.8816", "2"] in lines
    assert ["pass@2", "1.0000", "-", "1"] in lines
    assert "90% interval" in said.out
    assert said.err == ""


def test_unscored_rows_are_wrong_where_that_is_said(metrics):
    _, said = metrics("--k", "2", "--unscored", "wrong", "--json")
    assert table(said)["pass@2"] == 0.5
    assert json.loads(said.out)["metrics"]["pass@2"]["problems"] == 2


def test_answers_are_read_and_grouped_by_a_function_of_the_users(metrics, monkeypatch):
    own = types.ModuleType("own_grouping")
    own.same_number, own.too_few = same_number, too_few
    monkeypatch.setitem(sys.modules, "own_grouping", own)
    _, by_text = metrics("--k", "3", "--metric", "maj", "--json")
    _, by_number = metrics("--k", "3", "--group", "own_grouping:same_number", "--json")
    assert table(by_text)["maj@3"] == pytest.approx(2 / 3)  # 4, 5 and 4.0 tie
    assert table(by_number)["maj@3"] == 1.0
    code, said = metrics("--group", "own_grouping:too_few")
    assert code == 2
    assert "one each" in said.err


def test_the_bundled_grouping_knows_equal_mathematics(metrics):
    _, said = metrics("--k", "3", "--group", "rewardkit_math:group_answers", "--json")
    assert table(said)["maj@3"] == 1.0


def test_answers_may_stand_in_a_column(metrics):
    rows = [{**row, "final": "x"} for row in ROWS]
    _, said = metrics("--k", "3", "--answers", "final", "--json", rows=rows)
    assert table(said)["maj@3"] == pytest.approx(2 / 3)


def test_another_reward_weighs_votes_and_chooses_the_best(metrics):
    _, said = metrics("--k", "2", "-m", "wmaj,best", "--weights", "rm", "--json")
    # 4 outweighs 5 and 4.0 in problem a; what b has is wrong.
    assert table(said) == pytest.approx({"wmaj": 0.5, "best@2": 2 / 3})


def test_clusters_widen_the_interval(metrics):
    rows = [
        {"prompt_id": f"{text}{i}", "text": text, "reward_x": float(text == "a")}
        for text in "abc"
        for i in range(5)
    ]
    _, alone = metrics("--json", rows=rows)
    _, clustered = metrics("--cluster", "text", "--json", rows=rows)
    errors = [json.loads(s.out)["metrics"]["pass@1"]["stderr"] for s in (alone, clustered)]
    assert errors == pytest.approx([0.1259882, 1 / 3])


def test_a_reward_that_only_some_rows_have_is_missing_in_the_others(metrics):
    rows = [
        {"prompt_id": "a", "reward_x": 1.0},
        {"prompt_id": "b", "reward_y": 1.0},
        {"prompt_id": "b", "reward_y": 0.0},
        {"prompt_id": "a"},
    ]
    _, said = metrics("--json", "--reward", "y", rows=rows)
    found = json.loads(said.out)
    assert found["rewards"]["y"] == {"mean": 0.5, "scored": 2, "not_scored": 2}
    assert (found["metrics"]["pass@1"]["mean"], found["metrics"]["pass@1"]["problems"]) == (0.5, 1)


def test_the_help_names_every_metric(metrics):
    _, said = metrics("--help")
    words = re.findall(r"[\w^-]+", said.out)
    assert set(METRICS) <= set(words)


def test_other_commands_do_not_wait_for_numpy():
    code = "import sys, rewardkit.cli.app; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "pas"], "There is no metric 'pas'. Did you mean 'pass'?"),
        (["--metric", "best"], "give weights"),
        (["--reward", "acc"], "There is no reward 'acc'."),
        (["--weights", "rn"], "There are: accuracy, rm."),
        (["--group", "nothing_here:f"], "cannot be found"),
        (["--group", "json:no_such"], "cannot be found"),
        (["--group", "json"], "say MODULE:FUNCTION"),
        (["--group", "math:pi"], "is no function"),
        (["--answers", "finale"], "A row has no column 'finale'"),
        (["--cluster", "text"], "A row has no column 'text'"),
        (["--confidence", "95"], "confidence lies within 0 and 1"),
        (["--metric", "g-pass", "--tau", "2"], "tau is between 0 and 1"),
        (["--k", "1,x"], "whole numbers above 0"),
        (["-c", "prompt_id"], "say OURS=THEIRS"),
    ],
)
def test_wrong_options_exit_with_2_and_the_remedy(metrics, options, message):
    code, said = metrics(*options)
    assert code == 2
    assert message in said.err
