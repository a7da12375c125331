"""What a server is told: where it listens, what it lets in, and for how long it works."""

from __future__ import annotations

import ipaddress
import math
import os
from dataclasses import dataclass, field

from rewardkit.errors import OptionError

__all__ = ["TOKEN", "Settings"]

TOKEN = "REWARDKIT_TOKEN"  # noqa: S105  the name of the variable, not a token
_LARGEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server runs.

    Attributes:
        host: The address that it listens on.
        port: The port; 0 takes a free one.
        token: What clients must show; "" asks for none.
        open_to_all: Listen beyond this machine without a token.
        workers: How many processes score; None is one a core, two at least.
        queue: Most rows that wait to be scored; who asks for more is told to come back (429).
        deadline: Seconds a request may take before it is answered with 504.
        window: Seconds a row waits for others to be scored with.
        body: Most bytes of a request.
        unscored: The number that trainers get where no reward has a score.

    Raises:
        OptionError: A number out of its range, or no token where everyone can connect.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = field(default="", repr=False)
    open_to_all: bool = False
    workers: int | None = None
    queue: int = 10_000
    deadline: float = 60.0
    window: float = 0.002
    body: int = 32 * 2**20
    unscored: float = 0.0

    def __post_init__(self) -> None:
        for name in ("workers", "queue", "deadline", "body"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise OptionError(f"{name} is {value}: it must be more than 0.")
        if not 0 <= self.window < self.deadline:
            raise OptionError(f"window is {self.window}: from 0 to the deadline's seconds.")
        if not 0 <= self.port <= _LARGEST_PORT:
            raise OptionError(f"port is {self.port}: from 0 to {_LARGEST_PORT}.")
        if not math.isfinite(self.unscored):
            raise OptionError(f"unscored is {self.unscored}: trainers take finite numbers.")
        if not (self.token or self.open_to_all or is_loopback(self.host)):
            raise OptionError(
                f"Anyone who reaches {self.host} could have completions scored. Set a token in "
                f"the environment ({TOKEN}), listen on 127.0.0.1, or say --open-to-all."
            )

    @property
    def processes(self) -> int:
        """How many processes score."""
        # With one alone, a row that keeps the interpreter busy would hold up every other.
        return self.workers or max(2, os.cpu_count() or 1)


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
