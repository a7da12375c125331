"""How a reason quotes what was found."""

from __future__ import annotations

__all__ = ["quoted"]

_SHOWN = 60  # characters


def quoted(text: str) -> str:
    """The beginning of `text` in one line, without what cannot be shown or stored."""
    shown = " ".join(text[: 2 * _SHOWN].split())
    if not shown.isprintable():
        shown = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    whole = len(shown) <= _SHOWN and len(text) <= 2 * _SHOWN
    return repr(shown if whole else shown[:_SHOWN] + "...")
