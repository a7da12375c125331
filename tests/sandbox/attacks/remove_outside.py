"""Removes, renames and links files outside."""

import os


def attack():
    path = "/tmp/lab/precious/keep"
    for change in (
        lambda: os.unlink(path),
        lambda: os.rename(path, "/tmp/lab/markers/keep"),
        lambda: os.link(path, "/tmp/lab/markers/keep"),
        lambda: os.symlink(path, "/tmp/lab/markers/keep"),
        lambda: os.mkdir("/tmp/lab/markers/folder"),
        lambda: os.mkfifo("/tmp/lab/markers/fifo"),
    ):
        try:
            change()
            return True
        except OSError:
            continue
    return False
