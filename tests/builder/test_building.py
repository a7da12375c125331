import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import rewardkit as rk
from rewardkit.builder import partitions, repeats
from rewardkit.errors import ContractError, OutputError, RowError

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k_rollouts.jsonl"


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def kept(out):
    return rows_of(out / "kept" / "00000.jsonl")


def dropped(out):
    return rows_of(out / "dropped" / "00000.jsonl")


def sample(prompt, answer, **more):
    text = f"<think>{'so ' * more.pop('length', 1)}it is {answer}</think><answer>{answer}</answer>"
    return {"prompt": prompt, "completion": text, "answer": "4", **more}


CORRECT = {"rewards": {"math": {}}, "select": {"keep": "correct"}}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def test_every_row_is_kept_or_dropped_with_a_reason(out):
    rows = [sample("2+2", 4), sample("2+2", 5), {"prompt": "2+2", "completion": None}, 7]
    manifest = rk.build(rows, CORRECT, out)
    assert manifest["rows"] == {"read": 4, "kept": 1, "dropped": 3}
    assert [(d["line"], d["filter"]) for d in dropped(out)] == [
        (1, "select:correct"),
        (2, "unreadable"),
        (3, "unreadable"),
    ]
    assert all(d["reason"] for d in dropped(out))


def test_kept_rows_are_in_the_inputs_order_whatever_the_order_of_prompts(out):
    rows = [sample(f"question {i % 7}", 4, length=i) for i in range(50)]
    rk.build(rows, {**CORRECT, "export": {"columns": ["answer"]}}, out)
    lengths = [row["messages"][1]["content"].count("so ") for row in kept(out)]
    assert lengths == list(range(50))


def test_at_most_per_prompt_are_kept_and_the_others_say_their_rank(out):
    rows = [sample("2+2", 4, length=n) for n in (5, 3, 9, 1)] + [sample("2+2", 5)]
    recipe = {
        "rewards": {"math": {}},
        "select": {"keep": ["correct", "shortest"], "per_prompt": 2},
    }
    rk.build(rows, recipe, out)
    assert [row["messages"][1]["content"].count("so ") for row in kept(out)] == [3, 1]
    ranks = {d["line"]: d["value"] for d in dropped(out) if d["filter"] == "select:per_prompt"}
    assert ranks == {0: 3.0, 2: 4.0}


def test_the_pass_rate_is_over_the_samples_that_filters_and_selectors_drop_too(out):
    """Of the hard prompt 1 in 4 is right, of the easy one all; no filter shall change that."""
    hard = [sample("hard", n, finish_reason=why) for n, why in ((5, "length"), (6, "length"))]
    hard += [sample("hard", 4), sample("hard", 7)]
    easy = [sample("easy", 4, finish_reason=why) for why in ("stop", "length")]
    untold = [{**sample("untold", 4), "answer": None}]
    recipe = {
        "rewards": {"math": {}},
        "filters": {"truncated": {}},
        "select": {"keep": ["correct", "pass_rate"], "pass_rate": {"min": 0.25}},
    }
    manifest = rk.build(hard + easy + untold, recipe, out)
    assert [row["messages"][0]["content"] for row in kept(out)] == ["hard"]
    gone = {d["line"]: (d["filter"], d["reason"], d["value"]) for d in dropped(out)}
    said = "a pass rate of 1 (2 of 2 samples), not from 0.25 to 0.9"
    assert gone[4] == ("select:pass_rate", said, 1.0)
    assert gone[5][0] == "truncated"
    assert gone[6][0] == "select:correct"
    assert manifest["dropped_by"] == {"truncated": 3, "select:correct": 2, "select:pass_rate": 1}


def test_a_prompt_without_a_verdict_has_no_pass_rate(out):
    rows = [{**sample("untold", 4), "answer": None}, sample("2+2", 4), sample("2+2", 5)]
    rk.build(rows, {"rewards": {"math": {}}, "select": {"keep": "pass_rate"}}, out)
    assert len(kept(out)) == 2
    [gone] = dropped(out)
    assert gone["reason"] == "no pass rate: none of 1 samples has a verdict"
    assert gone["value"] is None


