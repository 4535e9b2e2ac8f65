"""The pages for visitors: the demo portal at `/`, the widget's frame, and the launcher that embeds it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.settings import Settings
from bot.web.embedding import frame_policy
from bot.web.launcher import launcher_route
from bot.web.packages import package_routes

_FOLDER = Path(__file__).parent
_STATIC = _FOLDER / "static"
_DEMO = re.compile(r"^ *<!-- demo -->.*?<!-- /demo -->\n", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r'^ *<a data-route="([^"]+)".*\n', re.MULTILINE)
# A page is asked for anew each time, which costs nothing while it stays the same.
_CACHE = {"Cache-Control": "no-cache"}
_LANGUAGE = "it"  # of who asks for none, or for one that there are no texts in


def page_routes(settings: Settings, paths: Collection[str]) -> list[BaseRoute]:
    """The pages and their files; ``paths`` are those of all other pages, which the demo links to if they are there."""
    portal = _read("portal.html")
    portal = _LINK.sub(lambda link: link.group() if link.group(1) in paths else "", portal)
    if not settings.demo:
        portal = _DEMO.sub("", portal)
    frame = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("widget.html")
    frame_headers = {**_CACHE, "Content-Security-Policy": frame_policy(settings)}
    texts = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (_STATIC / "texts").glob("*.json")}
    frames = {language: frame.render(language=language, texts=words["frame"]) for language, words in texts.items()}
    launcher = _read("static/widget/launcher.js")

    async def show_portal(_request: Request) -> Response:
        return HTMLResponse(portal, headers=_CACHE)

    async def show_frame(request: Request) -> Response:
        language = request.query_params.get("language", "")
        return HTMLResponse(frames.get(language, frames[_LANGUAGE]), headers=frame_headers)

    return [
        Route("/", show_portal),
        Route("/widget", show_frame),
        launcher_route(launcher, {language: words["launcher"] for language, words in texts.items()}),
        *package_routes(),
        Mount("/static", GZipMiddleware(_Files(directory=_STATIC))),
    ]


class _Files(StaticFiles):
    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers.update(_CACHE)
        return response


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
