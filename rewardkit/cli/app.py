"""The command line's frame: its commands, those of plugins, and how errors are told."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

import rewardkit
from rewardkit.cli.build import build
from rewardkit.cli.console import FAILED_ROWS, WRONG_USE, say_error
from rewardkit.cli.doctor import doctor
from rewardkit.cli.filter import filter
from rewardkit.cli.metrics import metrics
from rewardkit.cli.plugins import plugins
from rewardkit.cli.score import score
from rewardkit.cli.serve import serve
from rewardkit.errors import RewardkitError
from rewardkit.registry import installed

__all__ = ["main"]

_HELP = """Score completions, filter them, and build SFT data sets, with a reason for every number.

Rows are JSONL or Parquet with a `prompt`, a `completion` and, where a verifier needs it, an
`answer`. What to score with is a preset (see `rewardkit plugins`) or a recipe of your own.

    rewardkit build rollouts.jsonl --preset r1-rejection-sampling --out sft

Exit codes: 0 all went well, 1 some rows could not be read or scored, 2 wrong use.
"""


def main() -> None:
    """Run the command line."""
    try:
        _app()()
    except RewardkitError as error:
        say_error(str(error))
        sys.exit(WRONG_USE)
    except BrokenPipeError:
        # Whoever read the output has enough of it. Nothing can be flushed there any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED_ROWS)


def _app() -> typer.Typer:
    app = typer.Typer(
        help=_HELP,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_version_option)
    for command in (score, filter, build, metrics, serve, plugins, doctor):
        app.command()(command)
    for name, command in installed().commands.items():
        app.command(name)(command)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"rewardkit {rewardkit.__version__}")
        raise typer.Exit


def _version_option(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    pass


_version_option.__doc__ = _HELP
