"""rlimits: what one process may use, kept by the kernel."""

from __future__ import annotations

import math
import resource
from collections.abc import Mapping
from typing import Any

__all__ = ["apply"]

_STACK = 512 * 2**20
# A compiled program gives each thread as large a stack as its main thread may have, and that is
# writable private memory whether it is used or not: so a smaller one, and room for sixteen.
_PROGRAM_STACK = 64 * 2**20
_PROGRAM_STACKS = 16 * _PROGRAM_STACK


def apply(limits: Mapping[str, Any], *, address_space: bool) -> None:
    """Limit this process, for good, to these numbers (those of `Limits`, by name).

    Args:
        limits: The numbers.
        address_space: Count memory as address space. Runtimes that reserve much more than they
            use (Java, Node, Go) need the other way: writable private memory.
    """
    memory = int(limits["memory"])
    if address_space:
        _set(resource.RLIMIT_AS, memory)
        # Programs raise it to no limit, and end where they can't. How far this process's stack can
        # grow was settled at exec, and address space is limited.
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (_lower(min(memory, _STACK), hard), hard))
    else:
        _set(resource.RLIMIT_DATA, memory + _PROGRAM_STACKS)
        _set(resource.RLIMIT_STACK, min(memory, _PROGRAM_STACK))
    # A second more than allowed: the zygote ends it at the exact time, this if the zygote can't.
    _set(resource.RLIMIT_CPU, math.ceil(limits["total_cpu_seconds"]) + 1)
    _set(resource.RLIMIT_FSIZE, int(limits["file_bytes"]))
    _set(resource.RLIMIT_NOFILE, int(limits["open_files"]))
    _set(resource.RLIMIT_NPROC, int(limits["processes"]))
    _set(resource.RLIMIT_CORE, 0)  # no dumps: they are files outside, or a program's input
    _set(resource.RLIMIT_MEMLOCK, 0)  # locked memory is not swapped
    _set(resource.RLIMIT_MSGQUEUE, 0)  # queues outlive processes
    _set(resource.RLIMIT_SIGPENDING, 64)  # queued signals are kernel memory


def _set(kind: int, value: int) -> None:
    """Lower a limit; one that is lower already stays."""
    value = _lower(value, resource.getrlimit(kind)[1])
    resource.setrlimit(kind, (value, value))


def _lower(value: int, hard: int) -> int:
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
