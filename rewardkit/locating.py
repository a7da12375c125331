"""Finding the line of a TOML or YAML file that says what stands at a path of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

__all__ = ["KeyPath", "locate"]

KeyPath = tuple[str | int, ...]

_TABLE = re.compile(r"\s*\[\[?\s*(?P<keys>[^\]#]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""[\w-]+|"[^"]*"|'[^']*'""")
_ASSIGNMENT = re.compile(rf"\s*(?P<keys>(?:{_KEY.pattern})(?:\s*\.\s*(?:{_KEY.pattern}))*)\s*=")


def locate(text: str, name: str, path: KeyPath) -> int | None:
    """The first line, from 1, on which the file `name` says something of `path`, or None."""
    lines = _yaml_lines(text) if name.endswith((".yaml", ".yml")) else _toml_lines(text)
    return next((line for found, line in lines if found[: len(path)] == path), None)


def _toml_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    # Python's parser does not tell where it found what: the headers and keys at lines' starts do.
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _TABLE.match(line):
            table = _keys(header["keys"])
            yield table, number
        elif assignment := _ASSIGNMENT.match(line):
            yield table + _keys(assignment["keys"]), number


def _keys(dotted: str) -> KeyPath:
    return tuple(key.strip("\"'") for key in _KEY.findall(dotted))


def _yaml_lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return
    yield from _node_lines(root, ())


def _node_lines(node: Any, path: KeyPath) -> Iterator[tuple[KeyPath, int]]:
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, str(key.value))
            yield inner, key.start_mark.line + 1
            yield from _node_lines(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*path, place), value.start_mark.line + 1
            yield from _node_lines(value, (*path, place))
