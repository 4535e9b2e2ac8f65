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
from bot.web.staff_openid import LOGIN

_FOLDER = Path(__file__).parent
# What the demo's own data answer, and what any company's do.
_DEMO_EXAMPLES = ("example1", "example2", "example3", "example4")
_EXAMPLES = ("ownExample1", "ownExample2", "example4", "ownExample3")
_PRIVATE = {"Cache-Control": "no-store"}


def staff_routes(
    settings: Settings, accounts: Accounts, token_of: Callable[[Administrator], str] | None
) -> list[BaseRoute]:
    """The page, and in the demo the address that signs one of its administrators in by ``token_of``.

    Where nobody can sign for the portal, ``token_of`` is None, and the demo offers no administrators.
    """
    is_demo = settings.demo and token_of is not None
    login = LOGIN if settings.staff_openid_issuer else ""
    page = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("staff.html")
    texts = json.loads((_FOLDER / "static" / "texts" / "it.json").read_text(encoding="utf-8"))["staff"]

    async def show(_request: Request) -> Response:
        choices = await to_thread.run_sync(accounts.administrators, ADMINISTRATORS) if is_demo else ()
        examples = _DEMO_EXAMPLES if settings.demo else _EXAMPLES
        shown = page.render(
            texts=texts, administrators=choices, portal=settings.staff_sign_in, login=login, examples=examples
        )
        return HTMLResponse(shown, headers=_PRIVATE)

    async def sign_in(request: Request) -> Response:
        chosen = request.path_params["administrator"]
        found = await to_thread.run_sync(accounts.administrators, [chosen]) if chosen in ADMINISTRATORS else ()
        # A fragment stays in the browser: no log and no other site gets to see it.
        where = f"/staff#token={token_of(found[0])}" if found and token_of else "/staff"
        return RedirectResponse(where, status_code=303, headers=_PRIVATE)

    demo = [Route("/staff/demo/{administrator}", sign_in, methods=["POST"])] if is_demo else []
    return [Route("/staff", show), *demo]
