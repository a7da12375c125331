"""The Linux mechanisms: tables agree with the kernel's headers, filters with the policy."""

import re
import struct
from pathlib import Path

import pytest

from rewardkit.sandbox.linux import landlock, policy, seccomp
from rewardkit.sandbox.linux.numbers import NEWEST, NUMBERS, number

GENERIC = Path("/usr/include/asm-generic/unistd.h")
X86_64 = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")


def header(path):
    if not path.exists():
        pytest.skip(f"there is no {path}")
    text = path.read_text()
    found = {name: int(n) for name, n in re.findall(r"#define __NR_(\w+)\s+(\d+)", text)}
    shared = {n: int(v) for n, v in re.findall(r"#define __NR3264_(\w+)\s+(\d+)", text)}
    shared["newfstatat"] = shared.pop("fstatat", None)
    return found | {name: value for name, value in shared.items() if value is not None}


@pytest.mark.parametrize(("path", "column"), [(X86_64, 0), (GENERIC, 1)])
def test_the_numbers_are_those_of_the_kernels_headers(path, column):
    known = header(path)
    for name, columns in NUMBERS.items():
        assert columns[column] == known.get(name), name
        assert (columns[column] or 0) <= NEWEST


def names_in_policy():
    groups = (policy.ALWAYS, policy.WRITING, policy.RESTRICTED, policy.SIGNALS, policy.THREADS)
    groups += (policy.ABSENT, policy.EXECUTING, policy.BUILDING, policy.BUILDING_CALLS)
    groups += (policy.PRETENDED,)
    return {name for group in groups for name in group}


def test_every_call_of_the_policy_has_a_number_and_every_number_a_use():
    own = {"capset", "close_range", "landlock_add_rule", "landlock_create_ruleset"}
    own |= {"landlock_restrict_self", "mount_setattr", "pidfd_open", "pivot_root", "seccomp"}
    assert names_in_policy() <= set(NUMBERS)
    assert set(NUMBERS) - names_in_policy() - own <= {"execveat"}


def run_filter(code, call, *arguments, architecture=0xC000003E):
    """What the kernel would answer: a BPF interpreter of the five instructions that are used."""
    data = struct.pack("IIQ6Q", call, architecture, 0, *arguments, *[0] * (6 - len(arguments)))
    at = loaded = 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("HBBI", code, 8 * at)
        at += 1
        if operation == 0x06:
            return value
        if operation == 0x20:
            (loaded,) = struct.unpack_from("I", data, value)
            continue
        true = {
            0x15: loaded == value,
            0x35: loaded >= value,
            0x45: bool(loaded & value),
        }[operation]
        at += if_true if true else if_false


ALLOWED, DENIED, MISSING, KILLED = 0x7FFF0000, 0x50001, 0x50026, 0x80000000
PRETENDED = 0x50000  # an error number of 0: it went well


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("purpose", ["python", "program", "build"])
@pytest.mark.parametrize("private", [True, False])
def test_the_filter_is_the_policy_on_both_processors(monkeypatch, machine, purpose, private):
    monkeypatch.setattr("rewardkit.sandbox.linux.numbers.platform.machine", lambda: machine)
    architecture = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[machine]
    code = seccomp.filter_for(purpose, private_folder=private).code

    def answer(name, *arguments):
        return run_filter(code, number(name), *arguments, architecture=architecture)

    allowed = set(policy.ALWAYS)
    allowed |= set(policy.WRITING) if private else set()
    allowed |= {"execve"} if purpose != "python" else set()
    allowed |= set(policy.BUILDING_CALLS) if purpose == "build" else set()
    special = {*policy.RESTRICTED, *policy.SIGNALS, *policy.THREADS, *policy.ABSENT}
    special |= set(policy.PRETENDED)
    for name in NUMBERS:
        if number(name) is None or name in special - allowed:
            continue
        assert answer(name) == (ALLOWED if name in allowed else DENIED), name
    assert answer("clone3") == MISSING
    assert answer("flock") == PRETENDED
    assert answer("clone", 0x10F00) == ALLOWED
    assert answer("clone", 17) == (ALLOWED if purpose == "build" else DENIED)
    assert answer("clone", 0x10F00 | 0x10000000) == DENIED
    assert answer("socketpair", 1) == ALLOWED
    assert answer("socketpair", 2) == DENIED
    assert answer("fcntl", 0, 3) == ALLOWED
    assert answer("fcntl", 0, 8) == DENIED
    assert answer("ioctl", 0, 0x5412) == DENIED
    assert answer("mmap", 0, 4096, 3, 0x22) == ALLOWED
    assert answer("mmap", 0, 4096, 3, 0x40022) == DENIED
    assert answer("sendmsg", 0, 0, 0x4000) == ALLOWED
    assert answer("sendto", 0, 0, 1, 1) == DENIED
    assert answer("recvmsg", 0, 0, 1) == DENIED
    assert answer("setsockopt", 0, 1, 7) == ALLOWED
    assert answer("setsockopt", 0, 1, 26) == DENIED
    assert answer("getsockopt", 0, 1, 77) == DENIED
    assert answer("prlimit64", 0) == ALLOWED
    assert answer("prlimit64", 1) == DENIED
    assert run_filter(code, NEWEST + 1, architecture=architecture) == MISSING
    assert run_filter(code, 0, architecture=0x40000003) == KILLED
    if machine == "x86_64":
        assert run_filter(code, 0x40000000, architecture=architecture) == KILLED


def test_truncation_that_landlock_does_not_see_is_denied():
    code = seccomp.filter_for("python", private_folder=False, truncation_unseen=True).code
    if number("open") is None:
        pytest.skip("only x86_64 has open")
    assert run_filter(code, number("open"), 0, 0o1000) == DENIED
    assert run_filter(code, number("openat"), 0, 0, 0o1001) == DENIED
    assert run_filter(code, number("openat"), 0, 0, 0) == ALLOWED


def test_landlock_has_a_version_or_none():
    assert landlock.version() >= 0
