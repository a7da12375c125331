"""Fills the disk: one large file, then very many small ones."""

import os


def attack():
    written = 0
    try:
        for i in range(64):
            with open(f"big{i}", "wb") as file:
                for _ in range(64):
                    written += file.write(b"x" * (1 << 20))
    except OSError:
        pass
    count = 0
    try:
        for i in range(100_000):
            os.close(os.open(f"small{i}", os.O_CREAT | os.O_WRONLY))
            count += 1
    except OSError:
        pass
    return written > (128 << 20) or count > 10_000
