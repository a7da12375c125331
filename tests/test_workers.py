"""Workers: every claim of rewardkit.workers, each by what happens to a real process."""

import contextlib
import ctypes
import gc
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from pathlib import Path

import pytest

from rewardkit.errors import OptionError, WorkerError
from rewardkit.workers import Outcome, WorkerPool, packing, shared_pool
from rewardkit.workers import launch as launch_module
from rewardkit.workers.calls import Call
from rewardkit.workers.slot import Slot

ROOT = Path(__file__).parent.parent
MIB = 2**20
LATE = 3.0  # seconds that a loaded machine may be late; a quiet one is not 0.3 s late

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture(scope="module")
def pool():
    pool = WorkerPool(2)
    yield pool
    pool.close()


@pytest.fixture
def make_pool():
    pools = []

    def make(*args, **options):
        pools.append(WorkerPool(*args, **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


def values(outcomes):
    assert [outcome.error for outcome in outcomes] == [""] * len(outcomes)
    return [outcome.value for outcome in outcomes]


def kinds(outcomes):
    return [outcome.kind for outcome in outcomes]


def is_alive(pid):
    """Whether the process runs; a zombie doesn't."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def run_script(tmp_path, code):
    """Start a Python script of its own, which finds rewardkit here."""
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(code))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "always::ResourceWarning"}
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
    return subprocess.Popen([sys.executable, str(path)], env=env, text=True, **pipes)


def output_of(tmp_path, code):
    with run_script(tmp_path, code) as process:
        output, errors = process.communicate("for the parent", timeout=30)
    assert process.returncode == 0, errors
    assert "ResourceWarning" not in errors
    return output, errors


# Values in, outcomes out.


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8, 9, 100, 3000])
def test_there_is_one_outcome_an_item_in_the_items_order(pool, count):
    assert values(pool.map(lambda x: x * x, range(count))) == [x * x for x in range(count)]


def test_items_of_very_different_durations_keep_their_order(pool):
    items = [0.03 if i % 9 == 0 else 0.0 for i in range(60)]
    outcomes = pool.map(lambda item: (time.sleep(item[1]), item[0])[1], list(enumerate(items)))
    assert values(outcomes) == list(range(60))


def test_any_result_that_pickles_comes_back(pool):
    for value in [None, True, 1.5, "é\0", b"x" * 3_000_000, {"a": [1, (2,)]}, ValueError("v")]:
        [result] = values(pool.map(lambda x: x, [value]))
        assert repr(result) == repr(value)


def test_large_items_go_in_several_chunks(pool):
    items = [bytes([i]) * 700_000 for i in range(12)]
    assert values(pool.map(lambda x: (x[0], len(x)), items)) == [(i, 700_000) for i in range(12)]


def test_items_that_share_an_object_are_pickled_each_on_its_own(pool):
    shared = ["a", {"b": "c"}]
    assert values(pool.map(lambda x: x, [shared] * 5)) == [shared] * 5


@posix
def test_garbage_in_the_channel_is_an_outcome(make_pool):
    def garble(x):
        if x == 0:
            for descriptor in range(3, 256):
                with contextlib.suppress(OSError):
                    os.write(descriptor, b"\0\0\0\1x")
        return x

    outcomes = make_pool(1).map(garble, [0, 1])
    assert outcomes[0].kind == "died"
    assert "can't be used: UnpicklingError" in outcomes[0].error


def test_the_time_that_an_item_took_is_reported(pool):
    [outcome] = pool.map(lambda x: time.sleep(0.05), [0])
    assert 0.04 < outcome.seconds < LATE


def test_a_result_whose_class_lives_in_the_function_comes_back(pool):
    class Point:
        def __init__(self, x):
            self.x = x

    [point] = values(pool.map(lambda x: Point(x), [3]))
    assert isinstance(point, Point)
    assert point.x == 3


def test_workers_stay_for_the_next_call(make_pool):
    pool = make_pool(1)
    first = values(pool.map(lambda _: os.getpid(), [0]))
    assert values(pool.map(lambda _: os.getpid(), [0])) == first


def test_a_function_is_loaded_once_in_a_worker(make_pool):
    pool = make_pool(1)
    seen = []

    def count(_):
        seen.append(0)
        return len(seen)

    assert values(pool.map(count, [0])) == [1]
    assert values(pool.map(count, [0])) == [2]


def test_more_functions_than_a_worker_keeps_work(make_pool):
    pool = make_pool(1)
    for _ in range(2):
        for i in range(40):
            assert values(pool.map(lambda x, i=i: x + i, [1])) == [1 + i]


@pytest.mark.parametrize("bad", [0, -1, float("nan")])
def test_numbers_that_are_not_positive_are_refused(pool, bad):
    with pytest.raises(OptionError, match="size"):
        WorkerPool(bad)
    with pytest.raises(OptionError, match="memory"):
        WorkerPool(1, memory=bad)
    with pytest.raises(OptionError, match="deadline"):
        pool.map(len, ["x"], deadline=bad)


# Functions that raise, and things that can't be pickled.


def test_an_exception_is_an_outcome_with_its_traceback(pool):
    def fail(x):
        raise ValueError(f"bad {x}\nmore")

    [outcome] = pool.map(fail, ["x"])
    assert (outcome.kind, outcome.error, outcome.value) == ("raised", "ValueError: bad x", None)
    assert "in fail" in outcome.traceback
    assert "process.py" not in outcome.traceback


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_no_exception_of_a_function_ends_its_worker(make_pool, name):
    pool = make_pool(1)
    [before] = values(pool.map(lambda _: os.getpid(), [0]))

    def leave(_):
        raise getattr(__import__("builtins"), name)(3)

    assert [outcome.error for outcome in pool.map(leave, [0])] == [f"{name}: 3"]
    assert values(pool.map(lambda _: os.getpid(), [0])) == [before]


def test_an_exception_that_cannot_be_shown_is_an_outcome(pool):
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    def fail(_):
        raise MuteError

    assert [outcome.error for outcome in pool.map(fail, [0])] == ["MuteError"]


def test_a_result_that_cannot_be_pickled_says_so(pool):
    [bad, good] = pool.map(lambda x: threading.Lock() if x else 1, [True, False])
    assert bad.kind == "raised"
    assert re.match("the result can't be pickled: TypeError: .*lock", bad.error)
    assert good.value == 1


def test_an_item_that_cannot_be_pickled_fails_alone(pool):
    outcomes = pool.map(lambda x: x, [1, threading.Lock(), 3])
    assert kinds(outcomes) == ["ok", "unstartable", "ok"]
    assert "the item can't be pickled: TypeError" in outcomes[1].error
    assert kinds(pool.map(lambda x: x, [threading.Lock()])) == ["unstartable"]


def test_an_item_that_cannot_be_read_fails_alone(pool):
    class Trap:
        def __setstate__(self, state):
            raise ValueError("trap")

    trap = Trap()
    trap.x = 1
    outcomes = pool.map(lambda x: 1, [0, trap, 0])
    assert kinds(outcomes) == ["ok", "raised", "ok"]
    assert outcomes[1].error == "the item can't be unpickled: ValueError: trap"


def test_a_result_that_the_parent_cannot_read_fails_alone(pool):
    class Trap:
        def __setstate__(self, state):
            raise ValueError("trap")

    def make(x):
        trap = Trap()
        trap.x = 1
        return trap if x else 2

    outcomes = pool.map(make, [True, False])
    assert outcomes[0].error == "the result can't be unpickled: ValueError: trap"
    assert outcomes[1].value == 2


def test_a_function_that_cannot_be_pickled_starts_nothing(pool):
    lock = threading.Lock()
    outcomes = pool.map(lambda x: lock, [1, 2])
    assert kinds(outcomes) == ["unstartable"] * 2
    assert "the function can't be pickled: TypeError" in outcomes[0].error


def loading(action):
    """A function that does something while it is loaded, sent by value."""

    class Function:
        def __init__(self):
            self.action = action

        def __setstate__(self, state):
            state["action"]()

        def __call__(self, item):
            return item

    return Function()


def count_starts(monkeypatch):
    starts = []
    command = launch_module.command
    monkeypatch.setattr(launch_module, "command", lambda *a: starts.append(0) or command(*a))
    return starts


def test_a_function_that_cannot_be_loaded_ends_the_call_with_the_cause(make_pool, monkeypatch):
    starts = count_starts(monkeypatch)

    def fail():
        raise ImportError("no module named heaven")

    outcomes = make_pool(1).map(loading(fail), range(20))
    assert kinds(outcomes) == ["unstartable"] * 20
    assert outcomes[7].error == (
        "the function can't be loaded in a worker: ImportError: no module named heaven"
    )
    assert "in fail" in outcomes[7].traceback
    assert len(starts) == 1


def test_a_function_whose_loading_kills_the_worker_is_not_tried_for_ever(make_pool, monkeypatch):
    starts = count_starts(monkeypatch)
    outcomes = make_pool(1).map(loading(lambda: os._exit(7)), range(20))
    assert kinds(outcomes) == ["unstartable"] * 20
    assert outcomes[0].error == "the worker died (exit code 7) while loading the function"
    assert len(starts) == 2


def test_a_function_that_loads_for_ever_is_given_up_in_time(make_pool):
    pool = make_pool(1, start_timeout=1.0)
    begun = time.monotonic()
    outcomes = pool.map(loading(lambda: 9**9**9), [1, 2])
    assert time.monotonic() - begun < 1.0 + LATE
    assert [o.error for o in outcomes] == [
        "the worker took over 1 s while loading the function"
    ] * 2
    assert values(pool.map(lambda x: x, [1])) == [1]


def test_workers_that_cannot_start_end_the_call_with_the_cause(make_pool, monkeypatch):
    monkeypatch.setattr(launch_module, "command", lambda *a: ["/nonexistent/python"])
    outcomes = make_pool(2).map(lambda x: x, range(5))
    assert kinds(outcomes) == ["unstartable"] * 5
    assert "no worker can be started: FileNotFoundError" in outcomes[0].error


def test_a_process_that_ends_at_once_is_not_started_for_ever(make_pool, monkeypatch):
    starts = []
    command = [sys.executable, "-c", "raise SystemExit(5)"]
    monkeypatch.setattr(launch_module, "command", lambda *a: starts.append(0) or command)
    outcomes = make_pool(1).map(lambda x: x, range(5))
    assert outcomes[4].error == "the worker died (exit code 5) while starting"
    assert len(starts) == 2


def test_without_an_interpreter_the_outcome_says_so(make_pool, monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    [outcome] = make_pool(1).map(lambda x: x, [0])
    assert "sys.executable is empty" in outcome.error


def test_packing_is_true_only_while_something_is_pickled_for_a_worker(pool):
    def note(was_packing):
        return was_packing

    class Watcher:
        def __reduce__(self):
            return note, (packing(),)

    assert not packing()
    assert values(pool.map(lambda x: x, [Watcher()])) == [True]
    assert not packing()
    assert not any(values(pool.map(lambda x: packing(), [0])))


# Deadlines.


def test_what_a_call_has_no_time_left_for_has_run_out_of_time(make_pool):
    began = time.monotonic()
    outcomes = make_pool(1).map(time.sleep, [30, 30, 0], within=0.5)
    assert kinds(outcomes) == ["timeout"] * 3
    assert time.monotonic() - began < 20  # they would take 60


def test_the_start_of_a_worker_is_part_of_the_time_of_a_call(make_pool, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(Slot, "_start", lambda _: over.wait(10.0) and False)
    assert kinds(make_pool(1).map(abs, [-1], within=0.2)) == ["timeout"]
    over.set()


def test_after_a_call_ran_out_of_time_its_worker_is_replaced(make_pool):
    pool = make_pool(1)
    pool.map(time.sleep, [30], within=0.5)
    assert values(pool.map(abs, [-1])) == [1]


@pytest.mark.parametrize(
    "hang",
    [
        lambda: 9**9**9,  # holds the GIL
        lambda: re.match("(a+)+b", "a" * 60),
        lambda: time.sleep(60),
        lambda: signal.pause(),
    ],
    ids=["power", "regex", "sleep", "pause"],
)
@posix
def test_whatever_an_item_does_it_ends_at_its_deadline(pool, hang):
    pool.map(lambda x: x, [0, 0])
    begun = time.monotonic()
    outcomes = pool.map(lambda x: hang() if x == 2 else x, range(6), deadline=0.3)
    assert 0.3 <= time.monotonic() - begun < 0.3 + LATE
    assert kinds(outcomes) == ["ok", "ok", "timeout", "ok", "ok", "ok"]
    assert outcomes[2].error == "ran out of time: over 0.3 s"
    assert outcomes[2].seconds >= 0.3


def test_on_a_quiet_machine_a_deadline_is_overrun_by_less_than_a_third_of_a_second(pool):
    overruns = [pool.map(lambda x: 9**9**9, [0], deadline=0.1)[0].seconds - 0.1 for _ in range(4)]
    assert min(overruns) < 0.3  # the least: the machine may be busy


def test_deadlines_of_several_items_pass_at_once_and_nothing_is_lost(make_pool):
    pool = make_pool(4)
    hanging = {3, 4, 5, 40}
    begun = time.monotonic()
    outcomes = pool.map(lambda x: time.sleep(60) if x in hanging else x, range(60), deadline=1.0)
    seconds = time.monotonic() - begun
    assert {i for i, kind in enumerate(kinds(outcomes)) if kind == "timeout"} == hanging
    assert all(o.value == i for i, o in enumerate(outcomes) if i not in hanging)
    assert seconds < 3.5, "they are neighbours, but must not wait for each other"


def test_a_slow_item_does_not_hold_up_those_behind_it_and_none_is_run_twice(pool, tmp_path):
    file = tmp_path / "runs"

    def finish(x):
        time.sleep(1.0 if x == 0 else 0)
        with file.open("a") as runs:
            runs.write(f"{x}\n")
        return time.monotonic()

    first, *others = values(pool.map(finish, range(8)))
    assert max(others) < first
    pool.map(lambda x: time.sleep(0.2), [0, 1])
    assert sorted(file.read_text().split()) == [str(x) for x in range(8)]


def test_an_item_that_ends_after_its_deadline_but_before_its_kill_is_late(make_pool, monkeypatch):
    monkeypatch.setattr(Slot, "look", lambda *_: math.inf)
    assert kinds(make_pool(1).map(lambda x: time.sleep(0.2), [0], deadline=0.1)) == ["timeout"]


def test_only_the_first_outcome_of_an_item_counts():
    call = Call(b"", b"", [], ["a", "b"], None, threading.Condition())
    with call.finished:
        call.settle(0, Outcome(1))
        call.settle(0, Outcome(2))
        assert (call.left, call.outcomes) == (1, [Outcome(1), None])
        call.give_back([0, 1])
    assert call.pending.popleft() == 1


def test_a_deadline_counts_for_each_item_on_its_own(pool):
    assert values(pool.map(lambda x: time.sleep(0.1), range(12), deadline=0.8)) == [None] * 12


def test_starting_and_loading_are_no_part_of_a_deadline(make_pool):
    slow = loading(lambda: time.sleep(0.5))
    assert values(make_pool(1).map(slow, [1, 2], deadline=0.2)) == [1, 2]


def test_waiting_for_a_worker_is_no_part_of_a_deadline(make_pool):
    pool = make_pool(1)
    thread = threading.Thread(target=lambda: pool.map(lambda x: time.sleep(0.6), [0]))
    thread.start()
    assert values(pool.map(lambda x: x, [1], deadline=0.3)) == [1]
    thread.join()


def test_reading_an_item_and_pickling_its_result_are_part_of_its_deadline(pool):
    class Slow:
        def __getstate__(self):
            return {"slow": slow}

        def __setstate__(self, state):
            if state["slow"]:
                time.sleep(60)

    class SlowResult:
        def __reduce__(self):
            time.sleep(60)

    slow = True
    assert kinds(pool.map(lambda x: 1, [Slow(), 0], deadline=0.3)) == ["timeout", "ok"]
    result = pool.map(lambda x: SlowResult() if x else 1, [1, 0], deadline=0.3)
    assert kinds(result) == ["timeout", "ok"]


def test_a_worker_that_loads_slowly_does_not_delay_the_deadlines_of_others(make_pool):
    pool = make_pool(2)
    slow = loading(lambda: time.sleep(2.5))
    thread = threading.Thread(target=lambda: pool.map(slow, [0]))
    thread.start()
    begun = time.monotonic()
    assert kinds(pool.map(lambda x: 9**9**9, [0], deadline=0.3)) == ["timeout"]
    assert time.monotonic() - begun < 2.0
    thread.join()


@linux
def test_what_a_function_started_ends_with_it(pool, tmp_path):
    file = tmp_path / "pid"

    def start(_):
        file.write_text(str(subprocess.Popen(["sleep", "60"]).pid))
        time.sleep(60)

    assert kinds(pool.map(start, [0], deadline=1.0)) == ["timeout"]
    wait_until(lambda: not is_alive(int(file.read_text())))


def test_waiting_for_a_deadline_costs_no_processor_time(pool):
    pool.map(lambda x: x, [0])
    before = time.process_time()
    pool.map(lambda x: time.sleep(0.8), [0, 1], deadline=5)
    assert time.process_time() - before < 0.1


# Workers that die.


@posix
@pytest.mark.parametrize(
    ("end", "error"),
    [
        (lambda: ctypes.string_at(0), "the worker died (SIGSEGV)"),
        (lambda: os._exit(3), "the worker died (exit code 3)"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "the worker died (SIGKILL)"),
        (lambda: os.abort(), "the worker died (SIGABRT)"),
        (
            lambda: (os.closerange(3, 100), time.sleep(60)),
            "the worker died (it closed its channel)",
        ),
    ],
    ids=["segfault", "exit", "kill", "abort", "close"],
)
def test_an_item_that_kills_its_worker_is_the_only_one_to_fail(pool, end, error):
    outcomes = pool.map(lambda x: end() if x == 4 else x, range(10))
    assert kinds(outcomes) == ["ok"] * 4 + ["died"] + ["ok"] * 5
    assert outcomes[4].error == error


@linux
def test_a_worker_killed_from_outside_fails_the_item_it_was_at(pool, tmp_path):
    file = tmp_path / "pid"

    def work(x):
        if x == 1:
            file.write_text(str(os.getpid()))
            time.sleep(60)
        return x

    def kill():
        wait_until(lambda: file.exists() and file.read_text())
        os.kill(int(file.read_text()), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    outcomes = pool.map(work, range(4))
    thread.join()
    assert kinds(outcomes) == ["ok", "died", "ok", "ok"]


@linux
def test_a_worker_killed_while_it_is_idle_costs_no_item(make_pool):
    pool = make_pool(1)
    for _ in range(4):
        [pid] = values(pool.map(lambda _: os.getpid(), [0]))
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: not is_alive(pid))


@posix
@pytest.mark.parametrize("through_python", [True, False])
def test_a_dead_worker_is_noticed_although_its_child_lives_on(pool, tmp_path, through_python):
    file = tmp_path / "pid"

    def leave_child(_):
        # C's fork calls no Python hooks, so that the child keeps the channel open.
        if not (pid := os.fork() if through_python else ctypes.PyDLL(None).fork()):
            os.setsid()
            time.sleep(30)
            os._exit(0)
        file.write_text(str(pid))
        os._exit(9)

    begun = time.monotonic()
    [outcome] = pool.map(leave_child, [0])
    os.kill(int(file.read_text()), signal.SIGKILL)
    assert outcome.error == "the worker died (exit code 9)"
    assert time.monotonic() - begun < 10


@posix
def test_a_fork_that_returns_from_the_function_answers_nothing(pool):
    def fork(x):
        return os.fork() == 0

    assert values(pool.map(fork, range(5))) == [False] * 5


# Memory.


@linux
def test_an_item_that_needs_too_much_memory_fails_and_its_worker_is_replaced(make_pool):
    pool = make_pool(1, memory=512 * MIB)

    def eat(x):
        if x == 1:
            bytearray(10_000 * MIB)
        if x == 2:
            _ = [bytearray(MIB) for _ in range(2000)]
        return os.getpid()

    first, wide, many, last = pool.map(eat, range(4))
    assert kinds([first, wide, many, last]) == ["ok", "raised", "raised", "ok"]
    assert wide.error == many.error == "out of memory (cap 512 MiB)"
    assert first.value != last.value


@linux
def test_address_space_that_is_only_reserved_is_not_counted(make_pool):
    def reserve(_):
        import mmap

        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        mmap.mmap(-1, 4000 * MIB, flags=flags, prot=mmap.PROT_READ).close()

    assert values(make_pool(1, memory=512 * MIB).map(reserve, [0])) == [None]


@linux
def test_a_cap_that_python_itself_does_not_fit_in_is_an_outcome(make_pool):
    assert kinds(make_pool(1, memory=1 * MIB).map(lambda x: x, [0])) == ["unstartable"]


# The process that they belong to.


def test_an_unguarded_script_is_not_run_again_and_prints_go_to_standard_error(tmp_path):
    output, errors = output_of(
        tmp_path,
        """
        from dataclasses import dataclass
        from rewardkit.workers import shared_pool

        print("the script runs")

        @dataclass
        class Row:
            x: int

        FACTOR = 3

        def reward(row):
            import os, sys
            print("noise")
            os.write(1, b"noise")
            return Row(FACTOR * row.x), sys.stdin.read()

        print([outcome.value for outcome in shared_pool(2).map(reward, [Row(1), Row(2)])])
        """,
    )
    assert output == "the script runs\n[(Row(x=3), ''), (Row(x=6), '')]\n"
    assert errors.count("noise") == 4


def test_a_worker_imports_what_its_parent_can(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "far_away.py").write_text("def reward(x):\n    return x + 1\n")
    output, _ = output_of(
        tmp_path,
        f"""
        import sys
        from rewardkit.workers import shared_pool
        shared_pool(1).map(len, ["a worker that started before"])
        sys.path.append({str(folder)!r})
        import far_away
        print(shared_pool(1).map(far_away.reward, [1])[0].value)
        """,
    )
    assert output == "2\n"


ORPHANS = """
import sys, os, time
from rewardkit.workers import shared_pool
from rewardkit.workers import launch
{patch}
def hang(_):
    import os
    print(os.getpid(), file=sys.stderr, flush=True)
    {hang}
shared_pool(1).map(hang, [0], deadline={deadline})
"""

UNTIED = """
real = launch.command
def command(*arguments):
    code = ("import rewardkit.workers.process as p, sys; p.die_with_parent = lambda _: False;"
            "p._GRACE_SECONDS = 0.5; p.main(sys.argv[1:])")
    return [sys.executable, "-c", code, *real(*arguments)[-4:]]
launch.command = command
"""


@linux
@pytest.mark.parametrize(
    ("patch", "hang", "deadline"),
    [
        ("", "9**9**9", None),
        (UNTIED, "time.sleep(60)", None),
        (UNTIED, "while True: pass", None),
        (UNTIED, "9**9**9", 1.0),
    ],
    ids=["kernel", "thread-sleep", "thread-loop", "backstop"],
)
def test_no_worker_outlives_a_parent_that_is_killed(tmp_path, patch, hang, deadline):
    code = ORPHANS.format(patch=patch, hang=hang, deadline=deadline)
    with run_script(tmp_path, code) as parent:
        worker = int(parent.stderr.readline())
        time.sleep(0.3)  # let it get into its loop
        assert is_alive(worker)
        parent.kill()
        parent.wait()
        wait_until(lambda: not is_alive(worker))


@linux
def test_a_parent_that_exits_takes_its_busy_workers_along(tmp_path):
    code = """
    import sys, threading, time
    from rewardkit.workers import WorkerPool
    pool = WorkerPool(1)
    [first] = pool.map(lambda _: __import__("os").getpid(), [0])
    print(first.value, flush=True)
    hang = lambda _: 9**9**9
    threading.Thread(target=lambda: pool.map(hang, [0]), daemon=True).start()
    time.sleep(0.2)
    """
    begun = time.monotonic()
    assert not is_alive(int(output_of(tmp_path, code)[0]))
    assert time.monotonic() - begun < 10


@linux
def test_a_pool_that_is_closed_or_forgotten_ends_its_workers():
    for end in (lambda pool: pool.close(), lambda pool: None):
        pool = WorkerPool(2)
        pids = set(values(pool.map(lambda _: (time.sleep(0.2), os.getpid())[1], [0, 1])))
        end(pool)
        del pool
        gc.collect()
        wait_until(lambda pids=pids: not any(is_alive(pid) for pid in pids))


def test_closing_ends_a_call_in_another_thread():
    pool = WorkerPool(2)
    outcomes = []
    calling = threading.Thread(
        target=lambda: outcomes.extend(pool.map(lambda x: time.sleep(60) if x else 7, [0, 1, 1]))
    )
    calling.start()
    time.sleep(0.5)
    begun = time.monotonic()
    pool.close()
    calling.join(10)
    assert not calling.is_alive()
    assert time.monotonic() - begun < 5
    assert kinds(outcomes)[1:] == ["unstartable"] * 2
    assert outcomes[1].error == "the pool was closed"


def test_a_closed_pool_refuses_work_and_closes_twice():
    pool = WorkerPool(1)
    pool.close()
    pool.close()
    with pytest.raises(WorkerError, match="closed"):
        pool.map(len, ["x"])


@posix
def test_a_forked_process_has_workers_of_its_own(tmp_path):
    output, _ = output_of(
        tmp_path,
        """
        import multiprocessing, os, sys, warnings
        from rewardkit.workers import WorkerPool, shared_pool
        warnings.simplefilter("ignore", DeprecationWarning)  # that forking with threads is risky
        pool = WorkerPool(1)
        who = lambda _: (os.getpid(), os.getppid())
        [before] = pool.map(who, [0])
        shared_pool(1).map(who, [0])

        def child():
            for other in (pool, shared_pool(1)):
                [own] = other.map(who, [0])
                assert own.value[1] == os.getpid(), own

        process = multiprocessing.get_context("fork").Process(target=child, daemon=True)
        process.start()
        process.join()
        [after] = pool.map(who, [0])
        print(process.exitcode, before.value == after.value)
        """,
    )
    assert output == "0 True\n"


@pytest.fixture
def interruptible():
    """What a shell starts in the background ignores interrupts: then Python raises none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@posix
def test_an_interrupt_ends_the_call_and_the_pool_goes_on(pool, interruptible):
    [[before]] = [values(pool.map(lambda _: os.getpid(), [0]))]
    timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        pool.map(lambda _: 9**9**9, [0, 1, 2, 3])
    timer.join()
    assert time.monotonic() - begun < 0.3 + LATE
    if sys.platform == "linux":
        wait_until(lambda: not is_alive(before))
    assert values(pool.map(lambda x: x, range(5))) == list(range(5))


# Several callers.


def test_many_threads_share_a_pool(pool):
    failures = []

    def call(number):
        for _ in range(5):
            items = [(number, i) for i in range(30)]
            if [o.value for o in pool.map(lambda x: x, items, deadline=10)] != items:
                failures.append(number)

    threads = [threading.Thread(target=call, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert not any(thread.is_alive() for thread in threads)


def test_a_short_call_is_not_starved_by_a_long_one(make_pool):
    pool = make_pool(2)
    long = threading.Thread(target=lambda: pool.map(lambda x: time.sleep(0.05), range(80)))
    long.start()
    time.sleep(0.3)
    assert values(pool.map(lambda x: x, [1])) == [1]
    assert long.is_alive()
    long.join()


def test_a_function_in_a_worker_may_use_workers(make_pool):
    def nested(x):
        return [outcome.value for outcome in shared_pool(2).map(lambda y: x + y, [1, 2, 3])]

    assert values(make_pool(1).map(nested, [10, 20])) == [[11, 12, 13], [21, 22, 23]]


def test_a_call_uses_as_many_workers_as_the_pool_allows(make_pool):
    pool = make_pool(3)
    work = lambda _: (time.sleep(0.3), os.getpid())[1]  # noqa: E731 - a lambda is sent by value
    assert len(set(values(pool.map(work, range(6))))) == 3
    pool.grow(4)
    assert len(set(values(pool.map(work, range(12))))) == 4


def test_a_process_shares_one_pool_for_each_memory_cap():
    pool = shared_pool(1)
    try:
        assert shared_pool(2) is pool
        assert shared_pool(1, memory=512 * MIB) is not pool
    finally:
        pool.close()
        shared_pool(1, memory=512 * MIB).close()
    assert shared_pool(1) is not pool
    shared_pool(1).close()


@linux
def test_killing_leaks_no_descriptor_thread_process_or_file(make_pool, monkeypatch, tmp_path):
    # A folder of its own, here and in the workers: others have files in the system's.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def holdings():
        children = "".join(p.read_text() for p in Path("/proc/self/task").glob("*/children"))
        return (
            len(list(Path("/proc/self/fd").iterdir())),
            threading.active_count(),
            len(children.split()),
            sorted(p for p in Path(tempfile.gettempdir()).iterdir() if "rewardkit" in p.name),
        )

    pool = make_pool(2)
    pause = lambda _: time.sleep(0.2)  # noqa: E731 - a lambda is sent by value
    values(pool.map(pause, [0, 1]))
    before = holdings()
    outcomes = pool.map(lambda _: 9**9**9, range(30), deadline=0.01)
    assert kinds(outcomes) == ["timeout"] * 30
    # Where one is killed and one ends, a busy machine may be slow to let the latter end.
    outcomes = pool.map(lambda _: os._exit(1), range(30), deadline=30.0)
    assert kinds(outcomes) == ["died"] * 30
    values(pool.map(pause, [0, 1]))
    assert holdings() == before
    pool.close()
    gc.collect()


def test_an_outcome_is_ok_by_default():
    assert Outcome(3) == Outcome(value=3, error="", traceback="", kind="ok", seconds=0.0)
