"""A plain function with a name and options: what filters and selectors have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Generic, ParamSpec, Self, TypeVar, cast

from rewardkit.completions import Completion
from rewardkit.errors import ContractError
from rewardkit.references import reduced
from rewardkit.signatures import Signature, checked_options, name_of, read_signature

__all__ = ["NamedFunction", "with_completions"]

P = ParamSpec("P")
R = TypeVar("R")


def with_completions(
    signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Any]:
    """The arguments of a direct call, a completion among them read as a suite reads a row's."""
    given = list(args)
    for name in {"completion", "completions"} & signature.columns.keys():
        place = list(signature.columns).index(name)
        if place < len(given):
            given[place] = _as_completion(given[place], name, signature)
        elif name in kwargs:
            kwargs = {**kwargs, name: _as_completion(kwargs[name], name, signature)}
    return given, kwargs


def _as_completion(value: Any, name: str, signature: Signature) -> Any:
    if name == "completion":
        # One that is read already keeps its own tags, prompt and finish_reason.
        is_text = isinstance(value, str | list) and not isinstance(value, Completion)
        return Completion.read(value) if is_text else value
    if signature.reads_completions and isinstance(value, list | tuple):
        return [_as_completion(one, "completion", signature) for one in value]
    return value


class NamedFunction(Generic[P, R]):
    """A function that still is one when it is called, with a name and checked options.

    Args:
        function: A plain function: columns before the star, options after it.
        name: By default the function's name.
        options: Those that differ from the function's defaults.

    Raises:
        ContractError: It is no function, or an async one.
    """

    kind: ClassVar[str]

    def __init__(
        self, function: Callable[P, R], name: str = "", options: Mapping[str, Any] | None = None
    ) -> None:
        given: Any = function
        if not callable(given):
            kind = self.kind.lower()
            raise ContractError(f"A {kind} is a function, not {type(given).__name__}.")
        self.function = function
        self.name = name or name_of(function)
        self.__doc__ = function.__doc__
        self.__wrapped__ = function
        self.given_options = dict(options or {})
        self.signature = read_signature(function, self.kind, self.name)
        if self.signature.is_async:
            raise ContractError(
                f"{self.owner} is async; a {self.kind.lower()} is a plain function. What has to "
                "wait for something is better a reward."
            )
        self.bound: Callable[..., Any] = functools.partial(function, **self.given_options)

    def __repr__(self) -> str:
        options = "".join(f", {n}={v!r}" for n, v in self.given_options.items())
        return f"<{self.kind} {self.name}({', '.join(self.signature.columns)}{options})>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, NamedFunction)
            and type(self) is type(other)
            and (self.function, self.name) == (other.function, other.name)
            and self.options == other.options
        )

    def __hash__(self) -> int:
        return hash((self.name, self.function))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(type(self), self.function, self.name, self.given_options)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function with the options that it was given; its completion may be any text."""
        args, kwargs = with_completions(self.signature, args, kwargs)
        return cast("R", self.bound(*args, **kwargs))

    @property
    def owner(self) -> str:
        """What a message calls it."""
        return f"{self.kind} {self.name!r}"

    @property
    def options(self) -> dict[str, Any]:
        """Every option with its value here."""
        return {**self.signature.defaults, **self.given_options}

    @property
    def summary(self) -> str:
        """The first line of its docstring."""
        return next(iter((self.__doc__ or "").strip().splitlines()), "")

    def using(self, **options: Any) -> Self:
        """The same with other options.

        Raises:
            OptionError: An option does not exist, or has a wrong value.
        """
        given = self.given_options
        checked = checked_options(self.function, self.signature, options, self.owner, given)
        return type(self)(self.function, self.name, {**given, **checked})

    def named(self, name: str) -> Self:
        """The same under another name."""
        return type(self)(self.function, name, self.given_options)

    def require_options(self) -> None:
        """Raise an OptionError when an option without a default was never given."""
        self.signature.require(self.given_options, self.owner)
