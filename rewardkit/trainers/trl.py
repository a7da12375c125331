"""Suites as reward functions of TRL, and of what takes TRL's: Unsloth, axolotl, Oumi.

::

    functions, weights = reward_funcs(rk.preset("r1-zero"))
    trainer = GRPOTrainer(
        model=..., reward_funcs=functions, args=GRPOConfig(reward_weights=weights), ...
    )
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from rewardkit.composition import Reward
from rewardkit.errors import ContractError
from rewardkit.suites import Suite, Term, contributions
from rewardkit.trainers.scoring import Scorer, as_suite, fits
from rewardkit.types import Scored

__all__ = ["RewardFunction", "reward_funcs", "total"]

# How many batches may wait for functions that have not asked for them. Trainers that score several
# at once (AsyncGRPO) hold few; a function that is never called must not make them pile up.
_MOST_WAITING = 16


def reward_funcs(
    suite: Suite | Reward,
    *,
    max_completion_length: int | None = None,
    eos_token_id: int | Sequence[int] | None = None,
) -> tuple[list[RewardFunction], list[float]]:
    """One reward function a term and their weights, for `reward_funcs` and `reward_weights`.

    TRL's sum of them is the suite's total: a function returns what its term scores with gates and
    schedule applied, and on a row that has no total (a required term abstains) each returns None.
    A batch is scored once, whichever function is called first, and from whichever thread.
    AsyncGRPO has no weights: give it `total`.

    Args:
        suite: What is scored.
        max_completion_length: Tokens at which TRL ends a completion: one as long was cut off. Its
            rows have `finish_reason` "length", unless the data set has such a column.
        eos_token_id: What a completion ends in that was not cut off, however long.
    """
    suite = as_suite(suite)
    batches = _Batches(Scorer(suite), _Limit.of(max_completion_length, eos_token_id))
    functions = [RewardFunction(term.reward.name, batches, term) for term in suite.terms]
    batches.readers = len(functions)
    return functions, [float(term.weight) for term in suite.terms]


def total(
    suite: Suite | Reward,
    name: str = "total",
    *,
    max_completion_length: int | None = None,
    eos_token_id: int | Sequence[int] | None = None,
) -> RewardFunction:
    """One reward function that returns the suite's totals, and logs every component.

    Args:
        suite: What is scored.
        name: What the trainer calls it; no two functions of a trainer bear one name.
        max_completion_length: As in `reward_funcs`.
        eos_token_id: As in `reward_funcs`.
    """
    limit = _Limit.of(max_completion_length, eos_token_id)
    return RewardFunction(name, _Batches(Scorer(as_suite(suite)), limit))


class RewardFunction:
    """A reward function as TRL calls it. It pickles, and works from any thread.

    It raises in its first batch what is wrong with the configuration, and after that nothing but
    what a term's on_failure="raise" asks for. It returns a list of the right length of finite
    floats, and None where it abstains.
    """

    def __init__(self, name: str, batches: _Batches, term: Term | None = None) -> None:
        self.__name__ = self.__qualname__ = name
        self._batches = batches
        self._term = term

    def __repr__(self) -> str:
        return f"<TRL reward function {self.__name__}>"

    def __call__(
        self,
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        **kwargs: Any,
    ) -> list[float | None]:
        """The rewards of a batch, one a completion.

        Args:
            prompts: Text or messages, one a completion.
            completions: Text or messages.
            completion_ids: Their token ids.
            kwargs: The data set's other columns, `trainer_state`, `log_extra` and `log_metric`.
        """
        columns = {"prompt": prompts, "completion": completions, "completion_ids": completion_ids}
        rows = _columns({**kwargs, **columns}, len(completions))
        step = getattr(kwargs.get("trainer_state"), "global_step", None)
        scored, first = self._batches.scored(self, rows, len(completions), step)
        if first:
            # TRL itself logs the mean of what each function returns.
            means = scored.scores if self._term is None else scored.scores.keys() - scored.weights
            _log(scored, means, kwargs.get("log_extra"), kwargs.get("log_metric"))
        return list(scored.totals) if self._term is None else _column(self._term, scored, step)


def _column(term: Term, scored: Scored, step: int | None) -> list[float | None]:
    """What one term scores, with its gates and schedule; the weight is TRL's to apply."""
    if all(total is None for total in scored.totals):
        return list(scored.totals)
    factor = term.schedule(step) if term.schedule and step is not None else 1.0
    values = contributions(term, scored.scores, factor)
    pairs = zip(scored.totals, values, strict=True)
    return [None if total is None else fits(value) for total, value in pairs]