THOUGHT = "she has sixteen eggs a day and eats three and bakes four so that nine are left to sell"


def thought(prompt, text=THOUGHT, **more):
    said = f"<think>{text} at two dollars each</think><answer>4</answer>"
    return {"prompt": prompt, "completion": said, "answer": "4", **more}


def test_unique_keeps_the_first_of_equal_texts_whatever_their_prompts(out):
    rows = [
        thought("a", answer="5"),  # wrong: it goes, and no right one for it
        thought("b"),
        thought("c"),
        thought("d", f"{THOUGHT}, well,"),
        thought("b"),
        sample("e", 4),
        sample("f", 4),  # a short answer, right twice
    ]
    recipe = {**CORRECT, "select": {"keep": "correct", "unique": True}}
    manifest = rk.build(rows, recipe, out)
    assert [row["messages"][0]["content"] for row in kept(out)] == ["b", "d", "e", "f"]
    gone = {d["line"]: d for d in dropped(out)}
    assert list(gone) == [0, 2, 4]
    for line, prompt in ((2, "c"), (4, "b")):
        row = gone[line]
        told = (row["filter"], row["reason"], row["value"], row["reward"])
        assert told == ("select:unique", "the same text as list:1", 1.0, 1.0)
        assert json.loads(row["row"]) == thought(prompt)
        assert [r["filter"] for r in row["rejections"]] == ["select:unique"]
    assert manifest["rows"] == {"read": 7, "kept": 4, "dropped": 3}
    assert manifest["dropped_by"] == {"select:unique": 2, "select:correct": 1}
    # Of c nothing is left, of b something is.
    assert manifest["prompts"] == {"read": 6, "with_kept_rows": 4}


def test_unique_needs_no_prompts(out):
    rows = [{"completion": THOUGHT * n, "prompt": f"p{n}"} for n in (2, 3, 2, 2)]
    manifest = rk.build(rows, {"select": {"unique": True}}, out)
    assert [d["line"] for d in dropped(out)] == [2, 3]
    assert manifest["prompts"] == {"read": 0, "with_kept_rows": 0}


@pytest.mark.parametrize(
    "text",
    ["一二三四五六七八九十" * 6, "กขคงจฉชซ" * 20, "\ud800a " * 30, "x" * 500],
    ids=["Han", "Thai", "surrogates", "one word"],
)
def test_unique_reads_every_script(out, text):
    rows = [{"completion": text, "prompt": "p"}, {"completion": text, "prompt": "q"}]
    rk.build(rows, {"select": {"unique": True}}, out)
    assert [d["line"] for d in dropped(out)] == [1]


def test_the_same_rows_stay_however_the_prompts_are_divided(tmp_path, monkeypatch):
    chance = random.Random(0)
    rows = []
    for number in range(600):
        words = THOUGHT.split()
        words[chance.randrange(len(words))] = "well"
        text = " ".join(words) + f" {number % 40}" * (number % 3)
        rows.append(thought(f"p{chance.randrange(50)}", text, n=number))
    recipe = {
        **CORRECT,
        "select": {"keep": ["correct", "near_duplicate"], "unique": True, "per_prompt": 4},
        "export": {"columns": ["n"]},
    }

    def built(name):
        rk.build(rows, recipe, tmp_path / name)
        return kept(tmp_path / name), dropped(tmp_path / name)

    whole = built("whole")
    assert {d["filter"] for d in whole[1]} == {
        "select:near_duplicate",
        "select:unique",
        "select:per_prompt",
    }
    for most in (100, 20_000):
        monkeypatch.setattr(partitions, "_MOST_BYTES", most)
        assert built(str(most)) == whole
    monkeypatch.setattr(repeats, "_PARTS", 3)
    assert built("few") == whole
    texts = [row["messages"][1]["content"] for row in whole[0]]
    assert len(set(texts)) == len(texts)


