"""What every reward has: a name, sums and weights, gates, and fallbacks."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rewardkit.completions import Reading
from rewardkit.errors import ContractError, OptionError, nearest
from rewardkit.rows import Batch, Rows, how_to_rename, read_batch
from rewardkit.types import Score

if TYPE_CHECKING:
    from rewardkit.suites import OnFailure, Suite, Weight

__all__ = ["FirstOf", "Reward", "Scores"]

Scores = Callable[[], list[Score]]


class Reward(abc.ABC):
    """Something that scores completions. `@rewardkit.reward` makes one of a function.

    Rewards are added, weighted and gated into a suite,
    `(accuracy + 0.2 * language).gated_by(format)`, and `code | math` is the first of them that
    does not abstain.
    """

    name: str

    # Suites stand a layer above and fill this in when they are imported.
    to_suite: ClassVar[Callable[[Reward], Suite]]

    @abc.abstractmethod
    def begin(self, batch: Batch) -> Scores:
        """Start scoring a batch; what is returned waits for its scores, one a row, in order."""

    @abc.abstractmethod
    def missing(self, columns: Mapping[str, Any]) -> list[str]:
        """The columns that it needs and that are not among `columns`."""

    @abc.abstractmethod
    def using(self, **options: Any) -> Reward:
        """The same reward with other options, which are checked now."""

    @abc.abstractmethod
    def named(self, name: str) -> Reward:
        """The same reward under another name."""

    @property
    def scores_groups(self) -> bool:
        """Whether it must see all completions of a prompt at once."""
        return False

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return next(iter((self.__doc__ or "").strip().splitlines()), "")

    def score(
        self, rows: Rows, *, reading: Reading | None = None, step: int | None = None
    ) -> list[Score]:
        """Score rows with this reward alone: one Score a row, in the rows' order.

        Raises:
            ContractError: These are not rows, or no row has a column that the reward needs.
        """
        batch = read_batch(rows, reading or Reading(), step)
        self.check_columns(batch.columns)
        return self.begin(batch)()

    def check_columns(self, columns: Mapping[str, Any]) -> None:
        """Raise a ContractError when a column that is needed is not among `columns`."""
        missing = self.missing(columns)
        if missing and columns:
            hint = nearest(missing[0], columns)
            raise ContractError(
                f"Reward {self.name!r} needs {missing}; the rows have {sorted(columns)}.{hint} "
                f"{how_to_rename(missing[0])}"
            )

    def __or__(self, other: Reward) -> FirstOf:
        if not isinstance(other, Reward):
            return NotImplemented
        return FirstOf(*_members(self), *_members(other))

    def __add__(self, other: Reward | Suite) -> Suite:
        return self.to_suite() + other

    def __radd__(self, other: Any) -> Suite:
        # sum([a, b]) starts from 0.
        return self.to_suite() if _is_zero(other) else NotImplemented

    def __sub__(self, other: Reward | Suite) -> Suite:
        return self.to_suite() - other

    def __neg__(self) -> Suite:
        return -self.to_suite()

    def __mul__(self, weight: Weight) -> Suite:
        return self.to_suite() * weight

    __rmul__ = __mul__

    def gated_by(self, *gates: Reward) -> Suite:
        """Alone in a sum, zero wherever one of `gates` scores zero or less."""
        return self.to_suite().gated_by(*gates)

    def required(self) -> Suite:
        """Alone in a sum, of which a row has no total where this reward abstains."""
        return self.to_suite().required()

    def on_failure(self, worth: OnFailure) -> Suite:
        """Alone in a sum: a failure abstains, counts as "zero", or is raised ("raise")."""
        return self.to_suite().on_failure(worth)


class FirstOf(Reward):
    """The first of several rewards that does not abstain: `code | math`.

    A member whose columns the data set lacks abstains. A member that fails ends the search: that a
    verifier broke is no reason to ask a coarser one, whose 0.0 would then be an exception in
    disguise.

    Args:
        members: Rewards, or names that the registry looks up when the reward is asked for.
        name: What it is called; by default its members' names with `|` between them.
        doc: What it scores, as its help says it.
    """

    def __init__(self, *members: Reward | str, name: str = "", doc: str = "") -> None:
        if not members:
            raise ContractError("first_of needs at least one reward.")
        self.members = members
        self.name = name or "|".join(m if isinstance(m, str) else m.name for m in members)
        self.__doc__ = doc or f"The first of {', '.join(self.member_names)} that does not abstain."

    def __repr__(self) -> str:
        return f"<Reward {self.name}: {' | '.join(self.member_names)}>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FirstOf)
            and self.name == other.name
            and self.members == other.members
        )

    def __hash__(self) -> int:
        return hash((self.name, *self.member_names))

    @property
    def member_names(self) -> list[str]:
        """The names of its members, in order."""
        return [m if isinstance(m, str) else m.name for m in self.members]

    @property
    def scores_groups(self) -> bool:
        """Whether one of its members must see all completions of a prompt at once."""
        return any(reward.scores_groups for reward in self._rewards())

    def using(self, **options: Any) -> FirstOf:
        """The same with options for its members: `using(math={"percent": "strict"})`."""
        for name in options:
            if name not in self.member_names:
                raise OptionError(
                    f"Reward {self.name!r} has no member {name!r}."
                    f"{nearest(name, self.member_names)} It has: {', '.join(self.member_names)}; "
                    "options for a member are given under its name."
                )
        members = [m.using(**options.get(m.name, {})) for m in self._rewards()]
        return FirstOf(*members, name=self.name, doc=self.__doc__ or "")

    def named(self, name: str) -> FirstOf:
        """The same reward under another name."""
        return FirstOf(*self.members, name=name, doc=self.__doc__ or "")

    def missing(self, columns: Mapping[str, Any]) -> list[str]:
        """The columns of the member that lacks fewest, where no member has all that it needs."""
        return min((member.missing(columns) for member in self._rewards()), key=len)

    def begin(self, batch: Batch) -> Scores:
        """Ask the members in turn, each about the rows on which all before it abstained."""
        rewards = [r for r in self._rewards() if not r.missing(batch.columns)]
        return lambda: self._ask(rewards, batch)

    def _ask(self, rewards: Sequence[Reward], batch: Batch) -> list[Score]:
        scores: list[Score] = [Score.abstain("")] * batch.size
        silent: dict[int, list[str]] = {place: [] for place in range(batch.size)}
        for reward in rewards:
            places = list(silent)
            part = batch if len(places) == batch.size else batch.take(places)
            for place, score in zip(places, reward.begin(part)(), strict=True):
                if score.value is None and not score.failed:
                    silent[place].append(f"{reward.name}: {score.reason}")
                else:
                    evidence = {"decided_by": reward.name, **score.evidence}
                    scores[place] = replace(score, evidence=evidence)
                    del silent[place]
            if not silent:
                break
        for place, reasons in silent.items():
            scores[place] = Score.abstain("; ".join(reasons) or "none of its rewards applies")
        return scores

    def _rewards(self) -> list[Reward]:
        names = [m for m in self.members if isinstance(m, str)]
        if names:
            raise ContractError(
                f"Reward {self.name!r} has members that are only names ({', '.join(names)}). "
                f"Get it from the registry: rk.get_reward({self.name!r})."
            )
        return [m for m in self.members if isinstance(m, Reward)]


def _members(reward: Reward) -> tuple[Reward | str, ...]:
    # `a | b | c` is one fallback of three; one that was given a name of its own stays whole.
    if isinstance(reward, FirstOf) and reward.name == "|".join(reward.member_names):
        return reward.members
    return (reward,)


def _is_zero(other: Any) -> bool:
    return isinstance(other, int | float) and other == 0
