"""Whole programs: right ones run as an interpreter would run them, wrong ones say why they end."""

import signal
import sys
import textwrap
import threading
import time

import pytest

from rewardkit.errors import OptionError
from rewardkit.sandbox import Limits, Run, Sandbox
from tests.sandbox.patience import patience

SUMS = (b"3\n1 2 3\n", b"6\n")

# Each reads a count and numbers, and prints their sum.
READERS = {
    "input": "input(); print(sum(map(int, input().split())))",
    "read": "import sys\nprint(sum(map(int, sys.stdin.read().split()[1:])))",
    "readlines": "import sys\nprint(sum(map(int, sys.stdin.readlines()[1].split())))",
    "readline": "import sys\nr = sys.stdin.readline\nr()\nprint(sum(map(int, r().split())))",
    "iteration": """
        import sys
        next(sys.stdin)
        for line in sys.stdin: print(sum(map(int, line.split())))
    """,
    "buffer": "import sys\nprint(sum(map(int, sys.stdin.buffer.read().split()[1:])))",
    "buffer lines": """
        import sys
        line = sys.stdin.buffer.readline
        line()
        print(sum(map(int, line().split())))
    """,
    "os.read": "import os\nprint(sum(map(int, os.read(0, 1 << 20).split()[1:])))",
    "os.fstat": """
        import os
        size = os.fstat(0).st_size
        print(sum(map(int, os.read(0, size).split()[1:])))
    """,
    "exit": "input(); print(sum(map(int, input().split()))); exit()",
    "quit": "input(); print(sum(map(int, input().split()))); quit()",
    "stack": """
        import resource
        endless = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_STACK, (endless, endless))
        input(); print(sum(map(int, input().split())))
    """,
    "deep thread": """
        import sys, threading
        sys.setrecursionlimit(10**6)
        threading.stack_size(2**27)
        def depth(n): return n and 1 + depth(n - 1)
        def main():
            input(); print(sum(map(int, input().split())) + depth(30000) - 30000)
        thread = threading.Thread(target=main); thread.start(); thread.join()
    """,
    "large integers": """
        assert len(str(10**5000)) == 5001
        input(); print(sum(map(int, input().split())))
    """,
    "open(0)": "print(sum(map(int, open(0).read().split()[1:])))",
    "open(0), binary": "print(sum(map(int, open(0, 'rb').read().split()[1:])))",
    "fileinput": """
        import fileinput
        lines = list(fileinput.input())
        print(sum(map(int, lines[1].split())))
    """,
    "mmap": """
        import mmap
        data = mmap.mmap(0, 0, prot=mmap.PROT_READ)
        print(sum(map(int, data[:].split()[1:])))
    """,
    "seek": """
        import sys
        sys.stdin.read()
        sys.stdin.seek(0)
        print(sum(map(int, sys.stdin.read().split()[1:])))
    """,
    "os.write": """
        import os
        os.write(1, b"%d\\n" % sum(map(int, os.read(0, 99).split()[1:])))
    """,
    "replaced streams": """
        import io, os, sys
        sys.stdin = io.StringIO(os.read(0, 99).decode())
        sys.stdout = io.StringIO()
        input()
        print(sum(map(int, input().split())))
        os.write(1, sys.stdout.getvalue().encode())
    """,
    "an exit handler that prints": """
        import atexit, io, os, sys
        buffer = io.BytesIO()
        atexit.register(lambda: os.write(1, buffer.getvalue()))
        input()
        buffer.write(b"%d\\n" % sum(map(int, input().split())))
    """,
    "a file that is never closed": """
        out = open(1, "w", closefd=False)
        input()
        out.write(f"{sum(map(int, input().split()))}\\n")
    """,
    "a thread that is never joined": """
        import threading
        def main():
            input()
            print(sum(map(int, input().split())))
        threading.stack_size(1 << 27)
        threading.Thread(target=main).start()
    """,
    "an executor": """
        from concurrent.futures import ThreadPoolExecutor
        input()
        pool = ThreadPoolExecutor(4)
        print(sum(pool.map(int, input().split())))
    """,
    "asyncio": """
        import asyncio
        async def main():
            input()
            print(sum(map(int, input().split())))
        asyncio.run(main())
    """,
    "deep recursion": """
        import sys
        sys.setrecursionlimit(10**6)
        def down(n):
            return 0 if n == 0 else 1 + down(n - 1)
        assert down(10**5) == 10**5
        input()
        print(sum(map(int, input().split())))
    """,
    "sys.exit": "import sys\ninput()\nprint(sum(map(int, input().split())))\nsys.exit(0)",
    "the main guard": """
        from __future__ import annotations
        def main():
            input()
            print(sum(map(int, input().split())))
        if __name__ == "__main__":
            main()
    """,
    "files of its own module": """
        import dataclasses, pickle, __main__
        @dataclasses.dataclass
        class Total:
            value: int
        input()
        total = Total(sum(map(int, input().split())))
        print(pickle.loads(pickle.dumps(total)).value)
    """,
    "alarms": """
        import signal
        signal.signal(signal.SIGALRM, lambda *a: None)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        signal.pause()
        input()
        print(sum(map(int, input().split())))
    """,
}


