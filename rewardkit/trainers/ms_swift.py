"""Suites as outcome rewards of ms-swift, in a file given as `--external_plugins`.

::

    from swift.plugin import orms

    orms["r1_zero"] = orm(rk.preset("r1-zero"))
"""

from __future__ import annotations

from typing import Any

from rewardkit.composition import Reward
from rewardkit.suites import Suite
from rewardkit.trainers.trl import total

__all__ = ["orm"]


def orm(suite: Suite | Reward, name: str = "total") -> type:
    """A class whose instances score `(completions, **columns)`: the totals, None for none.

    ms-swift makes the instances itself. `messages`, where it is given, is the prompt.
    """
    score = total(suite, name)

    class SuiteORM:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.__name__ = name

        def __call__(self, completions: list[Any], **columns: Any) -> list[float | None]:
            prompts = columns.pop("prompts", columns.get("messages"))
            return score(prompts=prompts, completions=completions, **columns)

    return SuiteORM
