"""Closes all descriptors and spins."""

import os


def attack():
    os.closerange(0, 1000)
    while True:
        pass
