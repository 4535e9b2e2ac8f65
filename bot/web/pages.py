"""The page at `/`: a plain chat for trying the bot out."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.settings import Settings

_FOLDER = Path(__file__).parent
_DEMO_PART = ("<!-- demo -->", "<!-- /demo -->")


def page_routes(settings: Settings) -> list[BaseRoute]:
    """The page and its files."""
    page = (_FOLDER / "index.html").read_text(encoding="utf-8")
    if not settings.demo:
        before, _, rest = page.partition(_DEMO_PART[0])
        page = before + rest.partition(_DEMO_PART[1])[2]

    async def index(_request: Request) -> Response:
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    return [Route("/", index), Mount("/static", StaticFiles(directory=_FOLDER / "static"))]
