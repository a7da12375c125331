"""Sleeps far beyond every limit."""

import time


def attack():
    time.sleep(100)
