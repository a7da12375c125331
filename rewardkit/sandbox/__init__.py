"""Runs untrusted programs: confined, limited, and without a way to forge what they did.

One sandboxed process (the zygote) is started once by exec of a fresh interpreter and confines
itself; each run is a throw-away fork of it. See docs/security.md for what is promised.

    with Sandbox() as sandbox:
        run = sandbox.run("print(sum(map(int, input().split())))", stdin=b"1 2 3")
        assert run.stdout == b"6\\n"
"""

from __future__ import annotations

from rewardkit.errors import SandboxError
from rewardkit.sandbox.box import Isolation, Sandbox
from rewardkit.sandbox.doctor import Report, doctor
from rewardkit.sandbox.outcomes import Binary, Call, Limits, Outcome, Run, Split
from rewardkit.sandbox.plain import Instance
from rewardkit.sandbox.pool import SandboxWarning
from rewardkit.sandbox.session import Session
from rewardkit.sandbox.shared import shared_sandbox

__all__ = [
    "Binary",
    "Call",
    "Instance",
    "Isolation",
    "Limits",
    "Outcome",
    "Report",
    "Run",
    "Sandbox",
    "SandboxError",
    "SandboxWarning",
    "Session",
    "Split",
    "doctor",
    "shared_sandbox",
]
