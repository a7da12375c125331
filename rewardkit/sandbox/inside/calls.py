"""Serving calls of a loaded program's functions: the candidate's side of a session."""

from __future__ import annotations

import io
import json
import sys
import types
from collections.abc import Callable
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

__all__ = ["serve"]

_MESSAGE = 2000
_MOST_PRINTED = 1 << 20  # bytes of a stream that one answer carries

# What may be done with an instance that stays here. No comparison is among it: those are decided
# where the tests are.
_SPECIAL: dict[str, Callable[..., Any]] = {
    "len": len,
    "str": str,
    "repr": repr,
    "iter": iter,
    "next": next,
    "getitem": lambda target, key: target[key],
    "setitem": lambda target, key, value: target.__setitem__(key, value),
    "delitem": lambda target, key: target.__delitem__(key),
    "get": getattr,
    "set": setattr,
    "invoke": lambda target, *args, **kwargs: target(*args, **kwargs),
}


_STREAMS = ((1, "stdout"), (2, "stderr"))


class _Printed(io.BytesIO):
    """What is written to a standard stream until it is taken; beyond the cap it is dropped."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def fileno(self) -> int:
        return self._descriptor

    def write(self, data: Any) -> int:
        given = bytes(data)
        super().write(given[: max(_MOST_PRINTED - self.tell(), 0)])
        return len(given)

    def close(self) -> None:
        """Stay open: a program that closes its stream has only ended its own printing."""

    def take(self) -> str:
        text = self.getvalue().decode("utf-8", "replace")
        self.seek(0)
        self.truncate()
        return text


def serve(channel: Channel, task: dict[str, Any]) -> NoReturn:
    """Load the program as the module `solution`, then answer requests for ever."""
    open_standard_streams()
    program = _Program(handles=task["handles"])
    channel.send(program.load(task))
    while True:
        channel.send_bytes(program.answer(channel.receive()))


class _Program:
    def __init__(self, *, handles: bool) -> None:
        self._module = fresh_module("solution")
        self._shared: dict[str, type] = {}
        self._handles = handles
        self._kept: list[object] = []
        # Tests may read what the program prints while they call it: it goes to them as data.
        self._printed = {name: _Printed(number) for number, name in _STREAMS if handles}

    def load(self, task: dict[str, Any]) -> dict[str, Any]:
        """Run the program; says `raised` when that fails."""
        sys.argv = ["solution.py"]
        namespace = self._module.__dict__
        for name, printed in self._printed.items():
            stream = io.TextIOWrapper(printed, "utf-8", "backslashreplace", write_through=True)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        try:
            run_code(compiled(task["prelude"], "prelude.py"), self._module)
            self._shared = {
                name: value
                for name, value in namespace.items()
                if isinstance(value, type) and value.__module__ == "solution"
            }
            self._run(compiled(task["program"], "solution.py"))
        except BaseException as error:  # noqa: BLE001 - whatever ends a program
            print_error(error)
            return self._raised(error)
        for printed in self._printed.values():
            printed.take()  # no call has printed this
        return {"loaded": True}

    def _run(self, code: types.CodeType) -> None:
        """Run the program, whose end may be a call of `exit`, or of `input`, which has nothing.

        What it had defined by then is there to be called.
        """
        try:
            run_code(code, self._module)
        except SystemExit as error:
            if error.code not in (None, 0):
                raise
        except EOFError as error:
            print_error(error)

    def answer(self, request: dict[str, Any]) -> bytes:
        """Do what is asked, and say what came of it."""
        try:
            answer = self._answer(request)
        except BaseException as error:  # noqa: BLE001 - SystemExit among them: it is the call's
            answer = self._raised(error)
        printed = {name: stream.take() for name, stream in self._printed.items()}
        if any(printed.values()):
            answer["printed"] = printed
        return json.dumps(answer, separators=(",", ":")).encode()

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        reader = Reader(request["instances"], self._empty, self._kept_one, arrays=True)
        args = [reader.read(value) for value in request["args"]]
        kwargs = {key: reader.read(value) for key, value in request["kwargs"].items()}
        if request["do"] == "look":
            return self._looked(request["name"])
        if request["do"] == "call":
            result = self._found(request["name"])(*args, **kwargs)
        else:
            result = _SPECIAL[request["do"]](*args, **kwargs)
        return self._returned(result, args, kwargs)

    def _returned(self, result: object, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        writer = self._writer()
        try:
            value = writer.write(result)
            everything = [*enumerate(args), *kwargs.items()]
            changed = [[key, writer.write(v)] for key, v in everything if self._is_mutable(v)]
            return {"value": value, "changed": changed, "instances": writer.instances()}
        except Unsendable as error:
            return {"unsendable": str(error)[:_MESSAGE]}

    def _raised(self, error: BaseException) -> dict[str, Any]:
        kinds = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
        try:
            message = str(error)[:_MESSAGE]
        except BaseException:  # noqa: BLE001 - its __str__ is the program's
            message = ""
        answer = {"raised": type(error).__name__, "base": kinds[0].__name__, "message": message}
        try:
            return {**answer, "args": Writer().write(error.args)}
        except BaseException:  # noqa: BLE001 - args may be anything, too
            return answer

    def _found(self, name: str) -> Any:
        """What a dotted name stands for; a class on the way is instantiated."""
        first, *rest = name.split(".")
        if first not in self._module.__dict__:
            raise NameError(f"name {first!r} is not defined", name=first)
        found = self._module.__dict__[first]
        for attribute in rest:
            found = getattr(found() if isinstance(found, type) else found, attribute)
        return found

    def _looked(self, name: str) -> dict[str, Any]:
        """What kind of thing a name of the module is; plain values come at once."""
        found = self._found(name)
        if isinstance(found, type):
            bases = [kind for kind in found.__mro__ if kind.__module__ == "builtins"]
            return {"class": found.__name__, "base": bases[0].__name__ if bases else "object"}
        if callable(found):
            return {"callable": True}
        return self._returned(found, [], {})

    def _writer(self) -> Writer:
        keep = self._keep if self._handles else None
        return Writer(self._shared_name, keep, arrays=self._handles)

    def _shared_name(self, value: object) -> str | None:
        # By name: programs tend to define the prelude's classes again.
        name = type(value).__name__
        return name if name in self._shared else None

    def _keep(self, value: object, last_resort: bool) -> tuple[int, str] | None:
        if not last_resort:
            return None
        self._kept.append(value)
        return len(self._kept) - 1, type(value).__name__

    def _kept_one(self, number: int, _: str) -> object:
        return self._kept[number]

    def _empty(self, name: str) -> object | None:
        kind = self._module.__dict__.get(name, self._shared.get(name))
        return object.__new__(kind) if isinstance(kind, type) else None

    def _is_mutable(self, value: object) -> bool:
        if isinstance(value, (list, dict, set, bytearray)):
            return True
        return is_number_array(value) or self._shared_name(value) is not None
