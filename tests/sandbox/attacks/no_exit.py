"""Leaves a daemon and threads behind when it ends."""

import os
import threading
import time


def attack():
    threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(100)
        return True
    except OSError:
        os._exit(0)
