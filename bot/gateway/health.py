"""Whether the process is up, and whether the whole service can answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import httpx
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.gateway.problems import RETRY_SOON, Problem
from bot.gateway.rasa import RasaClient
from bot.settings import Settings

_SECONDS = 2.0


def health_routes(settings: Settings, rasa: RasaClient, stores: Mapping[str, Callable[[], object]]) -> list[Route]:
    """`/healthz` and `/readyz`; ``stores`` asks each store something that takes a table to answer."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        names = ["rasa", "actions", *stores]
        states = await asyncio.gather(
            rasa.is_ready(), _actions_answer(settings.actions_url), *map(_store_answers, stores.values())
        )
        parts = {name: "ok" if state else "unavailable" for name, state in zip(names, states, strict=True)}
        if not all(states):
            raise Problem(503, "Not every part of the service answers.", RETRY_SOON, parts=parts)
        return JSONResponse({"status": "ready", "parts": parts})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


async def _actions_answer(url: str) -> bool:
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False) as client:
            return (await client.get(f"{url}/health")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def _store_answers(ask: Callable[[], object]) -> bool:
    try:
        await asyncio.wait_for(to_thread.run_sync(ask, abandon_on_cancel=True), _SECONDS)
    except (SQLAlchemyError, asyncio.TimeoutError):
        return False
    return True
