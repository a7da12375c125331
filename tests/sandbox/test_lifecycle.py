"""Sandboxes come and go without a trace, however their process ends."""

import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from pathlib import Path

import pytest

import rewardkit.sandbox
from rewardkit.sandbox import (
    Sandbox,
    SandboxError,
    SandboxWarning,
    doctor,
    shared_sandbox,
    zygotes,
)
from rewardkit.sandbox.linux import numbers

ROOT = Path(__file__).parent.parent.parent
SCRIPT = str(Path(rewardkit.sandbox.__file__).parent / "inside" / "start.py")


def descendants(pid):
    """Processes that live beneath this one, zombies too."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def children(pid):
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def zygotes_of(pid):
    """Sandbox processes that name this process's id in their environment or ancestry."""
    found = set()
    for process in descendants(pid):
        with contextlib.suppress(OSError):
            if SCRIPT.encode() in Path(f"/proc/{process}/cmdline").read_bytes():
                found.add(process)
    return found


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def run_script(tmp_path, code):
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(code))
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
    return subprocess.Popen([sys.executable, str(path)], env=env, text=True, **pipes)


def test_hundreds_of_runs_leave_nothing_behind(sandbox):
    def work():
        for i in range(40):
            sandbox.run("open(0).read()" if i % 2 else "while 1: pass" * 0)
        sandbox.run_tests("print(input())", [b"1", b"x"] * 5, accept=lambda i, run: i % 3 == 0)
        with sandbox.session("def f(): import os; os._exit(3)") as session:
            session.call("f")
        sandbox.split("def f(): return 1", "assert f() == 1", names=("f",))

    work()
    gc.collect()
    processes, files = descendants(os.getpid()), descriptors()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        work()
    gc.collect()
    assert descriptors() <= files
    wait_until(lambda: descendants(os.getpid()) <= processes)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 4 << 10


def test_closing_ends_its_processes_and_everything_after_it_says_so(sandbox):
    own = Sandbox(sandbox.start(), size=1)
    own.run("")
    mine = zygotes_of(os.getpid())
    own.close()
    own.close()
    assert own.closed
    wait_until(lambda: len(zygotes_of(os.getpid())) < len(mine))
    for use in (own.run, own.session):
        with pytest.raises(SandboxError, match="closed"):
            use("")


def test_closing_ends_a_run_in_another_thread(sandbox):
    own = Sandbox(sandbox.start(), size=1)
    own.run("")
    runs = []
    thread = threading.Thread(target=lambda: runs.append(own.run("import time; time.sleep(60)")))
    thread.start()
    time.sleep(0.3)
    own.close()
    thread.join(20)
    assert [run.outcome for run in runs] == ["broken"]


def test_a_zygote_that_is_killed_breaks_one_run_and_no_other(sandbox):
    with Sandbox(sandbox.start(), size=1) as own:
        before = zygotes_of(os.getpid())
        own.run("")
        for process in zygotes_of(os.getpid()) - before:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.1)
        assert own.run("print(1)").outcome == "broken"
        assert own.run("print(1)").stdout == b"1\n"


@pytest.mark.parametrize(("victim", "outcome"), [("zygote", "broken"), ("child", "signal")])
def test_a_process_that_is_killed_in_the_middle_of_a_run_is_told_and_mended(
    sandbox, victim, outcome
):
    with Sandbox(sandbox.start(), size=1) as own:
        own.run("")
        top = own._pool._idle[0].pid
        waiting = descendants(top) | {top}
        runs = []
        sleeper = "import time; print(1, flush=True); time.sleep(60)"
        thread = threading.Thread(target=lambda: runs.append(own.run(sleeper)))
        thread.start()
        wait_until(lambda: descendants(top) - waiting)
        time.sleep(0.3)  # so that its program has begun
        [child] = descendants(top) - waiting
        [zygote] = {process for process in waiting if child in children(process)}
        os.kill({"child": child, "zygote": zygote}[victim], signal.SIGKILL)
        thread.join(20)
        assert [run.outcome for run in runs] == [outcome]
        assert own.run("print(1)").stdout == b"1\n"
    wait_until(lambda: not any(map(is_alive, {child} | waiting)))


def test_processes_that_have_each_their_sandbox_do_not_meet(tmp_path):
    code = """
        from rewardkit.sandbox import shared_sandbox
        outputs = {shared_sandbox().run(f"print({i})").stdout for i in range(30)}
        print(len(outputs))
    """
    processes = [run_script(tmp_path, code) for _ in range(3)]
    for process in processes:
        with process:
            output, errors = process.communicate(timeout=120)
        assert (output, errors) == ("30\n", "")


