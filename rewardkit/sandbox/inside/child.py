"""What a child of the zygote does, from the fork to its end."""

from __future__ import annotations

import os
import socket
import traceback
from typing import Any, NoReturn

from rewardkit.sandbox.inside import calls, commands, programs, tests
from rewardkit.sandbox.inside.confinement import Confinement
from rewardkit.sandbox.inside.marker import Marker
from rewardkit.sandbox.linux.calls import close_from
from rewardkit.sandbox.linux.seccomp import Purpose
from rewardkit.sandbox.wire import Channel

__all__ = ["become"]

_CHANNEL, _RULESET = 3, 4
_BROKEN = 97

_PURPOSES: dict[str, Purpose] = {
    "program": "python",
    "session": "python",
    "tests": "python",
    "command": "program",
    "build": "build",
}
_SERVERS = {"program": programs.serve, "session": calls.serve, "tests": tests.serve}


def become(
    job: dict[str, Any], descriptors: list[int], confinement: Confinement, marker: Marker
) -> NoReturn:
    """Be the process of one run: never returns, whatever happens."""
    try:
        _run(job, descriptors, confinement, marker)
    except BaseException:  # noqa: BLE001 - the zygote's code must not go on in a child
        traceback.print_exc()
        os._exit(_BROKEN)
    os._exit(_BROKEN)


def _run(
    job: dict[str, Any], descriptors: list[int], confinement: Confinement, marker: Marker
) -> None:
    purpose = _PURPOSES[job["kind"]]
    _place([*descriptors, confinement.ruleset(purpose)])
    os.setsid()
    channel = Channel(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, _CHANNEL))
    confinement.provide_folder(job["limits"]["file_bytes"])
    task = channel.receive()
    for name in task["files"]:
        commands.write_file(name, channel.receive_bytes())
    ruleset = _RULESET if confinement.ruleset(purpose) >= 0 else -1
    if purpose == "python":
        confinement.hold(job, purpose, ruleset)
        marker.set_and_forget()
        _SERVERS[job["kind"]](channel, task)
    command = commands.found(task["command"])
    if purpose == "build":
        confinement.hold(job, purpose, ruleset)
        marker.set_and_forget()
        commands.build(channel, command)
    confinement.hold(job, purpose, confinement.program_rules(command[0]))
    channel.close()
    marker.set_and_forget()
    os.execv(command[0], command)  # noqa: S606 - it is what was asked for


def _place(descriptors: list[int]) -> None:
    """Put channel, stdin, stdout, stderr and ruleset where they belong; close all others."""
    channel, stdin, stdout, stderr, ruleset = descriptors
    for number, descriptor in enumerate((stdin, stdout, stderr, channel, ruleset)):
        if descriptor >= 0:
            os.dup2(descriptor, number, inheritable=number < _CHANNEL)
    close_from(_RULESET + (ruleset >= 0))
