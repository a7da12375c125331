"""Selectors: which of one prompt's completions to keep, in order of preference.

::

    @rk.selector
    def shortest(candidates: Sequence[rk.Candidate]) -> list[rk.Candidate]:
        "The shortest completions first."
        return sorted(candidates, key=lambda c: len(c.completion))

A selector returns those to keep, the preferred first, or a Selection, which also says why the
others go. Selectors are chained: the next chooses among those that the one before kept.
"""

from __future__ import annotations

import hashlib
import random as randomness
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rewardkit.completions import Completion
from rewardkit.errors import ContractError
from rewardkit.functions import NamedFunction
from rewardkit.hookspecs import hookimpl
from rewardkit.types import Score

__all__ = ["Candidate", "Selection", "Selector", "selector"]


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """One of a prompt's completions, with what is known of it.

    Attributes:
        index: Its place in the data set, from 0.
        prompt_id: Which prompt it belongs to.
        completion: The completion, read.
        total: Its total reward, or None.
        scores: By the reward's name.
    """

    index: int
    prompt_id: str
    completion: Completion
    total: float | None
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a selector keeps, the preferred first, and why not the others (by their index)."""

    kept: Sequence[Candidate]
    reasons: Mapping[int, str] = field(default_factory=dict)


class Selector(NamedFunction[..., Any]):
    """A named way to choose among one prompt's completions.

    Its function returns the candidates to keep, the preferred first, or a Selection.
    """

    kind = "Selector"

    def __init__(
        self,
        function: Callable[..., Any],
        name: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(function, name, options)
        if len(self.signature.columns) != 1:
            raise ContractError(
                f"{self.owner} must take one argument, the candidates of a prompt; it takes "
                f"{list(self.signature.columns)}. Options come after a `*`."
            )

    def select(self, candidates: Sequence[Candidate]) -> Selection:
        """Choose among the candidates of one prompt; every one that goes has a reason.

        Raises:
            ContractError: The function returned something else than candidates it was given.
            OptionError: An option without a default was never given.
        """
        self.require_options()
        returned = self.bound(candidates)
        if isinstance(returned, str | bytes | Mapping) or not isinstance(
            returned, Selection | Iterable
        ):
            raise ContractError(
                f"Selector {self.name!r} returned {type(returned).__name__}; return the "
                "candidates to keep, in order of preference, or a rewardkit.Selection."
            )
        found = returned if isinstance(returned, Selection) else Selection(list(returned))
        known = {id(candidate) for candidate in candidates}
        kept = {id(candidate) for candidate in found.kept}
        if not kept <= known or len(kept) != len(found.kept):
            raise ContractError(
                f"Selector {self.name!r} returned a candidate twice, or one that it was not given."
            )
        reasons = {
            c.index: found.reasons.get(c.index, f"not among those that {self.name!r} keeps")
            for c in candidates
            if id(c) not in kept
        }
        return Selection(found.kept, reasons)


def selector(function: Callable[..., Any]) -> Selector:
    """Turn a function into a selector.

    Raises:
        ContractError: The function does not take exactly one column, the candidates.
    """
    return Selector(function)


@selector
def correct(
    candidates: Sequence[Candidate], *, reward: str = "", threshold: float = 1.0
) -> Selection:
    """Only right completions, in their order: `reward` scored `threshold` or more.

    By default the reward is `accuracy` where there is one, else the suite's first.
    """
    kept, reasons = [], {}
    for candidate in candidates:
        name = _correctness(candidate.scores, reward)
        score = candidate.scores[name]
        if score.value is not None and score.value >= threshold:
            kept.append(candidate)
        else:
            reasons[candidate.index] = f"{name} {_verdict(score)}: {score.reason}"
    return Selection(kept, reasons)


def _correctness(scores: Mapping[str, Score], reward: str) -> str:
    if reward and reward not in scores:
        raise ContractError(
            f"Selector 'correct' judges by the reward {reward!r}; the suite has "
            f"{', '.join(scores)}."
        )
    return reward or ("accuracy" if "accuracy" in scores else next(iter(scores)))


def _verdict(score: Score) -> str:
    if score.value is not None:
        return f"{score.value:g}"
    return "failed" if score.failed else "abstains"


@selector
def rewarded(candidates: Sequence[Candidate], *, above: float = 0.0) -> Selection:
    """Only completions whose total reward is above `above`, in their order."""
    kept = [c for c in candidates if c.total is not None and c.total > above]
    reasons = {
        c.index: "has no total reward" if c.total is None else f"a total reward of {c.total:g}"
        for c in candidates
        if c not in kept
    }
    return Selection(kept, reasons)


@selector
def first(candidates: Sequence[Candidate]) -> list[Candidate]:
    """All completions, in their order."""
    return list(candidates)


@selector
def shortest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """All completions, those of the fewest characters first."""
    return sorted(candidates, key=lambda c: len(c.completion))


@selector
def longest(candidates: Sequence[Candidate]) -> list[Candidate]:
    """All completions, those of the most characters first."""
    return sorted(candidates, key=lambda c: -len(c.completion))


@selector
def best(candidates: Sequence[Candidate]) -> Selection:
    """Completions by their total reward, the highest first; those without a total go."""
    rewarded = [(-c.total, c.index, c) for c in candidates if c.total is not None]
    reasons = {c.index: "has no total reward" for c in candidates if c.total is None}
    return Selection([c for _, _, c in sorted(rewarded, key=lambda r: r[:2])], reasons)


@selector
def random(candidates: Sequence[Candidate], *, seed: int = 0) -> list[Candidate]:
    """All completions, shuffled; the order depends on the seed and the prompt alone."""
    if not candidates:
        return []
    key = f"{seed}:{candidates[0].prompt_id}".encode("utf-8", "surrogatepass")
    shuffled = list(candidates)
    # The standard generator is the same in every process and version, and this is no secret.
    randomness.Random(hashlib.blake2b(key).digest()).shuffle(shuffled)  # noqa: S311
    return shuffled


@hookimpl
def rewardkit_selectors() -> list[Selector]:
    """The selectors that come with rewardkit."""
    return [correct, rewarded, first, shortest, longest, best, random]
