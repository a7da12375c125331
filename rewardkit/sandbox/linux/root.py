"""A root file system that holds nothing but what programs need, read-only.

Nothing of the user's is in it: no home, no /proc, no /sys, no /run, no other temporary files. Of
/usr it has the folders of programs and libraries by name, for containers put projects beneath it.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from rewardkit.sandbox.linux.calls import mount, pivot_root, syscall, umount

__all__ = [
    "DEVICES",
    "FOLDER",
    "SYSTEM",
    "enter_root",
    "make_private",
    "mount_folder",
    "place_inside",
]

FOLDER = "/run/tmp"
"""The folder of a run, which it finds as /tmp, too.

It is not /tmp itself because of Landlock: a rule for the mount at FOLDER would have to be made
anew for each run, while one for the folder that it is mounted in holds for all of them.
"""

# Where the root is built. What lies in it is hidden by that, so it is no place that an environment
# is likely to be in.
_PLACE = next((place for place in ("/mnt", "/srv", "/opt") if Path(place).is_dir()), "/tmp")  # noqa: S108
_MOVED = "/folders"
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SYSTEM = (
    "/lib",
    "/lib32",
    "/lib64",
    "/bin",
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share",
    "/usr/local/bin",
    "/usr/local/go",
    "/usr/local/include",
    "/usr/local/lib",
    "/usr/local/lib64",
)
# The loader's table of libraries, Debian's symbolic links to programs, time zone, Java's settings.
_SETTINGS = ("ld.so.cache", "alternatives", "localtime", "java-*")
_PASSWORDS = "sandbox:x:1000:1000::/tmp:/bin/false\n"  # getpwuid works; no password is in it

_MS_NOSUID, _MS_NODEV, _MS_BIND, _MS_REC, _MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
_READ_ONLY = 1 | 2 | 4  # MOUNT_ATTR_RDONLY, NOSUID, NODEV
_DEVICE = 1 | 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000


def make_private() -> None:
    """Let no mount of this namespace reach another one, and none of theirs reach it."""
    mount("none", "/", None, _MS_REC | _MS_PRIVATE)


def enter_root(folders: Iterable[str]) -> None:
    """Make these folders, and the system's, all that there is; in a mount namespace of one's own.

    Folders that don't exist are left out; so are those that lie in one that is there already.
    """
    make_private()
    mount("tmpfs", _PLACE, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=1m,mode=755")
    for path in (*SYSTEM, *_settings(), *folders):
        _provide(path, _READ_ONLY, place_inside(path))
    for device in DEVICES:
        _provide(device, _DEVICE, device)
    Path(_PLACE + FOLDER).mkdir(parents=True)
    Path(_PLACE, "tmp").symlink_to(FOLDER)
    Path(_PLACE, "etc/passwd").write_text(_PASSWORDS)
    Path(_PLACE, "old").mkdir()
    pivot_root(_PLACE, _PLACE + "/old")
    os.chdir("/")
    umount("/old")
    Path("/old").rmdir()
    _restrict_mount("/", _READ_ONLY, recursive=False)


def place_inside(path: str) -> str:
    """Where a folder of the host's stands in the new root: /tmp is the run's own there."""
    return _MOVED + path if path.startswith("/tmp/") else path  # noqa: S108 - as above


def mount_folder(size: int) -> None:
    """Mount an empty folder of at most `size` bytes for one run, and go there."""
    files = 4096
    options = f"size={size},nr_inodes={files},mode=777"
    mount("tmpfs", FOLDER, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    os.chdir(FOLDER)


def _settings() -> list[str]:
    etc = Path("/etc")
    return [str(path) for pattern in _SETTINGS for path in sorted(etc.glob(pattern))]


def _provide(path: str, restrictions: int, place: str) -> None:
    inside = Path(_PLACE + place)
    if not Path(path).exists() or os.path.lexists(inside):
        return
    inside.parent.mkdir(parents=True, exist_ok=True)
    if Path(path).is_symlink() and restrictions == _READ_ONLY:
        inside.symlink_to(Path(path).readlink())
        return
    if Path(path).is_dir():
        inside.mkdir()
    else:
        inside.touch()
    mount(path, str(inside), None, _MS_BIND | _MS_REC)
    _restrict_mount(str(inside), restrictions)


def _restrict_mount(path: str, restrictions: int, *, recursive: bool = True) -> None:
    """Add restrictions to a mount and, as a remount would not, to those beneath it."""
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", restrictions, 0, 0, 0), 32)
    flags = _AT_RECURSIVE if recursive else 0
    target = ctypes.c_char_p(os.fsencode(path))
    syscall("mount_setattr", _AT_FDCWD, target, flags, attributes, 32)
