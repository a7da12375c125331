"""Rejection filters for completions that make no good examples: DeepSeek-R1's, and many more."""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_hygiene.characters import garbled, special_characters
from rewardkit_hygiene.code import code_block
from rewardkit_hygiene.contamination import contaminated
from rewardkit_hygiene.duplicates import near_duplicate
from rewardkit_hygiene.leaks import answer_leak, prompt_leak, special_tokens
from rewardkit_hygiene.lengths import length, line_length, token_length
from rewardkit_hygiene.markup import unfinished_markup
from rewardkit_hygiene.mentions import flagged_words, personal_data, urls
from rewardkit_hygiene.paragraphs import long_paragraph
from rewardkit_hygiene.refusals import refusal
from rewardkit_hygiene.repetition import repeated_lines, repetition, word_repetition
from rewardkit_hygiene.truncation import truncated

__all__ = [
    "answer_leak",
    "code_block",
    "contaminated",
    "flagged_words",
    "garbled",
    "length",
    "line_length",
    "long_paragraph",
    "near_duplicate",
    "personal_data",
    "prompt_leak",
    "refusal",
    "repeated_lines",
    "repetition",
    "rewardkit_filters",
    "rewardkit_selectors",
    "special_characters",
    "special_tokens",
    "token_length",
    "truncated",
    "unfinished_markup",
    "urls",
    "word_repetition",
]


@rk.hookimpl
def rewardkit_filters() -> list[rk.Filter[..., Any]]:
    """Offer every filter of this package."""
    return [
        answer_leak,
        code_block,
        contaminated,
        flagged_words,
        garbled,
        length,
        line_length,
        long_paragraph,
        personal_data,
        prompt_leak,
        refusal,
        repeated_lines,
        repetition,
        special_characters,
        special_tokens,
        token_length,
        truncated,
        unfinished_markup,
        urls,
        word_repetition,
    ]


@rk.hookimpl
def rewardkit_selectors() -> list[rk.Selector]:
    """Offer what compares a prompt's completions."""
    return [near_duplicate]
