"""Runs a program with the set-user-id bit."""

import glob
import os
import stat


def attack():
    for path in glob.glob("/usr/bin/*"):
        try:
            if os.stat(path).st_mode & stat.S_ISUID:
                os.posix_spawn(path, [path], {})
                return True
        except OSError:
            continue
    return False
