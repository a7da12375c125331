"""A suite behind HTTP: one server that speaks what trainers speak."""

from __future__ import annotations

from rewardkit.serve.running import serve
from rewardkit.serve.settings import Settings

__all__ = ["Settings", "serve"]
