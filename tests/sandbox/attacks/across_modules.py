"""Changes builtins and modules, for the next run to suffer from."""

import builtins
import json
import sys

builtins.print = lambda *a, **k: None
builtins.len = lambda x: 0
json.dumps = lambda *a, **k: "{}"
sys.modules["math"] = None
sys.path.insert(0, "/tmp/lab/markers")
# --- next run
import sys


def attack():
    import math

    return len([1]) != 1 or math.floor(1.5) != 1 or "/tmp/lab/markers" in sys.path
