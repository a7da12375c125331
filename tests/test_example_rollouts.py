"""The example rollouts: each row's outcome under the plugins is the one it was made to have."""

import json
from collections import Counter
from pathlib import Path

import pytest

import rewardkit as rk

EXAMPLES = Path(__file__).parent.parent / "examples"
FILTERS = ("code_block", "long_paragraph", "truncated", "mixed_language")


@pytest.fixture(scope="module")
def rows():
    with (EXAMPLES / "rollouts.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def differences(rows, found, expected):
    return [
        (row["prompt_id"], row["expected"]["kind"], was, should)
        for row, was, should in zip(rows, found, expected, strict=True)
        if was != should
    ]


@pytest.mark.parametrize(("reward", "column"), [("math", "accuracy"), ("format", "format")])
def test_every_row_scores_as_it_was_made_to(rows, reward, column):
    suite = rk.get_reward(reward).to_suite()
    scores = suite.score(rows).scores[reward]
    assert not any(score.failed for score in scores)
    expected = [row["expected"][column] for row in rows]
    assert not differences(rows, [score.value for score in scores], expected)


def test_on_every_row_just_the_filters_fire_that_it_was_made_for(rows):
    chain = rk.FilterChain(tuple(rk.get_filter(name) for name in FILTERS))
    found = [sorted(r.filter for r in fired) for fired in chain.filter(rows).rejections]
    expected = [sorted(row["expected"]["filters"]) for row in rows]
    assert not differences(rows, found, expected)


def test_thinking_in_one_language_scores_1_and_mixed_thinking_less(rows):
    scores = rk.get_reward("language").to_suite().score(rows).scores["language"]
    for row, score in zip(rows, scores, strict=True):
        kind = row["expected"]["kind"]
        if kind == "empty_thinking":
            assert score.value is None
        elif "mixed_language" in row["expected"]["filters"]:
            assert score.value < 0.98, kind
        else:
            assert score.value == 1.0, (kind, score)


def test_the_rows_show_every_kind_of_outcome_in_both_languages(rows):
    kinds = Counter((row["language"], row["expected"]["kind"]) for row in rows)
    assert {language for language, _ in kinds} == {"en", "zh"}
    assert len(kinds) == 2 * 16
    assert {row["expected"]["accuracy"] for row in rows} == {0.0, 1.0, None}
    assert {name for row in rows for name in row["expected"]["filters"]} == set(FILTERS)
    sizes = Counter(row["prompt_id"] for row in rows).values()
    assert set(sizes) == {7, 8}