def test_the_random_choice_depends_on_seed_and_prompt_alone(tmp_path):
    rows = [sample("2+2", 4, length=n) for n in range(20)]

    def chosen(name, seed, extra=()):
        recipe = {
            "rewards": {"math": {}},
            "select": {"keep": ["random"], "per_prompt": 3, "random": {"seed": seed}},
        }
        rk.build([*extra, *rows], recipe, tmp_path / name)
        contents = [row["messages"] for row in kept(tmp_path / name)]
        return [m[1]["content"] for m in contents if m[0]["content"] == "2+2"]

    first = chosen("a", 0)
    assert chosen("b", 0, extra=[sample("other", 4)]) == first
    assert any(chosen(str(seed), seed) != first for seed in range(1, 4))


def test_the_first_filter_drops_and_each_is_counted_on_its_own(out):
    fenced = "<think>\n```\nx\n```\n" + "long " * 400 + "</think><answer>4</answer>"
    rows = [sample("2+2", 4), {"prompt": "2+2", "completion": fenced, "answer": "4"}]
    recipe = {"filters": {"code_block": {}, "long_paragraph": {"max_chars": 1000}}}
    manifest = rk.build(rows, recipe, out)
    assert manifest["dropped_by"] == {"code_block": 1}
    assert manifest["rejected_by_each_filter"] == {"code_block": 1, "long_paragraph": 1}
    [gone] = dropped(out)
    assert [r["filter"] for r in gone["rejections"]] == ["code_block", "long_paragraph"]
    assert gone["rejections"][1]["value"] > 1000
    assert json.loads(gone["row"]) == rows[1]


def test_a_bad_line_is_dropped_with_its_text_and_the_rest_goes_on(tmp_path, out):
    path = tmp_path / "rows.jsonl"
    good = json.dumps(sample("2+2", 4)).encode()
    path.write_bytes(good + b"\n{broken\n\xff\n" + good + b"\n")
    manifest = rk.build(path, CORRECT, out)
    assert manifest["rows"] == {"read": 4, "kept": 2, "dropped": 2}
    assert [(d["line"], d["row"]) for d in dropped(out)] == [(2, "{broken"), (3, "\ufffd")]


def test_a_reward_that_fails_on_a_row_leaves_the_others_alone(out):
    @rk.reward
    def picky(completion: str) -> float:
        """Raises on what it does not like."""
        if "5" in completion:
            raise ValueError("a five")
        return 1.0

    registry = rk.Registry()
    registry.register(
        type("P", (), {"rewardkit_rewards": staticmethod(rk.hookimpl(lambda: [picky]))}), "p"
    )
    recipe = rk.load_recipe(
        {"rewards": {"picky": {}}, "select": {"keep": "correct"}}, registry=registry
    )
    manifest = rk.build([sample("2+2", 4), sample("2+2", 5)], recipe, out)
    assert manifest["rewards"]["picky"]["failed"] == 1
    assert dropped(out)[0]["reason"] == "picky failed: ValueError: a five"


def test_a_reward_that_scores_groups_sees_whole_prompts(out):
    @rk.reward(group=True)
    def share(completions: list[str]) -> list[float]:
        """One over the number of the prompt's completions."""
        return [1 / len(completions)] * len(completions)

    registry = rk.Registry()
    registry.register(
        type("P", (), {"rewardkit_rewards": staticmethod(rk.hookimpl(lambda: [share]))}), "p"
    )
    recipe = rk.load_recipe({"rewards": {"share": {}}}, registry=registry)
    rows = [sample(f"question {i % 3}", 4) for i in range(12)]
    rk.build(rows, recipe, out)
    assert {row["reward"] for row in kept(out)} == {0.25}


def test_missing_columns_are_told_before_anything_is_written(out):
    with pytest.raises(ContractError, match="completion"):
        rk.build([{"prompt": "2+2", "response": "4"}], CORRECT, out)
    with pytest.raises(ContractError, match="prompt_id"):
        rk.build([{"completion": "4", "answer": "4"}], CORRECT, out)
    assert not out.exists()


def test_a_row_without_a_prompt_among_others_is_dropped(out):
    rows = [sample("2+2", 4), {"completion": "4", "answer": "4"}]
    manifest = rk.build(rows, CORRECT, out)
    assert manifest["dropped_by"] == {"unreadable": 1}


