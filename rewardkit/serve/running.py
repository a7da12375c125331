"""Runs a server until it is told to stop, and then finishes what it took."""

from __future__ import annotations

import gc
import math
from typing import TYPE_CHECKING

from rewardkit.errors import ContractError
from rewardkit.serve.settings import Settings
from rewardkit.suites import Suite

if TYPE_CHECKING:
    import uvicorn

__all__ = ["make_server", "serve"]

# A client whose connection is closed just when it asks again gets an error: longer than clients
# keep connections (aiohttp 15 s, Node 60 s), and than a step of training takes.
_IDLE_SECONDS = 600


def serve(suite: Suite, settings: Settings | None = None) -> None:
    """Serve a suite over HTTP until the process is told to stop (SIGINT, SIGTERM).

    What had been taken by then is answered first.

    Raises:
        ContractError: The packages that it needs are missing.
        WorkerError: The suite cannot be sent to a process.
    """
    server = make_server(suite, settings or Settings())
    # What is imported stays: looking through it for garbage would stop all for 50 ms.
    gc.freeze()
    server.run()


def make_server(suite: Suite, settings: Settings) -> uvicorn.Server:
    """The server, not yet running; as `serve` raises."""
    try:
        import uvicorn

        from rewardkit.serve.app import make_app
    except ImportError as error:
        raise ContractError(
            f"A server needs {error.name}: pip install 'rewardkit[serve]'."
        ) from error
    config = uvicorn.Config(
        make_app(suite, settings),
        host=settings.host,
        port=settings.port,
        access_log=False,  # at thousands of requests a second it is most of the work; see /metrics
        backlog=4096,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.deadline) + 1,
        server_header=False,
    )
    return uvicorn.Server(config)
