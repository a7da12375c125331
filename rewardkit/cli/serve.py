"""`rewardkit serve`: a suite behind HTTP, for any trainer that can send a request."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from rewardkit.cli.options import Columns, PresetName, RecipeFile, read_recipe
from rewardkit.errors import ContractError

__all__ = ["serve"]


def serve(
    columns: Columns,
    preset: PresetName = "",
    recipe: RecipeFile = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 8000,
    workers: Annotated[
        int | None, typer.Option(help="Processes that score; by default one a core.")
    ] = None,
    queue: Annotated[
        int, typer.Option(help="Most rows that wait; beyond it the answer is 429.")
    ] = 10_000,
    deadline: Annotated[
        float, typer.Option(help="Seconds a request may take; beyond it the answer is 504.")
    ] = 60.0,
    window: Annotated[
        float, typer.Option(help="Milliseconds a row waits for others to be scored with.")
    ] = 2.0,
    max_body: Annotated[int, typer.Option(help="Most megabytes of a request.")] = 32,
    unscored: Annotated[
        float, typer.Option(help="What trainers get where no reward has a score.")
    ] = 0.0,
    open_to_all: Annotated[
        bool, typer.Option("--open-to-all", help="Listen beyond this machine without a token.")
    ] = False,
) -> None:
    """Score over HTTP: OpenRLHF, slime, LLaMA-Factory, NeMo Gym, and rows as JSON.

    Clients show the token that the environment has in REWARDKIT_TOKEN, if any. Needs
    pip install 'rewardkit[serve]'. For example: rewardkit serve --preset r1 --port 8000
    """
    from rewardkit.serve import Settings
    from rewardkit.serve import serve as run
    from rewardkit.serve.settings import TOKEN

    found = read_recipe(preset, recipe, columns)
    if found.suite is None:
        raise ContractError(f"Recipe {found.name} has no [rewards] to score with.")
    settings = Settings(
        host=host,
        port=port,
        token=os.environ.get(TOKEN, ""),
        open_to_all=open_to_all,
        workers=workers,
        queue=queue,
        deadline=deadline,
        window=window / 1_000,
        body=max_body * 2**20,
        unscored=unscored,
    )
    run(found.suite, settings)
