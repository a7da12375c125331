"""Starts a process that outlives the run and looks at the next one."""

import os
import time

try:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100)
        os._exit(0)
except OSError:
    pass
# --- next run
import os


def attack():
    for process in range(2, 2000):
        if process in (os.getpid(), os.getppid()):
            continue
        try:
            os.kill(process, 0)
            return True
        except ProcessLookupError:
            continue
        except OSError:
            continue
    return False
