"""How a reason counts and quotes what was found."""

from __future__ import annotations

__all__ = ["counted", "quoted"]

_SHOWN = 60  # characters


def counted(count: int, one: str, many: str, shown: str, most: float = 0) -> str:
    """How many there are, `shown` the first, and the limit where there is one."""
    what = f"{count:,} {one if count == 1 else many}"
    limit = f", more than {most:,g}" if most else ""
    return f"{what}{limit}: {shown}" if count == 1 else f"{what}{limit}, the first {shown}"


def quoted(text: str) -> str:
    """The beginning of `text` in one line, without what cannot be shown or stored."""
    shown = " ".join(text[: 2 * _SHOWN].split())
    if not shown.isprintable():
        shown = " ".join("".join(c if c.isprintable() else " " for c in shown).split())
    whole = len(shown) <= _SHOWN and len(text) <= 2 * _SHOWN
    return repr(shown if whole else shown[:_SHOWN] + "...")
