"""The page at `/staff`: a chat for administrators, and in the demo the choice of whom to be."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from anyio import to_thread
from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from actions.accounts.demo import ADMINISTRATORS
from actions.accounts.interface import Accounts
from actions.accounts.records import Administrator
from bot.settings import Settings

_FOLDER = Path(__file__).parent
_PRIVATE = {"Cache-Control": "no-store"}


def staff_routes(settings: Settings, accounts: Accounts, token_of: Callable[[Administrator], str]) -> list[BaseRoute]:
    """The page, and in the demo the address that signs one of its administrators in by ``token_of``."""
    page = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("staff.html")
    texts = json.loads((_FOLDER / "static" / "texts" / "it.json").read_text(encoding="utf-8"))["staff"]

    async def show(_request: Request) -> Response:
        choices = await to_thread.run_sync(accounts.administrators, ADMINISTRATORS) if settings.demo else ()
        shown = page.render(texts=texts, administrators=choices, portal=settings.staff_sign_in)
        return HTMLResponse(shown, headers=_PRIVATE)

    async def sign_in(request: Request) -> Response:
        chosen = request.path_params["administrator"]
        found = await to_thread.run_sync(accounts.administrators, [chosen]) if chosen in ADMINISTRATORS else ()
        # A fragment stays in the browser: no log and no other site gets to see it.
        where = f"/staff#token={token_of(found[0])}" if found else "/staff"
        return RedirectResponse(where, status_code=303, headers=_PRIVATE)

    demo = [Route("/staff/demo/{administrator}", sign_in, methods=["POST"])] if settings.demo else []
    return [Route("/staff", show), *demo]