def _log(
    scored: Scored,
    means: Collection[str],
    log_extra: Callable[[str, list[Any]], None] | None,
    log_metric: Callable[[str, float], None] | None,
) -> None:
    """Log why each score is what it is, and how often a reward failed or abstained.

    Either way to log is None in a TRL that does not have it yet.
    """
    for name, scores in scored.scores.items():
        if log_extra:
            said = [f"failed: {s.reason}" if s.failed else s.reason for s in scores]
            log_extra(f"reason_{name}", said)
        values = [score.value for score in scores if score.value is not None]
        if not log_metric or not scores:
            continue
        failed = sum(score.failed for score in scores)
        log_metric(f"rewards/{name}/failed", failed / len(scores))
        silent = len(scores) - failed - len(values)
        log_metric(f"rewards/{name}/abstained", silent / len(scores))
        if values and name in means:
            log_metric(f"rewards/{name}/mean", sum(values) / len(values))


@dataclass(frozen=True)
class _Limit:
    """What tells a completion that the limit of tokens cut off."""

    length: int
    ends: frozenset[int]

    @classmethod
    def of(cls, length: int | None, ends: int | Sequence[int] | None) -> _Limit | None:
        if length is None:
            return None
        if length < 1:
            raise ContractError(f"`max_completion_length` is at least 1, not {length}.")
        given = () if ends is None else (ends,) if isinstance(ends, int) else ends
        return cls(length, frozenset(given))

    def finish_reasons(self, completion_ids: Sequence[Sequence[int]]) -> list[str]:
        return [
            "length" if ids and len(ids) >= self.length and ids[-1] not in self.ends else "stop"
            for ids in completion_ids
        ]


@dataclass(eq=False)
class _Asked:
    """A batch that some functions have asked for: its cells, its scores, and who has had them."""

    columns: Mapping[str, Sequence[Any]]
    step: int | None
    scored: Future[Scored] = field(default_factory=Future)
    served: list[RewardFunction] = field(default_factory=list)

    def is_of(self, columns: Mapping[str, Sequence[Any]], step: int | None) -> bool:
        """Whether these are the very cells: TRL hands the same objects to each function."""
        return (
            self.step == step
            and self.columns.keys() == columns.keys()
            and all(_same(self.columns[name], columns[name]) for name in columns)
        )


class _Batches:
    """The batches of one suite's functions: each is scored once, and forgotten when all have it.

    Attributes:
        readers: How many functions ask for each batch.
    """

    def __init__(self, scorer: Scorer, limit: _Limit | None, readers: int = 1) -> None:
        self.readers = readers
        self._scorer = scorer
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: list[_Asked] = []

    def __reduce__(self) -> tuple[Any, ...]:
        return _Batches, (self._scorer, self._limit, self.readers)

    def scored(
        self,
        reader: RewardFunction,
        columns: dict[str, Sequence[Any]],
        size: int,
        step: int | None,
    ) -> tuple[Scored, bool]:
        """The scores of a batch, and whether this reader, the first, had to compute them."""
        asked, first = self._ask(reader, columns, step)
        if first:
            try:
                asked.scored.set_result(self._score(columns, size, step))
            except BaseException as error:
                asked.scored.set_exception(error)
                raise
        return asked.scored.result(), first

    def _ask(
        self, reader: RewardFunction, columns: dict[str, Sequence[Any]], step: int | None
    ) -> tuple[_Asked, bool]:
        with self._lock:
            for asked in self._waiting:
                # A function that asks again wants it scored again.
                if reader not in asked.served and asked.is_of(columns, step):
                    asked.served.append(reader)
                    if len(asked.served) == self.readers:
                        self._waiting.remove(asked)
                    return asked, False
            asked = _Asked(columns, step, served=[reader])
            if self.readers > 1:
                self._waiting = [*self._waiting[1 - _MOST_WAITING :], asked]
            return asked, True

    def _score(self, columns: dict[str, Sequence[Any]], size: int, step: int | None) -> Scored:
        ids = columns.get("completion_ids")
        if self._limit and ids is not None and "finish_reason" not in columns:
            columns = {**columns, "finish_reason": self._limit.finish_reasons(ids)}
        return self._scorer.score(columns, size, step)


def _columns(given: Mapping[str, Any], size: int) -> dict[str, Sequence[Any]]:
    """What of a trainer's arguments is a column: a list with a cell for each completion."""
    return {
        name: value
        for name, value in given.items()
        if isinstance(value, list | tuple) and len(value) == size
    }


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    if one is other:
        return True
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
