"""Lowers the limits, priority, mask and affinity of all that come after it."""

import os
import resource

for process in (0, os.getppid(), 1):
    for kind in range(16):
        try:
            resource.prlimit(process, kind, (1, 1))
        except (OSError, ValueError):
            continue
for attempt in (
    lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19),
    lambda: os.setpriority(os.PRIO_PGRP, 0, 19),
    lambda: os.sched_setaffinity(os.getppid(), {0}),
    lambda: os.umask(0o777),
    lambda: os.putenv("LD_PRELOAD", "/tmp/left.so"),
    lambda: os.chdir("/usr"),
):
    try:
        attempt()
    except OSError:
        pass
# --- next run
import os
import resource


def attack():
    low = [kind for kind in range(16) if resource.getrlimit(kind)[1] == 1]
    umask = os.umask(0o022)
    return bool(low) or umask == 0o777 or "LD_PRELOAD" in os.environ or os.getcwd() == "/usr"
