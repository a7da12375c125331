"""Rewards of a completion's length: `length`, `cosine`, `overlong`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import rewardkit as rk
from rewardkit.option_types import NonNegativeFloat, NotAbove, PositiveFloat
from rewardkit.tokencount import TokenizerName
from rewardkit_format.measuring import NO_TOKENS, Unit, Verifier, length_of, verdicts

__all__ = ["cosine", "length", "overlong"]


@rk.reward(group=True)
def length(
    completions: list[rk.Completion],
    correct: Sequence[float | None] | None = None,
    completion_ids: Sequence[Sequence[int] | None] | None = None,
    *,
    unit: Unit = "characters",
    tokenizer: TokenizerName | None = None,
    verifier: Verifier = "accuracy",
    **columns: Any,
) -> list[rk.Score]:
    """0.5 for the shortest of a prompt's completions to -0.5 for the longest; none for wrong ones.

    lambda = 0.5 - (length - min) / (max - min), over all completions of the prompt; lambda where
    the answer is right, min(0, lambda) where it is wrong; 0.0 where all are of one length, as
    where a prompt has one completion. Kimi k1.5, arXiv:2501.12599, section 2.3.3. Whether an
    answer is right says the column `correct` (1 or more: right), else the reward `verifier`.
    Lengths are in `unit`, tokens those of the column `completion_ids`, else by `tokenizer`.
    Abstains where that is unknown.
    """
    samples = _measured(completions, correct, completion_ids, unit, tokenizer, verifier, columns)
    lengths = [sample.length for sample in samples if sample.length is not None]
    shortest, longest = min(lengths, default=0.0), max(lengths, default=0.0)
    return [_kimi(sample, shortest, longest, unit) for sample in samples]


@rk.reward
def cosine(
    completions: list[rk.Completion],
    correct: Sequence[float | None] | None = None,
    completion_ids: Sequence[Sequence[int] | None] | None = None,
    *,
    max_length: PositiveFloat = 1000,
    correct_short: float = 1.0,
    correct_long: float = 0.5,
    wrong_short: float = -1.0,
    wrong_long: float = -0.5,
    exceeding: float | None = None,
    unit: Unit = "characters",
    tokenizer: TokenizerName | None = None,
    verifier: Verifier = "accuracy",
    **columns: Any,
) -> list[rk.Score]:
    """From the short to the long value along half a cosine: 1.0 to 0.5 right, -1.0 to -0.5 wrong.

    long + (short - long) x (1 + cos(pi x t)) / 2 with t = min(1, length / max_length), with the
    values of right and of wrong answers. "Demystifying Long Chain-of-Thought", arXiv:2502.03373,
    section 4.2 and appendix C.1, as in open-r1, where t goes on past 1. `exceeding` is what a
    completion of `max_length` or more scores, the paper's r_e; by default the long value. Whether
    an answer is right, and lengths, are as in the reward `length`.
    """
    samples = _measured(completions, correct, completion_ids, unit, tokenizer, verifier, columns)
    ends = {True: (correct_short, correct_long), False: (wrong_short, wrong_long)}
    return [
        sample.unknown or _cosine(sample, *ends[sample.right], max_length, exceeding, unit)
        for sample in samples
    ]


@rk.reward
def overlong(
    completion: rk.Completion,
    completion_ids: Sequence[int] | None = None,
    *,
    max_length: PositiveFloat = 20_480,
    buffer: Annotated[NonNegativeFloat | None, NotAbove("max_length")] = None,
    unit: Unit = "tokens",
    tokenizer: TokenizerName | None = None,
) -> rk.Score:
    """0.0 up to `max_length` less `buffer`, then falling to -1.0 at `max_length`, and beyond.

    (max_length - buffer - length) / buffer within the buffer, which is a fifth of `max_length` by
    default. DAPO, arXiv:2503.14476, eq. 13, with its values: 20,480 and 4,096. Lengths are as in
    the reward `length`; abstains where they are unknown.
    """
    size = length_of(completion, completion_ids, unit, tokenizer)
    if size is None:
        return rk.Score.abstain(NO_TOKENS)
    buffer = max_length / 5 if buffer is None else buffer
    if buffer > max_length:
        raise ValueError(f"a buffer of {buffer:g} is more than the max_length of {max_length:g}")
    start = max_length - buffer
    evidence = {"length": size}
    if size <= start:
        return rk.Score(0.0, f"{size:,.0f} {unit}, no more than {start:,.0f}", evidence)
    if size > max_length:
        return rk.Score(-1.0, f"{size:,.0f} {unit}, more than {max_length:,.0f}", evidence)
    beyond = size - start
    reason = f"{size:,.0f} {unit}, {beyond:,.0f} of them in the buffer of {buffer:,.0f}"
    return rk.Score(-beyond / buffer, reason, evidence)


class _Sample(NamedTuple):
    """One completion: how long it is and whether it is right, or why that is unknown."""

    length: float | None
    right: bool
    unknown: rk.Score | None


def _measured(
    completions: list[rk.Completion],
    correct: Sequence[float | None] | None,
    completion_ids: Sequence[Sequence[int] | None] | None,
    unit: Unit,
    tokenizer: str | None,
    verifier: str,
    columns: dict[str, Any],
) -> list[_Sample]:
    ids = completion_ids or [None] * len(completions)
    found = verdicts(completions, correct, columns, verifier)
    return [
        _sample(length_of(text, tokens, unit, tokenizer), verdict)
        for text, tokens, verdict in zip(completions, ids, found, strict=True)
    ]


def _sample(size: float | None, verdict: rk.Score) -> _Sample:
    unknown = None
    if verdict.failed:
        unknown = rk.Score.fail(f"whether it is right: {verdict.reason}", **verdict.evidence)
    elif verdict.value is None:
        unknown = rk.Score.abstain(f"whether it is right: {verdict.reason}")
    elif size is None:
        unknown = rk.Score.abstain(NO_TOKENS)
    return _Sample(size, verdict.value is not None and verdict.value >= 1.0, unknown)


def _kimi(sample: _Sample, shortest: float, longest: float, unit: Unit) -> rk.Score:
    if sample.unknown or sample.length is None:
        return sample.unknown or rk.Score.abstain(NO_TOKENS)
    if shortest == longest:
        told = f"{longest:,.0f} {unit}, as every completion of the prompt"
        return rk.Score(0.0, told, {"length": sample.length})
    value = 0.5 - (sample.length - shortest) / (longest - shortest)
    told = "right" if sample.right else "wrong"
    reason = f"{told}, {sample.length:,.0f} {unit} of {shortest:,.0f} to {longest:,.0f}"
    evidence = {"length": sample.length}
    return rk.Score(value if sample.right else min(0.0, value), reason, evidence)


def _cosine(
    sample: _Sample,
    short: float,
    long: float,
    max_length: float,
    exceeding: float | None,
    unit: Unit,
) -> rk.Score:
    size = sample.length or 0.0
    told = "right" if sample.right else "wrong"
    reason = f"{told}, {size:,.0f} {unit} of {max_length:,.0f}"
    if size >= max_length and exceeding is not None:
        return rk.Score(exceeding, reason, {"length": size})
    share = (1.0 + math.cos(math.pi * min(1.0, size / max_length))) / 2
    return rk.Score(long + (short - long) * share, reason, {"length": size})
