"""Running test code apart from the candidate, which it reaches only through its parent.

Whatever comes from the candidate is data. Nothing of it may decide a comparison, end the tests
early, or pass for an exception that ends them.
"""

from __future__ import annotations

import builtins
import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from rewardkit.sandbox.inside.programs import (
    compiled,
    fresh_module,
    open_standard_streams,
    print_error,
    run_code,
)
from rewardkit.sandbox.plain import Reader, Unsendable, Writer, is_number_array
from rewardkit.sandbox.wire import Channel

__all__ = ["CALL", "DONE", "serve"]

CALL, DONE = b"C", b"D"
_MESSAGE = 2000
_MOST_DIGITS = 250_000  # hexadecimal ones of an integer: tests that print it would take long

# Exceptions that Python's own loops swallow: `zip(map(candidate, inputs), wanted)` would end early
# and well if the candidate could raise StopIteration here.
_SWALLOWED = ("StopIteration", "StopAsyncIteration", "GeneratorExit")


class CandidateError(Exception):
    """The candidate raised an exception that has no counterpart here, or it has ended."""


class CandidateExit(SystemExit):
    """The candidate called sys.exit: the tests do not end by it, unless they let it pass."""


def serve(channel: Channel, task: dict[str, Any]) -> NoReturn:
    """Run the tests and say how they went."""
    open_standard_streams()
    sys.argv = ["tests.py"]
    channel.send_bytes(DONE + json.dumps(_Tests(channel, task).run()).encode())
    os._exit(0)


class _Tests:
    def __init__(self, channel: Channel, task: dict[str, Any]) -> None:
        self._task = task
        self._candidate = _Candidate(channel)
        self._module = fresh_module("__main__")

    def run(self) -> dict[str, Any]:
        answer = self._run()
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            report = Writer().write(self._module.__dict__.get("report"))
        except Unsendable:
            report = None
        return {**answer, "report": report, "unsendable": self._candidate.unsendable}

    def _run(self) -> dict[str, Any]:
        try:
            run_code(compiled(self._task["prelude"], "prelude.py"), self._module)
            self._candidate.share(self._module)
            self._define()
            run_code(compiled(self._task["tests"], "tests.py"), self._module)
        except SystemExit as error:
            if error.code in (None, 0) and not isinstance(error, CandidateExit):
                return {"passed": True}
            return {"passed": False, "type": "SystemExit", "message": str(error)[:_MESSAGE]}
        except BaseException as error:  # noqa: BLE001 - the tests' verdict
            print_error(error)
            return {
                "passed": False,
                "type": type(error).__name__,
                "message": str(error)[:_MESSAGE],
            }
        return {"passed": True}

    def _define(self) -> None:
        for definition in self._task["names"]:
            name, _, target = definition.partition("=")
            self._module.__dict__[name] = self._candidate.function(target or name)
        for name in self._task["modules"]:
            sys.modules[name] = self._candidate.module(name)


class _Candidate:
    """The other side, as the test code's objects reach it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._module: types.ModuleType | None = None
        self._shared: dict[str, type] = {}
        self._errors: dict[str, type[BaseException]] = {}
        self.unsendable = ""

    def share(self, module: types.ModuleType) -> None:
        """Let instances of the classes that the module has by now travel by value."""
        kinds = {name: kind for name, kind in module.__dict__.items() if isinstance(kind, type)}
        self._shared = {
            name: kind for name, kind in kinds.items() if kind.__module__ == "__main__"
        }

    def function(self, name: str) -> Callable[..., Any]:
        def candidate(*args: Any, **kwargs: Any) -> Any:
            return self.ask("call", args, kwargs, name)

        candidate.__name__ = candidate.__qualname__ = name.rpartition(".")[2]
        return candidate

    def module(self, name: str) -> types.ModuleType:
        """A module all of whose names are the candidate's."""
        module = types.ModuleType(name)
        module.__getattr__ = self._attribute  # type: ignore[method-assign] # PEP 562
        module.__all__ = []  # type: ignore[attr-defined]
        return module

    def _attribute(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            looked = self._asked("look", (), {}, name)
        except NameError:
            raise AttributeError(f"module 'solution' has no attribute {name!r}") from None
        if "callable" in looked:
            return self.function(name)
        if "class" not in looked:
            return self._read(looked)
        if str(looked["class"]) in self._shared:
            return self._shared[str(looked["class"])]
        base = getattr(builtins, str(looked["base"]), object)
        if isinstance(base, type) and issubclass(base, BaseException):
            return self._error_type(str(looked["class"]), base.__name__)
        return RemoteClass(self, name, str(looked["class"]))

    def ask(self, do: str, args: tuple[Any, ...], kwargs: dict[str, Any], name: str = "") -> Any:
        """Have the candidate do something, and give what it returns or raise what it raised."""
        answer = self._asked(do, args, kwargs, name)
        result = self._read(answer)
        for key, value in self._changed(answer):
            _update(args[key] if isinstance(key, int) else kwargs[key], value)
        return result

    def _asked(
        self, do: str, args: tuple[Any, ...], kwargs: dict[str, Any], name: str
    ) -> dict[str, Any]:
        writer = Writer(self._shared_name, _handle, arrays=True)
        try:
            request = {
                "do": do,
                "name": name,
                "args": [writer.write(value) for value in args],
                "kwargs": {key: writer.write(value) for key, value in kwargs.items()},
                "instances": writer.instances(),
            }
        except Unsendable as error:
            self.unsendable = f"the tests' argument: {error}"
            raise
        self._channel.send_bytes(CALL + json.dumps(request).encode())
        try:
            answer = self._channel.receive()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise CandidateError("the candidate's answer is no plain data")
        if "ended" in answer:
            raise CandidateError(f"the candidate has ended: {answer['ended']}")
        _print(answer.get("printed"))
        if "unsendable" in answer:
            raise CandidateError(str(answer["unsendable"]))
        if "raised" in answer:
            raise self._error(answer, do)
        return answer

    def _read(self, answer: dict[str, Any]) -> Any:
        try:
            self._reader = Reader(
                answer["instances"],
                self._empty,
                self._remote,
                most_digits=_MOST_DIGITS,
                arrays=True,
            )
            return self._reader.read(answer["value"])
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise CandidateError("the candidate's answer is no plain data") from error

    def _changed(self, answer: dict[str, Any]) -> list[tuple[int | str, Any]]:
        try:
            return [(key, self._reader.read(value)) for key, value in answer["changed"]]
        except (LookupError, TypeError, ValueError) as error:
            raise CandidateError("the candidate's answer is no plain data") from error

    def _error(self, answer: dict[str, Any], do: str) -> BaseException:
        name, message = str(answer["raised"]), str(answer.get("message", ""))
        if name == "StopIteration" and do == "next":
            return StopIteration()  # the end of the candidate's own iterator, which is data
        kind = self._error_type(name, str(answer.get("base", "")))
        try:
            return kind(*Reader().read(answer["args"]))
        except Exception:  # noqa: BLE001 - any builtin exception may refuse its arguments
            return _blank(kind, message)

    def _error_type(self, name: str, base: str) -> type[BaseException]:
        """The builtin exception of this name, or a subclass of `base` that is made once."""
        builtin = _harmless(name)
        if builtin is not None:
            return builtin
        if name not in self._errors:
            parent = _harmless(base) or CandidateError
            self._errors[name] = type(name, (parent,), {"__module__": "solution"})
        return self._errors[name]

    def _shared_name(self, value: object) -> str | None:
        name = type(value).__name__
        return name if self._shared.get(name) is type(value) else None

    def _empty(self, name: str) -> object | None:
        kind = self._shared.get(name)
        return None if kind is None else object.__new__(kind)

    def _remote(self, number: int, name: str) -> object:
        return Remote(self, number, name)


class RemoteClass:
    """A class of the candidate's: calling it makes an instance there."""

    def __init__(self, candidate: _Candidate, path: str, name: str) -> None:
        self._candidate, self._path = candidate, path
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._candidate.ask("call", args, kwargs, self._path)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, Remote) and value._remote_name == self.__name__  # noqa: SLF001

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        owner = self._candidate.ask("look", (), {}, self._path)
        return getattr(owner, name)


