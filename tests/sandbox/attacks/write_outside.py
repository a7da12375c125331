"""Writes wherever it may: folders for all, beside the interpreter, into the home."""

import os
import sys
import sysconfig


def attack():
    places = ["/tmp/lab/markers", "/var/tmp", "/dev/shm", "/tmp/lab/home", "/etc", "/usr/lib"]
    places += [p for p in sys.path if p] + [sysconfig.get_path("purelib"), sys.prefix, "/"]
    for place in places:
        try:
            with open(os.path.join(place, "rewardkit_attack"), "w") as file:
                file.write("x")
        except OSError:
            continue
        if not place.startswith("/run/tmp"):
            return True
    return False
