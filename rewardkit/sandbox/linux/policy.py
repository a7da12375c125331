"""Which system calls an untrusted program may make, and why; seccomp.py enforces it.

What is not here fails with EPERM, and what is newer than this list with ENOSYS, so that C
libraries fall back on what they used before. Among what is missing on purpose:

- socket, connect, ...: no network, and no Unix sockets of others;
- ptrace, process_vm_*, pidfd_*, kcmp: no hands on other processes;
- SysV IPC, mq_*, memfd_create, keyctl: nothing that could outlive the run, or hold hidden memory;
- io_uring, bpf, userfaultfd, perf_event_open, splice, urgent bytes: where kernels had their holes;
- unshare, setns, mount, chroot, seccomp, landlock_*: no change of the confinement;
- setsid, setpgid, sched_set*, setpriority, personality: nothing that reaches other
  processes of the same user.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ABSENT",
    "ALWAYS",
    "BUILDING",
    "BUILDING_CALLS",
    "EXECUTING",
    "OWN_PROCESS",
    "PRETENDED",
    "RESTRICTED",
    "SIGNALS",
    "THREADS",
    "WRITING",
    "Rule",
]

OWN_PROCESS = -1
"""Stands for the process's own id in a rule's values."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A call is allowed if its argument (counted from 0) is one of `values`.

    With `flags`, if it has all of `required` and none of `refused` instead.
    """

    argument: int
    values: tuple[int, ...] = ()
    required: int = 0
    refused: int = 0


# Reading and writing what is open, and opening what Landlock and the mounts allow.
_FILES = """
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 open openat close
    close_range lseek stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2
    readlink readlinkat getcwd chdir fchdir getdents getdents64 dup dup2 dup3 pipe pipe2 sendfile
    fadvise64 umask fsync fdatasync ftruncate
"""
# Waiting. asyncio needs these and a socket pair of its own.
_WAITING = """
    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime nanosleep
    clock_nanosleep pause restart_syscall shutdown getsockname getpeername
"""
# mlock is bounded by RLIMIT_MEMLOCK, which is 0.
_MEMORY = "mprotect munmap mremap brk madvise msync mlock munlock"
# Signals to oneself, and timers that send them.
_OWN_SIGNALS = """
    rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend
    sigaltstack alarm getitimer setitimer
"""
# Questions. Those that take a process id answer little, and only within the pid namespace.
_QUESTIONS = """
    clock_gettime clock_getres gettimeofday time times getpid gettid getppid getuid geteuid getgid
    getegid getresuid getresgid getgroups getpgrp getpgid getsid uname sysinfo getrusage getrlimit
    getcpu getpriority sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
    sched_get_priority_min getrandom
"""
# setrlimit can only lower one's own limits.
_RUNNING = """
    exit exit_group futex set_robust_list set_tid_address rseq membarrier sched_yield setrlimit
    arch_prctl wait4 waitid
"""
ALWAYS = tuple(f"{_FILES} {_WAITING} {_MEMORY} {_OWN_SIGNALS} {_QUESTIONS} {_RUNNING}".split())

# Changing the folder of the run. Only where that folder is private and everything else is mounted
# read-only: Landlock does not see chmod and utime, and the user's own files would be in reach.
_FOLDER = """
    rename renameat renameat2 mkdir mkdirat rmdir unlink unlinkat link linkat symlink symlinkat
    creat truncate fallocate chmod fchmod fchmodat utimes utimensat copy_file_range
"""
WRITING = tuple(_FOLDER.split())

_MSG_OOB = 1

# Calls that are harmless with some arguments only.
RESTRICTED = {
    # AF_UNIX: a connected pair reaches nobody else.
    "socketpair": Rule(0, values=(1,)),
    # MSG_OOB: urgent bytes on Unix sockets were a way into the kernel (CVE-2025-38236).
    "sendto": Rule(3, refused=_MSG_OOB),
    "recvfrom": Rule(3, refused=_MSG_OOB),
    "sendmsg": Rule(2, refused=_MSG_OOB),
    "recvmsg": Rule(2, refused=_MSG_OOB),
    # SO_REUSEADDR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_RCVTIMEO, SO_SNDTIMEO; to ask for, also
    # SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN: no filters for the kernel to
    # compile, no pidfd of who is at the other end.
    "setsockopt": Rule(2, values=(2, 7, 8, 9, 20, 21)),
    "getsockopt": Rule(2, values=(2, 3, 4, 7, 8, 9, 20, 21, 30, 38, 39)),
    # MAP_HUGETLB: the machine's huge pages are few, and no limit counts them.
    "mmap": Rule(3, refused=0x40000),
    # F_SETOWN and F_SETSIG send signals of one's choice to any process of the same user; so this
    # is what is needed: dup, flags, locks, dup with close-on-exec, the pipe's size and seals.
    "fcntl": Rule(1, values=(0, 1, 2, 3, 4, 5, 6, 7, 1030, 1032, 1034)),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TCGETS2: nothing that types into a
    # terminal (TIOCSTI) or signals others (FIOSETOWN).
    "ioctl": Rule(1, values=(0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A)),
    # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, all three names; PR_SET_PDEATHSIG would outlive us.
    "prctl": Rule(0, values=(15, 16, 0x53564D41)),
    # One's own limits: another process of the same user could be starved by them.
    "prlimit64": Rule(0, values=(0, OWN_PROCESS)),
}

# Signals to one's own process only: raise() and abort() are tgkill.
SIGNALS = {
    "kill": Rule(0, values=(OWN_PROCESS,)),
    "tgkill": Rule(0, values=(OWN_PROCESS,)),
}

_CLONE_THREAD = 0x00010000
_CLONE_NAMESPACES = 0x7E020000

# Threads, no processes, no namespaces.
THREADS = {"clone": Rule(0, required=_CLONE_THREAD, refused=_CLONE_NAMESPACES)}

# clone3's flags are behind a pointer, where no filter can look: C libraries fall back on clone.
ABSENT = ("clone3",)

# These do nothing and say that they did. A lock on a file of the host's would stop others there,
# and nobody else is in a run's own folder; Java's warning would be in the program's output.
PRETENDED = ("flock",)

# A compiled program is started by exec; Landlock says which files may be.
EXECUTING = ("execve",)

# A compiler starts its parts, in a pid namespace and a folder of its own.
BUILDING = {"clone": Rule(0, refused=_CLONE_NAMESPACES)}
BUILDING_CALLS = ("fork", "vfork", "kill", "tgkill", "execve")
