"""The routes: who may ask, what is answered, and what each mistake is called."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError
from pydantic.json_schema import models_json_schema
from starlette.requests import ClientDisconnect

import rewardkit
from rewardkit.serve.batching import Batcher, QueueFullError, ScoringError
from rewardkit.serve.bodies import BodyError, parse_json, read_body
from rewardkit.serve.measures import Measures
from rewardkit.serve.protocols import PROTOCOLS, Answer, Protocol
from rewardkit.serve.settings import Settings
from rewardkit.suites import Suite

__all__ = ["make_app"]

_RETRY_SECONDS = 1
# A client that hangs up is noticed where scoring takes so long; watching each would cost more.
_WATCH_AFTER_SECONDS = 0.2
_HUNG_UP = 499
_OPEN = ("/health", "/health/live", "/health/ready")


class Problem(BaseModel):
    """What is wrong with a request."""

    detail: str = Field(description="In words; of a field, its name first.")


class Health(BaseModel):
    """Whether the server works."""

    status: str


class _HungUpError(Exception):
    """The client has gone."""


def make_app(suite: Suite, settings: Settings) -> FastAPI:
    """The application: a suite behind every protocol."""
    measures = Measures()
    batcher = Batcher(suite, settings, measures)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await batcher.start()
        try:
            yield
        finally:
            await batcher.stop()

    app = FastAPI(
        title="rewardkit",
        version=rewardkit.__version__,
        description=f"Scores completions with {suite!r}.",
        lifespan=lifespan,
    )
    app.state.batcher = batcher
    server = _Server(batcher, measures, settings)
    for protocol in PROTOCOLS:
        _add_route(app, protocol, server)
    _add_service_routes(app, server)
    _describe(app)
    app.add_middleware(_Door, token=settings.token, measures=measures)
    return app


class _ByHand(APIRoute):
    """A route whose function takes the request as it came; FastAPI only describes it.

    What FastAPI does between costs a request a good part of its time.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return self.endpoint


class _Server:
    """Takes a protocol's requests to the batcher and its scores back."""

    def __init__(self, batcher: Batcher, measures: Measures, settings: Settings) -> None:
        self.batcher = batcher
        self.measures = measures
        self.settings = settings

    async def answer(self, protocol: Protocol[Any], request: Request) -> Response:
        """The response to a request, whatever is wrong with it."""
        try:
            body = await self._body(request)
            asked = protocol.model.model_validate(parse_json(body))
            task = protocol.read(asked)
            futures = self.batcher.submit(task.rows, task.step, explain=task.explain)
            rows = await self._scored(futures, request)
        except BodyError as error:
            return _problem(error.status, str(error))
        except ValidationError as error:
            return _problem(422, _fields(error))
        except QueueFullError as error:
            return _problem(429, str(error), {"Retry-After": str(_RETRY_SECONDS)})
        except ScoringError as error:
            return _problem(422 if error.of_the_request else 500, str(error))
        except TimeoutError:
            return _problem(504, f"It took more than {self.settings.deadline:g} s.")
        except (_HungUpError, ClientDisconnect):
            return Response(status_code=_HUNG_UP)
        return _json(protocol.write(asked, Answer(rows, self.settings.unscored)))

    async def _body(self, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self.settings.deadline):
                return await read_body(request.headers, request.stream(), self.settings.body)
        except TimeoutError:
            seconds = f"{self.settings.deadline:g} s"
            raise BodyError(408, f"The body was not there within {seconds}.") from None

    async def _scored(
        self, futures: list[asyncio.Future[list[dict[str, Any]]]], request: Request
    ) -> list[dict[str, Any]]:
        """The rows' scores.

        Raises:
            TimeoutError: They are not there in time.
            _HungUpError: Nobody waits for them.
        """
        all_of_them: asyncio.Future[Any] = asyncio.gather(*futures)
        left = self.settings.deadline
        begin = min(_WATCH_AFTER_SECONDS, left)
        done, _ = await asyncio.wait({all_of_them}, timeout=begin)
        if not done:
            gone: asyncio.Future[Any] = asyncio.ensure_future(_disconnected(request))
            try:
                await asyncio.wait(
                    {all_of_them, gone}, timeout=left - begin, return_when="FIRST_COMPLETED"
                )
                if not all_of_them.done():
                    all_of_them.cancel()
                    raise _HungUpError if gone.done() else TimeoutError
            finally:
                gone.cancel()
        return [row for rows in all_of_them.result() for row in rows]


