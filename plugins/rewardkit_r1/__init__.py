"""DeepSeek-R1's recipes as presets, and `accuracy`, the first verifier that has a verdict.

Source: DeepSeek-R1, arXiv:2501.12948, sections 2.2 (R1-Zero), 2.3.2 (language consistency) and
2.3.3 (rejection sampling).
"""

from __future__ import annotations

from pathlib import Path

import rewardkit as rk

_HERE = Path(__file__).parent

accuracy = rk.FirstOf(
    "code",
    "math",
    name="accuracy",
    doc="Is the completion right? The verdict of the first verifier that has one: `code` runs the "
    "row's tests, `math` compares with its answer. Abstains where none can tell.",
)


@rk.hookimpl
def rewardkit_rewards() -> list[rk.Reward]:
    """The reward that R1 calls accuracy."""
    return [accuracy]


@rk.hookimpl
def rewardkit_presets() -> dict[str, Path]:
    """R1's three recipes."""
    names = ("r1-zero", "r1", "r1-rejection-sampling")
    return {name: _HERE / f"{name}.toml" for name in names}
