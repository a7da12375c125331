"""What the commands print: what was asked for on standard output, all else on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from rewardkit.builder import Line, Source

__all__ = [
    "FAILED_ROWS",
    "WRONG_USE",
    "Problems",
    "console",
    "print_drops",
    "print_table",
    "progress",
    "say_error",
    "say_written",
]

FAILED_ROWS = 1
WRONG_USE = 2
_WIDTH_OFF_A_TERMINAL = 120
_MOST_PROBLEMS = 10


def console(*, stderr: bool = True) -> Console:
    """As wide as the terminal or, where there is none, wide enough for a table."""
    found = Console(stderr=stderr, highlight=False)
    if found.is_terminal:
        return found
    return Console(stderr=stderr, highlight=False, width=_WIDTH_OFF_A_TERMINAL)


def say_error(message: str) -> None:
    """Print an error, unwrapped, so that it can be searched for."""
    console().print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], *, stderr: bool = True
) -> None:
    """Print a table; a column whose name begins with `<` holds words and stands left."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        words = name.startswith("<")
        table.add_column(
            name.removeprefix("<"),
            justify="left" if words else "right",
            overflow="fold",
            no_wrap=not words,
        )
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    target = console(stderr=stderr)
    target.print(f"\n[bold]{escape(title)}[/]", soft_wrap=True)
    if table.rows:
        target.print(table)


def print_drops(
    title: str,
    dropped_by: Mapping[str, int],
    rejected_by: Mapping[str, int],
    examples: Mapping[str, str],
) -> None:
    """Print how many rows each filter drops as the first, how many it rejects, and one reason."""
    rows = [
        (name, f"{dropped:,}", f"{rejected_by[name]:,}" if name in rejected_by else "-", example)
        for name, dropped in sorted(dropped_by.items(), key=lambda item: -item[1])
        for example in [examples[name]]
    ]
    print_table(title, ("<filter", "drops first", "rejects", "<for example"), rows)


def say_written(**files: str) -> None:
    """Say which file holds what; standard output needs no saying."""
    lines = [f"{what}: {file}" for what, file in files.items() if file not in ("", "-")]
    if lines:
        console().print("\n" + "\n".join(lines), soft_wrap=True, markup=False)


@contextmanager
def progress(label: str) -> Iterator[Callable[[Source, int], None]]:
    """A progress bar on a terminal, nothing elsewhere; call it with the source and the rows."""
    target = console()
    if not target.is_terminal:
        yield lambda _source, _rows: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=target, transient=True) as bar:
        task = bar.add_task(label, total=None, rows=0, rate=0.0)

        def update(source: Source, rows: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                total=source.total_bytes,
                completed=source.bytes_read,
                rows=rows,
                rate=rows / elapsed if elapsed else 0.0,
            )

        yield update


class Problems:
    """Rows that could not be read or scored: all are counted, the first are told of."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, line: Line, problem: str) -> None:
        """Tell of one."""
        self.count += 1
        if self.count <= _MOST_PROBLEMS:
            where = escape(f"{line.place}: {problem}")
            console().print(f"[yellow]row:[/] {where}", soft_wrap=True)

    def sum_up(self) -> None:
        """Say how many more there are than were told of."""
        if self.count > _MOST_PROBLEMS:
            console().print(f"[yellow]and {self.count - _MOST_PROBLEMS:,} more such rows[/]")