def _add_route(app: FastAPI, protocol: Protocol[Any], server: _Server) -> None:
    async def handle(request: Request) -> Response:
        return await server.answer(protocol, request)

    name = protocol.model.__name__
    app.router.add_api_route(
        protocol.path,
        handle,
        route_class_override=_ByHand,
        methods=["POST"],
        summary=protocol.summary,
        description=protocol.model.__doc__ or "",
        operation_id=name.removesuffix("Request").lower(),
        response_class=JSONResponse,
        responses={
            200: {"model": protocol.returns},
            **{status: {"model": Problem, "description": said} for status, said in _SAID.items()},
        },
        # The body is read by hand: FastAPI would take one of any size, and NaN for a number.
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": _REFERENCE + name}}},
            }
        },
    )


def _describe(app: FastAPI) -> None:
    """Add what requests are made of to the app's OpenAPI description."""
    _, schemas = models_json_schema(
        [(protocol.model, "validation") for protocol in PROTOCOLS],
        ref_template=_REFERENCE + "{model}",
    )
    schema = app.openapi()
    schema["components"]["schemas"] |= schemas["$defs"]


_REFERENCE = "#/components/schemas/"
_SAID = {
    400: "The body is no JSON.",
    401: "The token is missing or wrong.",
    408: "The body was not there within the deadline.",
    413: "The body is too long.",
    415: "The body does not say that it is JSON.",
    422: "A field is wrong, or a column that a reward needs is missing.",
    429: "Too many rows wait: come back after Retry-After seconds.",
    500: "A reward raised that is told to.",
    504: "It took longer than the deadline.",
}


def _add_service_routes(app: FastAPI, server: _Server) -> None:
    @app.get("/health/live", summary="Whether the server runs")
    async def live() -> Health:
        return Health(status="live")

    @app.get("/health", summary="Whether rows can be scored")
    @app.get(
        "/health/ready",
        summary="Whether rows can be scored",
        responses={503: {"model": Health, "description": "No process is there to score."}},
    )
    async def ready(response: Response) -> Health:
        response.status_code = 200 if server.batcher.ready else 503
        return Health(status="ready" if server.batcher.ready else "not ready")

    @app.get("/metrics", summary="What Prometheus reads", response_class=Response)
    async def metrics() -> Response:
        return Response(
            server.measures.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8"
        )


class _Door:
    """Lets in who knows the token, and counts who came.

    Besides `Authorization: Bearer TOKEN` it takes the token as a password, for trainers that know
    of nothing but an address: http://any:TOKEN@host:8000/get_reward.
    """

    def __init__(self, app: Any, token: str, measures: Measures) -> None:
        self._app = app
        self._token = token.encode()
        self._measures = measures

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()
        status = 500

        async def observed(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if scope["path"] in _OPEN or self._knows(dict(scope["headers"])):
                await self._app(scope, receive, observed)
            else:
                headers = {"WWW-Authenticate": "Bearer"}
                response = _problem(401, "Give the token: Authorization: Bearer ...", headers)
                await response(scope, receive, observed)
        finally:
            # Of what is no route there could be any number.
            route = scope.get("route")
            path = getattr(route, "path", "other")
            self._measures.answered(path, status, time.perf_counter() - begin)

    def _knows(self, headers: dict[bytes, bytes]) -> bool:
        if not self._token:
            return True
        scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"basic":
            try:
                given = base64.b64decode(given, validate=True).partition(b":")[2]
            except binascii.Error:
                return False
        elif scheme.lower() != b"bearer":
            return False
        return hmac.compare_digest(given.strip(), self._token)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(value: Any) -> Response:
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Response(text, media_type="application/json")


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    response = _json({"detail": detail})
    response.status_code = status
    response.headers.update(headers or {})
    return response


def _fields(error: ValidationError) -> str:
    """Which fields are wrong: `rows.3.completion: Field required`."""
    found = [
        ": ".join(filter(None, (".".join(map(str, e["loc"])), e["msg"])))
        for e in error.errors(include_url=False, include_input=False, include_context=False)[:5]
    ]
    return "; ".join(found)
