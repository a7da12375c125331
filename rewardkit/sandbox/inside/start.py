"""Started by exec in a fresh interpreter: makes a zygote of it.

The package's own `__init__` stays unread: it would import what only the parent needs.
"""

from __future__ import annotations

import sys
import types
from pathlib import Path


def _without_init(name: str, folder: Path) -> None:
    package = types.ModuleType(name)
    package.__path__ = [str(folder)]
    sys.modules[name] = package


def _main() -> None:
    folder = Path(__file__).resolve().parent.parent
    _without_init("rewardkit", folder.parent)
    _without_init("rewardkit.sandbox", folder)
    from rewardkit.sandbox.inside.zygote import main

    main(int(sys.argv[1]), int(sys.argv[2]))


if __name__ == "__main__":
    _main()
