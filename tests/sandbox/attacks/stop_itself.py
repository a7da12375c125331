"""Stops itself, so that nobody who waits for its end ever sees it."""

import os
import signal
import threading
import time


def attack():
    def stop():
        while True:
            os.kill(os.getpid(), signal.SIGSTOP)

    threading.Thread(target=stop, daemon=True).start()
    os.kill(os.getpid(), signal.SIGTSTP)
    time.sleep(60)
    return False
