"""The values that cross every boundary: plain, frozen, picklable."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rewardkit.grpo.scoring import Advantages

__all__ = ["Language", "Rejection", "Score", "Scored"]


@dataclass(frozen=True, slots=True)
class Score:
    """What one reward says of one completion.

    Attributes:
        value: The reward, finite. None when the reward abstains: it then takes no part in the
            total.
        reason: Why, in a few words.
        evidence: What the reason rests on: what was extracted, compared, measured.
        failed: The reward itself broke or ran out of time: not the model's fault. A failed score
            has no value.

    Raises:
        ValueError: `value` is NaN, infinite or beyond a float, or a failed score has a value.
        TypeError: `value` is neither a number nor None.
    """

    value: float | None
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict, hash=False)
    failed: bool = False

    def __post_init__(self) -> None:
        value = self.value
        if value is None:
            return
        if type(value) is not float:
            value = _as_float(value)
            object.__setattr__(self, "value", value)
        if not math.isfinite(value):
            raise ValueError(f"A score is finite or None, not {value}.")
        if self.failed:
            raise ValueError("A failed score has no value: give None.")

    @classmethod
    def abstain(cls, reason: str, **evidence: Any) -> Score:
        """The reward has nothing to say, for instance because the row has no reference."""
        return cls(None, reason, evidence)

    @classmethod
    def fail(cls, reason: str, **evidence: Any) -> Score:
        """The reward broke or ran out of time; what that is worth is the suite's to say."""
        return cls(None, reason, evidence, failed=True)


@dataclass(frozen=True, slots=True)
class Scored:
    """The totals of n rows, and behind each total the score of every reward.

    Attributes:
        totals: One a row, in the rows' order; None where every term abstains, or a required one.
        scores: By the reward's name, one Score a row; gates are among them.
        weights: What each term counted for, at the step that was scored.
        gates: By the term's name, the gates that it stands behind.
        prompts: What tells each row's prompt from others: its `prompt_id`, else its prompt.
    """

    totals: list[float | None]
    scores: dict[str, list[Score]]
    weights: dict[str, float]
    gates: dict[str, tuple[str, ...]]
    prompts: list[Any]

    def __len__(self) -> int:
        return len(self.totals)

    def explain(self, row: int) -> str:
        """Why this row has its total: one line a term, with its weight, score and reason."""
        total = self.totals[row]
        lines = [f"total {_number(total)}"]
        for name, weight in self.weights.items():
            lines.append(f"  {weight:g} x {name}: {_said(self.scores[name][row])}")
            lines.extend(
                f"    behind {gate}: {_said(self.scores[gate][row])}"
                for gate in self.gates.get(name, ())
            )
        return "\n".join(lines)

    def advantages(
        self,
        *,
        by_term: bool = False,
        groups: Iterable[Hashable] | None = None,
        lengths: Iterable[float] | None = None,
        **options: Any,
    ) -> Advantages:
        """How much better each row is than others of its prompt, and which rows to learn from.

        A row without a total, since its reward abstained or failed, takes no part in its group's
        mean and deviation, and its advantage is 0.

        Args:
            by_term: Each term has an advantage of its own, and their weighted sum is normalised
                over the batch (GDPO, `rewardkit.grpo.gdpo_advantages`). A failed term takes no
                part, whatever its on_failure says. Otherwise the totals have one (GRPO,
                `rewardkit.grpo.group_advantages`).
            groups: One label a row; by prompt if None.
            lengths: The tokens of each row's completion.
            **options: Of the function that is used: baseline, scale, eps, ... A trainer's are
                `**rewardkit.grpo.trl().advantages`.

        Raises:
            ContractError: A row has no prompt to be grouped by, or there is not one label a row.
            OptionError: An option has a wrong value.
        """
        from rewardkit.grpo.scoring import advantages_of

        return advantages_of(self, by_term=by_term, groups=groups, lengths=lengths, **options)

    def columns(self) -> dict[str, list[Any]]:
        """The scores as columns: `reward`, and a `reward_` and a `reason_` for each reward."""
        columns: dict[str, list[Any]] = {"reward": self.totals}
        for name, scores in self.scores.items():
            columns[f"reward_{name}"] = [score.value for score in scores]
            columns[f"reason_{name}"] = [_reason(score) for score in scores]
        return columns


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a filter rejects a completion, with the value it measured.

    A filter may return this or just the reason; `filter` is filled in with the filter's name.
    """

    reason: str
    value: float | None = None
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """A programming language that solutions may be written in, as a plugin offers it.

    Attributes:
        name: What a code block's tag calls it, in lower case: "cpp".
        source: The file name that the program is written to: "main.cpp".
        run: The command that runs it: ("./main",).
        compile: The command that compiles it, or empty when nothing is compiled.
    """

    name: str
    source: str
    run: tuple[str, ...]
    compile: tuple[str, ...] = ()


def _as_float(value: Any) -> float:
    if not hasattr(value, "__float__"):
        raise TypeError(f"A score is a number or None, not {type(value).__name__}.")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("A score is a number that a float can hold.") from error


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:g}"


def _reason(score: Score) -> str:
    return f"failed: {score.reason}" if score.failed else score.reason


def _said(score: Score) -> str:
    if score.failed:
        return _reason(score)
    value = "abstains" if score.value is None else f"{score.value:g}"
    return f"{value} ({score.reason})" if score.reason else value
