"""Attacks on the host: none reaches anything, by any user, with and without namespaces."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import throwaway

HERE = Path(__file__).parent
ATTACKS = sorted(path.stem for path in (HERE / "attacks").glob("*.py"))
# How the machine would refuse a sandbox: then there is nothing to attack.
REFUSED = "can't be had here"


def laboratory(isolation, *, as_root, names=()):
    refusal = throwaway.refusal(as_root=as_root)
    if refusal:
        pytest.skip(f"attacks are only run in throw-away namespaces: {refusal}")
    script = [str(HERE / "laboratory.py"), isolation, str(HERE / "attacks"), *names]
    line = throwaway.command([*throwaway.python(as_root=as_root), *script], as_root=as_root)
    done = subprocess.run(
        line, capture_output=True, text=True, env=throwaway.environment(), timeout=300
    )
    if REFUSED in done.stderr:
        pytest.skip(done.stderr[-500:])
    assert done.returncode == 0, done.stderr
    return {row["attack"]: row for row in map(json.loads, done.stdout.splitlines())}


KINDS = [(isolation, root) for isolation in ("namespaces", "seccomp") for root in (True, False)]
BATCHES = 2


@cache
def laboratories():
    """All of them at once, in batches: most of the attacks' time is spent asleep."""
    executor = ThreadPoolExecutor(len(KINDS) * BATCHES)
    return {
        (isolation, as_root): [
            executor.submit(laboratory, isolation, as_root=as_root, names=ATTACKS[i::BATCHES])
            for i in range(BATCHES)
        ]
        for isolation, as_root in KINDS
    }


@pytest.mark.parametrize("isolation", ["namespaces", "seccomp"])
@pytest.mark.parametrize("as_root", [True, False], ids=["root", "user"])
def test_no_attack_achieves_anything(isolation, as_root):
    found = {}
    for batch in laboratories()[isolation, as_root]:
        found |= batch.result()
    assert sorted(found) == ATTACKS
    achieved = {name: row for name, row in found.items() if row["achieved"]}
    assert not achieved


SEEN = {
    "across_files": "it says so",
    "across_shared_memory": "it says so",
    "across_sockets": "it says so",
    "hard_links": "it says so",
    "home": "it says so",
    "kernel_surface": "it says so",
    "kill_parent": "it says so",
    "network": "it says so",
    "new_namespaces": "it says so",
    "no_exit": "processes were left",
    "processor_hog": "it says so",
    "socket_options": "it says so",
    "write_outside": "files were left",
}


@cache
def unprotected():
    # One that stops the laboratory's parent, and with it those after it, is alone.
    alone = "kill_parent"
    rows = laboratory("none", as_root=True, names=(alone,))
    rows |= laboratory("none", as_root=True, names=[name for name in SEEN if name != alone])
    return {name: row["achieved"] for name, row in rows.items()}


@pytest.mark.parametrize(("attack", "achieved"), SEEN.items())
def test_the_same_attack_is_seen_to_work_without_isolation(attack, achieved):
    assert any(word.startswith(achieved) for word in unprotected()[attack])
