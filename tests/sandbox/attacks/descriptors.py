"""Opens descriptors until there are no more on the machine."""

import os


def attack():
    held = []
    try:
        while len(held) < 4000:
            held.append(os.dup(0))
            held += os.pipe()
    except OSError:
        return False
    return True
