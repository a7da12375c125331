"""Reading a function's signature: columns before the star, options after it."""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_type_hints

from rewardkit.errors import ContractError, OptionError, nearest

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["NO_DEFAULT", "Signature", "checked_options", "name_of", "read_signature"]

NO_DEFAULT: Any = inspect.Parameter.empty

_COLUMN_KINDS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a reward, filter or selector asks for.

    Attributes:
        columns: Its columns in order, each with its default or NO_DEFAULT.
        options: Its keyword-only parameters.
        takes_rest: Whether it also takes every other column, as TRL's functions do (`**kwargs`).
        reads_completions: Whether its completions are annotated as `Completion`s.
        is_async: Whether what it returns is to be awaited.
    """

    columns: Mapping[str, Any]
    options: Mapping[str, inspect.Parameter]
    takes_rest: bool
    reads_completions: bool
    is_async: bool

    @property
    def defaults(self) -> dict[str, Any]:
        """The options that have a default, with it."""
        return {n: p.default for n, p in self.options.items() if p.default is not NO_DEFAULT}

    def require(self, given: Mapping[str, Any], owner: str) -> None:
        """Raise an OptionError when an option has neither a default nor a value among `given`."""
        unset = self.options.keys() - self.defaults.keys() - given.keys()
        if unset:
            name = min(unset)
            raise OptionError(
                f"{owner} has no value for its option {name!r}. Give it one: using({name}=...)."
            )


def name_of(function: Callable[..., Any]) -> str:
    """What a function is called, or that which a partial calls, or an object's class."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def read_signature(function: Callable[..., Any], kind: str, name: str) -> Signature:
    """Read what `function` asks for; `kind` and `name` are for the messages.

    Raises:
        ContractError: It has no readable signature, or takes `*args`.
    """
    try:
        parameters = _parameters(function)
    except (TypeError, ValueError) as error:
        raise ContractError(f"{kind} {name!r} has no signature to read: {error}.") from error
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        raise ContractError(
            f"{kind} {name!r} takes `*args`, so that its columns cannot be told. Name them."
        )
    return Signature(
        columns={p.name: p.default for p in parameters if p.kind in _COLUMN_KINDS},
        options={p.name: p for p in parameters if p.kind is p.KEYWORD_ONLY},
        takes_rest=any(p.kind is p.VAR_KEYWORD for p in parameters),
        reads_completions=any(
            p.name == "completions" and re.search(r"\bCompletion\b", str(p.annotation))
            for p in parameters
        ),
        is_async=_is_async(function),
    )


def checked_options(
    function: Callable[..., Any],
    signature: Signature,
    options: Mapping[str, Any],
    owner: str,
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The `options` as the types that `function` declares for them; others were `given` before.

    Raises:
        OptionError: One does not exist, or has a wrong value; the message says what `owner` takes.
    """
    if not options:
        return {}
    for name in options:
        if name not in signature.options:
            takes = ", ".join(signature.options) or "none"
            hint = nearest(name, signature.options)
            raise OptionError(f"{owner} has no option {name!r}.{hint} It takes: {takes}.")
    from pydantic import ValidationError

    model = _options_model(function, signature, list(options), owner)
    try:
        # All of them, for options that bound each other.
        known = {**signature.defaults, **(given or {}), **options}
        checked = model.model_validate(dict(options), context=known)
    except ValidationError as error:
        wrong = error.errors()
        raise OptionError(_say(wrong, owner), str(wrong[0]["loc"][0])) from error
    return {name: getattr(checked, f"option_{name}") for name in options}


def _options_model(
    function: Callable[..., Any], signature: Signature, names: list[str], owner: str
) -> type[BaseModel]:
    from pydantic import ConfigDict, Field, create_model

    # Only what is given is checked: a default is its author's. Fields bear a prefix, for pydantic
    # keeps names such as `copy` and `model_...` to itself.
    annotations = {n: signature.options[n].annotation for n in names}
    fields: dict[str, Any] = {
        f"option_{name}": (hint, Field(alias=name))
        for name, hint in _resolved(function, annotations, owner).items()
    }
    config = ConfigDict(extra="forbid", arbitrary_types_allowed=True, allow_inf_nan=False)
    return create_model("Options", __config__=config, **fields)


def _resolved(
    function: Callable[..., Any], annotations: dict[str, Any], owner: str
) -> dict[str, Any]:
    # Columns are left out: theirs may be types that are imported for checking alone.
    inner = inspect.unwrap(getattr(function, "func", function))
    known = {n: a for n, a in annotations.items() if a is not NO_DEFAULT}
    try:
        hints = get_type_hints(
            SimpleNamespace(__annotations__=known),
            globalns=getattr(inner, "__globals__", {}),
            include_extras=True,
        )
    except NameError as error:
        raise ContractError(
            f"{owner}: the type of an option cannot be read: {error}. Import it where the "
            "function is defined, not under TYPE_CHECKING."
        ) from error
    return {name: hints.get(name, Any) for name in annotations}


def _say(errors: Sequence[Any], owner: str) -> str:
    wrongs = []
    for wrong in errors:
        message = wrong["msg"].removeprefix("Value error, ").removesuffix(".")
        wrongs.append(f"{'.'.join(map(str, wrong['loc']))} = {wrong['input']!r}: {message}")
    return f"{owner}: " + "; ".join(wrongs) + "."


def _is_async(function: Callable[..., Any]) -> bool:
    while isinstance(function, functools.partial):
        function = function.func
    method = getattr(function, "__call__", None)  # noqa: B004  a callable object's method
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(method)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    if sys.version_info >= (3, 14):  # annotations are evaluated when asked for: do not ask
        import annotationlib

        signature = inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    else:
        signature = inspect.signature(function)
    return list(signature.parameters.values())
