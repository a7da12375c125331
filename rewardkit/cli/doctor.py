"""`rewardkit doctor`: whether untrusted code can be run here, and what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from rewardkit.cli.console import FAILED_ROWS
from rewardkit.sandbox import doctor as examine

__all__ = ["doctor"]


def doctor(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print it as JSON, for scripts.")
    ] = False,
) -> None:
    """Examine this machine: what the sandbox for untrusted code finds, and how to get the rest.

    Rewards that run programs need it. Exit code 0 where they can be run, 1 where they are refused.
    """
    report = examine()
    print(json.dumps(asdict(report), indent=2) if as_json else report)
    if not report.isolation:
        raise typer.Exit(FAILED_ROWS)
