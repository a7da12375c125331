"""Starts threads without end."""

import threading
import time


def attack():
    threading.stack_size(65536)
    count = 0
    try:
        for _ in range(8000):
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            count += 1
    except (RuntimeError, MemoryError):
        pass
    return count > 4000
