"""Uses up what the user of all runs may have: processes, pending signals, inodes, pipes."""

import os
import threading
import time

try:
    for _ in range(3000):
        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
except (RuntimeError, MemoryError):
    pass
try:
    while True:
        os.pipe()
except OSError:
    pass
os._exit(0)
# --- next run
import threading


def attack():
    try:
        threads = [threading.Thread(target=int) for _ in range(8)]
        for thread in threads:
            thread.start()
        return False
    except RuntimeError:
        return True