@pytest.mark.parametrize("reader", READERS)
def test_a_right_program_passes_however_it_reads(sandbox, reader):
    program = textwrap.dedent(READERS[reader])
    stdin, expected = SUMS
    run = sandbox.run(program, stdin=stdin)
    assert (run.outcome, run.stdout, run.stderr) == ("ok", expected, b"")
    for run in sandbox.run_tests(program, [stdin] * 3):
        assert (run.outcome, run.stdout, run.stderr) == ("ok", expected, b"")


def test_a_program_does_not_learn_which_machine_it_is_on(namespaces):
    named = "import os, socket; print(os.uname().nodename, socket.gethostname())"
    assert namespaces.run(named).stdout == b"sandbox sandbox\n"


def test_files_and_arguments_are_where_a_program_looks_for_them(namespaces):
    program = """if 1:
        import os, sys
        print(sys.argv[1:], open("in.txt").read(), os.listdir())
        open("/tmp/out.txt", "w").write("x")
        print(open("out.txt").read(), sorted(os.listdir("/tmp")))
    """
    run = namespaces.run(program, files={"in.txt": b"hello"}, args=["a", "b"])
    assert run.stdout.decode() == "['a', 'b'] hello ['in.txt']\nx ['in.txt', 'out.txt']\n", run


def test_a_prelude_shifts_no_line_and_forbids_no_future(sandbox):
    program = "from __future__ import annotations\nprint(gcd(4, 6))\n1 / 0"
    run = sandbox.run(program, prelude="from math import *\n" * 5)
    assert run.stdout == b"2\n"
    assert b'File "solution.py", line 3' in run.stderr


def test_a_traceback_shows_the_program_and_nothing_of_the_sandbox(sandbox):
    run = sandbox.run("def f():\n    return 1 / 0\nf()")
    assert run.outcome == "exit"
    assert b"return 1 / 0" in run.stderr
    assert b"rewardkit" not in run.stderr


@pytest.mark.parametrize(
    ("program", "outcome", "exit_code"),
    [
        ("", "ok", 0),
        ("import sys; sys.exit()", "ok", 0),
        ("import sys; sys.exit(3)", "exit", 3),
        ("import sys; sys.exit('no')", "exit", 1),
        ("import os; os._exit(4)", "exit", 4),
        ("raise KeyboardInterrupt", "exit", 1),
        ("def", "exit", 1),
        ("\0", "exit", 1),
        ("(" * 10_000, "exit", 1),
        ("import ctypes; ctypes.string_at(0)", "signal", None),
        ("import os; os.abort()", "signal", None),
        ("x = bytearray(3 << 30)", "memory", 1),
        ("while True: pass", "cpu_time", None),
        ("import time; time.sleep(60)", "wall_time", None),
        ("print('x' * (1 << 20))", "output", None),
        ("import sys\nwhile True: sys.stderr.write('x' * 999)", "output", None),
        ("import os, time; os.closerange(0, 99); time.sleep(60)", "wall_time", None),
    ],
)
def test_each_way_to_end_is_told(sandbox, program, outcome, exit_code):
    limits = Limits(cpu_seconds=0.4, wall_seconds=patience(outcome, 1.5), output=1 << 19)
    run = sandbox.run(program, limits=limits)
    assert (run.outcome, run.exit_code) == (outcome, exit_code), run
    assert len(run.stdout) <= limits.output
    assert run.reason


def test_output_is_kept_up_to_the_limit_and_to_the_byte(sandbox):
    size = 3_000_000
    run = sandbox.run(f"print('x' * {size}, end='')", limits=Limits(output=size))
    assert (run.outcome, run.stdout) == ("ok", b"x" * size)


def test_bytes_go_in_and_come_out_unchanged(sandbox):
    data = bytes(range(256)) * 1000
    run = sandbox.run("import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())", stdin=data)
    assert run.stdout == data
    run = sandbox.run("print(input())", stdin=b"\xff\xfe\n")
    assert run.stdout == b"\xff\xfe\n"


def test_what_a_run_used_is_measured(sandbox):
    program = "import time\nt = time.process_time()\nwhile time.process_time() < t + 0.3: pass"
    run = sandbox.run(program)
    assert 0.25 < run.cpu_seconds < 0.6
    assert run.wall_seconds >= run.cpu_seconds * 0.9
    small = sandbox.run("").peak_memory
    assert sandbox.run("x = bytearray(200 << 20)").peak_memory - small > 190 << 20


