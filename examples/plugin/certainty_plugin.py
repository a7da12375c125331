"""A plugin of one reward and one filter: `pip install examples/plugin`, and name them anywhere."""

import re

import rewardkit as rk

HEDGE = re.compile(r"\b(?:maybe|perhaps|probably|I guess|not sure)\b", re.IGNORECASE)


@rk.reward
def certainty(completion: rk.Completion, *, most: int = 2) -> rk.Score:
    """1.0 when the response hedges no more than `most` times, and less with each further time."""
    hedges = [match.group() for match in HEDGE.finditer(completion.response)]
    excess = max(len(hedges) - most, 0)
    return rk.Score(1 / (1 + excess), f"{len(hedges)} hedges", {"hedges": hedges})


@rk.filter
def hedged_answer(completion: rk.Completion) -> str | None:
    """Rejects a final answer that hedges."""
    found = HEDGE.search(completion.answer or "")
    return f"the answer says {found.group()!r}" if found else None


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """The rewards that the plugin brings."""
    return [certainty]


@rk.hookimpl
def rewardkit_filters() -> list[rk.Filter]:
    """The filters that it brings."""
    return [hedged_answer]
