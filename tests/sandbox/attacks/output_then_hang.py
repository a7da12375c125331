"""Prints up to the limit, and then neither ends nor reads."""

import os
import time


def attack():
    os.write(1, b"x" * (4 << 20))
    time.sleep(100)
