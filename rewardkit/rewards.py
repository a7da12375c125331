"""The reward contract: a function that scores completions.

Columns come before the star, options after it::

    @rk.reward
    def brevity(completion: str, *, limit: int = 2000) -> float:
        "1.0 when the completion is no longer than `limit` characters."
        return float(len(completion) <= limit)

Ask for `completion` and it is called once a sample; ask for `completions` and it is called once a
batch, every column a list, which is TRL's signature; with `group=True` it is called once for each
prompt. A column with a default is optional. It returns a float, a bool, None (it abstains) or a
Score, or a list of those for a batch; `async def` is awaited, all of a batch together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Generic, ParamSpec, TypeVar, cast, overload

from rewardkit.calling import Limits, begin
from rewardkit.calls import Call
from rewardkit.composition import Reward, Scores
from rewardkit.errors import ContractError
from rewardkit.functions import with_completions
from rewardkit.rows import Batch
from rewardkit.signatures import checked_options, name_of

__all__ = ["FunctionReward", "reward"]

P = ParamSpec("P")
R = TypeVar("R")


class FunctionReward(Reward, Generic[P, R]):
    """A reward made of a function; calling it calls the function as it was written.

    Attributes:
        name: The function's name, or what it was `named`.
        limits: Its deadline, workers, memory and concurrency.
    """

    def __init__(self, call: Call, limits: Limits) -> None:
        self.call = call
        self.limits = limits
        self.name = call.name
        self.__doc__ = call.function.__doc__
        self.__wrapped__ = call.function

    def __repr__(self) -> str:
        columns = ", ".join(self.call.signature.columns)
        options = "".join(f", {n}={v!r}" for n, v in self.call.options.items())
        return f"<Reward {self.name}({columns}{options})>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionReward) and self._settings() == other._settings()

    def __hash__(self) -> int:
        return hash((self.name, self.function))

    def __reduce__(self) -> tuple[Any, ...]:
        return FunctionReward, (self.call, self.limits)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function with its options: decorated, it still tests like a function."""
        args, kwargs = with_completions(self.call.signature, args, kwargs)
        return cast("R", self.function(*args, **{**self.call.options, **kwargs}))

    @property
    def function(self) -> Callable[..., Any]:
        """The function as its author wrote it."""
        return self.call.function

    @property
    def options(self) -> dict[str, Any]:
        """Every option with its value here."""
        return {**self.call.signature.defaults, **self.call.options}

    @property
    def scores_groups(self) -> bool:
        """Whether it was made with `group=True`."""
        return self.call.group

    def using(self, **options: Any) -> FunctionReward[P, R]:
        """The same reward with other options.

        Raises:
            OptionError: An option does not exist, or has a wrong value.
        """
        owner, given = f"Reward {self.name!r}", self.call.options
        checked = checked_options(self.function, self.call.signature, options, owner, given)
        return self._with(options={**given, **checked})

    def named(self, name: str) -> FunctionReward[P, R]:
        """The same reward under another name, so that a suite can hold it twice."""
        return self._with(name=name)

    def limited(
        self,
        *,
        deadline: float | None = None,
        workers: int | None = None,
        memory: int | None = None,
        concurrency: int | None = None,
    ) -> FunctionReward[P, R]:
        """The same reward under limits; what is not given stays as it is.

        Args:
            deadline: Seconds a sample. A function then runs in worker processes, which are killed
                when they overrun; a coroutine is cancelled.
            workers: On how many worker processes.
            memory: Bytes that a worker process may take.
            concurrency: How many calls of an async function are under way at once.
        """
        given = Limits(deadline, workers, memory, concurrency)
        changes = _set(given)
        _check_limits(self.call, changes)
        return FunctionReward(self.call, replace(self.limits, **changes))

    def missing(self, columns: Mapping[str, Any]) -> list[str]:
        """The columns that it needs and that are not among `columns`."""
        return self.call.missing(columns)

    def begin(self, batch: Batch) -> Scores:
        """Start scoring a batch.

        Raises:
            OptionError: An option without a default was never given.
        """
        self.call.signature.require(self.call.options, f"Reward {self.name!r}")
        return begin(self.call, self.limits, batch)

    def _with(self, **changes: Any) -> FunctionReward[P, R]:
        call = self.call
        settings = {"name": call.name, "options": call.options, "group": call.group, **changes}
        return FunctionReward(Call(call.function, **settings), self.limits)

    def _settings(self) -> tuple[Any, ...]:
        return self.function, self.name, self.options, self.call.group, self.limits


@overload
def reward(function: Callable[P, R], /) -> FunctionReward[P, R]: ...


@overload
def reward(
    *,
    name: str = "",
    group: bool = False,
    deadline: float | None = None,
    workers: int | None = None,
    memory: int | None = None,
    concurrency: int | None = None,
) -> Callable[[Callable[P, R]], FunctionReward[P, R]]: ...


def reward(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    group: bool = False,
    deadline: float | None = None,
    workers: int | None = None,
    memory: int | None = None,
    concurrency: int | None = None,
) -> Any:
    """Turn a function into a reward.

    Args:
        function: What scores; see this module's docstring.
        name: What the reward is called; by default as the function is.
        group: It scores all completions of one prompt at once, so that one row's score depends on
            its group. The function asks for `completions`.
        deadline: Seconds a sample; the function runs in worker processes that can be killed.
        workers: On how many worker processes it runs.
        memory: Bytes that a worker process may take.
        concurrency: How many calls of an async function are under way at once.

    Raises:
        ContractError: The function asks for neither `completion` nor `completions`, or for both.
    """
    limits = Limits(deadline, workers, memory, concurrency)
    if function is None:
        return lambda decorated: _make(decorated, name, group, limits)
    return _make(function, name, group, limits)


def _make(
    function: Callable[..., Any], name: str, group: bool, limits: Limits
) -> FunctionReward[Any, Any]:
    if isinstance(function, Reward):
        raise ContractError(
            f"{function.name!r} is a reward already. To change it: using(), limited(), named()."
        )
    if not callable(function):
        raise ContractError(f"A reward is a function, not {type(function).__name__}.")
    call = Call(function, name or name_of(function), {}, group)
    _check(call)
    _check_limits(call, _set(limits))
    return FunctionReward(call, limits)


def _check(call: Call) -> None:
    columns = list(call.signature.columns)
    if ("completion" in columns) == call.takes_batch:
        raise ContractError(
            f"Reward {call.name!r} must take either `completion` (it is called once a sample) or "
            f"`completions` (once a batch, every column a list); it takes {columns}. "
            "Options come after a `*`."
        )
    if call.group and not call.takes_batch:
        raise ContractError(
            f"Reward {call.name!r} scores groups: it must take `completions`, those of one prompt."
        )


def _check_limits(call: Call, limits: Mapping[str, Any]) -> None:
    if call.signature.is_async and limits.keys() & {"workers", "memory"}:
        raise ContractError(
            f"Reward {call.name!r} is async: its calls are awaited together in this process. "
            "`deadline` and `concurrency` limit them; `workers` and `memory` do not."
        )
    if not call.signature.is_async and "concurrency" in limits:
        raise ContractError(f"Reward {call.name!r} is not async: use `workers`.")


def _set(limits: Limits) -> dict[str, Any]:
    return {name: value for name, value in asdict(limits).items() if value is not None}
