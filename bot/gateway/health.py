"""Whether the process is up, and whether the whole service can answer."""

from __future__ import annotations

import asyncio

import httpx
from anyio import to_thread
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.rasa import RasaClient
from bot.settings import Settings

_SECONDS = 2.0


def health_routes(settings: Settings, rasa: RasaClient, stores: dict[str, Engine]) -> list[Route]:
    """`/healthz` and `/readyz`."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        names = ["rasa", "actions", *stores]
        states = await asyncio.gather(
            rasa.is_ready(), _actions_answer(settings.actions_url), *(_store_answers(e) for e in stores.values())
        )
        parts = {name: "ok" if state else "unavailable" for name, state in zip(names, states)}
        is_ready = all(states)
        return JSONResponse(
            {"status": "ready" if is_ready else "not ready", "parts": parts}, status_code=200 if is_ready else 503
        )

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _actions_answer(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            return (await client.get(f"{url}/health")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def _store_answers(engine: Engine) -> bool:
    def ask() -> None:
        with engine.connect() as connection:
            connection.execute(text("select 1"))

    try:
        await asyncio.wait_for(to_thread.run_sync(ask, abandon_on_cancel=True), _SECONDS)
    except (SQLAlchemyError, asyncio.TimeoutError):
        return False
    return True
