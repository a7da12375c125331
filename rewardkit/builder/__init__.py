"""The builder of SFT data sets: rollouts in; kept and dropped rows and a manifest out."""

from rewardkit.builder.building import build
from rewardkit.builder.sources import Line, Source, open_source

__all__ = ["Line", "Source", "build", "open_source"]