class Remote:
    """An object that stays with the candidate.

    It gives data and takes arguments. It has no `__eq__`, `__lt__`, `__contains__` or arithmetic:
    what equals what is not the candidate's to say.
    """

    __slots__ = ("_remote", "_remote_name", "_remote_number")

    def __init__(self, candidate: _Candidate, number: int, name: str) -> None:
        object.__setattr__(self, "_remote", candidate)
        object.__setattr__(self, "_remote_number", number)
        object.__setattr__(self, "_remote_name", name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._remote.ask("get", (self, name), {})

    def __setattr__(self, name: str, value: object) -> None:
        self._remote.ask("set", (self, name, value), {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._remote.ask("invoke", (self, *args), kwargs)

    def __len__(self) -> int:
        return int(self._remote.ask("len", (self,), {}))

    def __bool__(self) -> bool:
        return True

    def __deepcopy__(self, _: object) -> Remote:
        return self  # it stays where it is

    def __str__(self) -> str:
        return str(self._remote.ask("str", (self,), {}))

    def __repr__(self) -> str:
        return str(self._remote.ask("repr", (self,), {}))

    def __iter__(self) -> Iterator[Any]:
        found: Any = self._remote.ask("iter", (self,), {})
        return found if isinstance(found, Iterator) else iter(())

    def __next__(self) -> Any:
        return self._remote.ask("next", (self,), {})

    def __getitem__(self, key: object) -> Any:
        return self._remote.ask("getitem", (self, key), {})

    def __setitem__(self, key: object, value: object) -> None:
        self._remote.ask("setitem", (self, key, value), {})

    def __delitem__(self, key: object) -> None:
        self._remote.ask("delitem", (self, key), {})


def _handle(value: object, _last_resort: bool) -> tuple[int, str] | None:
    if isinstance(value, Remote):
        return value._remote_number, value._remote_name  # noqa: SLF001 - its own kind
    return None


def _print(printed: object) -> None:
    """Print what a call printed there to what the tests have put in the streams' places."""
    for name in ("stdout", "stderr"):
        text = printed.get(name) if isinstance(printed, dict) else None
        stream = getattr(sys, name)
        # Nobody reads the process's own streams, and all that is written there has a limit.
        if isinstance(text, str) and text and stream is not getattr(sys, f"__{name}__"):
            stream.write(text)


def _harmless(name: str) -> type[BaseException] | None:
    """The builtin exception of this name, if raising it can only fail a test."""
    if name == "SystemExit":
        return CandidateExit
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type) or not issubclass(kind, Exception) or name in _SWALLOWED:
        return None
    return kind


def _blank(kind: type[BaseException], message: str) -> BaseException:
    try:
        return kind(message)
    except Exception:  # noqa: BLE001 - as above
        return CandidateError(f"{kind.__name__}: {message}")


def _update(target: Any, value: Any) -> None:
    """Give an argument the content that the candidate left in its copy."""
    if type(target) is not type(value):
        return
    if isinstance(target, (list, bytearray)):
        target[:] = value
    elif is_number_array(target) and target.shape == value.shape:
        target[...] = value
    elif isinstance(target, (dict, set)):
        target.clear()
        target.update(value)
    elif hasattr(target, "__dict__"):
        target.__dict__.update(value.__dict__)
