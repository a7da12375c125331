"""Selectors: which of one prompt's completions to keep, in order of preference.

::

    @rk.selector
    def shortest(candidates: Sequence[rk.Candidate]) -> list[rk.Candidate]:
        "The shortest completions first."
        return sorted(candidates, key=lambda c: len(c.completion))

A selector returns those to keep, the preferred first, or a Selection, which also says why the
others go. Selectors are chained: the next chooses among those that the one before kept. One that
asks for `samples` too is given all that were drawn of the prompt, whatever became of them.
"""

from __future__ import annotations

import hashlib
import math
import random as randomness
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from rewardkit.completions import Completion
from rewardkit.errors import ContractError
from rewardkit.functions import NamedFunction
from rewardkit.hookspecs import hookimpl
from rewardkit.option_types import NotAbove, Share
from rewardkit.types import Rejection, Score

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
        place: Where it stands, for messages: the file and line, or the row.
    """

    index: int
    prompt_id: str
    completion: Completion
    total: float | None
    scores: Mapping[str, Score]
    place: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a selector keeps, the preferred first, and why not the others (by their index).

    A reason is text, or a Rejection, which has the measured value too.
    """

    kept: Sequence[Candidate]
    reasons: Mapping[int, str | Rejection] = field(default_factory=dict)


class Selector(NamedFunction[..., Any]):
    """A named way to choose among one prompt's completions.

    Its function takes the candidates, and where it wants them all samples of the prompt as
    `samples`; it returns the candidates to keep, the preferred first, or a Selection.
    """

    kind = "Selector"

    def __init__(
        self,
        function: Callable[..., Any],
        name: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(function, name, options)
        columns = list(self.signature.columns)
        self._wants_samples = columns[1:] == ["samples"]
        if len(columns) != 1 + self._wants_samples:
            raise ContractError(
                f"{self.owner} must take one argument, the candidates of a prompt, or a second, "
                f"`samples`; it takes {columns}. Options come after a `*`."
            )

    def select(
        self, candidates: Sequence[Candidate], samples: Sequence[Candidate] | None = None
    ) -> Selection:
        """Choose among the candidates of one prompt; every one that goes has a reason.

        Args:
            candidates: Those to choose among.
            samples: All of the prompt, those that filters and other selectors dropped too; by
                default the candidates.

        Raises:
            ContractError: The function returned something else than candidates it was given.
            OptionError: An option without a default was never given.
        """
        self.require_options()
        given = [candidates]
        if self._wants_samples:
            given.append(candidates if samples is None else samples)
        returned = self.bound(*given)
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
        ContractError: The function takes other columns than the candidates, and after them
            `samples`.
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
        name = _correctness(candidate.scores, reward, "correct")
        score = candidate.scores[name]
        if score.value is not None and score.value >= threshold:
            kept.append(candidate)
        else:
            said = f"{name} {_verdict(score)}: {score.reason}"
            reasons[candidate.index] = Rejection(said, score.value)
    return Selection(kept, reasons)


def _correctness(scores: Mapping[str, Score], reward: str, selector: str) -> str:
    if not scores or (reward and reward not in scores):
        raise ContractError(
            f"Selector {selector!r} judges by the reward {reward or 'accuracy'!r}; the suite has "
            f"{', '.join(scores) or 'none'}."
        )
    return reward or ("accuracy" if "accuracy" in scores else next(iter(scores)))


def _verdict(score: Score) -> str:
    if score.value is not None:
        return f"{score.value:g}"
    return "failed" if score.failed else "abstains"


@selector
def pass_rate(
    candidates: Sequence[Candidate],
    samples: Sequence[Candidate],
    *,
    min: Annotated[Share, NotAbove("max")] = 0.1,
    max: Share = 0.9,
    reward: str = "",
    threshold: float | None = None,
) -> Selection:
    """All completions of prompts that are solved `min` to `max` of the time, both included.

    Measured is the mean of `reward` over all samples of the prompt, those too that filters and
    other selectors drop; with a `threshold`, the share that scored so much or more. A sample on
    which the reward abstains or fails says nothing of the prompt and does not count; where none
    counts, all go. By default the reward is `accuracy` where there is one, else the suite's first.
    Source: open-r1's filter by pass rate, 0.1 to 0.9.
    """
    if min > max:
        raise ContractError(f"Selector 'pass_rate': min is {min:g}, more than max, {max:g}.")
    scores = [s.scores[_correctness(s.scores, reward, "pass_rate")] for s in samples]
    values = [score.value for score in scores if score.value is not None]
    if threshold is not None:
        values = [float(value >= threshold) for value in values]
    rate = math.fsum(values) / len(values) if values else None
    if rate is not None and min <= rate <= max:
        return Selection(candidates)
    if rate is None:
        said = f"no pass rate: none of {len(scores)} samples has a verdict"
    else:
        counted = f"{math.fsum(values):g} of {len(values)} samples"
        if len(values) < len(scores):
            counted += f", {len(scores) - len(values)} without a verdict"
        said = f"a pass rate of {rate:.4g} ({counted}), not from {min:g} to {max:g}"
    return Selection([], {c.index: Rejection(said, rate) for c in candidates})


@selector
def rewarded(candidates: Sequence[Candidate], *, above: float = 0.0) -> Selection:
    """Only completions whose total reward is above `above`, in their order."""
    kept = [c for c in candidates if c.total is not None and c.total > above]
    reasons = {
        c.index: _NO_TOTAL
        if c.total is None
        else Rejection(f"a total reward of {c.total:g}", c.total)
        for c in candidates
        if c not in kept
    }
    return Selection(kept, reasons)


_NO_TOTAL = Rejection("has no total reward")


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
    reasons = {c.index: _NO_TOTAL for c in candidates if c.total is None}
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
    return [correct, pass_rate, rewarded, first, shortest, longest, best, random]
