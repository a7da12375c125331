"""Takes 1.5 GiB, by objects and by mappings."""

import mmap


def attack():
    try:
        held = [bytearray(512 << 20) for _ in range(3)]
    except MemoryError:
        pass
    else:
        return len(held) == 3
    try:
        mapped = mmap.mmap(-1, 1536 << 20)
        mapped[::4096] = b"x" * len(mapped[::4096])
    except (OSError, MemoryError, ValueError):
        return False
    return True
