"""Commands that run in namespaces of their own, on a disk that they can't change.

An attack that works is an attack: it may find nothing here that matters.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODY = 62000

EMPTIED = ("/tmp", "/var/tmp", "/dev/shm")
# A read-only disk, empty folders where anyone may write, and a loopback that leads nowhere. What
# lies in these folders and is needed, the first argument, comes back into them, read-only.
PREPARE = f"""
set -e
keep=$1
shift
mount --make-rprivate /
mount -o remount,bind,ro / 2>/dev/null || mount --rbind / / 2>/dev/null || true
mount -o remount,bind,ro / 2>/dev/null || true
mount -t tmpfs tmpfs /mnt
for folder in $keep; do
    mkdir -p "/mnt$folder"
    mount --bind "$folder" "/mnt$folder"
done
for place in {" ".join(EMPTIED)}; do mount -t tmpfs -o mode=1777 tmpfs "$place"; done
for folder in $keep; do
    mkdir -p "$folder"
    mount --bind "/mnt$folder" "$folder"
    mount -o remount,bind,ro "$folder"
done
umount -l /mnt
ip link set lo up 2>/dev/null || true
exec "$@"
"""


def command(arguments, *, as_root):
    """The command line that runs these arguments in there; raises RuntimeError where it can't."""
    if os.geteuid() == 0:
        namespaces = ["unshare", "-m", "-p", "-f", "-n", "-i", "-u", "--mount-proc"]
    elif as_root:
        namespaces = ["unshare", "-U", "-r", "-m", "-p", "-f", "-n", "-i", "-u", "--mount-proc"]
    else:
        raise RuntimeError("only root can become another user")
    become = [] if as_root else ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}"]
    become += [] if as_root else ["--clear-groups"]
    inside = ["sh", "-c", PREPARE, "sh", " ".join(kept()), *become, *arguments]
    return [*namespaces, "--kill-child", *inside]


@cache
def refusal(*, as_root):
    """Why commands can't be run so here; empty when they can."""
    for tool in ("unshare", "setpriv"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    try:
        line = command(
            [*python(as_root=as_root), "-c", "import rewardkit.sandbox"], as_root=as_root
        )
        done = subprocess.run(line, capture_output=True, env=environment(), timeout=60)
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stderr.decode()[-300:] if done.returncode else ""


def kept():
    """This checkout, and where its packages are, if they lie in what is emptied."""
    needed = {str(ROOT), sys.prefix, *(p for p in sys.path if p.endswith("site-packages"))}
    inside = {path for path in needed for place in EMPTIED if path.startswith(f"{place}/")}
    return sorted(p for p in inside if not any(p.startswith(f"{other}/") for other in inside))


def python(*, as_root):
    """An interpreter that the user can read, of this version."""
    folders = Path(os.__file__).resolve().parents
    if as_root or all(folder.stat().st_mode & 0o005 == 0o005 for folder in folders):
        return [sys.executable]
    return [f"/usr/bin/python3.{sys.version_info.minor}"]


def environment():
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LAB_SECRET": "LABSECRET",
    }
