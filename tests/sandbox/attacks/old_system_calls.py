"""Enters the kernel by the 32-bit door, where calls have other numbers."""

import ctypes
import mmap
import os
import platform


def attack():
    if platform.machine() != "x86_64":
        return False
    code = bytes.fromhex("b814000000cd80c3")  # mov eax, 20 (getpid there); int 0x80; ret
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid()