@pytest.mark.parametrize("isolation", ["namespaces", "seccomp"])
def test_nothing_survives_a_caller_that_is_killed(tmp_path, isolation, request):
    code = f"""
        import sys
        from rewardkit.sandbox import Sandbox, SandboxError, Limits
        sandbox = Sandbox({isolation!r})
        try:
            sandbox.start()
        except SandboxError as error:
            print(error)
            sys.exit()
        import threading
        for _ in range(2):
            threading.Thread(target=sandbox.run, args=("while True: pass",)).start()
        idle = sandbox.session("def f(): pass")
        print("ready", flush=True)
    """
    with run_script(tmp_path, code) as process:
        said = process.stdout.readline()
        if said != "ready\n":
            pytest.skip(said)
        time.sleep(0.5)
        family = descendants(process.pid)
        assert len(family) >= 6
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(is_alive, family)))


def test_a_process_that_ends_leaves_none_of_its_sandboxes(tmp_path):
    code = """
        import os, pathlib
        from rewardkit.sandbox import shared_sandbox
        assert shared_sandbox() is shared_sandbox()
        print(shared_sandbox().run("print(1)").stdout)
        children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text()
        print(children)
    """
    with run_script(tmp_path, code) as process:
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert errors == ""
    first, children = output.splitlines()
    assert first == "b'1\\n'"
    wait_until(lambda: not any(is_alive(int(child)) for child in children.split()))


def test_a_forked_child_starts_its_own_and_leaves_its_parents_alone(sandbox):
    shared_sandbox().run("")
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        result = b"bad"
        with contextlib.suppress(BaseException):
            result = (
                shared_sandbox().run("print('forked')").stdout + sandbox.run("print(2)").stdout
            )
            shared_sandbox().close()
            sandbox.close()
        os.write(writing, result)
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 100)
    os.close(reading)
    os.waitpid(child, 0)
    assert said == b"forked\n2\n"
    assert shared_sandbox().run("print(3)").stdout == b"3\n"
    assert sandbox.run("print(4)").stdout == b"4\n"


def test_it_starts_in_less_than_a_second_or_two(sandbox):
    took = []
    for _ in range(2):
        began = time.monotonic()
        with Sandbox(sandbox.start()) as own:
            own.start()
            took.append(time.monotonic() - began)
    assert min(took) < 2.0  # 0.2 s on a quiet machine: see benchmarks/sandbox.py


def test_no_isolation_must_be_asked_for_and_warns():
    with Sandbox("none") as sandbox, pytest.warns(SandboxWarning, match="no protection|rights"):
        assert sandbox.run("print(1)").stdout == b"1\n"


def test_where_nothing_can_be_had_it_refuses_and_says_what_is_missing(monkeypatch):
    def refuse(self, isolation, settings):
        raise SandboxError(f"no {isolation}")

    monkeypatch.setattr(zygotes.Zygote, "__init__", refuse)
    with Sandbox() as sandbox, pytest.raises(SandboxError) as refused:
        sandbox.run("print(1)")
    for word in ("no namespaces", "no seccomp", "user namespaces", "Landlock", "doctor"):
        assert word in str(refused.value)


def test_on_another_system_it_says_what_it_needs(monkeypatch):
    monkeypatch.setattr(numbers.platform, "machine", lambda: "riscv64")
    with Sandbox() as sandbox, pytest.raises(SandboxError, match="x86_64 or aarch64"):
        sandbox.run("print(1)")
    report = doctor()
    assert report.isolation == ""
    assert "riscv64" in str(report)


def test_the_doctor_says_what_a_sandbox_will_do(sandbox):
    report = doctor()
    assert report.isolation in ("namespaces", "seccomp")
    names = {check.name for check in report.checks}
    assert names >= {"system", "namespaces", "seccomp", "user namespaces", "seccomp filters"}
    assert names >= {"Landlock", "cgroup v2", "tmpfs", "cores", "gcc", "javac", "rustc"}
    for check in report.checks:
        assert check.present != bool(check.remedy), check
    with Sandbox() as best:
        assert best.start() == report.isolation


def test_what_needs_namespaces_says_so_where_there_are_none(sandbox):
    if sandbox.start() == "seccomp":
        with pytest.raises(SandboxError, match="namespaces"):
            sandbox.run("", files={"a": b""})


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "", "..", "a/b", "a\0"])
def test_files_have_plain_names(sandbox, name):
    with pytest.raises(ValueError, match="no plain file name"):
        sandbox.run("", files={name: b""})
