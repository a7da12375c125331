"""Runs attack programs in a sandbox and says which of them reached anything; see attacks/.

To be run inside throw-away namespaces with a read-only disk (tests/sandbox/throwaway.py does
that), for an attack that works is an attack. Prints one line of JSON an attack.

    laboratory.py <isolation> <folder of attacks> [name]
"""

import contextlib
import json
import os
import re
import resource
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

from rewardkit.sandbox import Limits, Sandbox

LAB = Path("/tmp/lab")
MARKERS = LAB / "markers"
PRECIOUS = LAB / "precious" / "keep"
PLACES = (MARKERS, LAB / "home", LAB / "site-packages", Path("/var/tmp"), Path("/dev/shm"))
PORT = 47711
LIMITS = Limits(cpu_seconds=0.4, wall_seconds=1.0)
LATE_SECONDS = 8.0
TOKEN = "the attack reached its aim"


def furnish():
    """What an attack may want: a secret, a key, a service, folders that anyone may write."""
    shutil.rmtree(LAB, ignore_errors=True)
    for folder in (MARKERS, PRECIOUS.parent, LAB / "site-packages", LAB / "home" / ".ssh"):
        folder.mkdir(parents=True)
        folder.chmod(0o777)
    PRECIOUS.write_text("keep")
    PRECIOUS.chmod(0o666)
    (LAB / "home" / ".ssh" / "id_lab").write_text("LABKEY")
    os.environ["LAB_SECRET"] = "LABSECRET"
    os.environ["HOME"] = str(LAB / "home")
    listen()


def listen():
    server = socket.create_server(("127.0.0.1", PORT))
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0rewardkit-lab")
    abstract.listen()

    def serve(listener):
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError):
                connection.sendall(b"hello")

    for listener in (server, abstract):
        threading.Thread(target=serve, args=(listener,), daemon=True).start()


def processes():
    """Every process but this one, with its state; the sandbox's own among them."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()[0]
    return found


def files():
    return {str(path) for place in PLACES for path in place.rglob("*")}


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def judge(sandbox, source):
    """What the attack achieved: nothing, or words for each thing."""
    settled = set(processes())
    before, memory, began = files(), resident(), time.monotonic()
    parts = re.split(r"(?m)^# ---.*\n", source)
    runs = [sandbox.run(part + CALL, limits=LIMITS) for part in parts]
    elapsed = time.monotonic() - began
    achieved = []
    if any(TOKEN.encode() in run.stdout for run in runs):
        achieved.append("it says so")
    if any(run.outcome == "broken" for run in runs):
        achieved.append("the sandbox broke")
    if elapsed > len(parts) * LATE_SECONDS:
        achieved.append(f"it took {elapsed:.1f} s")
    if resident() - memory > 64 << 20:
        achieved.append("the caller's memory grew")
    if files() - before:
        achieved.append(f"files were left: {sorted(files() - before)}")
    if not PRECIOUS.exists() or PRECIOUS.read_text() != "keep":
        achieved.append("a file was changed")
    after = sandbox.run("print(6 * 7)")
    if after.stdout != b"42\n":
        achieved.append(f"the next run failed: {after}")
    time.sleep(0.05)
    if set(processes()) - settled:
        achieved.append("processes were left")
    return achieved, runs


CALL = f"""
if globals().get("attack", bool)() is True:
    print({TOKEN!r}, flush=True)
"""


def main():
    isolation, folder = sys.argv[1:3]
    names = sys.argv[3:]
    furnish()
    with Sandbox(isolation, size=1) as sandbox:
        sandbox.run("print(1)")
        for path in sorted(Path(folder).glob("*.py")):
            if names and path.stem not in names:
                continue
            achieved, runs = judge(sandbox, path.read_text())
            said = [run.reason for run in runs]
            errors = [run.stderr[-300:].decode(errors="replace") for run in runs]
            line = {"attack": path.stem, "achieved": achieved, "runs": said, "errors": errors}
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