def test_columns_of_other_names_are_read_and_exported(out):
    rows = [{"question": "2+2", "text": "<answer>4</answer>", "gold": "4"}]
    names = {"prompt": "question", "completion": "text", "answer": "gold"}
    rk.build(rows, {**CORRECT, "columns": names, "export": {"columns": ["answer"]}}, out)
    [row] = kept(out)
    assert row["messages"][0] == {"role": "user", "content": "2+2"}
    assert row["answer"] == "4"


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
@pytest.mark.parametrize("form", ["messages", "prompt-completion"])
def test_the_data_set_is_loaded_by_datasets(tmp_path, out, kind, form):
    from datasets import load_dataset

    rows = [sample("2+2", 4), sample("2+2", 5), sample("1+3", 4)]
    rk.build(rows, {**CORRECT, "export": {"file": kind, "format": form}}, out)
    cache = str(tmp_path / "cache")
    assert load_dataset(str(out), cache_dir=cache)["train"].num_rows == 2
    gone = load_dataset(str(out), "dropped", cache_dir=cache)["train"]
    assert gone[0]["filter"] == "select:correct"


def test_an_existing_folder_is_never_overwritten_unasked(out):
    rows = [sample("2+2", 4)]
    rk.build(rows, CORRECT, out)
    with pytest.raises(OutputError, match="--overwrite"):
        rk.build(rows * 2, CORRECT, out)
    assert len(kept(out)) == 1
    rk.build(rows * 2, CORRECT, out, overwrite=True)
    assert len(kept(out)) == 2


def test_a_folder_that_is_no_data_set_is_not_even_overwritten_when_asked(out):
    out.mkdir()
    (out / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="no data set"):
        rk.build([sample("2+2", 4)], CORRECT, out, overwrite=True)
    assert (out / "thesis.tex").exists()


def test_nothing_half_written_is_left_behind_an_error(tmp_path, out):
    def rows():
        yield sample("2+2", 4)
        raise RowError("the source broke off")

    with pytest.raises(RowError, match="broke off"):
        rk.build(rows(), CORRECT, out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_is_an_error_and_leaves_nothing_behind(tmp_path, out):
    # A limit on the size of files stands in for a disk that is full.
    script = f"""
import resource, signal, sys
import rewardkit as rk
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
rows = [{{"prompt": str(i), "completion": "x" * 1000}} for i in range(100)]
try:
    rk.build(rows, {{"filters": {{"truncated": {{}}}}}}, {str(out)!r})
except rk.RewardkitError as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert "OutputError" in done.stderr
    assert "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_same_input_and_recipe_make_the_same_bytes(tmp_path):
    rows = [sample(f"question {i % 11}", 4 + i % 2, length=i % 5) for i in range(200)]
    recipe = {**CORRECT, "select": {"keep": ["correct", "random"], "per_prompt": 3}}
    for name in ("a", "b"):
        rk.build(rows, recipe, tmp_path / name)
    for part in ("kept/00000.jsonl", "dropped/00000.jsonl", "manifest.json"):
        assert (tmp_path / "a" / part).read_bytes() == (tmp_path / "b" / part).read_bytes()


@pytest.mark.skipif(not GSM8K.exists(), reason="no shared data")
def test_the_real_gsm8k_rollouts_keep_exactly_the_right_ones(out):
    recipe = {
        "rewards": {"math": {}},
        "select": {"keep": ["correct", "shortest"], "per_prompt": 2},
        "export": {"columns": ["is_correct"]},
    }
    manifest = rk.build(GSM8K, recipe, out)
    with GSM8K.open(encoding="utf-8") as file:
        right = Counter(r["prompt"] for r in map(json.loads, file) if r["is_correct"])
    found = kept(out)
    assert all(row["is_correct"] for row in found)
    by_prompt = Counter(row["messages"][0]["content"] for row in found)
    assert by_prompt == {prompt: min(count, 2) for prompt, count in right.items()}
    assert manifest["rows"]["read"] == 5276
