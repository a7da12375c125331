"""Tries whatever kernels had their holes in: each such call must be refused, not just fail."""

import ctypes
import errno
import platform

REFUSED = (errno.EPERM, errno.ENOSYS)
# userfaultfd, bpf, perf_event_open, io_uring (3), memfd_secret, memfd_create, keyctl (3), splice,
# vmsplice, tee, fanotify_init, inotify_init1, kcmp, personality, modify_ldt, mbind, move_pages,
# migrate_pages, set_mempolicy, remap_file_pages, process_madvise, pidfd_send_signal, seccomp, ...
X86_64 = """
    323 321 298 425 426 427 447 319 248 249 250 275 278 276 300 294 312 135 154 237
    279 256 238 216 440 424 317 310 311 101 303 304 428 429 430 431 432 433 442 444
    445 446 434 438 448 449 453 165 166 155 161 29 30 64 65 68 69 240 241 172
    173 175 313 246 320 167 168 169 179 103 163 170 171 159 164 227 305 153 206 209
    133 259 92 93 94 188 191 197 43 49 50
"""


def attack():
    if platform.machine() != "x86_64":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    room = ctypes.create_string_buffer(4096)
    for call in map(int, X86_64.split()):
        for arguments in ((0, 0, 0, 0, 0, 0), (room, 0, room, 0, 0, 0), (1, room, 4096, 0, 0, 0)):
            refused = libc.syscall(call, *arguments) < 0 and ctypes.get_errno() in REFUSED
            if not refused:
                return True
    return False
