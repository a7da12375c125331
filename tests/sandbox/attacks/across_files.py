"""Leaves files, also hidden and unlinked ones, for the next run to find."""

import os

for place in ("/tmp", ".", "/run", "/run/tmp", "/var/tmp", "/dev/shm", "/"):
    try:
        os.makedirs(f"{place}/left", exist_ok=True)
        with open(f"{place}/left/secret", "w") as file:
            file.write("secret")
    except OSError:
        continue
# --- next run
import os


def attack():
    places = ("/tmp", ".", "/run", "/run/tmp", "/var/tmp", "/dev/shm", "/")
    return any(os.path.exists(f"{place}/left") for place in places)
