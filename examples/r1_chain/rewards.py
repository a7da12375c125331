"""The rewards: those of rejection.toml, for GRPO and for what is measured of every model."""

from __future__ import annotations

from pathlib import Path

import rewardkit as rk

REJECTION = Path(__file__).with_name("rejection.toml")


def load_suite() -> rk.Suite:
    """Accuracy, format and language, weighted."""
    suite = rk.load_recipe(REJECTION).suite
    assert suite is not None, f"{REJECTION} has no rewards"
    return suite
