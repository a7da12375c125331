"""Prints gigabytes, on both streams."""

import os


def attack():
    block = b"x" * (1 << 20)
    for _ in range(2000):
        os.write(1, block)
        os.write(2, block)
    return True
