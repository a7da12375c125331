"""Sends descriptors and locks along, to hold on to something of the next run's."""

import fcntl
import os

held = os.open(os.__file__, os.O_RDONLY)
for lock in (fcntl.flock, fcntl.lockf):
    try:
        lock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pass
os.set_inheritable(held, True)
# --- next run
import os


def attack():
    try:
        os.fstat(5)
        return True
    except OSError:
        return False
