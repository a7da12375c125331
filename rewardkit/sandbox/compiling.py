"""Compiled languages: from a source to files that can be run, once a source."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from rewardkit.errors import SandboxError
from rewardkit.sandbox.outcomes import Binary, Limits, Run
from rewardkit.sandbox.toolchains import located
from rewardkit.types import Language

__all__ = ["COMPILING", "Compiler"]

MIB = 2**20
COMPILING = Limits(cpu_seconds=60.0, memory=4096 * MIB, file_bytes=256 * MIB, open_files=1024)
_CACHED_BYTES = 256 * MIB

Builds = Callable[[list[str], Mapping[str, bytes], Limits], tuple[Run, dict[str, bytes]]]


class Compiler:
    """Compiles, and remembers what it compiled.

    Args:
        build: Runs a command over files in a sandbox; gives its run and the files that it left.
        folders: What that sandbox may read besides the system's folders.
    """

    def __init__(self, build: Builds, folders: Sequence[str]) -> None:
        self._build = build
        self._folders = folders
        self._lock = threading.Lock()
        self._cache: OrderedDict[bytes, Binary] = OrderedDict()
        self._cached_bytes = 0

    def compile(self, language: Language, source: str, limits: Limits) -> Binary:
        """The program, from the cache or the compiler; see `Sandbox.compile`."""
        data = source.encode("utf-8", "surrogatepass")
        for command in (language.compile, language.run):
            _check_installed(language, command, self._folders)
        if not language.compile:
            return Binary(language.name, language.run, {language.source: data})
        key = hashlib.blake2b(repr((language, limits)).encode() + data).digest()
        with self._lock:
            found = self._cache.get(key)
            if found is not None:
                self._cache.move_to_end(key)
                return found
        run, files = self._build(list(language.compile), {language.source: data}, limits)
        binary = Binary(language.name, language.run, files, run)
        if run.outcome in ("ok", "exit"):  # anything else may go better next time
            self._remember(key, binary)
        return binary

    def _remember(self, key: bytes, binary: Binary) -> None:
        with self._lock:
            self._cache[key] = binary
            self._cached_bytes += _size(binary)
            while self._cached_bytes > _CACHED_BYTES and len(self._cache) > 1:
                self._cached_bytes -= _size(self._cache.popitem(last=False)[1])


def _size(binary: Binary) -> int:
    return sum(map(len, binary.files.values()))


def _check_installed(language: Language, command: tuple[str, ...], folders: Sequence[str]) -> None:
    if not command or command[0].startswith("./"):
        return
    try:
        located(command[0], folders)
    except SandboxError as error:
        raise SandboxError(
            f"{language.name} can't be run: {error}. Or leave {language.name} out."
        ) from None
