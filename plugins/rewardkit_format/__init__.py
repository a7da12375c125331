"""Rewards for the form of a completion: its blocks, its answer, its steps, its length."""

from __future__ import annotations

import rewardkit as rk
from rewardkit_format.answers import boxed, code_format
from rewardkit_format.forms import Style
from rewardkit_format.json_answers import json
from rewardkit_format.lengths import cosine, length, overlong
from rewardkit_format.patterns import regex
from rewardkit_format.repetition import repetition
from rewardkit_format.reward import format
from rewardkit_format.steps import reasoning_steps
from rewardkit_format.tags import tag_count, tags

__all__ = [
    "Style",
    "boxed",
    "code_format",
    "cosine",
    "format",
    "json",
    "length",
    "overlong",
    "reasoning_steps",
    "regex",
    "repetition",
    "rewardkit_rewards",
    "tag_count",
    "tags",
]


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """Offer what this package exports."""
    return [
        *(format, tags, tag_count, boxed, json, regex, code_format),
        *(reasoning_steps, length, cosine, overlong, repetition),
    ]
