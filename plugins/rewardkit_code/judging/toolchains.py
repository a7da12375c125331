"""Whether a language's compiler works in the sandbox at all: a broken one fails no program."""

from __future__ import annotations

import functools

import rewardkit as rk
from rewardkit.sandbox import Sandbox, SandboxError
from rewardkit_code.judging.job import FaultError

__all__ = ["require_toolchain"]

# The smallest program of each language; one of another plugin's is taken at its word.
_SMALLEST = {
    "c": "int main(void) { return 0; }",
    "cpp": "int main() { return 0; }",
    "java": "public class Main { public static void main(String[] arguments) {} }",
    "go": "package main\n\nfunc main() {}\n",
    "rust": "fn main() {}",
}


def require_toolchain(sandbox: Sandbox, language: rk.Language) -> None:
    """Raise a SandboxError where not even the smallest program of the language compiles.

    Raises:
        FaultError: The machine gave the compiler no CPU, which says nothing about it.
    """
    said = _complaint(sandbox, language)
    if said:
        raise SandboxError(
            f"{language.name}'s compiler does not work in the sandbox, so that no program of "
            f"{language.name} can be judged: {said}"
        )


@functools.lru_cache(maxsize=64)
def _complaint(sandbox: Sandbox, language: rk.Language) -> str:
    source = _SMALLEST.get(language.name)
    if source is None:
        return ""
    binary = sandbox.compile(language, source)
    if binary.compiled.outcome == "starved":
        raise FaultError(binary.compiled.reason)  # and nothing is kept of it
    said = binary.compiled.stderr.decode("utf-8", "replace").strip().splitlines()
    return "" if binary.ok else (said[0] if said else binary.compiled.reason)
