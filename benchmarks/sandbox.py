"""What the sandbox costs: CPU and wall time a solution of ten tests, in each of its ways.

python benchmarks/sandbox.py [--solutions 200]

CPU time is that of this process and of everything that it started. The plain subprocess, one a
test, is what a grader without a sandbox pays.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rewardkit.sandbox import Sandbox

CALLED = """
def solve(xs):
    total = 0
    for x in xs:
        total += x
    return total
"""
READING = CALLED + "print(solve(map(int, input().split())))\n"
INPUTS = [[i, i + 1, i + 2] for i in range(10)]
STDINS = [" ".join(map(str, xs)).encode() for xs in INPUTS]
TESTS = "\n".join(f"assert solve({xs}) == {sum(xs)}" for xs in INPUTS)


def call(sandbox):
    with sandbox.session(CALLED) as session:
        return all(session.call("solve", [xs]).value == sum(xs) for xs in INPUTS)


def stdin_one_process(sandbox):
    return all(run.ok for run in sandbox.run_tests(READING, STDINS))


def stdin_a_process_each(sandbox):
    return all(sandbox.run(READING, stdin=stdin).ok for stdin in STDINS)


def split(sandbox):
    return sandbox.split(CALLED, TESTS, names=["solve"]).passed


def plain_subprocess(_sandbox):
    return all(
        subprocess.run(
            [sys.executable, "-c", READING], input=stdin, capture_output=True, check=True
        )
        for stdin in STDINS
    )


def descendants():
    """The process ids of everything that this process started, and that lives."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {os.getpid()}
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found - {os.getpid()}
        found |= more


def cpu_seconds():
    """CPU time used by this process, its zygotes and all that those have buried."""
    ticks = 0
    for pid in descendants():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
        except OSError:
            continue
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return ticks / os.sysconf("SC_CLK_TCK") + sum(u.ru_utime + u.ru_stime for u in own)


def measure(name, way, sandbox, solutions):
    way(sandbox)
    cpu, wall = cpu_seconds(), time.perf_counter()
    for _ in range(solutions):
        assert way(sandbox)
    cpu, wall = cpu_seconds() - cpu, time.perf_counter() - wall
    print(f"{name:40} {1000 * cpu / solutions:8.2f} {1000 * wall / solutions:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--solutions", type=int, default=200)
    parser.add_argument("--heap", type=int, default=2048, help="MiB that the caller then holds")
    solutions = parser.parse_args().solutions
    heap = parser.parse_args().heap
    for isolation in ("namespaces", "seccomp"):
        began = time.perf_counter()
        with Sandbox(isolation) as sandbox:
            sandbox.start()
            print(f"{isolation}: started in {time.perf_counter() - began:.3f} s")
            print(f"{'a solution of 10 tests':40} {'CPU ms':>8} {'wall ms':>8}")
            measure("call", call, sandbox, solutions)
            measure("stdin, in one process", stdin_one_process, sandbox, solutions)
            measure("stdin, a process each", stdin_a_process_each, sandbox, solutions // 5)
            measure("asserts, split", split, sandbox, solutions)
            ballast = os.urandom(1 << 20) * heap
            measure(f"call, with {len(ballast) >> 20} MiB in the caller", call, sandbox, solutions)
            del ballast
            for threads in (2, 8):
                with ThreadPoolExecutor(threads) as executor:
                    wall = time.perf_counter()
                    assert all(executor.map(call, [sandbox] * solutions))
                    wall = time.perf_counter() - wall
                    print(f"call, {threads} threads: {solutions / wall:.0f} solutions a second")
    measure("plain subprocess a test", plain_subprocess, None, max(solutions // 40, 1))


if __name__ == "__main__":
    main()
