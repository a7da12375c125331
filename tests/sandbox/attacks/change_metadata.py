"""Changes modes, owners and times of files that it can't open, and truncates them."""

import os


def attack():
    path = "/tmp/lab/precious/keep"
    changes = [
        lambda: os.chmod(path, 0o000),
        lambda: os.chown(path, os.getuid(), -1),
        lambda: os.utime(path, (0, 0)),
        lambda: os.truncate(path, 0),
        lambda: os.setxattr(path, "user.x", b"x"),
        lambda: os.chmod(os.__file__, 0o777),
        lambda: os.utime(os.__file__, (0, 0)),
        lambda: os.close(os.open(path, os.O_RDONLY | os.O_TRUNC)),
    ]
    done = False
    for change in changes:
        try:
            change()
            done = True
        except OSError:
            continue
    return done