def test_the_order_of_sets_and_random_numbers_are_the_same_each_time(sandbox):
    program = "import random\nprint(set('abcdefgh'), random.random())"
    assert len({sandbox.run(program).stdout for _ in range(4)}) == 1


# Many tests in one process.


def test_tests_share_a_process_until_one_fails(sandbox):
    program = (
        "import os, time\nx = input()\nassert x != 'bad'\nprint(os.getpid(), time.monotonic())"
    )
    runs = sandbox.run_tests(program, [b"1", b"2", b"bad", b"3"])
    assert [run.outcome for run in runs] == ["ok", "ok", "exit", "ok"]
    assert b"AssertionError" in runs[2].stderr


def test_a_test_never_fails_for_what_an_earlier_one_left_behind(sandbox):
    program = "import builtins\nbuiltins.n = getattr(builtins, 'n', 0) + 1\nprint(builtins.n)"
    runs = sandbox.run_tests(program, [b""] * 5, accept=lambda _, run: run.stdout == b"1\n")
    assert [run.stdout for run in runs] == [b"1\n"] * 5


@pytest.mark.parametrize(
    "spoil",
    [
        "import os; os._exit(0)",
        "import sys; sys.stdout.close()",
        "import os; os.closerange(0, 100)",
        "import os; os.close(1)",
        "while True: pass",
        "import ctypes; ctypes.string_at(0)",
        "import os\nfor i in range(3, 9):\n  try: os.write(i, b'x' * 99)\n  except OSError: pass",
        "import sys; sys.modules.clear()",
        "import threading as t, time; t.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    ],
)
def test_no_test_spoils_another(sandbox, spoil):
    program = (
        "x = input()\nif x == 'spoil':\n  " + spoil.replace("\n", "\n  ") + "\nelse:\n  print(x)"
    )
    limits = Limits(cpu_seconds=0.5, wall_seconds=2)
    runs = sandbox.run_tests(program, [b"1", b"spoil", b"2", b"3"], limits=limits)
    assert [run.stdout for run in (runs[0], *runs[2:])] == [b"1\n", b"2\n", b"3\n"], runs


def test_limits_hold_for_each_test_and_not_for_all_together(sandbox):
    program = "import time\nt = time.process_time()\nwhile time.process_time() < t + 0.25: pass"
    limits = Limits(cpu_seconds=0.5, wall_seconds=10)
    runs = sandbox.run_tests(program, [b""] * 5, limits=limits)
    assert [run.outcome for run in runs] == ["ok"] * 5


def test_stopping_early_ends_at_the_first_failure(sandbox):
    stdins = [b"1", b"2", b"x", b"4"]
    runs = sandbox.run_tests("print(int(input()))", stdins, stop_early=True)
    assert [run.outcome for run in runs] == ["ok", "ok", "exit"]
    runs = sandbox.run_tests("print(int(input()))", [], stop_early=True)
    assert runs == []


def test_eight_threads_at_once_get_each_their_own_results(sandbox):
    wrong = []

    def work(thread):
        for i in range(15):
            text = f"{thread} {i}\n".encode()
            run = sandbox.run("print(input())", stdin=text)
            if run.stdout != text:
                wrong.append(run)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_sleeper_is_no_victim_of_a_busy_machine(sandbox):
    busy = threading.Thread(
        target=sandbox.run, args=("while True: pass",), kwargs={"limits": Limits(cpu_seconds=1)}
    )
    busy.start()
    run = sandbox.run("import time; time.sleep(9)", limits=Limits(wall_seconds=0.8))
    busy.join()
    assert run.outcome == "wall_time"


@pytest.mark.parametrize(
    "numbers",
    [{"cpu_seconds": 0}, {"memory": -1}, {"wall_seconds": float("inf")}, {"output": 0}],
)
def test_limits_must_be_positive_and_finite(numbers):
    with pytest.raises(OptionError, match=next(iter(numbers))):
        Limits(**numbers)


@pytest.mark.parametrize("options", [{"isolation": "docker"}, {"size": 0}])
def test_wrong_options_are_refused(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        Sandbox(**options)


def test_a_reason_reads_as_words():
    assert Run("signal", signal=signal.SIGSEGV).reason == "ended by SIGSEGV"
    assert Run("cpu_time", cpu_seconds=1.5).reason == "out of CPU time after 1.50 s of CPU"


def test_the_time_of_a_run_is_near_its_limit(sandbox):
    began = time.monotonic()
    run = sandbox.run("while True: pass", limits=Limits(cpu_seconds=0.3))
    assert run.outcome == "cpu_time"
    assert 0.3 <= run.cpu_seconds < 0.6
    assert time.monotonic() - began < 5


def test_it_can_be_imported_by_the_interpreter_that_runs_this(sandbox):
    run = sandbox.run("import sys; print(sys.version_info[:2])")
    assert run.stdout.decode().strip() == str(sys.version_info[:2])
