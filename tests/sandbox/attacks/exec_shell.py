"""Starts a shell, by every call that starts a program."""

import ctypes
import os
import subprocess


def attack():
    starts = [
        lambda: os.posix_spawn("/bin/sh", ["sh", "-c", "exit 7"], {}),
        lambda: subprocess.run(["/bin/sh", "-c", "exit 7"], check=False),
        lambda: os.execv("/bin/sh", ["sh", "-c", "echo the attack reached its aim"]),
    ]
    for start in starts:
        try:
            start()
            return True
        except (OSError, subprocess.SubprocessError):
            continue
    arguments = (ctypes.c_char_p * 4)(b"sh", b"-c", b"echo the attack reached its aim", None)
    ctypes.CDLL(None).syscall(322, -100, b"/bin/sh", arguments, None, 0)
    return False
