"""Signing in and out."""

from __future__ import annotations

from collections.abc import Sequence

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.console.access import COOKIE, HOME, SIGN_IN, Console, is_own_page, now, own_path, read_form, set_cookie
from bot.conversations.support.users import User, UserError
from bot.gateway.problems import Problem
from bot.gateway.requests import client_of
from bot.web.openid_provider import SignInFailed

_HASHED_AT_ONCE = 2  # passwords: each takes 64 MiB and a tenth of a second of a processor (Argon2id's defaults)


async def let_in(console: Console, request: Request, subject: str, name: str, roles: Sequence[str]) -> Response:
    """Begin the session of somebody whom a provider has signed in; `SignInFailed` if they may not enter."""
    try:
        user = await to_thread.run_sync(console.users.know, subject, name, roles, now())
    except UserError as error:
        raise SignInFailed("identity", "no role, an unusable or taken name, or disabled", "team") from error
    return await _begin(console, request, user, HOME)


def sign_in_routes(console: Console, client_key: bytes, provider: str | None) -> list[Route]:
    """The sign-in page, which anybody may open, and the way out; ``provider`` is the address of another way in."""

    def show(
        request: Request, status: int = 200, *, name: str = "", problem: str | None = None, wait: int = 0
    ) -> Response:
        further = request.query_params.get("next") or getattr(request.state, "form", {}).get("next")
        return console.render(
            request,
            "sign_in.html",
            status=status,
            further=own_path(further),
            name=name[:64],
            problem=problem,
            wait=wait,
            provider=provider,
        )

    hashing = CapacityLimiter(_HASHED_AT_ONCE)

    async def sign_in(request: Request) -> Response:
        if request.method != "POST":
            return show(request)
        if not is_own_page(request):
            return show(request, 403, problem="page")
        try:
            request.state.form = form = await read_form(request)
        except Problem as error:
            return console.refused(request, error)
        name, client = form.get("name", ""), client_of(request, client_key)
        wait = await to_thread.run_sync(console.users.admit, name, client, now())
        if wait:
            answer = show(request, 429, name=name, problem="wait", wait=wait)
            answer.headers["Retry-After"] = str(wait)
            return answer
        password = form.get("password", "")
        user = await to_thread.run_sync(console.users.check_password, name, password, client, limiter=hashing)
        if user is None:
            return show(request, 401, name=name, problem="wrong")
        return await _begin(console, request, user, own_path(form.get("next")))

    async def sign_out(request: Request) -> Response:
        await to_thread.run_sync(console.users.close_session, request.cookies[COOKIE])
        signed_out = RedirectResponse(SIGN_IN, status_code=303)
        signed_out.delete_cookie(COOKIE, path=HOME)
        return signed_out

    return [
        Route(SIGN_IN, sign_in, methods=["GET", "POST"]),
        console.page("/console/sign-out", sign_out, methods=["POST"]),
    ]


async def _begin(console: Console, request: Request, user: User, further: str) -> Response:
    token = await to_thread.run_sync(console.users.open_session, user, now())
    signed_in = RedirectResponse(further, status_code=303)
    set_cookie(signed_in, request, token)
    return signed_in
