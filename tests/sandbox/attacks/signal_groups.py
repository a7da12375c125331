"""Signals its group, its session and its parent, by every call that sends signals."""

import ctypes
import os
import signal


def attack():
    libc = ctypes.CDLL(None)
    information = ctypes.create_string_buffer(128)
    victims = {0, -1, os.getppid(), -os.getpgid(0), 1, 2} - {os.getpid()}
    results = []
    for victim in victims:
        results.append(libc.kill(victim, signal.SIGSTOP))
        results.append(libc.syscall(200, victim, signal.SIGSTOP))
        results.append(libc.syscall(234, victim, victim, signal.SIGSTOP))
        results.append(libc.syscall(129, victim, signal.SIGSTOP, information))
        results.append(libc.syscall(297, victim, victim, signal.SIGSTOP, information))
        results.append(libc.killpg(abs(victim), signal.SIGSTOP))
    return 0 in results
