"""seccomp: a filter, in the kernel's BPF, that holds a process to policy.py for good."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rewardkit.sandbox.linux import policy
from rewardkit.sandbox.linux.calls import syscall
from rewardkit.sandbox.linux.numbers import AUDIT_ARCHITECTURE, NEWEST, machine, number
from rewardkit.sandbox.linux.policy import Rule

__all__ = ["Filter", "Purpose", "available", "filter_for"]

Purpose = Literal["python", "program", "build"]
"""What the process is for: a Python program, a compiled one, or a compiler."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_ALLOW = 0x7FFF0000
_KILL_PROCESS = 0x80000000
_ERROR = 0x00050000

# struct seccomp_data: the call's number, the architecture, the address, six 64-bit arguments.
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16

_SECCOMP_SET_MODE_FILTER = 1
_X32_CALLS = 0x40000000
_O_TRUNC = 0o1000  # on both processors

_Instruction = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Filter:
    """An assembled filter; the process's own id is filled in when it is installed."""

    code: bytes
    own_process_at: tuple[int, ...]

    def install(self) -> None:
        """Hold this process to it, and every thread and program that it starts."""
        code = ctypes.create_string_buffer(self.code, len(self.code))
        for offset in self.own_process_at:
            struct.pack_into("I", code, offset, os.getpid())
        program = struct.pack("HxxxxxxP", len(self.code) // 8, ctypes.addressof(code))
        syscall("seccomp", _SECCOMP_SET_MODE_FILTER, 0, ctypes.create_string_buffer(program, 16))


def filter_for(
    purpose: Purpose, *, private_folder: bool, truncation_unseen: bool = False
) -> Filter:
    """The filter for a purpose.

    Args:
        purpose: What the process is for.
        private_folder: Whether the run has a folder that it may change.
        truncation_unseen: Whether Landlock is too old to see that opening a file truncates it.
    """
    allowed = [*policy.ALWAYS]
    rules = {**policy.RESTRICTED}
    if private_folder:
        allowed += policy.WRITING
    elif truncation_unseen:
        allowed = [name for name in allowed if name not in ("open", "openat")]
        rules |= {"open": Rule(1, refused=_O_TRUNC), "openat": Rule(2, refused=_O_TRUNC)}
    if purpose == "build":
        allowed += policy.BUILDING_CALLS
        rules |= policy.BUILDING
    else:
        rules |= policy.SIGNALS | policy.THREADS
    if purpose == "program":
        allowed += policy.EXECUTING
    return _assemble(allowed, rules)


def available() -> bool:
    """Whether the kernel takes filters."""
    try:
        syscall("seccomp", _SECCOMP_SET_MODE_FILTER, 0, None)
    except OSError as error:
        return error.errno == errno.EFAULT  # it looked for the filter: the mode is there
    return True


def _assemble(allowed: Iterable[str], rules: Mapping[str, Rule]) -> Filter:
    code = _prologue()
    for name in policy.ABSENT:
        code += _if_call(name, [_give_error(errno.ENOSYS)])
    for name in policy.PRETENDED:
        code += _if_call(name, [_give_error(0)])
    for name, rule in rules.items():
        code += _if_call(name, _rule(rule))
    known = (number(name) for name in allowed)
    for first, last in _ranges(call for call in known if call is not None):
        code += [(_AT_LEAST, 0, 2, first), (_AT_LEAST, 1, 0, last + 1), _give(_ALLOW)]
    code += [(_AT_LEAST, 0, 1, NEWEST + 1), _give_error(errno.ENOSYS), _give_error(errno.EPERM)]
    packed = b"".join(struct.pack("HBBI", *_words(instruction)) for instruction in code)
    own = [8 * i + 4 for i, instruction in enumerate(code) if instruction[3] == policy.OWN_PROCESS]
    return Filter(packed, tuple(own))


def _words(instruction: _Instruction) -> _Instruction:
    operation, if_true, if_false, value = instruction
    return operation, if_true, if_false, value & 0xFFFFFFFF


def _prologue() -> list[_Instruction]:
    """Kill who makes calls of another architecture; leave the call's number loaded."""
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, AUDIT_ARCHITECTURE[machine()]),
        _give(_KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]
    if machine() == "x86_64":  # the x32 calls have the same architecture and other numbers
        code += [(_AT_LEAST, 0, 1, _X32_CALLS), _give(_KILL_PROCESS)]
    return code


def _if_call(name: str, body: list[_Instruction]) -> list[_Instruction]:
    """Do the body, which returns, if this call is made; a processor without it needs nothing."""
    call = number(name)
    return [] if call is None else [(_EQUAL, 0, len(body), call), *body]


def _rule(rule: Rule) -> list[_Instruction]:
    # The kernel takes all these arguments as 32-bit ones; both processors are little-endian.
    load = (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * rule.argument)
    denied = _give_error(errno.EPERM)
    if rule.values:
        tests = [(_EQUAL, len(rule.values) - i, 0, value) for i, value in enumerate(rule.values)]
        return [load, *tests, denied, _give(_ALLOW)]
    body: list[_Instruction] = [load]
    if rule.refused:
        body += [(_ANY_BIT, 0, 1, rule.refused), denied]
    if rule.required:  # one bit: any of it is all of it
        body += [(_ANY_BIT, 1, 0, rule.required), denied]
    return [*body, _give(_ALLOW)]


def _ranges(calls: Iterable[int]) -> list[tuple[int, int]]:
    """Numbers that follow each other, as first and last: a filter of ranges is shorter."""
    found: list[tuple[int, int]] = []
    for call in sorted(set(calls)):
        if found and found[-1][1] == call - 1:
            found[-1] = (found[-1][0], call)
        else:
            found.append((call, call))
    return found


def _give(value: int) -> _Instruction:
    return (_RETURN, 0, 0, value)


def _give_error(code: int) -> _Instruction:
    return _give(_ERROR | code)
