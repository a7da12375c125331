"""Every bundled reward and filter passes what authors are asked to run on theirs."""

import pytest

import rewardkit as rk
from rewardkit.testing import check_filter, check_reward

ROWS = [
    {
        "prompt": "What is 2 + 2?",
        "completion": "<think>Two and two are four.</think><answer>4</answer>",
        "answer": "4",
        "language": "en",
    },
    {
        "prompt": "二加二等于几？",
        "completion": "<think>二加二等于四。</think><answer>5</answer>",
        "answer": "4",
        "language": "zh",
    },
]
INSTALLED = rk.Registry()
# Options that have no default, and those without which a reward abstains from every row.
OPTIONS = {
    "regex": {"pattern": "(?s).*[0-9].*"},
    "overlong": {"unit": "words", "max_length": 9, "buffer": 3},
}


@pytest.mark.parametrize("name", sorted(INSTALLED.rewards))
def test_a_bundled_reward_keeps_the_contract(name):
    reward = INSTALLED.rewards[name]
    check_reward(reward.using(**OPTIONS[name]) if name in OPTIONS else reward, ROWS)


# Those that ask for an option, a file for instance, are checked beside their other tests.
READY = [n for n, f in INSTALLED.filters.items() if f.signature.options.keys() <= f.options.keys()]


@pytest.mark.parametrize("name", sorted(READY))
def test_a_bundled_filter_keeps_the_contract(name):
    check_filter(INSTALLED.filters[name], ROWS)
