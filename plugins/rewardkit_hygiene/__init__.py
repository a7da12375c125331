"""Rejection filters for thinking that does not read well: DeepSeek-R1's, and truncation."""

from __future__ import annotations

from typing import Any

import rewardkit as rk
from rewardkit_hygiene.code import code_block
from rewardkit_hygiene.paragraphs import long_paragraph
from rewardkit_hygiene.truncation import truncated

__all__ = ["code_block", "long_paragraph", "rewardkit_filters", "truncated"]


@rk.hookimpl
def rewardkit_filters() -> list[rk.Filter[..., Any]]:
    """Offer `code_block`, `long_paragraph` and `truncated`."""
    return [code_block, long_paragraph, truncated]
