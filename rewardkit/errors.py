"""Every exception that rewardkit raises.

::

    RewardkitError
    ├── ContractError (TypeError)        a function, suite or call that breaks a contract
    │   ├── OptionError (ValueError)     an option that does not exist or has a wrong value
    │   └── ArrayError (ValueError)      arrays that do not fit each other or the function
    ├── RowError (ValueError)            a row or a file that cannot be read
    ├── RecipeError (ValueError)         a recipe that cannot be read
    ├── UnknownNameError (LookupError)   no reward, filter, preset, ... of this name
    ├── PluginError (ImportError)        a plugin that is broken, or two of one name
    ├── RewardFailedError (RuntimeError) a reward failed, and its term says on_failure="raise"
    ├── WorkerError (RuntimeError)       worker processes that cannot be started
    ├── SandboxError (RuntimeError)      untrusted code that cannot be run here
    └── OutputError (OSError)            a place that cannot be written to

A completion never raises: what is wrong with it is data. What is wrong with a configuration raises
when it is made, not at step 900.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ArrayError",
    "ContractError",
    "OptionError",
    "OutputError",
    "PluginError",
    "RecipeError",
    "RewardFailedError",
    "RewardkitError",
    "RowError",
    "SandboxError",
    "UnknownNameError",
    "WorkerError",
    "nearest",
]


class RewardkitError(Exception):
    """Base class of every error that rewardkit raises."""


class ContractError(RewardkitError, TypeError):
    """A function, a suite or a call breaks a contract."""


class OptionError(ContractError, ValueError):
    """An option that does not exist, has a wrong value, or is missing.

    Attributes:
        option: The first such option's name, where it is one that was given.
    """

    def __init__(self, message: str = "", option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


class ArrayError(ContractError, ValueError):
    """An array of the wrong shape, type, library or device; the message names the argument."""


class RowError(RewardkitError, ValueError):
    """A row or a file that cannot be read; the message names the line."""


class RecipeError(RewardkitError, ValueError):
    """A recipe that cannot be read; the message names the line and what it wants."""


class UnknownNameError(RewardkitError, LookupError):
    """Nothing is registered under this name; the message offers the nearest one."""

    @classmethod
    def among(
        cls, kind: str, name: str, known: Iterable[str], *, hint: str = ""
    ) -> UnknownNameError:
        """Build the message from the `known` names, the nearest one first."""
        known = sorted(known)
        listed = ", ".join(known) or "none"
        return cls(f"No {kind} named {name!r}.{nearest(name, known)} There are: {listed}.{hint}")


class PluginError(RewardkitError, ImportError):
    """A plugin cannot be used, or two plugins claim one name."""


class RewardFailedError(RewardkitError, RuntimeError):
    """A reward failed on a row, and the suite says that this ends the run."""


class WorkerError(RewardkitError, RuntimeError):
    """Worker processes cannot be started here."""


class SandboxError(RewardkitError, RuntimeError):
    """Untrusted code can't be run here; the message says what is missing and how to get it."""


class OutputError(RewardkitError, OSError):
    """A file or folder that cannot be written; nothing half-written is left there."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which of the `known` names was probably meant, or nothing: ` Did you mean 'math'?`."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
