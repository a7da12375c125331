"""Functions by reference: where another process can import them again."""

from __future__ import annotations

import functools
import importlib
import operator
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from typing import Any

from rewardkit.workers import packing

__all__ = ["reduced", "reference"]


def reduced(kind: Callable[..., Any], function: Callable[..., Any], *rest: Any) -> tuple[Any, ...]:
    """What `__reduce__` returns for `kind(function, *rest)`, by reference where there is one."""
    found = reference(function)
    return (kind, (function, *rest)) if found is None else (_rebuilt, (kind, *found, *rest))


def reference(function: Callable[..., Any]) -> tuple[str, str] | None:
    """The module and qualified name under which another process finds `function`, or None.

    What a decorator of rewardkit put in the function's place counts as the function. A worker
    process never runs the parent's main module again, nor one that its path does not lead to: for
    those there is no reference while an object is being packed for a worker, and the function
    travels by value.
    """
    module = getattr(function, "__module__", None)
    name = getattr(function, "__qualname__", None)
    if not module or not name or "<" in name or module not in sys.modules:
        return None
    try:
        if _find(module, name) is not function:
            return None
    except AttributeError:
        return None
    return None if packing() and not _importable(module) else (module, name)


def _rebuilt(kind: Callable[..., Any], module: str, name: str, *rest: Any) -> Any:
    return kind(_find(module, name), *rest)


def _find(module: str, name: str) -> Callable[..., Any]:
    found = operator.attrgetter(name)(importlib.import_module(module))
    function: Callable[..., Any] = getattr(found, "function", found)
    return function


@functools.lru_cache(maxsize=1024)
def _importable(module: str) -> bool:
    """Whether importing `module` afresh finds the file that it was loaded from here."""
    here = getattr(sys.modules[module], "__spec__", None)
    if here is None or module == "__main__":
        return False
    path: Sequence[str] | None = None
    spec: ModuleSpec | None = None
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        spec = _search(".".join(parts[:depth]), path)
        if spec is None:
            return False
        path = spec.submodule_search_locations
    return spec is not None and spec.origin == here.origin


def _search(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, path) if find_spec else None
        if spec is not None:
            return spec  # type: ignore[no-any-return]  # a finder is anything that has the method
    return None
