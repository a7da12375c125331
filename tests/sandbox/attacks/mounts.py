"""Mounts, unmounts, changes the root, and makes namespaces in which it could."""

import ctypes


def attack():
    libc = ctypes.CDLL(None)
    return any(
        result == 0
        for result in (
            libc.unshare(0x10000000),
            libc.unshare(0x00020000),
            libc.mount(b"none", b"/", None, 32 | 4096, None),
            libc.mount(b"tmpfs", b"/usr", b"tmpfs", 0, None),
            libc.mount(b"proc", b"/tmp", b"proc", 0, None),
            libc.umount2(b"/tmp", 2),
            libc.chroot(b"/"),
            libc.syscall(155, b"/", b"/"),
            libc.setns(0, 0),
        )
    )
